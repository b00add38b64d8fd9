"""Futoshiki: all different in every line, and inequalities."""

from __future__ import annotations

from typing import Any

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.bench.models.latin import clauses_different, cpsat_different, square


def cpsat(problem: Any, model: Any) -> list[Any]:
    """All different and less-than."""
    cells = cpsat_different(problem, model, square(problem.side))
    for a, b in problem.less:
        model.add(cells[a] < cells[b])
    return cells


def clauses(problem: Any) -> Encoding:
    """Every number once in every line; of two compared cells no pair the wrong way round."""
    n = problem.side
    encoding = clauses_different(problem, square(n))
    for a, b in problem.less:
        encoding.clauses += [
            [-encoding.entry(a, i), -encoding.entry(b, j)] for i in range(n) for j in range(i + 1)
        ]
    return encoding
