"""The text of statements that move to another indentation."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.program import Program


def edit_of(
    context: Context,
    node: ast.stmt,
    text: str,
    kind: str,
    price: float,
    *more: str,
    flow: float = 0.0,
) -> Edit:
    """The edit that puts a text where a statement stands; ``more`` are further features."""
    start, end = context.program.span(node)
    features = (kind, f"{kind} {type(node).__name__}", f"line {node.lineno}", *more)
    return Edit(start, end, text, price, kind, node.lineno, features, flow=flow)


def reindented(program: Program, block: list[ast.stmt], indent: str) -> str:
    r"""Statements that follow each other, as they read with another indentation.

    Lines within strings stay as they are. An ``elif`` becomes an ``if``.

    >>> program = Program("if a:\n    x = 1\n    y = 2\n")
    >>> reindented(program, program.tree.body[0].body, "")
    'x = 1\ny = 2'
    """
    first, last = block[0], block[-1]
    start, end = program.span(first)[0], program.span(last)[1]
    text = program.between(start, end)
    if program.is_elif(first):
        text = text.removeprefix("el")
    old = program.indentation(first)
    inside = {line for node in block for line in _string_lines(node)}
    lines = text.split("\n")
    for at in range(1, len(lines)):
        if first.lineno + at not in inside and lines[at].startswith(old):
            lines[at] = indent + lines[at][len(old) :]
    return "\n".join(lines)


def joined(program: Program, node: ast.If | ast.For | ast.While, after: ast.stmt) -> str:
    """A compound statement with the one that follows it at the end of its block."""
    if not program.begins_line(node.body[-1]):
        return f"{program.segment(node)}; {program.segment(after)}"
    inner = program.indentation(node.body[-1])
    return f"{program.segment(node)}\n{inner}{reindented(program, [after], inner)}"


def _string_lines(node: ast.stmt) -> set[int]:
    """The lines that begin within a string."""
    return {
        line
        for part in ast.walk(node)
        if isinstance(part, ast.Constant | ast.JoinedStr)
        for line in range(part.lineno + 1, (part.end_lineno or part.lineno) + 1)
    }
