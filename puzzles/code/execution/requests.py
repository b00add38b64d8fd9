"""What the host sends to workers, made from suites and jobs."""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from latent_ebm.puzzles.code.testing.cases import Case, Example, Suite, SuiteError, TestCall

__all__ = ["Isolated", "call_of", "calls_for", "marshalled", "setup_for"]


def marshalled(value: Any, what: str) -> bytes:
    """Plain data as bytes.

    Raises
    ------
    SuiteError
        For a value that is no plain data.
    """
    try:
        return marshal.dumps(value, 2)
    except ValueError as error:
        raise SuiteError(
            f"{what} is no plain data (numbers, text, lists, dicts ...): {error}"
        ) from error


def call_of(case: Case) -> tuple[bytes, bytes]:
    """The arguments of a case as bytes; the second is empty where there are no keywords."""
    kwargs: Mapping[str, Any] = case.kwargs
    return (
        marshalled(tuple(case.args), f"an argument of {case.name}"),
        marshalled(dict(kwargs), f"an argument of {case.name}") if kwargs else b"",
    )


def setup_for(suite: Suite, imports: Sequence[str], *, expected: bool) -> dict[str, Any]:
    """The message that tells a worker its suite; without `expected`, no expected values."""
    cases: list[tuple[Any, ...]] = []
    calls: list[tuple[Any, ...]] = []
    examples: list[tuple[Any, ...]] = []
    for case in suite.cases:
        if isinstance(case, Case):
            value = case.expected if expected else None
            marshalled(value, f"the expected value of {case.name}")
            cases.append((*call_of(case), case.raises, value))
        else:
            cases.append((b"", b"", "", None))
        if isinstance(case, TestCall):
            calls.append((case.function, case.indices))
        elif isinstance(case, Example):
            examples.append((case.setup, case.source, case.want, case.raises, case.options))
    return {
        "function": suite.function,
        "module": suite.module,
        "imports": list(imports),
        "cases": cases,
        "script": suite.script,
        "calls": calls,
        "examples": examples,
    }


@dataclass(frozen=True)
class Isolated:
    """One execution in a child of its own.

    Attributes
    ----------
    text, filling
        The program.
    calls
        (case, marshalled args, marshalled kwargs, ticks) of each call or trial.
    module_ticks
        The budget of executing the module.
    seconds
        Of CPU time.
    wall_seconds
        Of wall-clock time: the end of what waits.
    most
        Bytes of its answer.
    function
        The function that the calls are of, where they are not the suite's cases; "" where they are.
    profile
        The function to record types and counts of, "" for all, None to record nothing.
    """

    text: str
    filling: Sequence[str | None]
    calls: Sequence[tuple[int, bytes, bytes, int]]
    module_ticks: int
    seconds: float
    wall_seconds: float
    most: int
    function: str = ""
    profile: str | None = None

    def message(self) -> dict[str, Any]:
        """As sent."""
        return {
            "text": self.text,
            "filling": list(self.filling),
            "calls": list(self.calls),
            "module_ticks": self.module_ticks,
            "seconds": self.seconds,
            "wall_seconds": self.wall_seconds,
            "most": self.most,
            "function": self.function,
            "profile": self.profile,
        }


def calls_for(
    suite: Suite, order: Sequence[int], budgets: Sequence[int]
) -> list[tuple[int, bytes, bytes, int]]:
    """The calls of some cases of the suite."""
    made = []
    for index in order:
        case = suite.cases[index]
        args, kwargs = call_of(case) if isinstance(case, Case) else (b"", b"")
        made.append((index, args, kwargs, budgets[index]))
    return made
