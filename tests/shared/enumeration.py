"""Two independent ways to list the solutions of a small CPMpy model."""

import itertools

import cpmpy as cp
import numpy as np
from cpmpy.expressions.utils import argval
from cpmpy.transformations.get_variables import get_variables_model

from latent_ebm.modelling import CPM_latent_ebm


def by_cpmpy(model: cp.Model) -> set[tuple[int, ...]]:
    """What CPMpy finds true, over all values of the model's variables."""
    variables = get_variables_model(model)
    found = set()
    for values in itertools.product(*(range(v.lb, v.ub + 1) for v in variables)):
        for variable, value in zip(variables, values, strict=True):
            variable._value = bool(value) if variable.is_bool() else value
        if all(argval(constraint) for constraint in model.constraints):
            found.add(values)
    return found


def by_landscape(model: cp.Model, most: int = 500_000) -> set[tuple[int, ...]]:
    """What the landscape's check lets pass, whatever the auxiliary variables are."""
    solver = CPM_latent_ebm(model)
    translation = solver.native_model.translation
    if translation.contradiction:
        return set()
    values = _passing(translation.landscape, most)
    variables = get_variables_model(model)
    return {
        tuple(int(solution[v]) for v in variables)
        for solution in (translation.values(states) for states in values)
    }


def _passing(landscape, most: int) -> np.ndarray:
    """[B, N] all states that pass, one variable after the other."""
    mask = landscape.space.mask
    k = mask.shape[1]
    families = [family for domain in landscape.hard for family in domain.families]
    last = [np.where(f.scope < 0, -1, f.scope // k).max(axis=1) for f in families]
    values = np.zeros((1, len(mask)), np.int64)
    for variable, allowed in enumerate(mask):
        states = np.flatnonzero(allowed)
        values = np.repeat(values, len(states), axis=0)
        values[:, variable] = np.tile(states, len(values) // len(states))
        for family, end in zip(families, last, strict=True):
            due = end == variable
            if due.any():
                values = values[family.check(values)[:, due].all(axis=1)]
        assert len(values) <= most, "too many candidates to list; make the model smaller"
    assert landscape.check(values).all()
    return values
