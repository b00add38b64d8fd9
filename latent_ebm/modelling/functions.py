"""Functions of many variables whose combinations are too many to list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from latent_ebm.modelling import sums
from latent_ebm.modelling.scopes import Scope
from latent_ebm.modelling.variables import Literal, Term


def values_of(term: Term | int) -> list[int]:
    """The values that a term takes, in order."""
    return [term] if isinstance(term, int) else np.unique(term.values).tolist()


def is_value(scope: Scope, term: Term | int, allowed: Callable[[Any], Any]) -> Literal:
    """The statement that a term's value is allowed."""
    if isinstance(term, int):
        return scope.literal(bool(allowed(term)))
    return term.at(np.asarray(allowed(term.values), np.bool_))


def equals(scope: Scope, term: Term | int, value: int) -> Literal:
    """The statement that a term has a value."""
    return is_value(scope, term, lambda v: v == value)


def _extremum(scope: Scope, function: Any, result: Term | int) -> None:
    """The result bounds all arguments, and some argument reaches it."""
    arguments = [scope.term(a) for a in function.args]
    sign = 1 if function.name == "min" else -1
    for argument in arguments:
        _at_most(scope, sign, result, argument)
    for value in values_of(result):
        reached = [_reaches(scope, a, sign, value) for a in arguments]
        scope.assembly.clause([~equals(scope, result, value), *reached])


def _reaches(scope: Scope, term: Term | int, sign: int, bound: int) -> Literal:
    """Sign * term <= sign * bound."""
    return is_value(scope, term, lambda value: sign * value <= sign * bound)


def _at_most(scope: Scope, sign: int, left: Term | int, right: Term | int) -> None:
    """Sign * left <= sign * right."""
    parts = [(c, t) for c, t in ((sign, left), (-sign, right)) if isinstance(t, Term)]
    constant = sum(c * t for c, t in ((sign, left), (-sign, right)) if isinstance(t, int))
    sums.between(scope.assembly, parts, None, -constant)


def _element(scope: Scope, function: Any, result: Term | int) -> None:
    """One element factor where all are plain variables; else a clause for each place and value."""
    array, index = [scope.term(a) for a in function.args[0]], scope.term(function.args[1])
    assembly = scope.assembly
    assembly.clause([is_value(scope, index, lambda v: (v >= 0) & (v < len(array)))])
    places = [i for i in values_of(index) if 0 <= i < len(array)]
    if not any(set(values_of(array[i])) & set(values_of(result)) for i in places):
        assembly.fail(": no item of the array can be the result")
        return
    terms = [index, *array, result]
    plain = [t for t in terms if isinstance(t, Term) and is_plain(scope, t)]
    if len({t.variable for t in plain}) == len(terms):
        variables = [t.variable for t in plain]
        assembly.row("element", (variables[0], variables[1:-1], variables[-1]))
        return
    for place in places:
        elsewhere = ~equals(scope, index, place)
        for value in values_of(array[place]):
            other = ~equals(scope, array[place], value)
            assembly.clause([elsewhere, other, equals(scope, result, value)])


def is_plain(scope: Scope, term: Term) -> bool:
    """Whether a term is its variable, not a function of it."""
    origin = scope.assembly.variables.origins[term.variable]
    return np.array_equal(term.values, origin + np.arange(len(term.values)))


ENCODED: dict[str, Callable[[Scope, Any, Term | int], None]] = {
    "min": _extremum,
    "max": _extremum,
    "element": _element,
}
"""Functions f with a form of their own for ``f(...) == result``."""
