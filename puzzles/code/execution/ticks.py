"""Ticks: a call at the start of every loop round, function and comprehension round.

Time is no measure for a test that must end the same way on every machine, so loops are cut
by counting: `instrumented` inserts a call of `__tick__` into the syntax tree, and the counter
raises `OutOfTicks` once the budget of the case is spent, again at every further tick, so that
no `except` clause keeps a loop alive.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

__all__ = [
    "TICK",
    "Counter",
    "HoleReached",
    "OutOfTicks",
    "OutOfTime",
    "instrumented",
    "make_counter",
]

TICK = "__tick__"


class OutOfTicks(BaseException):
    """The budget of the case is spent."""


class OutOfTime(BaseException):
    """The alarm of the worker rang."""


class HoleReached(BaseException):
    """An open hole was called."""


class Counter(NamedTuple):
    """The functions of one counter of ticks."""

    tick: Callable[[], bool]
    refill: Callable[[int], None]
    left: Callable[[], int]


def make_counter() -> Counter:
    """A counter with no ticks left.

    >>> counter = make_counter()
    >>> counter.refill(3)
    >>> counter.tick(), counter.left()
    (True, 2)
    """
    left = 0

    def tick() -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise OutOfTicks
        return True

    def refill(budget: int) -> None:
        nonlocal left
        left = budget

    def remaining() -> int:
        return left

    return Counter(tick, refill, remaining)


_CALL = ast.Call(
    func=ast.Name(id=TICK, ctx=ast.Load(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=0),
    args=[],
    keywords=[],
    lineno=1,
    col_offset=0,
    end_lineno=1,
    end_col_offset=0,
)
_STATEMENT = ast.Expr(value=_CALL, lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)


def instrumented(tree: ast.Module) -> ast.Module:
    """`tree`, changed in place, with its ticks.

    A tick is the first statement of the body of every loop and every function (after its
    docstring), the first condition of every `for` of a comprehension, and is evaluated before
    the body of every lambda.

    >>> print(ast.unparse(instrumented(ast.parse("for x in y: print([a for a in x])"))))
    for x in y:
        __tick__()
        print([a for a in x if __tick__()])
    """
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        stack.extend(ast.iter_child_nodes(node))
        if isinstance(node, (ast.For, ast.While, ast.AsyncFor)):
            node.body.insert(0, _STATEMENT)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body.insert(1 if _is_docstring(node.body[0]) else 0, _STATEMENT)
        elif isinstance(node, ast.comprehension):
            node.ifs.insert(0, _CALL)
        elif isinstance(node, ast.Lambda):
            body = node.body
            node.body = ast.copy_location(ast.BoolOp(ast.And(), [_CALL, body]), body)
    return tree


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
