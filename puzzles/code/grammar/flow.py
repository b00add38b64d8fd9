"""The control-flow energy of edits: what no run can reach, what cannot vary, what never returns.

It only weighs: a program may well need an endless loop or an early return.
"""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expressions import Expression

UNREACHABLE, CONSTANT_CONDITION, NO_EFFECT, NO_RETURN = 4.0, 2.0, 3.0, 1.5
"""What each sort of trouble weighs, in nats."""


def is_condition(context: Context, node: ast.expr) -> bool:
    """Whether an expression decides which way the program goes."""
    parent, field, _ = context.program.place(node)
    return isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert) and field == "test"


def flow_of_expression(context: Context, node: ast.expr, new: Expression) -> float:
    """The energy of an expression where ``node`` stands."""
    energy = 0.0
    if new.head == "constant" and is_condition(context, node):
        energy += CONSTANT_CONDITION
    left, _, right = new.text.partition(f" {new.head} ")
    if left == right and new.head in (
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "-",
        "%",
        "//",
    ):
        energy += NO_EFFECT
    return energy


def flow_of_insertion(context: Context, before: ast.stmt, head: str) -> float:
    """The energy of a statement that is put in front of ``before``."""
    return UNREACHABLE if head in ("return", "break", "continue") else 0.0


def flow_of_deletion(context: Context, node: ast.stmt) -> float:
    """The energy of leaving a statement out."""
    function = context.program.function(node)
    if isinstance(node, ast.Return) and function is not None and function.body[-1] is node:
        return NO_RETURN
    return 0.0
