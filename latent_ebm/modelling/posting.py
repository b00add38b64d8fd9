"""Flat constraints of CPMpy as factors."""

from __future__ import annotations

from typing import Any

import cpmpy as cp
import numpy as np
from cpmpy.exceptions import NotSupportedError
from cpmpy.expressions.core import BoolVal, Comparison, Expression, Operator
from cpmpy.expressions.globalconstraints import DirectConstraint, GlobalConstraint
from cpmpy.expressions.utils import is_boolexpr, is_num
from cpmpy.expressions.variables import _NumVarImpl
from cpmpy.transformations.get_variables import get_variables

from latent_ebm.modelling import functions, global_constraints, sums
from latent_ebm.modelling.assembly import Name
from latent_ebm.modelling.scopes import MAX_TUPLES, Scope
from latent_ebm.modelling.variables import Literal, Term

OPPOSITE = {"==": "!=", "!=": "==", "<=": ">", "<": ">=", ">=": "<", ">": "<="}

SMALL = 64
"""Combinations of states up to which a function is listed rather than encoded."""


def post(scope: Scope, constraint: Expression) -> None:
    """Add one flat constraint to the scope's assembly.

    Raises
    ------
    NotSupportedError
        If it has no form here, naming the constraint and what to do.
    """
    if isinstance(constraint, GlobalConstraint):
        global_constraints.post(scope, constraint)
    elif isinstance(constraint, DirectConstraint):
        raise NotSupportedError(
            f"{Name(constraint)}: a DirectConstraint calls another solver's own functions and "
            "latent_ebm has none; write the constraint with CPMpy's expressions"
        )
    elif _is_reification(constraint):
        truth, body = constraint.args
        literal = scope.literal(truth)
        _post(scope, body, literal)
        _post_opposite(scope, body, ~literal)
    else:
        _post(scope, constraint, None)


def _is_reification(constraint: Expression) -> bool:
    """Whether it says Boolean variable == Boolean expression."""
    if not isinstance(constraint, Comparison) or constraint.name != "==":
        return False
    truth, body = constraint.args
    is_variable = isinstance(truth, _NumVarImpl) and truth.is_bool()
    return is_variable and is_boolexpr(body) and not isinstance(body, _NumVarImpl | BoolVal)


def _post(scope: Scope, body: Any, when: Literal | None) -> None:
    """``body``, where ``when`` holds."""
    condition = [] if when is None else [~when]
    if isinstance(body, Comparison):
        _post_comparison(scope, body.name, body.args, when)
    elif not isinstance(body, Operator):
        scope.assembly.clause([scope.literal(body), *condition])
    elif body.name == "or":
        scope.assembly.clause([*map(scope.literal, body.args), *condition])
    elif body.name == "and":
        for argument in body.args:
            _post(scope, argument, when)
    elif body.name == "->" and isinstance(body.args[0], _NumVarImpl):
        premise = scope.literal(body.args[0])
        if when is None:
            _post(scope, body.args[1], premise)
        else:
            scope.assembly.clause([~premise, scope.literal(body.args[1]), *condition])
    else:
        raise NotSupportedError(
            f"{Name(scope.assembly.source)}: latent_ebm has no factor for {body}; "
            "write it with the constraints listed in docs/modelling.md"
        )


def _post_opposite(scope: Scope, body: Any, when: Literal) -> None:
    """That ``body`` is false, where ``when`` holds."""
    if isinstance(body, Comparison):
        _post_comparison(scope, OPPOSITE[body.name], body.args, when)
    elif isinstance(body, Operator) and body.name == "or":
        for argument in body.args:
            scope.assembly.clause([~scope.literal(argument), ~when])
    elif isinstance(body, Operator) and body.name == "and":
        scope.assembly.clause([*(~scope.literal(a) for a in body.args), ~when])
    elif isinstance(body, Operator) and body.name == "->":
        premise, consequence = map(scope.literal, body.args)
        scope.assembly.clause([premise, ~when])
        scope.assembly.clause([~consequence, ~when])
    else:
        raise NotSupportedError(
            f"{Name(scope.assembly.source)}: latent_ebm has no factor for the negation of {body}; "
            "write it with the constraints listed in docs/modelling.md"
        )


def _post_comparison(scope: Scope, name: str, sides: tuple[Any, Any], when: Literal | None) -> None:
    left, right = sides
    parts = linear_parts(scope, left)
    if parts is not None:
        other = linear_parts(scope, right) or []
        _post_linear(scope, name, [*parts, *((-c, t) for c, t in other)], when)
        return
    comparison = Comparison(name, left, right)
    roots = scope.roots(comparison)
    encoded = left.name in functions.ENCODED and name == "=="
    if scope.combinations(roots) <= (SMALL if encoded else MAX_TUPLES):
        post_listed(scope, comparison, roots, when)
    elif encoded and when is None:
        functions.ENCODED[left.name](scope, left, scope.term(right))
    elif name != "==" or when is not None:
        # the function gets a variable of its own, which is compared
        result = cp.intvar(*left.get_bounds())
        result.name = f"{left.name} {scope.assembly.variables.count + 1}"
        _post_comparison(scope, "==", (left, result), None)
        _post_comparison(scope, name, (result, right), when)
    else:
        sizes = " x ".join(f"{int(scope.assembly.variables.masks[v].sum()):,}" for v in roots)
        raise NotSupportedError(
            f"{Name(scope.assembly.source)}: {left.name!r} is listed value by value and "
            f"{comparison} has {sizes} combinations, more than {MAX_TUPLES:,}; give its variables "
            "tighter bounds, or rewrite it with sums and comparisons"
        )


def _post_linear(
    scope: Scope, name: str, parts: list[tuple[int, Term | int]], when: Literal | None
) -> None:
    constant = -sum(c * t for c, t in parts if isinstance(t, int))
    terms = [(c, t) for c, t in parts if isinstance(t, Term)]
    assembly = scope.assembly
    if name == "!=":
        sums.differs(assembly, terms, constant, when)
        return
    low = {"==": constant, ">=": constant, ">": constant + 1}.get(name)
    high = {"==": constant, "<=": constant, "<": constant - 1}.get(name)
    sums.between(assembly, terms, low, high, when)


def linear_parts(scope: Scope, expression: Any) -> list[tuple[int, Term | int]] | None:
    """(coefficient, term or constant) of a flat linear expression; None if it is not linear."""
    name = getattr(expression, "name", "")
    if name == "mul" and is_num(expression.args[0]):
        return [(int(expression.args[0]), scope.term(expression.args[1]))]
    if isinstance(expression, Operator) and not expression.is_bool():
        if name == "wsum":
            weights, arguments = expression.args
            return [(int(w), scope.term(a)) for w, a in zip(weights, arguments, strict=True)]
        signs = {"sum": [1] * len(expression.args), "sub": [1, -1], "-": [-1]}[name]
        return [(c, scope.term(a)) for c, a in zip(signs, expression.args, strict=True)]
    if isinstance(expression, Expression) and not isinstance(expression, _NumVarImpl | BoolVal):
        return None
    return [(1, scope.term(expression))]


def post_listed(scope: Scope, truth: Expression, roots: list[int], when: Literal | None) -> None:
    """A constraint by the combinations of states at which it is true."""
    tuples = scope.truth(truth, roots)
    if len(roots) == 1:
        allowed = np.zeros(len(scope.assembly.variables.masks[roots[0]]), np.bool_)
        allowed[tuples[:, 0]] = True
        condition = [] if when is None else [~when]
        scope.assembly.clause([Literal(roots[0], allowed), *condition])
    elif len(tuples) == scope.combinations(roots):
        return
    elif len(tuples):
        scope.assembly.row("table", (roots, tuples), when, over=roots)
    else:
        scope.assembly.forbid(when)


def speaks_of_one(scope: Scope, constraint: Expression) -> bool:
    """Whether a constraint only restricts one variable, so that it should come first."""
    return len({scope.views.root(v).name for v in get_variables(constraint)}) == 1
