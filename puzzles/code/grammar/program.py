"""A program's text with its syntax tree: which node stands where, and what its place demands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from latent_ebm.puzzles.code.grammar import expressions as e

Span = tuple[int, int, int, int]
"""(line, column, end line, end column) as ast has them: columns in bytes."""

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

Function = ast.FunctionDef | ast.AsyncFunctionDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, eq=False)
class Program:
    """Source text with its tree.

    Raises
    ------
    SyntaxError
        If the text does not parse.
    """

    text: str
    _place: dict[int, tuple[ast.AST, str, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for parent in ast.walk(self.tree):
            for name, value in ast.iter_fields(parent):
                if isinstance(value, list):
                    for index, item in enumerate(value):
                        if isinstance(item, ast.AST):
                            self._place[id(item)] = (parent, name, index)
                elif isinstance(value, ast.AST):
                    self._place[id(value)] = (parent, name, -1)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def source(self) -> bytes:
        """The text, as the offsets of nodes count it."""
        return self.text.encode()

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, at = [0], 0
        while (at := self.source.find(b"\n", at)) >= 0:
            at += 1
            starts.append(at)
        return starts

    def parent(self, node: ast.AST) -> ast.AST:
        """The node above."""
        return self._place[id(node)][0]

    def place(self, node: ast.AST) -> tuple[ast.AST, str, int]:
        """(parent, field, index within the field or -1)."""
        return self._place[id(node)]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes above, the nearest first."""
        while id(node) in self._place:
            node = self._place[id(node)][0]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement around a node, or the node itself."""
        while not isinstance(node, ast.stmt):
            node = self.parent(node)
        return node

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        for above in self.ancestors(node):
            if isinstance(above, Function):
                return above
        return None

    def offset(self, line: int, column: int) -> int:
        """The byte at a line (from 1) and a column."""
        return self._line_starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """First byte of a node and the one behind its last."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def segment(self, node: ast.expr | ast.stmt) -> str:
        """A node's own text."""
        start, end = self.span(node)
        return self.source[start:end].decode()

    def indentation(self, node: ast.stmt) -> str:
        """What stands before a statement on its line; its block's indentation."""
        start = self._line_starts[node.lineno - 1]
        line = self.source[start : start + node.col_offset].decode()
        return line if line.isspace() else " " * node.col_offset

    def demanded(self, node: ast.expr) -> int:
        """How tightly an expression has to bind where it stands."""
        parent, name, _ = self.place(node)
        match parent:
            case ast.BinOp():
                _, level = OPERATORS[type(parent.op)]
                if level == e.POWER:
                    return e.POWER + 1 if name == "left" else e.UNARY
                return level if name == "left" else level + 1
            case ast.Compare():
                return e.COMPARE + 1
            case ast.BoolOp() | ast.UnaryOp():
                _, level = OPERATORS[type(parent.op)]
                return level + 1 if isinstance(parent, ast.BoolOp) else level
            case ast.Attribute() | ast.Call() | ast.Subscript() if name in ("value", "func"):
                return e.POSTFIX
            case ast.IfExp():
                return e.IF if name == "orelse" else e.OR
            case ast.comprehension():
                return e.OR
            case ast.Starred():
                return e.OR_BITS
            case ast.Await():
                return e.POSTFIX
        return e.IF


def binding(node: ast.expr) -> int:
    """How tightly an expression binds, as it is written without parentheses."""
    match node:
        case ast.BinOp() | ast.BoolOp() | ast.UnaryOp():
            return OPERATORS[type(node.op)][1]
        case ast.Compare():
            return e.COMPARE
        case ast.IfExp() | ast.Lambda():
            return e.IF
        case ast.NamedExpr() | ast.Yield() | ast.YieldFrom() | ast.Starred():
            return 0
        case ast.Attribute() | ast.Call() | ast.Subscript():
            return e.POSTFIX
        case ast.Constant(value=int() | float()):
            return e.POSTFIX + 1 if isinstance(node.value, bool) else e.POSTFIX - 1
        case ast.Await():
            return e.POWER
        case ast.Tuple():
            return 0  # its text has parentheses only if the source had
    return e.ATOM


def head(node: ast.AST) -> str:
    """The name of a node's production, as ``statistics.COUNTS`` has it."""
    match node:
        case ast.BinOp() | ast.BoolOp():
            return OPERATORS[type(node.op)][0]
        case ast.UnaryOp():
            return {"-": "negate"}.get(OPERATORS[type(node.op)][0], OPERATORS[type(node.op)][0])
        case ast.Compare():
            return OPERATORS[type(node.ops[0])][0]
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
        case ast.Subscript():
            return "slice" if isinstance(node.slice, ast.Slice) else "subscript"
        case ast.IfExp():
            return "if-else"
        case ast.List() | ast.Tuple() | ast.Dict() | ast.Set():
            return "display"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return "comprehension"
        case ast.Name():
            return "name"
        case ast.Constant():
            return "constant"
        case ast.stmt():
            return f"stmt {type(node).__name__}"
    return type(node).__name__
