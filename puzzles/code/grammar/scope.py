"""What a program's run showed: types of names and expressions, and which lines each test ran."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN
from latent_ebm.puzzles.code.grammar.syntax import span_of

Span = tuple[int, int, int, int]
"""(line, column, end line, end column) as ast has them: columns in bytes."""


@dataclass(frozen=True)
class Observations:
    """What one run of the program over its tests showed.

    Attributes
    ----------
    types
        For each expression that was evaluated, how often it had each type.
    local_types
        For each line that was run, the types of the names in scope there.
    lines
        For each test, how often each line ran.
    failed
        Which tests failed.
    """

    types: Mapping[Span, Counter[str]]
    local_types: Mapping[int, Mapping[str, Counter[str]]]
    lines: Sequence[Mapping[int, int]]
    failed: Sequence[bool]

    def type_of(self, node: ast.expr) -> str:
        """The type that an expression had most often; unknown if it was never evaluated."""
        return self._usual.get(span_of(node), UNKNOWN)

    @cached_property
    def _usual(self) -> Mapping[Span, str]:
        return {span: most_common(counts) for span, counts in self.types.items()}

    @cached_property
    def suspicion(self) -> Mapping[int, float]:
        """Ochiai's measure of each line: failing runs over sqrt(all failing * all its runs)."""
        failing: Counter[int] = Counter()
        runs: Counter[int] = Counter()
        for ran, bad in zip(self.lines, self.failed, strict=True):
            runs.update(ran.keys())
            if bad:
                failing.update(ran.keys())
        total = sum(self.failed)
        return {line: count / (total * runs[line]) ** 0.5 for line, count in failing.items()}


def most_common(counts: Counter[str]) -> str:
    """The most frequent informative type: ``list[int]`` beats ``list``, NoneType comes last."""
    best, most = UNKNOWN, (False, 0.0)
    for name, count in counts.items():
        rank = (name != "NoneType", count + 0.5 * ("[" in name))
        if rank > most:
            best, most = name, rank
    if "[" not in best:
        detailed = [(n, c) for c, n in counts.items() if c.startswith(f"{best}[")]
        if detailed and best:
            return max(detailed)[1]
    return best
