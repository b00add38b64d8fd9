"""What one instrumented run of a program found: counts, types and samples of its expressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from latent_ebm.puzzles.code.execution.observations import Kind, Observation
from latent_ebm.puzzles.code.execution.outcomes import Outcome

__all__ = ["Profile", "Span", "profile_from"]

Span = tuple[int, int, int, int]
"""First line, column, last line, end column; lines from 1, columns in UTF-8 bytes, as `ast` has."""


@dataclass(frozen=True)
class Profile:
    """One run over all T cases.

    Attributes
    ----------
    outcome
        What came of the cases.
    lines
        For each case, how often the statement that begins in each line was executed, [T].
    spans
        For each case, how often each expression was evaluated, [T].
    types
        For each expression, how often it had a value of each type: "int", "list[int]",
        "dict[str,int]", "NoneType", "function" ...
    samples
        For each expression, up to 8 different values as short texts.
    locals
        For each line of a statement in a function, the types of the names in scope before it.
    complete
        Whether the run came to its end; else everything else is empty.
    """

    outcome: Outcome
    lines: tuple[Mapping[int, int], ...]
    spans: tuple[Mapping[Span, int], ...]
    types: Mapping[Span, Counter[str]]
    samples: Mapping[Span, tuple[str, ...]]
    locals: Mapping[int, Mapping[str, Counter[str]]]
    complete: bool = True


def profile_from(seen: Sequence[Observation], outcome: Outcome) -> Profile:
    """The profile among what a process reported."""
    count = len(outcome.verdicts)
    for observation in seen:
        if observation.kind is Kind.PROFILE:
            try:
                return _parsed(observation.value, outcome, count)
            except (TypeError, ValueError, KeyError, IndexError, AttributeError):
                break  # not what a recorder writes: the program wrote it
    nothing: tuple[dict[Any, int], ...] = tuple({} for _ in range(count))
    return Profile(outcome, nothing, nothing, {}, {}, {}, complete=False)


def _parsed(data: dict[str, Any], outcome: Outcome, count: int) -> Profile:
    spans: list[Span] = [tuple(map(int, span)) for span in data["spans"]]  # type: ignore[misc]
    types = {
        span: Counter({str(name): int(n) for name, n in counted.items()})
        for span, counted in zip(spans, data["types"], strict=True)
        if counted
    }
    samples = {
        span: tuple(map(str, texts))
        for span, texts in zip(spans, data["samples"], strict=True)
        if texts
    }
    per_case = [data["cases"].get(str(case), [{}, {}]) for case in range(count)]
    local_types = {
        int(line): {
            str(name): Counter({str(kind): int(n) for kind, n in counted.items()})
            for name, counted in names.items()
        }
        for line, names in data["locals"].items()
    }
    return Profile(
        outcome,
        tuple({int(line): int(n) for line, n in lines.items()} for _, lines in per_case),
        tuple({spans[int(i)]: int(n) for i, n in counts.items()} for counts, _ in per_case),
        types,
        samples,
        local_types,
    )
