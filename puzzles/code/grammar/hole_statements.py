"""Small statements for a hole that stands alone on its line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import takewhile

from latent_ebm.puzzles.code.grammar.bindings import bindings, pair_bindings
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expressions import NO_NAMES, Expression
from latent_ebm.puzzles.code.grammar.flow import flow_of_statement
from latent_ebm.puzzles.code.grammar.fresh_statements import Statement, fresh_statements
from latent_ebm.puzzles.code.grammar.prices import BY_FLOW
from latent_ebm.puzzles.code.grammar.runtime_types import base

CALL, SECOND_ARGUMENT, RETURNED = 5.0, 1.0, 0.5
"""Nats for calling one of the module's functions on a name, on two, and returning the result."""
SWAP_NAMES = 4.0
"""Nats for exchanging what two names hold."""
SWAP_ITEMS, LARGE_INDEX = 2.0, 5.5
"""Nats for exchanging two items of a list, besides the indices, and what each costs at most."""
PASS = 4.0
"""Nats for doing nothing."""
MOST = 6000
"""So many of the cheapest statements are looked at."""
CEILINGS = (4.0, 5.5, 7.0, 8.0, 9.0, 10.0)
"""Statements are made up to these costs, until there are enough, in nats."""
MORE_USUAL = 1.0
"""Nats by which what is looked at may cost less for being usual in its place."""


def hole_statements(
    context: Context,
    node: ast.Expr,
    number: int,
    results: tuple[str, ...],
    budget: float,
    explored: bool,
) -> Iterator[Edit]:
    """The statements that may come and cost at most ``budget``; some come twice.

    Those that are ``explored`` through open statements are left out.
    """
    start, end = context.program.span(node)
    line, indent = node.lineno, context.program.indentation(node)
    own_line = context.program.begins_line(node)
    known: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
    prefix = f"hole {number} "
    for statement, what in _cheapest(context, node, results, budget + MORE_USUAL):
        text, price, head, names, opens = statement
        if (explored and opens) or not (own_line or _fits_on_line(statement)):
            continue
        price = context.filled(node, text, price)
        if price > budget:
            continue
        if what is not None:
            features = _features(prefix, statement, what)
        elif (head, names) in known:  # most statements share what they do with others
            features = known[head, names]
        else:
            features = known[head, names] = _features(prefix, statement, None)
        if "\n" in text:
            text = statement.indented(indent)
        flow = BY_FLOW * flow_of_statement(text) if context.terms.flow else 0.0
        yield Edit(start, end, text, price, "fill", line, features, flow=flow)


def _cheapest(
    context: Context, node: ast.Expr, results: tuple[str, ...], budget: float
) -> list[tuple[Statement, Expression | None]]:
    """The cheapest statements; where there are many, dearer ones are not made at all."""
    found: list[tuple[Statement, Expression | None]] = []
    for ceiling in (*takewhile(budget.__gt__, CEILINGS), budget):
        found = list(_statements(context, node, results, ceiling))
        if len(found) >= MOST:
            break
    return sorted(found, key=lambda one: one[0].cost)[:MOST]


def _features(prefix: str, statement: Statement, what: Expression | None) -> tuple[str, ...]:
    names = tuple(f"{prefix}name {name}" for name in sorted(statement.names))
    if what is None:
        return (prefix + statement.head, *names)
    kinds = (f"{prefix}head {what.head}", f"{prefix}type {what.type}", f"{prefix}size {what.size}")
    return (prefix + statement.head, *kinds, *names)


def _fits_on_line(statement: Statement) -> bool:
    return "\n" not in statement.text


def _statements(
    context: Context, node: ast.Expr, results: tuple[str, ...], budget: float
) -> Iterator[tuple[Statement, Expression | None]]:
    """Statements, and the expression that a name gets if it is missing."""
    for statement in fresh_statements(context, node, budget, results):
        yield statement, None
    yield from bindings(context, node, context.unbound_before(node), budget, results)
    names = list(context.names.at(node))
    for statement in (
        *pair_bindings(context, node, context.unbound_before(node), results),
        *_calls(context, node, names),
        *_exchanges(names),
        *_swaps(context, node, budget),
        Statement("pass", PASS, "pass", NO_NAMES),
    ):
        yield statement, None


def _calls(context: Context, node: ast.Expr, names: list[str]) -> Iterator[Statement]:
    """Calls of the module's functions with visible names, and returns of what they give."""
    returns = context.program.may_return(node)
    for function, arity in context.functions.items():
        for given in _given(names, arity):
            text = f"{function}({', '.join(given)})"
            price, used = CALL + SECOND_ARGUMENT * (len(given) - 1), frozenset(given)
            yield Statement(text, price, "call", used)
            if returns:
                yield Statement(f"return {text}", price + RETURNED, "call", used)


def _given(names: list[str], arity: int) -> Iterator[tuple[str, ...]]:
    """One or two different names."""
    if arity == 1:
        yield from ((name,) for name in names)
    elif arity == 2:
        yield from ((one, two) for one in names for two in names if one != two)


def _exchanges(names: list[str]) -> Iterator[Statement]:
    """Two names that exchange what they hold."""
    for left in names:
        for right in names:
            if left < right:
                text = f"{left}, {right} = {right}, {left}"
                yield Statement(text, SWAP_NAMES, "swap", NO_NAMES)


def _is_small(index: Expression) -> bool:
    return index.cost < LARGE_INDEX


def _swaps(context: Context, node: ast.Expr, budget: float) -> Iterator[Statement]:
    """Two items of a list exchanged."""
    visible = context.names.at(node)
    indices = [
        x
        for x in takewhile(_is_small, context.pool_at(node).over(visible, "int"))
        if x.type == "int" and x.names
    ]
    for name in (name for name, kind in visible.items() if base(kind) == "list"):
        for at, left in enumerate(indices):
            for right in indices[:at]:
                price = SWAP_ITEMS + left.cost + right.cost
                if price > budget:
                    break
                one, two = f"{name}[{left.text}]", f"{name}[{right.text}]"
                yield Statement(f"{one}, {two} = {two}, {one}", price, "swap", NO_NAMES)
