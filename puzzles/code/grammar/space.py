"""All edits of a program at one place, cheapest first: the space in which repair moves."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from math import inf

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.import_edits import import_edits
from latent_ebm.puzzles.code.grammar.insertions import insertions
from latent_ebm.puzzles.code.grammar.names import attribute_rewrites, target_rewrites
from latent_ebm.puzzles.code.grammar.rewrites import rewrites
from latent_ebm.puzzles.code.grammar.statement_edits import statement_edits
from latent_ebm.puzzles.code.grammar.steering import localisation, steered
from latent_ebm.puzzles.code.grammar.syntax import Function

NOT_COMPUTED = (ast.JoinedStr, ast.arguments)
"""What is not edited: f-strings, whose parts have no certain place, and parameters."""
HINTS = ("annotation", "returns")
"""Fields whose expressions are annotations."""


def edits(context: Context, *, ceiling: float, until: float = inf) -> list[Edit]:
    r"""The edits that cost at most ``ceiling`` of all statements that failing tests run.

    The cheapest first, none twice.

    Parameters
    ----------
    ceiling
        In nats.
    until
        The moment on the monotonic clock from which on no further statements are looked at; the
        most suspicious ones come first.

    Examples
    --------
    >>> from collections import Counter
    >>> from latent_ebm.puzzles.code.grammar.program import Program
    >>> from latent_ebm.puzzles.code.grammar.scope import Observations
    >>> program = Program("def f(a, b):\n    return a - b\n")
    >>> seen = Observations({(2, 11, 2, 16): Counter(["int"])}, {}, [{2: 1}], [True])
    >>> [edit.text for edit in edits(Context(program, seen), ceiling=1.5)]
    ['a + b', 'b - a']
    """
    found: dict[tuple[int, int, str, tuple[str, ...]], Edit] = {}
    source = context.program.source
    for edit in _all(context, ceiling, until):
        key = (edit.start, edit.end, edit.text, edit.imports)
        known = found.get(key)
        if edit.cost > ceiling or (known is not None and known.cost <= edit.cost):
            continue
        if edit.imports or edit.text.encode() != source[edit.start : edit.end]:
            found[key] = edit
    return sorted(found.values(), key=lambda edit: edit.cost)


def _all(context: Context, ceiling: float, until: float) -> Iterator[Edit]:
    """The edits of each statement, in the order of the text, after those of imports."""
    yield from import_edits(context)
    found: dict[int, list[Edit]] = {}
    suspects = [*enumerate(_suspects(context))]
    for number, (statement, suspicion) in sorted(suspects, key=lambda one: -one[1][1]):
        if time.monotonic() >= until:
            break
        local = localisation(context.terms, suspicion)
        found[number] = [
            steered(context, edit, local)
            for edit in _of_statement(context, statement, ceiling - local)
        ]
    for number in sorted(found):
        yield from found[number]


def _suspects(context: Context) -> Iterator[tuple[ast.stmt, float]]:
    """The statements that failing tests run, with how suspicious the worst of their lines is."""
    functions = [node for node in ast.walk(context.program.tree) if isinstance(node, Function)]
    suspicion = context.observations.suspicion
    statements = (s for function in functions for s in _statements(function))
    for statement in dict.fromkeys(statements):
        lines = range(statement.lineno, _header_end(statement) + 1)
        most = max((suspicion.get(line, 0.0) for line in lines), default=0.0)
        if most:
            yield statement, most


def _of_statement(context: Context, statement: ast.stmt, ceiling: float) -> Iterator[Edit]:
    yield from statement_edits(context, statement, ceiling)
    yield from insertions(context, statement, ceiling)
    for node in _expressions(statement):
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            yield from rewrites(context, node, ceiling)
        elif isinstance(node, ast.Name):
            yield from target_rewrites(context, node)
        elif isinstance(node, ast.Attribute):
            yield from attribute_rewrites(context, node)


def _header_end(statement: ast.stmt) -> int:
    """The last line of a statement that is not its block's."""
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return max(statement.lineno, body[0].lineno - 1)
    return statement.end_lineno or statement.lineno


def _statements(function: Function) -> Iterator[ast.stmt]:
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and node is not function:
            yield node


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement's own, not those of the statements within it."""
    hints = [getattr(statement, field, None) for field in HINTS]
    todo = [child for child in _parts(statement) if child not in hints]
    while todo:
        node = todo.pop()
        if isinstance(node, NOT_COMPUTED):
            continue
        if isinstance(node, ast.expr) and not isinstance(node, ast.Starred | ast.Slice):
            yield node
        todo += [part for part in _parts(node) if _is_computed(node, part)]


def _is_computed(node: ast.AST, part: ast.AST) -> bool:
    """Whether part of a node may be edited: of what a ``case`` matches, only literals."""
    return not (isinstance(node, ast.pattern) and isinstance(part, ast.expr)) or isinstance(
        part, ast.Constant
    )


def _parts(node: ast.AST) -> list[ast.AST]:
    return [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
