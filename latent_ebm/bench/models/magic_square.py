"""Magic squares: all different, and equal sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from latent_ebm.bench.models.latin import cells


def _lines(side: int) -> list[list[int]]:
    table = np.arange(side * side).reshape(side, side)
    diagonals = [table.diagonal().tolist(), table[:, ::-1].diagonal().tolist()]
    return [*table.tolist(), *table.T.tolist(), *diagonals]


def cpsat(problem: Any, model: Any) -> list[Any]:
    """All different, and a linear equation per line."""
    numbers = cells(problem, model)
    model.add_all_different(numbers)
    total = problem.side * (problem.side**2 + 1) // 2
    for line in _lines(problem.side):
        model.add(sum(numbers[i] + 1 for i in line) == total)
    return numbers


def z3(problem: Any, solver: Any) -> list[Any]:
    """Integers, distinct, with equal sums."""
    import z3 as z3_

    from latent_ebm.bench.models.latin import z3_cells

    numbers = z3_cells(problem, solver)
    solver.add(z3_.Distinct(numbers))
    total = problem.side * (problem.side**2 + 1) // 2
    for line in _lines(problem.side):
        solver.add(sum(numbers[i] + 1 for i in line) == total)
    return numbers
