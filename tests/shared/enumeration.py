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
    variables = get_variables_model(model)
    user = [translation.scope.variable(v).variable for v in translation.user]
    values = _passing(translation.landscape, user, most)
    return {
        tuple(int(solution[v]) for v in variables)
        for solution in (translation.values(states) for states in values)
    }


def _passing(landscape, first: list[int], most: int) -> np.ndarray:
    """[B, N] all states that pass: some variables first, then those that the rest settles."""
    mask = landscape.space.mask
    n, k = mask.shape
    families = [family for domain in landscape.hard for family in domain.families]
    scopes = [
        [set(row[row >= 0] // k) for row in family.scope.reshape(len(family.scope), -1)]
        for family in families
    ]
    every = [scope for rows in scopes for scope in rows]
    values = np.zeros((1, n), np.int64)
    bound: set[int] = set()
    while len(bound) < n:
        variable = next((v for v in first if v not in bound), None)
        if variable is None:
            variable = _following(mask, every, bound)
        states = np.flatnonzero(mask[variable])
        values = np.repeat(values, len(states), axis=0)
        values[:, variable] = np.tile(states, len(values) // len(states))
        bound.add(variable)
        for family, rows in zip(families, scopes, strict=True):
            due = np.array([variable in scope and scope <= bound for scope in rows], bool)
            if due.any():
                values = values[family.check(values)[:, due].all(axis=1)]
        assert len(values) <= most, "too many candidates to list; make the model smaller"
    assert landscape.check(values).all()
    return values


def _following(mask: np.ndarray, scopes: list[set[int]], bound: set[int]) -> int:
    """The variable that leaves the fewest others open in a factor, of these one of few states."""
    left = dict.fromkeys(set(range(len(mask))) - bound, len(mask))
    for scope in scopes:
        open_ = scope - bound
        for variable in open_:
            left[variable] = min(left[variable], len(open_))
    return min(left, key=lambda variable: (left[variable], mask[variable].sum(), variable))
