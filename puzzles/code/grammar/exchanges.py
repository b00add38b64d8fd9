"""A statement for its sibling: augmented assignments, if for while, break for continue."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.fresh_statements import AUGMENTED
from latent_ebm.puzzles.code.grammar.operators import infix, price_of_operator
from latent_ebm.puzzles.code.grammar.place import Place
from latent_ebm.puzzles.code.grammar.prices import EXCHANGE
from latent_ebm.puzzles.code.grammar.program import jumps_out
from latent_ebm.puzzles.code.grammar.statement_text import edit_of
from latent_ebm.puzzles.code.grammar.syntax import OPERATORS

ACCUMULATE = (("+", 0.0), ("-", 1.0), ("*", 1.5))
"""Operators that an assignment may get, with nats besides those of every exchange."""
RARER = 1.0
"""Nats for exchanges that are mistaken less often, besides those of every exchange."""
COMMUTATIVE = ("*", "&", "|", "^")
"""Operators whose operands are not exchanged; nor are those of integers."""


def exchanges(context: Context, node: ast.stmt) -> Iterator[Edit]:
    """The statements that are a statement's siblings."""
    rule = _RULES.get(type(node))
    return rule(context, node) if rule else iter(())


def _augmented(context: Context, node: ast.AugAssign) -> Iterator[Edit]:
    target, right = context.program.segment(node.target), Place(context, node.value).here
    old = OPERATORS[type(node.op)][0]
    for symbol in AUGMENTED:
        if symbol != old:
            text = f"{target} {symbol}= {right.text}"
            price = price_of_operator(old, symbol)
            yield edit_of(context, node, text, "operator", price, f"operator {old}>{symbol}")
    yield edit_of(context, node, f"{target} = {right.text}", "exchange", EXCHANGE)
    if old not in COMMUTATIVE and right.type != "int":
        flipped = infix([right, Place(context, node.target).here], [old], right.type)
        text = f"{target} = {flipped.text}"
        yield edit_of(context, node, text, "swap", EXCHANGE)


def _assignment(context: Context, node: ast.Assign) -> Iterator[Edit]:
    if context.program.may_return(node) and len(node.targets) == 1:
        text = f"return {Place(context, node.value).here.text}"
        yield edit_of(context, node, text, "exchange", EXCHANGE + RARER)
    match node.targets, node.value:
        case [ast.Name() | ast.Attribute() as target], _:
            name = context.program.segment(target)
            right = Place(context, node.value).here
            for symbol, extra in ACCUMULATE:
                text = f"{name} {symbol}= {right.text}"
                yield edit_of(context, node, text, "exchange", EXCHANGE + extra)
        case [ast.Tuple(elts=targets)], ast.Tuple(elts=values) if len(targets) == len(values):
            yield from _one_by_one(context, node, targets, values)


def _one_by_one(
    context: Context, node: ast.Assign, targets: list[ast.expr], values: list[ast.expr]
) -> Iterator[Edit]:
    """An assignment of several values as one after the other."""
    program = context.program
    if any(isinstance(part, ast.Starred) for part in targets + values):
        return
    pairs = zip(targets, values, strict=True)
    lines = [f"{program.segment(t)} = {Place(context, v).here.text}" for t, v in pairs]
    alone = program.stands_alone(node)
    text = (f"\n{program.indentation(node)}" if alone else "; ").join(lines)
    yield edit_of(context, node, text, "exchange", EXCHANGE + RARER)


def _branch(context: Context, node: ast.If) -> Iterator[Edit]:
    if context.program.is_elif(node):
        text = context.program.segment(node).removeprefix("el")
        yield edit_of(context, node, text, "exchange", EXCHANGE)
    elif not node.orelse:
        yield _with_header(context, node, "while")


def _while(context: Context, node: ast.While) -> Iterator[Edit]:
    if context.program.may_jump(node) or not jumps_out(node):
        yield _with_header(context, node, "if")


def _with_header(context: Context, node: ast.If | ast.While, word: str) -> Edit:
    program = context.program
    start, end = program.span(node)
    behind = start + len("if" if isinstance(node, ast.If) else "while")
    text = word + program.between(behind, end)
    return edit_of(context, node, text, "exchange", EXCHANGE + RARER)


def _break(context: Context, node: ast.Break) -> Iterator[Edit]:
    yield edit_of(context, node, "continue", "exchange", EXCHANGE)
    if context.program.may_return(node):
        yield edit_of(context, node, "return", "exchange", EXCHANGE + RARER)


def _continue(context: Context, node: ast.Continue) -> Iterator[Edit]:
    yield edit_of(context, node, "break", "exchange", EXCHANGE)


def _expression(context: Context, node: ast.Expr) -> Iterator[Edit]:
    """A result that was dropped: returned, or given to a name that the call reads."""
    if not isinstance(node.value, ast.Call):
        return
    text = Place(context, node.value).here.text
    if context.program.may_return(node):
        yield edit_of(context, node, f"return {text}", "exchange", EXCHANGE)
    if context.observations.type_of(node.value) != "NoneType":
        read = {one.id: None for one in ast.walk(node) if isinstance(one, ast.Name)}
        for name in (name for name in read if name in context.names.at(node)):
            yield edit_of(context, node, f"{name} = {text}", "exchange", EXCHANGE + RARER)


def _return(context: Context, node: ast.Return) -> Iterator[Edit]:
    yields = any(isinstance(part, ast.Yield) for part in ast.walk(context.program.tree))
    if node.value is not None and yields:
        shown = Place(context, node.value).here.within(e.IF)
        yield edit_of(context, node, f"yield {shown}", "exchange", EXCHANGE + RARER)


_RULES: dict[type[ast.stmt], Callable[[Context, Any], Iterator[Edit]]] = {
    ast.AugAssign: _augmented,
    ast.Assign: _assignment,
    ast.If: _branch,
    ast.While: _while,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Expr: _expression,
    ast.Return: _return,
}
