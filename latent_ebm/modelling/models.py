"""Whole CPMpy models, as ``latent_ebm.solve`` takes them."""

from __future__ import annotations

from typing import Any

import cpmpy as cp

from latent_ebm.modelling.solver import CPM_latent_ebm
from latent_ebm.solution import Solution


def solve_model(model: cp.Model, **settings: Any) -> Solution:
    """Solve a CPMpy model; ``model.status()`` and the values of its variables are set as well.

    Examples
    --------
    >>> x, y = cp.intvar(1, 9, shape=2)
    >>> solve_model(cp.Model(x + y == 4, x < y)).status.label
    'solved'
    """
    solver = CPM_latent_ebm(model)
    solver.solve(**settings)
    model.cpm_status = solver.status()
    if solver.solution is None:
        raise AssertionError("a search ended without an answer; please report this as a bug")
    return solver.solution
