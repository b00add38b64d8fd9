"""CPMpy's own transformations, in the order that brings constraints into the forms taken here."""

from __future__ import annotations

import copy
from typing import Any

import cpmpy as cp
from cpmpy.exceptions import NotSupportedError
from cpmpy.expressions.core import Comparison, Expression, Operator
from cpmpy.expressions.globalfunctions import FloatSum
from cpmpy.transformations.cse import CSEMap
from cpmpy.transformations.decompose_global import decompose_in_tree, decompose_objective
from cpmpy.transformations.flatten_model import flatten_constraint, flatten_objective
from cpmpy.transformations.negation import push_down_negation, push_down_negation_objective
from cpmpy.transformations.normalize import toplevel_list
from cpmpy.transformations.reification import only_bv_reifies, reify_rewrite
from cpmpy.transformations.safening import no_partial_functions, safen_objective

from latent_ebm.modelling.assembly import Name
from latent_ebm.modelling.global_constraints import numbered
from latent_ebm.modelling.support import NATIVE

LINEAR = frozenset({"sum", "wsum", "sub"})


def flattened(constraint: Any, known: CSEMap) -> list[Expression]:
    """Flat constraints, with the variable before the expression in every ``==`` and ``->``.

    Raises
    ------
    NotSupportedError
        If there is a constraint that CPMpy cannot decompose into those known here.

    Examples
    --------
    >>> import cpmpy as cp
    >>> x, b = cp.intvar(0, 9, name="x"), cp.boolvar(name="b")
    >>> flattened((x > 3) == b, CSEMap())
    [(b) == (x > 3)]
    """
    try:
        constraints = toplevel_list(constraint)
        constraints = no_partial_functions(constraints)
        constraints = push_down_negation(constraints)
        constraints = decompose_in_tree(
            constraints, supported=NATIVE, supported_reified=frozenset(), csemap=known
        )
        constraints = [one_sided(numbered(one)) for one in constraints]
        constraints = flatten_constraint(constraints, csemap=known)
        constraints = reify_rewrite(constraints, supported=LINEAR, csemap=known)
        return only_bv_reifies(constraints, csemap=known)
    except NotImplementedError as unknown:
        raise NotSupportedError(
            f"{Name(constraint)}: neither latent_ebm nor CPMpy's decompositions know this "
            f"constraint ({unknown}); write it with those in docs/modelling.md"
        ) from unknown


SUMS = ("sum", "wsum", "sub", "-")


def one_sided(constraint: Any) -> Any:
    """Comparisons of two sums as those of one with 0, which needs no variable for either.

    >>> import cpmpy as cp
    >>> x, y, z = cp.intvar(0, 9, shape=3, name="xyz")
    >>> one_sided((x + y == z + 2) | (x == y))
    (sum(xyz[0], xyz[1], -((xyz[2]) + 2)) == 0) or ((xyz[0]) == (xyz[1]))
    """
    if not isinstance(constraint, Expression) or not constraint.is_bool():
        return constraint
    if isinstance(constraint, Comparison):
        left, right = constraint.args
        if all(isinstance(side, Operator) and side.name in SUMS for side in (left, right)):
            return Comparison(constraint.name, cp.sum([*_terms(left), -right]), 0)
    if isinstance(constraint, Operator | Comparison):
        sides = [one_sided(argument) for argument in constraint.args]
        if any(new is not old for new, old in zip(sides, constraint.args, strict=True)):
            constraint = copy.copy(constraint)
            constraint.update_args(sides)
    return constraint


def _terms(side: Operator) -> list[Any]:
    """The terms of a sum; anything else is one."""
    return list(side.args) if side.name == "sum" else [side]


def flattened_objective(
    objective: Expression | FloatSum, known: CSEMap
) -> tuple[Expression, list[Expression]]:
    """A linear expression, and the constraints that define what it speaks of.

    Raises
    ------
    NotSupportedError
        If the objective is not integer.
    """
    if isinstance(objective, FloatSum):
        raise NotSupportedError(
            f"the objective {objective} has fractions and latent_ebm counts in integers; "
            "scale its weights and round them"
        )
    linear, safe = safen_objective(objective)
    linear = push_down_negation_objective(linear)
    linear, decomposed = decompose_objective(
        linear, supported=NATIVE, supported_reified=frozenset(), csemap=known
    )
    linear, flat = flatten_objective(linear, csemap=known)
    return linear, [*safe, *decomposed, *flat]
