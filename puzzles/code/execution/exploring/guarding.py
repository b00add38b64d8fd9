"""Expressions compiled so that they cannot grow without bound."""

from __future__ import annotations

import ast
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.execution.exploring.values import (
    MOST_BITS,
    MOST_ITEMS,
    UnboundedError,
)

__all__ = ["GUARDS", "Guarded", "guarded", "power", "shift", "times"]

MOST_KEPT = 8192
"""Expressions whose codes are kept: holes of one program have most of them in common."""


def times(left: Any, right: Any) -> Any:
    """``left * right``.

    Raises
    ------
    UnboundedError
        If that is a long sequence.
    """
    for one, other in ((left, right), (right, left)):
        if type(other) is int and hasattr(one, "__len__") and len(one) * other > MOST_ITEMS:
            raise UnboundedError
    return left * right


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent``.

    Raises
    ------
    UnboundedError
        If that has many bits.
    """
    whole = type(exponent) is int and type(base) is int
    if whole and base.bit_length() * abs(exponent) > MOST_BITS:
        raise UnboundedError
    return base**exponent


def shift(value: Any, by: Any) -> Any:
    """``value << by``.

    Raises
    ------
    UnboundedError
        If that has many bits.
    """
    if type(by) is int and by > MOST_BITS:
        raise UnboundedError
    return value << by


def bounded_range(*bounds: Any) -> range:
    """``range(...)``.

    Raises
    ------
    UnboundedError
        If it is long.
    """
    made = range(*bounds)
    if made and abs((made[-1] - made[0]) // made.step) >= MOST_ITEMS:
        raise UnboundedError
    return made


GUARDS = {
    "__times__": times,
    "__power__": power,
    "__shift__": shift,
    "__range__": bounded_range,
}
"""By the names under which guarded code calls them."""
_CALLED: dict[type[ast.operator], str] = {
    ast.Mult: "__times__",
    ast.Pow: "__power__",
    ast.LShift: "__shift__",
}


class _Guarding(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        name = _CALLED.get(type(node.op))
        if name is None:
            return node
        return ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name("__range__", ast.Load()) if node.id == "range" else node


class Guarded(NamedTuple):
    """An expression's code.

    Attributes
    ----------
    inner
        Whether it has a scope of its own within, which sees no locals of `eval`.
    """

    code: CodeType
    inner: bool

    def value(self, module: dict[str, Any], names: dict[str, Any]) -> Any:
        """What it gives for the names of a module, with `GUARDS`, and those of a frame."""
        if self.inner:
            return eval(self.code, {**module, **names})  # noqa: S307 - in the sandbox
        return eval(self.code, module, names)  # noqa: S307 - in the sandbox


@lru_cache(maxsize=MOST_KEPT)
def guarded(text: str) -> Guarded:
    """An expression that is checked before it grows.

    >>> guarded("[0] * n").value(dict(GUARDS), {"n": 2})
    [0, 0]
    >>> guarded("[x for x in a if x < b]").value(dict(GUARDS), {"a": [1, 5], "b": 3})
    [1]
    """
    source: str | ast.Expression = text
    if any(operator in text for operator in ("*", "<<", "range")):
        tree = ast.parse(text, mode="eval")
        source = ast.fix_missing_locations(_Guarding().visit(tree))
    code = compile(source, "<filling>", "eval")
    return Guarded(code, any(isinstance(one, CodeType) for one in code.co_consts))
