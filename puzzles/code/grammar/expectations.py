"""Which types are expected where an expression stands, from what stands around it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.prices import MISFIT, TRUTH
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    NUMBERS,
    SEQUENCES,
    UNKNOWN,
    arguments,
    fits,
    key,
)

Types = tuple[str, ...]
"""Types that fit, the likeliest first; none if nothing is known."""

ITERABLES = (*SEQUENCES, *MAPPINGS, "set", "frozenset", "enumerate", "zip", "map", "filter")
"""Types whose values can be iterated over."""
SUBSCRIPTED = (*SEQUENCES, *MAPPINGS)
"""Types whose values can be subscripted."""
OF_INTEGERS = ("range", "chr")
"""Functions of integers."""
_ALWAYS = {"int": ("float",), "round": ("float",)}
"""What functions take even where the program has no such values yet."""
OF_ELEMENTS = ("append", "add")
"""Methods that take what their owner holds."""


def misfit(expression: Expression, wanted: Types) -> float:
    """The types energy of an expression where types are expected, in nats.

    >>> misfit(Expression("x", "str", 1.0), ("int",)), misfit(Expression("x", "bool", 1.0), ())
    (2.0, 0.0)
    """
    return misfit_of_type(expression.type, wanted) if wanted else 0.0


def misfit_of_type(kind: str, wanted: Types) -> float:
    """The types energy of a type where others are expected, in nats."""
    if not kind or not any(fits(kind, one) for one in wanted):
        return MISFIT
    truth = kind == "bool" and "bool" not in wanted and any(one in NUMBERS for one in wanted)
    return TRUTH if truth else 0.0


def expected(context: Context, node: ast.expr, results: Types) -> Types:
    """The types that fit where an expression stands; empty if nothing is known.

    Parameters
    ----------
    results
        The types of what the function should return.
    """
    parent, field, _ = context.program.place(node)
    if isinstance(parent, ast.Return):
        return results
    rule = _RULES.get(type(parent))
    return rule(_Around(context, node, field), parent) if rule else ()


def expected_of_name(context: Context, name: str, hole: ast.AST, results: Types) -> Types:
    """The types that fit where a function reads a name that a hole may bind.

    The fewest that one of the places asks for; empty if none asks for any.
    """
    function = context.program.function(hole)
    found = []
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.Name) and node.id == name:
            wanted = _of_use(context, node, results)
            if wanted:
                found.append(wanted)
    return min(found, key=len, default=())


def _of_use(context: Context, node: ast.Name, results: Types) -> Types:
    """The types that fit where a name is read, or updated."""
    parent, field, _ = context.program.place(node)
    match parent:
        case ast.AugAssign(op=op, value=value) if field == "target":
            seen = context.observations.type_of(value)
            kinds = NUMBERS[1:] if not isinstance(op, ast.Add) else (*NUMBERS[1:], "str", "list")
            return (seen,) if seen else kinds
        case ast.Attribute(attr=method):
            return _OWNERS.get(method, ())
        case ast.Assign() if field == "value":
            return ()
        case _ if isinstance(node.ctx, ast.Load):
            return expected(context, node, results)
    return ()


_OWNERS: dict[str, Types] = {
    "append": ("list", "deque"),
    "extend": ("list", "deque"),
    "insert": ("list",),
    "sort": ("list",),
    "reverse": ("list",),
    "appendleft": ("deque",),
    "popleft": ("deque",),
    "add": ("set",),
    "discard": ("set",),
    "items": MAPPINGS,
    "keys": MAPPINGS,
    "values": MAPPINGS,
    "get": MAPPINGS,
    "setdefault": MAPPINGS,
    "join": ("str",),
    "split": ("str",),
    "strip": ("str",),
    "lower": ("str",),
    "upper": ("str",),
    "startswith": ("str",),
    "endswith": ("str",),
}
"""The types that have a method."""


class _Around:
    """What stands around an expression; each method answers for one kind of parent."""

    def __init__(self, context: Context, node: ast.expr, field: str) -> None:
        self._context, self._node, self._field = context, node, field
        self._function = context.program.function(node)
        self._names = context.names.of_function(self._function)

    def test(self, _: ast.AST) -> Types:
        return ("bool",) if self._field == "test" else ()

    def truth(self, _: ast.AST) -> Types:
        return ("bool",)

    def unary(self, parent: ast.UnaryOp) -> Types:
        return ("bool",) if isinstance(parent.op, ast.Not) else ()

    def loop(self, _: ast.AST) -> Types:
        return {"iter": ITERABLES, "ifs": ("bool",)}.get(self._field, ())

    def operation(self, parent: ast.BinOp) -> Types:
        return self._types(parent.right if parent.left is self._node else parent.left)

    def comparison(self, parent: ast.Compare) -> Types:
        if isinstance(parent.ops[0], ast.In | ast.NotIn):
            return ITERABLES if parent.left is not self._node else ()
        sides = (parent.left, *parent.comparators)
        return self._types(*(side for side in sides if side is not self._node))

    def assignment(self, parent: ast.Assign | ast.AugAssign) -> Types:
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        match targets:
            case [ast.Name(id=name)] if self._names.get(name):
                return (self._names[name],)
        return ()

    def subscript(self, parent: ast.Subscript) -> Types:
        if self._field != "slice":
            return SUBSCRIPTED
        owner = self._type(parent.value)
        wanted = key(owner) if owner else "int"
        return (wanted,) if wanted else ()

    def bound(self, _: ast.AST) -> Types:
        return ("int",)

    def argument(self, call: ast.Call) -> Types:
        if self._field != "args":
            return ()
        imports = self._context.imports
        match call.func:
            case ast.Name(id=name):
                own, name = 0, imports.members.get(name, name)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in imports.modules:
                own, name = 0, f"{imports.modules[owner]}.{name}"
            case ast.Attribute(attr=name):
                own = 1  # a method's first operand is its owner
            case _:
                return ()
        if own and isinstance(call.func, ast.Attribute) and name in OF_ELEMENTS:
            held = arguments(self._type(call.func.value))
            return held[:1]
        return ("int",) if not own and name in OF_INTEGERS else self._operand(call, name, own)

    def _operand(self, call: ast.Call, name: str, own: int) -> Types:
        """The types that the productions of a function's name have there."""
        count, at = len(call.args) + own, call.args.index(self._node) + own
        found = set(_ALWAYS.get(name, ())) | {
            production.operands[at]
            for production in self._context.productions(self._function)
            if production.head == name and len(production.operands) == count
        }
        return tuple(sorted(found))

    def _types(self, *others: ast.expr) -> Types:
        return tuple(kind for kind in map(self._type, others) if kind)

    def _type(self, other: ast.expr) -> str:
        """The type of another expression: as it was seen, as its name has it, or a constant's."""
        seen = self._context.observations.type_of(other)
        match other:
            case ast.Name(id=name) if not seen:
                return self._names.get(name, UNKNOWN)
            case ast.Constant(value=constant) if not seen and constant is not ...:
                return type(constant).__name__
        return seen


_RULES: dict[type[ast.AST], Callable[[_Around, Any], Types]] = {
    ast.If: _Around.test,
    ast.While: _Around.test,
    ast.IfExp: _Around.test,
    ast.Assert: _Around.test,
    ast.BoolOp: _Around.truth,
    ast.UnaryOp: _Around.unary,
    ast.For: _Around.loop,
    ast.comprehension: _Around.loop,
    ast.BinOp: _Around.operation,
    ast.Compare: _Around.comparison,
    ast.Assign: _Around.assignment,
    ast.AugAssign: _Around.assignment,
    ast.Subscript: _Around.subscript,
    ast.Slice: _Around.bound,
    ast.Call: _Around.argument,
}
