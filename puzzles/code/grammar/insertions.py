"""New statements in front of one, and behind it where it ends its block."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.bindings import bindings
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.flow import flow_of_insertion
from latent_ebm.puzzles.code.grammar.fresh_statements import Statement, fresh_statements
from latent_ebm.puzzles.code.grammar.prices import INSERT
from latent_ebm.puzzles.code.grammar.syntax import Jump

ELSE = 0.5
"""Nats for an ``else``, besides its statement."""
NOT_BESIDE = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Global,
    ast.Nonlocal,
)
"""Statements beside which nothing is put in: a name may not be used before its ``global``."""


def insertions(context: Context, node: ast.stmt, ceiling: float) -> Iterator[Edit]:
    """New statements in front of one, and behind it where it ends its block, up to a cost."""
    if ceiling < INSERT or isinstance(node, NOT_BESIDE):
        return
    gap = _Gap.beside(context, node)
    for statement in fresh_statements(context, node, ceiling - INSERT):
        if INSERT + statement.cost <= ceiling:
            yield from gap.edits(statement)
    missing = context.unstarted(node)
    if missing:
        names = [name for name in context.unbound_before(node) if name in missing]
        for statement, _ in bindings(context, node, names, ceiling - INSERT):
            yield from gap.edits(statement)
    if isinstance(node, ast.If) and not node.orelse:
        yield from _else(context, node, ceiling)


def _else(context: Context, node: ast.If, ceiling: float) -> Iterator[Edit]:
    """A small statement where a condition does not hold."""
    program = context.program
    if not program.begins_line(node.body[-1]) or not program.stands_alone(node.body[-1]):
        return
    end, indent = program.span(node)[1], program.indentation(node)
    for statement in fresh_statements(context, node.body[-1], ceiling - INSERT - ELSE):
        price = INSERT + ELSE + statement.cost
        if price <= ceiling and not statement.head.startswith("if "):
            text = f"\n{indent}else:\n{indent}    {statement.indented(indent + '    ')}"
            names = (f"names {name}" for name in sorted(statement.names))
            features = ("insert", f"insert else {statement.head}", f"line {node.lineno}", *names)
            yield Edit(end, end, text, price, "insert", node.lineno, features)


@dataclass(frozen=True)
class _Gap:
    """Where new statements may come beside one.

    Attributes
    ----------
    start, end
        The bytes of the statement beside them.
    line
        Its line.
    indent
        The block's indentation.
    before, behind
        Whether they may come in front of it, and behind it.
    same_line
        Whether they come behind it on the same line, as it shares its own with others.
    """

    start: int
    end: int
    line: int
    indent: str
    before: bool
    behind: bool
    same_line: bool

    @classmethod
    def beside(cls, context: Context, node: ast.stmt) -> _Gap:
        program = context.program
        parent, field, index = program.place(node)
        last = index == len(getattr(parent, field)) - 1
        first_on_line = program.begins_line(node)
        return cls(
            *program.span(node),
            node.lineno,
            program.indentation(node),
            before=first_on_line and not program.is_elif(node),
            behind=last and not isinstance(node, ast.Return | ast.Raise | Jump),
            same_line=not first_on_line,
        )

    def edits(self, statement: Statement) -> Iterator[Edit]:
        """The insertions of a statement."""
        lines, price, head = (
            statement.indented(self.indent),
            INSERT + statement.cost,
            statement.head,
        )
        names = (f"names {name}" for name in sorted(statement.names))
        features = ("insert", f"insert {head}", f"line {self.line}", *names)
        if self.before:
            text, flow = f"{lines}\n{self.indent}", flow_of_insertion(head)
            yield Edit(
                self.start, self.start, text, price, "insert", self.line, features, flow=flow
            )
        if self.behind and not (self.same_line and "\n" in lines):
            text = f"; {lines}" if self.same_line else f"\n{self.indent}{lines}"
            yield Edit(self.end, self.end, text, price, "insert", self.line, features)
