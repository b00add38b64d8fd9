"""Kakuro: all different and a sum in every run."""

from __future__ import annotations

from typing import Any


def cpsat(problem: Any, model: Any) -> list[Any]:
    """``add_all_different`` and a linear equation per run."""
    cells = {at: model.new_int_var(0, 8, "") for at in zip(*problem.is_open.nonzero(), strict=True)}
    for run in problem.runs:
        inside = [cells[at] for at in run.cells]
        model.add_all_different(inside)
        model.add(sum(cell + 1 for cell in inside) == run.total)
    return list(cells.values())


def z3(problem: Any, solver: Any) -> list[Any]:
    """Integers, distinct in every run, and sums."""
    import z3 as z3_

    cells = {
        (int(r), int(c)): z3_.Int(f"r{r}c{c}")
        for r, c in zip(*problem.is_open.nonzero(), strict=True)
    }
    for cell in cells.values():
        solver.add(cell >= 0, cell <= 8)
    for run in problem.runs:
        inside = [cells[at] for at in run.cells]
        solver.add(z3_.Distinct(inside), sum(cell + 1 for cell in inside) == run.total)
    return list(cells.values())
