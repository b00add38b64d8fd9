"""Edits of statements as wholes: leave out, guard, unguard, move."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.exchanges import exchanges
from latent_ebm.puzzles.code.grammar.flow import flow_of_deletion
from latent_ebm.puzzles.code.grammar.prices import DELETE, GUARD, MOVE, SMALL_CONDITION, UNGUARD
from latent_ebm.puzzles.code.grammar.program import Program, jumps_out
from latent_ebm.puzzles.code.grammar.statement_text import edit_of, joined, reindented

SIZE = 0.4
"""A deletion costs SIZE * sqrt(number of nodes) more, in nats."""
PART = 0.5
"""Nats for keeping another part than the body of an if or a loop."""
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
DECLARATIONS = (ast.Global, ast.Nonlocal)


def statement_edits(context: Context, node: ast.stmt, ceiling: float) -> Iterator[Edit]:
    """The edits of one statement as a whole that cost about ``ceiling`` at most."""
    if not context.program.is_elif(node):
        yield from _delete(context, node)
        yield from _unguard(context, node)
        yield from _guard(context, node, ceiling)
    yield from _swap(context, node)
    yield from _leave(context, node)
    yield from exchanges(context, node)


def _delete(context: Context, node: ast.stmt) -> Iterator[Edit]:
    if isinstance(node, (*DEFINITIONS, ast.Pass)):
        return
    price = DELETE + SIZE * len(list(ast.walk(node))) ** 0.5
    flow = flow_of_deletion(context.program, node)
    yield edit_of(context, node, "pass", "delete", price, flow=flow)


def _unguard(context: Context, node: ast.stmt) -> Iterator[Edit]:
    """The body of an if without its test, or the loop around a block taken away."""
    if not isinstance(node, ast.If | ast.For | ast.While):
        return
    program = context.program
    indent = program.indentation(node)
    if isinstance(node, ast.If) or program.may_jump(node) or not jumps_out(node):
        yield edit_of(context, node, reindented(program, node.body, indent), "unguard", UNGUARD)
    if node.orelse:
        other = reindented(program, node.orelse, indent)
        kept = program.between(program.span(node)[0], program.span(node.body[-1])[1])
        for text in (other, kept, f"{kept}\n{indent}{other}"):
            yield edit_of(context, node, text, "unguard", UNGUARD + PART)


def _guard(context: Context, node: ast.stmt, ceiling: float) -> Iterator[Edit]:
    """A statement under a condition."""
    program = context.program
    if isinstance(node, (*DEFINITIONS, *DECLARATIONS)) or not program.stands_alone(node):
        return
    indent = program.indentation(node)
    inner = reindented(program, [node], indent + "    ")
    for test in context.pool_at(node).conditions(context.names.at(node)):
        if test.cost > min(SMALL_CONDITION, ceiling - GUARD):
            break
        text = f"if {test.text}:\n{indent}    {inner}"
        names = [f"names {name}" for name in sorted(test.names)]
        yield edit_of(context, node, text, "guard", GUARD + test.cost, *names)


def _swap(context: Context, node: ast.stmt) -> Iterator[Edit]:
    """A statement behind the one that follows it, or that one into its block."""
    program = context.program
    parent, field, index = program.place(node)
    block: list[ast.stmt] = getattr(parent, field)
    if index + 1 == len(block) or isinstance(node, (*DEFINITIONS, *DECLARATIONS)):
        return
    after = block[index + 1]
    if isinstance(after, DECLARATIONS) or not _may_swap(program, node, after):
        return
    (start, middle), (begin, end) = program.span(node), program.span(after)
    features = ("move", f"line {node.lineno}")
    text = program.segment(after) + program.between(middle, begin) + program.segment(node)
    yield Edit(start, end, text, MOVE, "move", node.lineno, features)
    if isinstance(node, ast.For | ast.While | ast.If) and not node.orelse:
        if not program.begins_line(node.body[-1]) and hasattr(after, "body"):
            return
        text = joined(program, node, after)
        yield Edit(start, end, text, MOVE, "move", after.lineno, features)


def _leave(context: Context, node: ast.stmt) -> Iterator[Edit]:
    """The last statement of a block behind it."""
    program = context.program
    parent, field, index = program.place(node)
    if not isinstance(parent, ast.For | ast.While | ast.If) or field != "body" or parent.orelse:
        return
    if index == len(parent.body) - 1 and index > 0:
        begin, end = program.span(parent.body[index - 1])[1], program.span(node)[1]
        outer = program.indentation(parent)
        text = f"\n{outer}{reindented(program, [node], outer)}"
        features = ("move", f"line {node.lineno}")
        yield Edit(begin, end, text, MOVE, "move", node.lineno, features)


def _may_swap(program: Program, node: ast.stmt, after: ast.stmt) -> bool:
    """Whether lines stay whole: a compound statement shares its lines with no other."""
    alone = program.stands_alone(node) and program.stands_alone(after)
    return alone or not (hasattr(node, "body") or hasattr(after, "body"))
