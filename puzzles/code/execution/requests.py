"""What the host sends to workers, made from suites and jobs."""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from typing import Any

from latent_ebm.puzzles.code.testing.cases import BadSuite, Case, Suite

__all__ = ["isolated_request", "marshalled", "setup_for"]


def marshalled(value: Any, what: str) -> bytes:
    """Plain data as bytes.

    Raises
    ------
    BadSuite
        For a value that is no plain data.
    """
    try:
        return marshal.dumps(value, 2)
    except ValueError as error:
        raise BadSuite(f"{what} is no plain data (numbers, text, lists, dicts ...): {error}") from error


def call_of(case: Case) -> tuple[bytes, bytes]:
    """The arguments of a case as bytes; the second is empty where there are no keywords."""
    kwargs: Mapping[str, Any] = case.kwargs
    return (
        marshalled(tuple(case.args), f"an argument of {case.name}"),
        marshalled(dict(kwargs), f"an argument of {case.name}") if kwargs else b"",
    )


def setup_for(suite: Suite, *, expected: bool) -> dict[str, Any]:
    """The message that tells a worker its suite; without `expected`, no expected values."""
    cases = [
        (*call_of(case), case.raises, case.expected)
        for case in suite.cases
        if expected and isinstance(case, Case)
    ]
    return {"function": suite.function, "module": suite.module, "cases": cases}


def isolated_request(
    suite: Suite,
    text: str,
    filling: Sequence[str | None],
    order: Sequence[int],
    budgets: Sequence[int],
    module_budget: int,
) -> dict[str, Any]:
    """The message that asks for one execution in a child of its own."""
    calls = []
    for index in order:
        case = suite.cases[index]
        if isinstance(case, Case):
            calls.append((index, *call_of(case), budgets[index]))
    return {
        "text": text,
        "filling": list(filling),
        "calls": calls,
        "module_ticks": module_budget,
    }
