"""n queens: columns, sums and differences all different."""

from __future__ import annotations

from typing import Any

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.bench.models.latin import cells


def cpsat(problem: Any, model: Any) -> list[Any]:
    """Three all-different constraints on the columns."""
    columns = cells(problem, model)
    model.add_all_different(columns)
    model.add_all_different([column + r for r, column in enumerate(columns)])
    model.add_all_different([column - r for r, column in enumerate(columns)])
    return columns


def clauses(problem: Any) -> Encoding:
    """A literal per cell; one queen in every row and column, at most one on every diagonal."""
    side = problem.side
    encoding = Encoding(side, side)
    encoding.restrict(problem.mask)
    encoding.different(range(side))
    for s in range(2 * side - 1):
        rows = range(max(0, s - side + 1), min(side, s + 1))
        encoding.at_most_one([encoding.entry(r, s - r) for r in rows])
        encoding.at_most_one([encoding.entry(r, side - 1 - s + r) for r in rows])
    return encoding
