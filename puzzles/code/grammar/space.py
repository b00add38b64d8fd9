"""All edits of a program at one place, cheapest first: the space in which repair moves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from math import log

from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.program import Function
from latent_ebm.puzzles.code.grammar.rewrites import rewrites, target_rewrites
from latent_ebm.puzzles.code.grammar.statements import insertions, statement_edits

FLAT = 4.0
"""What every edit costs where the prior is turned off."""
SUSPICION = 1.0
"""Nats by which a line that all failing tests and no passing one run is likelier."""


def edits(context: Context, *, ceiling: float) -> list[Edit]:
    """The edits that cost at most ``ceiling`` of all statements that failing tests run.

    The cheapest first, none twice.
    """
    found: dict[tuple[int, int, str], Edit] = {}
    source = context.program.source
    for edit in _all(context, ceiling):
        key = (edit.start, edit.end, edit.text)
        known = found.get(key)
        if (known is None or known.cost > edit.cost) and edit.cost <= ceiling:
            if edit.text.encode() != source[edit.start : edit.end]:
                found[key] = edit
    return sorted(found.values(), key=lambda edit: edit.cost)


def _all(context: Context, ceiling: float) -> Iterator[Edit]:
    functions = [node for node in ast.walk(context.program.tree) if isinstance(node, Function)]
    suspicion = context.observations.suspicion
    seen: set[int] = set()
    for statement in (s for function in functions for s in _statements(function)):
        lines = range(statement.lineno, _header_end(statement) + 1)
        most = max((suspicion.get(line, 0.0) for line in lines), default=0.0)
        if id(statement) in seen or not most:
            continue
        seen.add(id(statement))
        local = -SUSPICION * log(max(most, 0.1)) if context.terms.localisation else 0.0
        rest = ceiling - local
        for edit in _of_statement(context, statement, rest):
            steered = _steered(edit, context.terms)
            if steered.cost <= rest:
                yield replace(steered, prior=steered.prior + local)


def _steered(edit: Edit, terms: Terms) -> Edit:
    """The edit without the energies that are turned off."""
    if terms.types and terms.flow and terms.prior:
        return edit
    return replace(
        edit,
        prior=edit.prior if terms.prior else FLAT,
        types=edit.types if terms.types else 0.0,
        flow=edit.flow if terms.flow else 0.0,
    )


def _of_statement(context: Context, statement: ast.stmt, ceiling: float) -> Iterator[Edit]:
    yield from statement_edits(context, statement, ceiling)
    yield from insertions(context, statement, ceiling)
    for node in _expressions(statement):
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            yield from rewrites(context, node, ceiling)
        elif isinstance(node, ast.Name):
            yield from target_rewrites(context, node)


def _header_end(statement: ast.stmt) -> int:
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return max(statement.lineno, body[0].lineno - 1)
    return statement.end_lineno or statement.lineno


def _statements(function: ast.AST) -> Iterator[ast.stmt]:
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and node is not function:
            yield node


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement's own, not those of the statements within it."""
    hint = getattr(statement, "annotation", None)
    todo: list[ast.AST] = [
        child
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, ast.stmt) and child is not hint
    ]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.JoinedStr | ast.arguments):
            continue
        if isinstance(node, ast.expr) and not isinstance(node, ast.Starred | ast.Slice):
            yield node
        todo += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
