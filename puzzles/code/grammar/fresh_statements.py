"""Small new statements over the names of a place: assignments, method calls, returns and jumps."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expressions import NO_NAMES, Expression
from latent_ebm.puzzles.code.grammar.prices import SMALL_CONDITION
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    NUMBERS,
    UNKNOWN,
    base,
    element,
    fits,
    key,
    value,
)
from latent_ebm.puzzles.code.grammar.statistics import cost
from latent_ebm.puzzles.code.grammar.syntax import Function

AUGMENTED = ("+", "-", "*", "//", "%", "/", "**", "&", "|", "^", "<<", ">>")
"""Operators that may stand before ``=``."""
ASSIGN, STORE, STORED_STEP = 1.0, 1.0, 0.5
"""Nats for ``name = x`` and ``name[i] = x``, and more for ``name[i] += x``, besides expressions."""
STEPS = {"+": 1.0, "-": 1.8}
"""Nats for the usual augmented assignments; others follow the operator's own cost."""
OTHER_STEP, REUSED_STEP, LEAST_STEP = 0.7, 1.0, 0.8
"""Share of an operator's cost that counts, nats off where the program uses it, and what is left."""
APPEND, EXTEND, LIST_STEP, REMOVE, ADD, TEXT_STEP = 0.8, 1.5, 2.0, 3.0, 0.8, 1.5
"""Nats for what changes a list, a set or a text, besides the expression."""
OTHER_ITEM = 1.5
"""Nats for an item of another type than those in the list."""
ATTRIBUTE, NOTHING = 0.5, 2.0
"""Nats for an attribute in place of a name, and for None where an instance was."""
LEAST_UPDATE = 0.8
"""No update costs less than this besides its expression, in nats."""
WITHOUT_ARGUMENTS = (("pop()", 2.0), ("reverse()", 3.0), ("sort()", 3.0), ("pop(0)", 3.0))
"""Calls that change a list, with what they cost, in nats."""
RETURN, JUMP, GUARDED_RETURN = 1.5, 2.0, 0.5
"""Nats for a return, a jump, and a return under a condition, besides their expressions."""
GUARDED_ANSWERS = 12
"""So many of the cheapest expressions are returned under conditions."""


class Statement(NamedTuple):
    """A small statement.

    Attributes
    ----------
    text
        Its lines, the first without indentation.
    cost
        In nats.
    head
        What it does: ``update``, ``return``, ``if break`` ...
    names
        The variables that it touches.
    open
        Whether it is an open statement (``open_statements.py``) with an expression that has a
        value of its own.
    """

    text: str
    cost: float
    head: str
    names: frozenset[str]
    open: bool = False

    def indented(self, indent: str) -> str:
        """The text with its further lines indented."""
        return self.text.replace("\n", "\n" + indent)


def fresh_statements(
    context: Context, node: ast.AST, budget: float, results: tuple[str, ...] = ()
) -> Iterator[Statement]:
    """Small statements over the names that are visible where a node stands, up to a cost.

    Parameters
    ----------
    budget
        In nats.
    results
        The types of what the function should return, where that is known.
    """
    visible = context.names.at(node)
    found = context.pool_at(node).over(visible)
    usable = list(takewhile(lambda expression: expression.cost <= budget, found))
    for target, extra in _targets(context, visible):
        for statement in _updates(context, target, usable, budget - extra):
            yield statement._replace(cost=statement.cost + extra)
    for made in usable:
        if made.type == "NoneType" and made.size > 1:  # called for what it does
            yield Statement(made.text, made.cost, "call", made.names)
    answers = _answers(context, node, usable, results) if context.program.may_return(node) else []
    for answer in answers:
        price = RETURN + answer.cost
        yield Statement(f"return {answer.text}", price, "return", answer.names, answer.by_value)
    yield from _jumps(context, node, answers, budget)


def _jumps(
    context: Context, node: ast.AST, answers: list[Expression], budget: float
) -> Iterator[Statement]:
    """Jumps, and jumps and returns under a condition."""
    jumps = ("break", "continue") if context.program.may_jump(node) else ()
    for text in jumps:
        yield Statement(text, JUMP, text, NO_NAMES)
    for test in context.pool_at(node).conditions(context.names.at(node)):
        if test.cost > min(budget, SMALL_CONDITION):
            break
        yield from _guarded(test, jumps, answers, budget)


def _guarded(
    test: Expression, jumps: tuple[str, ...], answers: list[Expression], budget: float
) -> Iterator[Statement]:
    """Jumps and returns under a condition."""
    header = f"if {test.text}:\n    "
    for text in jumps:
        yield Statement(header + text, JUMP + test.cost, f"if {text}", test.names)
    for answer in answers[:GUARDED_ANSWERS]:
        price = GUARDED_RETURN + test.cost + answer.cost
        if price > budget:
            break
        text = f"{header}return {answer.text}"
        yield Statement(text, price, "if return", test.names | answer.names)


def _answers(
    context: Context, node: ast.AST, usable: list[Expression], results: tuple[str, ...]
) -> list[Expression]:
    """Expressions of the types that the function returns; all, if those are unknown."""
    seen = returned_type(context, context.program.function(node))
    wanted = results or ((seen,) if seen else ())
    if not wanted:
        return usable
    return [x for x in usable if x.type and any(fits(x.type, one) for one in wanted)]


@lru_cache(maxsize=4)  # asked for by every statement of a function in turn
def returned_type(context: Context, function: Function | None) -> str:
    """The type that a function was seen to return; unknown if it was not."""
    seen = (
        context.observations.type_of(node.value)
        for node in ast.walk(function or context.program.tree)
        if isinstance(node, ast.Return) and node.value is not None
    )
    return next((kind for kind in seen if kind not in (UNKNOWN, "NoneType")), UNKNOWN)


class Target(NamedTuple):
    """What may be assigned to: a name, or an attribute of what it holds; ``names`` has the name."""

    text: str
    type: str
    names: frozenset[str]


def _targets(context: Context, visible: Mapping[str, str]) -> Iterator[tuple[Target, float]]:
    """Names, and the attributes of instances of the program's classes, with what they cost."""
    for name, kind in visible.items():
        own = frozenset([name])
        yield Target(name, kind, own), 0.0
        for attribute, held in context.classes.attributes(kind).items():
            yield Target(f"{name}.{attribute}", held, own), ATTRIBUTE


def _updates(
    context: Context, target: Target, usable: list[Expression], budget: float
) -> Iterator[Statement]:
    """Assignments to a name or an attribute, and calls that change what it holds."""
    name, kind, own = target
    shape = base(kind)
    if shape in ("int", "float"):
        yield from _steps(context, target, usable, budget)
    if shape in context.classes.nodes:
        yield Statement(f"{name} = None", ASSIGN + NOTHING, "update", own)
    rule = _RULES.get(shape)
    for expression in usable:
        if expression.cost + LEAST_UPDATE > budget:
            break
        names, price = expression.names | own, expression.cost
        if expression.type and kind and fits(expression.type, kind) and expression.text != name:
            text = f"{name} = {expression.text}"
            yield Statement(text, ASSIGN + price, "update", names, expression.by_value)
        for text, extra in rule(name, kind, expression) if rule else ():
            opens = expression.by_value and ".remove(" not in text
            yield Statement(text, extra + price, "update", names, opens)
    if shape in ("list", "deque"):
        for method, price in WITHOUT_ARGUMENTS:
            yield Statement(f"{name}.{method}", price, "update", own)
    if shape in MAPPINGS or shape == "list":
        yield from _stores(target, usable, budget)


def _of_text(name: str, _: str, new: Expression) -> Iterator[tuple[str, float]]:
    if new.type == "str":
        yield f"{name} += {new.text}", TEXT_STEP


def _of_list(name: str, kind: str, new: Expression) -> Iterator[tuple[str, float]]:
    item = element(kind)
    if not item or new.type in (item, kind, UNKNOWN):
        misfit = 0.0 if new.type == item or not item else OTHER_ITEM
        yield f"{name}.append({new.text})", APPEND + misfit
    if base(new.type) == "list":
        yield f"{name}.extend({new.text})", EXTEND
        yield f"{name} += {new.text}", LIST_STEP
    if base(kind) == "list" and new.type == item and item:
        yield f"{name}.remove({new.text})", REMOVE


def _of_set(name: str, kind: str, new: Expression) -> Iterator[tuple[str, float]]:
    if element(kind) in (UNKNOWN, new.type):
        yield f"{name}.add({new.text})", ADD


_RULES: dict[str, Callable[[str, str, Expression], Iterator[tuple[str, float]]]] = {
    "str": _of_text,
    "list": _of_list,
    "deque": _of_list,
    "set": _of_set,
    "frozenset": _of_set,
}
"""What changes a value by one expression, with what it costs besides, by the base of its type."""


def _steps(
    context: Context, target: Target, usable: list[Expression], budget: float
) -> Iterator[Statement]:
    """Augmented assignments of numbers; operators that the program uses are cheap."""
    name, _, own = target
    numbers = [x for x in usable if x.type in ("int", "float") and x.text not in ("0", name)]
    for symbol in AUGMENTED:
        price = STEPS.get(symbol, OTHER_STEP * cost(symbol))
        if symbol in context.used:
            price = max(price - REUSED_STEP, LEAST_STEP)
        for expression in numbers:
            if price + expression.cost > budget:
                break
            text, names = f"{name} {symbol}= {expression.text}", expression.names | own
            yield Statement(text, price + expression.cost, "update", names, expression.by_value)


def _stores(target: Target, usable: list[Expression], budget: float) -> Iterator[Statement]:
    """Items of a list or a mapping that are assigned to."""
    name, kind, own = target
    held = key(kind) if base(kind) in MAPPINGS else "int"
    item = value(kind)
    values = [x for x in usable if not item or x.type == item]
    for index in usable:
        if index.cost + STORE > budget:
            break
        if not index.names or (held and index.type != held):
            continue
        place = f"{name}[{index.text}]"
        for expression in values:
            price = STORE + index.cost + expression.cost
            if price > budget:
                break
            names = index.names | expression.names | own
            if expression.text != place:
                yield Statement(f"{place} = {expression.text}", price, "update", names)
            if expression.type in NUMBERS:
                text = f"{place} += {expression.text}"
                yield Statement(text, price + STORED_STEP, "update", names)
