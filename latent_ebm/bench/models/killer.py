"""Killer Sudoku: all different in every area, and sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from latent_ebm.bench.models.latin import cpsat_different


def cpsat(problem: Any, model: Any) -> list[Any]:
    """All different in rows, columns, boxes and cages; a sum per cage."""
    units = [np.flatnonzero(area).tolist() for _, area in problem.areas()]
    cells = cpsat_different(problem, model, units)
    for cage, total in enumerate(problem.totals):
        inside = np.flatnonzero(problem.cages == cage).tolist()
        model.add(sum(cells[i] + 1 for i in inside) == total)
    return cells


def z3(problem: Any, solver: Any) -> list[Any]:
    """Integers, distinct in every area, and sums."""
    from latent_ebm.bench.models.latin import z3_different

    cells = z3_different(problem, solver)
    for cage, total in enumerate(problem.totals):
        inside = np.flatnonzero(problem.cages == cage).tolist()
        solver.add(sum(cells[i] + 1 for i in inside) == total)
    return cells
