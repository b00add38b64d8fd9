"""Changes that keep most of what stands in a place, by its kind of node."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.calls import calls, swaps, without
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.names import constants, names
from latent_ebm.puzzles.code.grammar.operators import operations
from latent_ebm.puzzles.code.grammar.other_members import other_members
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import (
    NAME,
    SHRINK,
    SMALL_ATOM,
    SMALL_CONDITION,
    SWAP,
    WRAP,
)
from latent_ebm.puzzles.code.grammar.subscripts import subscripts

SIGN_ONLY = 0.5
"""Nats by which leaving out a sign or a ``not`` is cheaper than other parts."""
ATTRIBUTE = 1.0
"""Nats for the owner instead of its attribute, besides those of every part."""
ELEMENT, ROW = 0.5, 1.5
"""Nats for an element more in a display, and for an empty list in an empty one."""
FILTER = 0.5
"""Nats for a condition in a comprehension, besides the condition."""


def near(place: Place) -> Iterator[Change]:
    """Changes that keep most of what stands there."""
    rule = _RULES.get(type(place.node))
    return rule(place, place.node) if rule else iter(())


def _unary(place: Place, node: ast.UnaryOp) -> Iterator[Change]:
    yield Change(place.part(node.operand), "shrink", SHRINK - SIGN_ONLY)


def _attribute(place: Place, node: ast.Attribute) -> Iterator[Change]:
    owner = place.part(node.value)
    yield Change(owner, "shrink", SHRINK + ATTRIBUTE)
    for name, kind, price in other_members(place, node):
        text = f"{owner.within(e.POSTFIX)}.{name}"
        what = "function" if place.is_callee else "name"
        yield Change(Expression(text, kind, 0.0, e.POSTFIX, "attribute"), what, price)
    if node.attr in place.visible and not place.is_callee:
        bare = Expression(node.attr, place.visible[node.attr], 0.0, e.ATOM, "name")
        yield Change(bare, "name", NAME)


def _conditional(place: Place, node: ast.IfExp) -> Iterator[Change]:
    body, test, other = (place.part(part) for part in (node.body, node.test, node.orelse))
    yield Change(body, "shrink", SHRINK)
    yield Change(other, "shrink", SHRINK)
    text = f"{other.within(e.OR)} if {test.within(e.OR)} else {body.within(e.IF)}"
    yield Change(Expression(text, place.type, 0.0, e.IF, "if-else"), "swap", SWAP)


_BRACKETS = {ast.List: ("[", "]"), ast.Tuple: ("(", ")"), ast.Set: ("{", "}")}


def _displays(place: Place, node: ast.List | ast.Tuple | ast.Set) -> Iterator[Change]:
    parts = [place.element(item) for item in node.elts]
    opening, closing = _BRACKETS[type(node)]

    def display(items: list[str]) -> Expression:
        comma = "," if isinstance(node, ast.Tuple) and len(items) == 1 else ""
        text = f"{opening}{', '.join(items)}{comma}{closing}"
        return Expression(text, place.type, 0.0, e.ATOM, "display")

    for items in swaps(parts):
        yield Change(display(items), "swap", SWAP)
    for at in range(len(parts)):
        if len(parts) > 1 or not isinstance(node, ast.Set):
            yield Change(display(without(parts, at)), "shrink", SHRINK)
    for atom in place.pool.over(place.visible):
        if atom.cost > SMALL_ATOM:
            break
        for items in ([atom.text, *parts], [*parts, atom.text])[: 1 + bool(parts)]:
            yield Change(display(items), "add element", WRAP + ELEMENT + atom.cost)
    if not parts and isinstance(node, ast.List):
        row = Expression("[[]]", "list[list]", 0.0, e.ATOM, "display")
        yield Change(row, "add element", WRAP + ROW)


def _comprehensions(
    place: Place, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
) -> Iterator[Change]:
    for test in (test for part in node.generators for test in part.ifs):
        text = _unfiltered(place, node, test)
        kept = Expression(text, place.type, 0.0, e.ATOM, "comprehension")
        yield Change(kept, "shrink", SHRINK)
    if len(node.generators) > 1:
        return
    text = place.program.segment(node)
    element = node.key if isinstance(node, ast.DictComp) else node.elt
    targets = {t.id for t in ast.walk(node.generators[0].target) if isinstance(t, ast.Name)}
    for condition in place.pool.conditions(place.context.names.at(element)):
        if condition.cost >= SMALL_CONDITION:
            break
        if condition.names & targets:
            made = f"{text[:-1]} if {condition.within(e.OR)}{text[-1]}"
            kept = Expression(made, place.type, 0.0, e.ATOM, "comprehension", condition.names)
            yield Change(kept, "add condition", WRAP + FILTER + condition.cost)


def _unfiltered(place: Place, node: ast.expr, test: ast.expr) -> str:
    """A comprehension's text without one of its conditions."""
    program = place.program
    (begin, stop), (start, end) = program.span(node), program.span(test)
    before, behind = program.between(begin, start).rstrip(), program.between(end, stop)
    while before.endswith("("):  # a condition's span lacks the parentheses around it
        before, behind = before[:-1].rstrip(), behind.lstrip().removeprefix(")")
    return before.removesuffix("if").rstrip() + behind


_RULES: dict[type[ast.expr], Callable[[Place, Any], Iterator[Change]]] = {
    ast.BinOp: operations,
    ast.Compare: operations,
    ast.BoolOp: operations,
    ast.Name: names,
    ast.Constant: constants,
    ast.UnaryOp: _unary,
    ast.Call: calls,
    ast.Subscript: subscripts,
    ast.IfExp: _conditional,
    ast.List: _displays,
    ast.Tuple: _displays,
    ast.Set: _displays,
    ast.ListComp: _comprehensions,
    ast.SetComp: _comprehensions,
    ast.DictComp: _comprehensions,
    ast.GeneratorExp: _comprehensions,
    ast.Attribute: _attribute,
}
