"""KenKen: all different in every line; sums as linear, the rest as tables and products."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from latent_ebm.bench.models.latin import cpsat_different, square, z3_different

_MOST_TUPLES = 20_000


def cpsat(problem: Any, model: Any) -> list[Any]:
    """Sums are linear; of other cages the allowed assignments, or a product if they are many."""
    n = problem.side
    cells = cpsat_different(problem, model, square(n))
    for cage, clue in enumerate(problem.clues):
        inside = [cells[i] for i in np.flatnonzero(problem.cages == cage)]
        if clue.operation == "+":
            model.add(sum(cell + 1 for cell in inside) == clue.target)
        elif n ** len(inside) <= _MOST_TUPLES:
            numbers = product(range(1, n + 1), repeat=len(inside))
            allowed = [[a - 1 for a in row] for row in numbers if clue.holds(list(row))]
            model.add_allowed_assignments(inside, allowed)
        else:
            model.add_multiplication_equality(clue.target, [cell + 1 for cell in inside])
    return cells


def z3(problem: Any, solver: Any) -> list[Any]:
    """Integers; cages as their arithmetic says."""
    import z3 as z3_

    cells = z3_different(problem, solver)
    for cage, clue in enumerate(problem.clues):
        inside = [cells[i] + 1 for i in np.flatnonzero(problem.cages == cage)]
        if clue.operation == "+":
            solver.add(sum(inside) == clue.target)
        elif clue.operation == "*":
            solver.add(z3_.Product(inside) == clue.target)
        elif clue.operation == "=":
            solver.add(inside[0] == clue.target)
        else:
            a, b = inside
            one, other = (a - b, b - a) if clue.operation == "-" else (a, b)
            if clue.operation == "-":
                solver.add(z3_.Or(one == clue.target, other == clue.target))
            else:
                solver.add(z3_.Or(a == b * clue.target, b == a * clue.target))
    return cells
