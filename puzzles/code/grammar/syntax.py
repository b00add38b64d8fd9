"""Python's operators and how tightly they bind, and the name of each node's production."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.grammar import expressions as e

OPERATORS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: ("+", e.SUM),
    ast.Sub: ("-", e.SUM),
    ast.Mult: ("*", e.TERM),
    ast.MatMult: ("@", e.TERM),
    ast.Div: ("/", e.TERM),
    ast.FloorDiv: ("//", e.TERM),
    ast.Mod: ("%", e.TERM),
    ast.Pow: ("**", e.POWER),
    ast.LShift: ("<<", e.SHIFT),
    ast.RShift: (">>", e.SHIFT),
    ast.BitAnd: ("&", e.AND_BITS),
    ast.BitXor: ("^", e.XOR_BITS),
    ast.BitOr: ("|", e.OR_BITS),
    ast.Lt: ("<", e.COMPARE),
    ast.LtE: ("<=", e.COMPARE),
    ast.Gt: (">", e.COMPARE),
    ast.GtE: (">=", e.COMPARE),
    ast.Eq: ("==", e.COMPARE),
    ast.NotEq: ("!=", e.COMPARE),
    ast.In: ("in", e.COMPARE),
    ast.NotIn: ("not in", e.COMPARE),
    ast.Is: ("is", e.COMPARE),
    ast.IsNot: ("is not", e.COMPARE),
    ast.And: ("and", e.AND),
    ast.Or: ("or", e.OR),
    ast.Not: ("not", e.NOT),
    ast.USub: ("-", e.UNARY),
    ast.UAdd: ("+", e.UNARY),
    ast.Invert: ("~", e.UNARY),
}
"""Symbol and binding of each operator."""

LEVELS = {symbol: level for symbol, level in OPERATORS.values() if level not in (e.NOT, e.UNARY)}
"""Binding of each infix symbol."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Loop = ast.For | ast.AsyncFor | ast.While
Jump = ast.Break | ast.Continue

_BINDINGS: dict[type[ast.expr], int] = {
    ast.Compare: e.COMPARE,
    ast.IfExp: e.IF,
    ast.Lambda: e.IF,
    ast.NamedExpr: e.NOTHING,
    ast.Yield: e.NOTHING,
    ast.YieldFrom: e.NOTHING,
    ast.Starred: e.NOTHING,
    ast.Tuple: e.NOTHING,  # its text has parentheses only if the source had
    ast.Attribute: e.POSTFIX,
    ast.Call: e.POSTFIX,
    ast.Subscript: e.POSTFIX,
    ast.Await: e.NUMBER,
}


PLACES: dict[tuple[type[ast.AST], str], str] = {
    (ast.If, "test"): "if",
    (ast.IfExp, "test"): "if",
    (ast.Assert, "test"): "if",
    (ast.comprehension, "ifs"): "if",
    (ast.While, "test"): "while",
    (ast.For, "iter"): "for",
    (ast.comprehension, "iter"): "for",
    (ast.Return, "value"): "return",
    (ast.Assign, "value"): "=",
}
"""What the places of expressions in statements are called, by the node above and its field."""


def binding(node: ast.expr) -> int:
    """How tightly an expression binds, as it is written without parentheses.

    >>> binding(ast.parse("a + b", mode="eval").body) == e.SUM
    True
    """
    match node:
        case ast.BinOp() | ast.BoolOp() | ast.UnaryOp():
            return OPERATORS[type(node.op)][1]
        case ast.Constant(value=bool()):
            return e.ATOM
        case ast.Constant(value=int() | float() | complex()):
            return e.NUMBER
    return _BINDINGS.get(type(node), e.ATOM)


_HEADS: dict[type[ast.AST], str] = {
    ast.IfExp: "if-else",
    ast.List: "display",
    ast.Tuple: "tuple-display",
    ast.Dict: "display",
    ast.Set: "display",
    ast.ListComp: "comprehension",
    ast.SetComp: "comprehension",
    ast.DictComp: "comprehension",
    ast.GeneratorExp: "comprehension",
    ast.Name: "name",
    ast.Constant: "constant",
}


def head(node: ast.AST) -> str:
    """The name of a node's production, as ``statistics.COUNTS`` has it.

    >>> head(ast.parse("-len(x)", mode="eval").body), head(ast.parse("return 1").body[0])
    ('negate', 'stmt Return')
    """
    match node:
        case ast.UnaryOp(op=ast.USub()):
            return "negate"
        case ast.BinOp() | ast.BoolOp() | ast.UnaryOp():
            return OPERATORS[type(node.op)][0]
        case ast.Compare():
            return OPERATORS[type(node.ops[0])][0]
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
        case ast.Subscript():
            return "slice" if isinstance(node.slice, ast.Slice) else "subscript"
        case ast.stmt():
            return f"stmt {type(node).__name__}"
    return _HEADS.get(type(node), type(node).__name__)


def span_of(node: ast.expr | ast.stmt) -> tuple[int, int, int, int]:
    """(line, column, end line, end column) of a node that was parsed from text; columns in bytes.

    Raises
    ------
    ValueError
        If the node was made by hand and stands nowhere.
    """
    if node.end_lineno is None or node.end_col_offset is None:
        raise ValueError(f"{ast.dump(node)} has no place in a text: parse it from one")
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
