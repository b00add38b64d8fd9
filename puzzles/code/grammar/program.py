"""A program's text with its syntax tree: which node stands where, and what its place demands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.syntax import OPERATORS, Function, Jump, Loop, span_of

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, eq=False)
class Program:
    """Source text with its tree.

    Raises
    ------
    SyntaxError
        If the text does not parse.

    Examples
    --------
    >>> program = Program("total = price * 2")
    >>> value = program.tree.body[0].value
    >>> program.segment(value), program.span(value), program.statement(value).lineno
    ('price * 2', (8, 17), 1)
    """

    text: str
    _place: dict[ast.AST, tuple[ast.AST, str, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for parent in ast.walk(self.tree):
            for name, value in ast.iter_fields(parent):
                if isinstance(value, list):
                    for index, item in enumerate(value):
                        if isinstance(item, ast.AST):
                            self._place[item] = (parent, name, index)
                elif isinstance(value, ast.AST):
                    self._place[value] = (parent, name, -1)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def source(self) -> bytes:
        """The text, as the offsets of nodes count it."""
        return self.text.encode()

    @cached_property
    def newline(self) -> str:
        """How its first line ends."""
        found = _LINE_END.search(self.source)
        return found.group().decode() if found else "\n"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self.source))]

    def parent(self, node: ast.AST) -> ast.AST:
        """The node above."""
        return self._place[node][0]

    def place(self, node: ast.AST) -> tuple[ast.AST, str, int]:
        """(parent, field, index within the field or -1)."""
        return self._place[node]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes above, the nearest first."""
        while node in self._place:
            node = self._place[node][0]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement around a node, or the node itself."""
        while not isinstance(node, ast.stmt):
            node = self.parent(node)
        return node

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        return next((a for a in self.ancestors(node) if isinstance(a, Function)), None)

    def may_return(self, node: ast.AST) -> bool:
        """Whether ``return`` may stand where a node does: not in a module's or a class's body."""
        scope = next((a for a in self.ancestors(node) if isinstance(a, _SCOPES)), None)
        return isinstance(scope, Function)

    def may_jump(self, node: ast.AST) -> bool:
        """Whether ``break`` and ``continue`` may stand where a node does."""
        for above in self.ancestors(node):
            if isinstance(above, _SCOPES):
                return False
            if isinstance(above, Loop) and self._place[node][1] == "body":
                return True
            node = above
        return False

    def offset(self, line: int, column: int) -> int:
        """The byte at a line (from 1) and a column."""
        return self._line_starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """First byte of a node and the one behind its last."""
        line, column, end_line, end_column = span_of(node)
        return self.offset(line, column), self.offset(end_line, end_column)

    def between(self, start: int, end: int) -> str:
        """The text of some bytes."""
        return self.source[start:end].decode()

    def segment(self, node: ast.expr | ast.stmt) -> str:
        """A node's own text."""
        return self.between(*self.span(node))

    def indentation(self, node: ast.stmt) -> str:
        """What stands before a statement on its line; its block's indentation."""
        start = self._line_starts[node.lineno - 1]
        line = self.between(start, start + node.col_offset)
        return line if line.isspace() else " " * node.col_offset

    def begins_line(self, node: ast.stmt) -> bool:
        """Whether nothing but white space stands before a statement on its line."""
        start = self._line_starts[node.lineno - 1]
        return not self.source[start : start + node.col_offset].strip()

    def stands_alone(self, node: ast.stmt) -> bool:
        """Whether no other statement stands on a statement's lines."""
        rest = self.source[self.span(node)[1] :]
        behind = _LINE_END.split(rest, maxsplit=1)[0].strip()
        return self.begins_line(node) and (not behind or behind.startswith(b"#"))

    def is_elif(self, node: ast.AST) -> bool:
        """Whether a statement is the ``elif`` part of another."""
        return isinstance(node, ast.If) and self.source.startswith(b"elif", self.span(node)[0])

    def demanded(self, node: ast.expr) -> int:
        """How tightly an expression has to bind where it stands."""
        parent, name, index = self.place(node)
        match parent:
            case ast.BinOp():
                level = OPERATORS[type(parent.op)][1]
                if level == e.POWER:
                    return e.NUMBER if name == "left" else e.UNARY
                return level if name == "left" else level + 1
            case ast.Compare():
                return e.COMPARE + 1
            case ast.BoolOp():
                return OPERATORS[type(parent.op)][1] + 1
            case ast.UnaryOp():
                return OPERATORS[type(parent.op)][1]
            case ast.Attribute() | ast.Call() | ast.Subscript() if name in ("value", "func"):
                return e.POSTFIX
            case ast.IfExp():
                return e.IF if name == "orelse" else e.OR
            case ast.Dict() if name == "values" and parent.keys[index] is None:
                return e.OR_BITS
        return _DEMANDS.get(type(parent), e.IF)


_DEMANDS: dict[type[ast.AST], int] = {
    ast.comprehension: e.OR,
    ast.Starred: e.OR_BITS,
    ast.Await: e.POSTFIX,
}


def jumps_out(loop: ast.stmt) -> bool:
    """Whether some ``break`` or ``continue`` belongs to a loop."""
    todo: list[ast.AST] = list(getattr(loop, "body", ()))
    while todo:
        node = todo.pop()
        if isinstance(node, Jump):
            return True
        if isinstance(node, Loop):
            todo += node.orelse
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(
            node, _SCOPES
        ):
            todo += ast.iter_child_nodes(node)
    return False
