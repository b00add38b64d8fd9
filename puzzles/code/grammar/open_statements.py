"""Small statements around an expression that is still open."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from latent_ebm.puzzles.code.grammar.bindings import binding_price, wanted_by_uses
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expectations import Types
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.fresh_statements import (
    ADD,
    APPEND,
    ASSIGN,
    AUGMENTED,
    EXTEND,
    GUARDED_RETURN,
    JUMP,
    LEAST_STEP,
    LIST_STEP,
    OTHER_STEP,
    RETURN,
    REUSED_STEP,
    STEPS,
    STORE,
    STORED_STEP,
    TEXT_STEP,
    returned_type,
)
from latent_ebm.puzzles.code.grammar.prices import BY_PARTS
from latent_ebm.puzzles.code.grammar.runtime_types import MAPPINGS, base, element, key, value
from latent_ebm.puzzles.code.grammar.statistics import cost

INDICES, ANSWERS = 6, 3
"""So many of the cheapest indices are stored at, and of the cheapest answers returned."""
DEAREST = 5.0
"""Indices and answers cost at most this, in nats."""
MOST = 60
"""So many of the cheapest statements are looked at."""
ANY = "0"
"""In place of the expression, where only the statement is weighed."""


class OpenStatement(NamedTuple):
    """A statement with a place for an expression.

    Attributes
    ----------
    template
        Its lines, with ``{0}`` for the expression.
    cost
        In nats, without the expression.
    wanted
        The types of the expression; any, if none.
    head
        What it does.
    names
        The variables that it touches by itself.
    price
        In nats, where it stands.
    """

    template: str
    cost: float
    wanted: Types
    head: str
    names: frozenset[str]
    price: float = 0.0


def open_statements(context: Context, node: ast.Expr, results: Types) -> list[OpenStatement]:
    """The statements that may come where a hole stands alone on its line, cheapest first.

    Parameters
    ----------
    results
        The types of what the function should return.
    """
    program = context.program
    found = [*_bindings(context, node, results), *_updates(context, node)]
    answers: list[Expression] = []
    if program.may_return(node):
        seen = returned_type(context, program.function(node))
        wanted = results or ((seen,) if seen else ())
        found.append(OpenStatement("return {0}", RETURN, wanted, "return", frozenset()))
        answers = [x for x in _atoms(context, node) if not wanted or x.type in wanted][:ANSWERS]
    if program.begins_line(node):
        jumps = ("break", "continue") if program.may_jump(node) else ()
        found += [_guarded(text, JUMP, frozenset()) for text in jumps]
        for answer in answers:
            text = f"return {answer.text}"
            found.append(_guarded(text, GUARDED_RETURN + answer.cost, answer.names))
    found = [one._replace(price=_price(context, node, one)) for one in found]
    return sorted(found, key=lambda one: one.price)[:MOST]


def _price(context: Context, node: ast.Expr, statement: OpenStatement) -> float:
    """What a statement costs where it stands, without its expression."""
    if not context.terms.prior:
        return statement.cost
    usual = context.choices_at(node).energy(statement.template.format(ANY))
    return BY_PARTS * statement.cost + usual


def _guarded(text: str, price: float, names: frozenset[str]) -> OpenStatement:
    head = f"if {text.split()[0]}"
    return OpenStatement(f"if {{0}}:\n    {text}", price, ("bool",), head, names)


def _atoms(context: Context, node: ast.AST, wanted: str = "") -> list[Expression]:
    """Names and constants up to a cost, cheapest first."""
    atoms = context.pool_at(node).atoms(context.names.at(node), wanted)
    return [x for x in atoms if x.cost <= DEAREST and x.by_value and "{" not in x.text]


def _bindings(context: Context, node: ast.Expr, results: Types) -> Iterator[OpenStatement]:
    """Assignments to names that are read and never bound."""
    for name in context.unbound_before(node):
        price, wanted = (
            binding_price(context, node, name),
            wanted_by_uses(context, node, name, results),
        )
        yield OpenStatement(f"{name} = {{0}}", price, wanted, f"binds {name}", frozenset())


def _updates(context: Context, node: ast.Expr) -> Iterator[OpenStatement]:
    """Assignments to visible names, and calls that change what they hold."""
    for name, kind in context.names.at(node).items():
        own = frozenset([name])
        for template, price, wanted in _of(context, node, name, kind):
            yield OpenStatement(template, price, (wanted,) if wanted else (), "update", own)


def _of(context: Context, node: ast.Expr, name: str, kind: str) -> Iterator[tuple[str, float, str]]:
    """Templates with their costs and the types that they want."""
    shape, item = base(kind), element(kind)
    if kind:
        yield f"{name} = {{0}}", ASSIGN, kind
    if shape in ("int", "float"):
        yield from _steps(context, name, kind)
    elif shape == "str":
        yield f"{name} += {{0}}", TEXT_STEP, "str"
    elif shape in ("list", "deque"):
        yield f"{name}.append({{0}})", APPEND, item
        yield f"{name}.extend({{0}})", EXTEND, kind
        yield f"{name} += {{0}}", LIST_STEP, kind
    elif shape in ("set", "frozenset"):
        yield f"{name}.add({{0}})", ADD, item
    if shape in MAPPINGS or shape == "list":
        yield from _stores(context, node, name, kind)


def _steps(context: Context, name: str, kind: str) -> Iterator[tuple[str, float, str]]:
    for symbol in AUGMENTED:
        price = STEPS.get(symbol, OTHER_STEP * cost(symbol))
        if symbol in context.used:
            price = max(price - REUSED_STEP, LEAST_STEP)
        yield f"{name} {symbol}= {{0}}", price, kind


def _stores(
    context: Context, node: ast.Expr, name: str, kind: str
) -> Iterator[tuple[str, float, str]]:
    held = key(kind) if base(kind) in MAPPINGS else "int"
    item = value(kind)
    for index in [x for x in _atoms(context, node, held) if x.names][:INDICES]:
        place, price = f"{name}[{index.text}]", STORE + index.cost
        yield f"{place} = {{0}}", price, item
        if item in ("int", "float", ""):
            yield f"{place} += {{0}}", price + STORED_STEP, item
