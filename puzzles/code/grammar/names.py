"""Small changes of names and constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from math import isfinite

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.context import (
    LONG_NUMBER,
    LONG_TEXT,
    Constant,
    Context,
    literal,
)
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import CONSTANT, FUNCTION, NAME, TARGET
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, base

NAME_FOR_CONSTANT = 0.8
"""Nats for a name where a constant stood."""
OWN_FUNCTION = 1.0
"""Nats for one of the module's functions where a value was read."""

CALLS = (
    ("min", "max", "sum", "len", "abs"),
    ("any", "all"),
    ("sorted", "list", "set", "reversed", "tuple"),
    ("int", "float", "str", "round", "abs", "bool"),
    ("range", "len", "enumerate"),
    ("ord", "chr"),
    ("floor", "ceil", "sqrt"),
)
"""Functions that may come for each other."""


def names(place: Place, node: ast.Name) -> Iterator[Change]:
    """Other names for one that is read."""
    if place.is_callee:
        yield from _functions(place.context, node.id)
        return
    for name, kind in place.visible.items():
        if name != node.id:
            yield Change(_name(name, kind), "name", NAME)
        held = place.context.classes.attributes(kind)
        if node.id in held:
            text = f"{name}.{node.id}"
            own = Expression(text, held[node.id], 0.0, e.POSTFIX, "attribute", frozenset([name]))
            yield Change(own, "name", NAME)
    if base(place.type) == "function":
        for name in place.context.functions:
            if name != node.id:
                other = Expression(name, place.type, 0.0, e.ATOM, "name")
                yield Change(other, "name", NAME + OWN_FUNCTION)


def constants(place: Place, node: ast.Constant) -> Iterator[Change]:
    """Constants near one, those of the program, and names."""
    old = node.value
    written = repr(old) if _is_short(old) else ""
    for new, extra in _neighbours(old).items():
        if (type(new), new) != (type(old), old):
            yield Change(literal(new), "constant", CONSTANT + extra)
    for other in place.context.constants:
        if other.text != written:
            yield Change(other, "constant", CONSTANT + other.cost / 2)
    for name, kind in place.visible.items():
        yield Change(_name(name, kind), "name", NAME + NAME_FOR_CONSTANT)


def target_rewrites(context: Context, node: ast.Name) -> Iterator[Edit]:
    """Another local name for one that is assigned to."""
    function = context.program.function(node)
    line = context.program.statement(node).lineno
    start, end = context.program.span(node)
    for name, kind in context.names.of_function(function).items():
        if name != node.id:
            features = ("target", f"line {line}", f"names {name}")
            yield Edit(start, end, name, TARGET, "target", line, features, f"{UNKNOWN}>{kind}")


def attribute_rewrites(context: Context, node: ast.Attribute) -> Iterator[Edit]:
    """Another attribute of the same instance for one that is assigned to."""
    line = context.program.statement(node).lineno
    owner = context.program.segment(node.value)
    start, end = context.program.span(node)
    kinds = context.names.at(node) if isinstance(node.value, ast.Name) else {}
    seen = context.observations.type_of(node.value) or kinds.get(owner, UNKNOWN)
    for name, kind in context.classes.attributes(seen).items():
        if name != node.attr:
            features = ("target", f"line {line}", f"attribute {name}")
            text = f"{owner}.{name}"
            yield Edit(start, end, text, TARGET, "target", line, features, f"{UNKNOWN}>{kind}")


def _name(name: str, kind: str) -> Expression:
    return Expression(name, kind, 0.0, e.ATOM, "name", frozenset([name]))


def _functions(context: Context, old: str) -> Iterator[Change]:
    """Other functions for one that is called, which take as many arguments."""
    alike = [name for family in CALLS if old in family for name in family if name != old]
    arity = context.functions.get(old, -1)
    own = [name for name, other in context.functions.items() if name != old and other == arity]
    for name in alike + own:
        yield Change(Expression(name, UNKNOWN, 0.0, e.ATOM, name), "function", FUNCTION)


def _is_short(constant: object) -> bool:
    """Whether a constant can be written in decimals: Python refuses very long ones."""
    return not isinstance(constant, int) or constant.bit_length() <= LONG_NUMBER


def _neighbours(old: object) -> dict[Constant, float]:
    """Constants near one, with what each costs extra."""
    match old:
        case bool():
            return {not old: 0.0}
        case int() if _is_short(old):
            return {
                old + 1: 0.0,
                old - 1: 0.0,
                -old: 0.8,
                old + 2: 1.0,
                old - 2: 1.0,
                old * 2: 1.5,
                old // 2: 1.5,
                old * 10: 1.5,
                old // 10: 1.5,
            }
        case float() if isfinite(old * 2):
            return {old + 1: 0.5, old - 1: 0.5, -old: 0.8, old * 2: 1.0, old / 2: 1.0}
        case str() if len(old) <= LONG_TEXT:
            return {
                old[1:]: 1.0,
                old[:-1]: 1.0,
                old.lower(): 1.5,
                old.upper(): 1.5,
                old[::-1]: 2.0,
                old.strip(): 1.0,
                old + " ": 1.5,
            }
    return {}
