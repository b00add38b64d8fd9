"""What a name does where it stands: its role, of which the choice of a name depends."""

from __future__ import annotations

import ast
from collections.abc import Callable

from latent_ebm.puzzles.code.grammar.syntax import PLACES

Place = Callable[[ast.AST], tuple[ast.AST, str, int]]
"""(parent, field, index within the field or -1) of a node; `Program.place`."""

GROWING = frozenset(
    ("add", "append", "appendleft", "discard", "extend", "insert", "pop", "popleft", "remove")
)
"""Methods that change what holds them."""
_CALLED = frozenset(
    ("enumerate", "int", "isinstance", "len", "list", "ord", "range", "set", "sorted", "str")
)
_FOLDS = frozenset(("abs", "all", "any", "max", "min", "sum", "zip"))
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_COMPARED: dict[type[ast.cmpop], str] = {
    **dict.fromkeys((ast.Lt, ast.LtE, ast.Gt, ast.GtE), "<"),
    **dict.fromkeys((ast.Eq, ast.NotEq), "=="),
    **dict.fromkeys((ast.In, ast.NotIn), "in"),
    **dict.fromkeys((ast.Is, ast.IsNot), "is"),
}
_FIELDS = {
    **PLACES,
    (ast.For, "target"): "loop =",
    (ast.comprehension, "target"): "loop =",
    (ast.Assign, "targets"): "bound",
    (ast.AugAssign, "value"): "op=",
    (ast.AugAssign, "target"): "updated",
    (ast.keyword, "value"): "keyword",
}
BINDING = frozenset(("bound", "updated", "loop ="))
"""The roles of names that are assigned to."""


def role_of(place: Place, node: ast.AST) -> str:
    """What a name, or any expression, does where it stands; "other" where that is not counted.

    >>> from latent_ebm.puzzles.code.grammar.program import Program
    >>> program = Program("out.append(items[i] - 1)")
    >>> names = [node for node in ast.walk(program.tree) if isinstance(node, ast.Name)]
    >>> {node.id: role_of(program.place, node) for node in names}
    {'out': 'grown', 'items': '[]', 'i': 'index'}
    """
    parent, field, index = place(node)
    match parent:
        case ast.Compare():
            operator = parent.ops[0 if field == "left" else index]
            return f"{_COMPARED[type(operator)]} {'left' if field == 'left' else 'right'}"
        case ast.BinOp():
            return f"{_ARITHMETIC.get(type(parent.op), '/')} {field}"
        case ast.BoolOp():
            return "and"
        case ast.UnaryOp():
            return "not" if isinstance(parent.op, ast.Not) else "negate"
        case ast.Call():
            return "called" if field == "func" else _argument(parent.func)
        case ast.Attribute():
            return _held(place, parent)
        case ast.Subscript():
            stores = "" if isinstance(parent.ctx, ast.Load) else "stored "
            return stores + ("[]" if field == "value" else "index")
        case ast.Slice():
            return "slice"
        case ast.List() | ast.Tuple() | ast.Set():
            reads = isinstance(getattr(parent, "ctx", ast.Load()), ast.Load)
            return "display" if reads else role_of(place, parent)
    return _FIELDS.get((type(parent), field), "other")


def _argument(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name):
            return f"{name}()" if name in _CALLED else "fold()" if name in _FOLDS else "call()"
        case ast.Attribute(attr=name):
            return "grow()" if name in GROWING else "method()"
    return "call()"


def _held(place: Place, attribute: ast.Attribute) -> str:
    parent, field, _ = place(attribute)
    if not (isinstance(parent, ast.Call) and field == "func"):
        return "attribute"
    return "grown" if attribute.attr in GROWING else "receiver"
