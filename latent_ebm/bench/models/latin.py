"""Latin squares: all different in every row and column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.puzzles.base import Puzzle


def square(side: int) -> list[list[int]]:
    """The cells of every row and column."""
    cells = np.arange(side * side).reshape(side, side)
    return [*cells.tolist(), *cells.T.tolist()]


def cells(problem: Puzzle, model: Any) -> list[Any]:
    """An integer variable per variable, over the values that the givens leave."""
    from ortools.sat.python import cp_model

    return [
        model.new_int_var_from_domain(cp_model.Domain.from_values(np.flatnonzero(row).tolist()), "")
        for row in problem.mask
    ]


def cpsat_different(problem: Puzzle, model: Any, units: Iterable[list[int]]) -> list[Any]:
    """All different in every unit."""
    variables = cells(problem, model)
    for unit in units:
        model.add_all_different([variables[i] for i in unit])
    return variables


def clauses_different(problem: Puzzle, units: Iterable[list[int]]) -> Encoding:
    """Every value at most once in every unit, exactly once where it must be."""
    encoding = Encoding(*problem.mask.shape)
    encoding.restrict(problem.mask)
    for unit in units:
        encoding.different(unit)
    return encoding


def z3_cells(problem: Puzzle, solver: Any) -> list[Any]:
    """An integer per variable, within the values that the givens leave."""
    import z3 as z3_

    variables = [z3_.Int(f"x{i}") for i in range(len(problem.mask))]
    for variable, row in zip(variables, problem.mask, strict=True):
        left = np.flatnonzero(row).tolist()
        solver.add(variable >= left[0], variable <= left[-1])
        solver.add([variable != a for a in range(left[0], left[-1]) if not row[a]])
    return variables


def z3_different(problem: Any, solver: Any) -> list[Any]:
    """Integers, distinct in every area."""
    import z3 as z3_

    variables = z3_cells(problem, solver)
    for _, area in problem.areas():
        solver.add(z3_.Distinct([variables[i] for i in np.flatnonzero(area)]))
    return variables


def cpsat(problem: Any, model: Any) -> list[Any]:
    """All different in every row and column."""
    return cpsat_different(problem, model, square(problem.side))


def clauses(problem: Any) -> Encoding:
    """Every number once in every row and column."""
    return clauses_different(problem, square(problem.side))
