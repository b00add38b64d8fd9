"""What fits into a typed hole: expressions and small statements, cheapest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expectations import Types, expected, misfit
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.flow import flow_of_filling
from latent_ebm.puzzles.code.grammar.hole_statements import MORE_USUAL, hole_statements
from latent_ebm.puzzles.code.grammar.prices import BY_FLOW, BY_TYPES
from latent_ebm.puzzles.code.grammar.sites import Site, opened, sites

__all__ = ["Site", "as_filling", "expected", "fillings", "opened", "sites"]

CALLEE = 2.0
"""What one of the module's functions costs where a hole is called, in nats."""
NOT_IN_TEXT = frozenset("'\"\\{}#")
"""Characters that an expression in an f-string may not have, in Python 3.11."""


def fillings(
    context: Context, hole: Site, results: Types, budget: float, *, explored: bool = False
) -> list[Edit]:
    r"""What may fill a hole and costs at most ``budget``, cheapest first.

    Parameters
    ----------
    results
        The types of what the function should return, from its tests.
    explored
        Whether what explorations find is left out (``valued.py``).

    Examples
    --------
    >>> from latent_ebm.puzzles.code.grammar.program import Program
    >>> from latent_ebm.puzzles.code.grammar.scope import Observations
    >>> program = Program("def f(n):\n    return ...\n")
    >>> context = Context(program, Observations({}, {}, [], []))
    >>> [edit.text for edit in fillings(context, sites(program)[0], ("int",), 4.0)]
    ['1', '0', '-1']
    """
    node = hole.node
    if isinstance(node, ast.Expr):
        made = hole_statements(context, node, hole.number, results, budget, explored)
    else:
        made = _expressions(context, hole, node, results, budget, explored)
    found: dict[str, Edit] = {}
    for edit in made:
        known = found.get(edit.text)
        if known is None or known.cost > edit.cost:
            lines = context.imports.needed(edit.text)
            found[edit.text] = replace(edit, imports=lines) if lines else edit
    return sorted(found.values(), key=lambda edit: edit.cost)


def as_filling(
    context: Context,
    hole: Site,
    expression: Expression,
    results: Types,
    wanted: Types | None = None,
) -> Edit:
    """An expression as the filling of a hole, with its energies.

    Parameters
    ----------
    results
        The types of what the function should return.
    wanted
        The types expected there, where they are known already.
    """
    node = hole.node.value if isinstance(hole.node, ast.Expr) else hole.node
    program, terms = context.program, context.terms
    if wanted is None:
        wanted = expected(context, node, results)
    start, end = program.span(node)
    return Edit(
        start,
        end,
        expression.within(program.demanded(node)) if terms.syntax else expression.text,
        context.filled(node, expression.text, expression.cost),
        "fill",
        program.statement(node).lineno,
        _features(hole.number, expression),
        expression.type,
        BY_TYPES * misfit(expression, wanted) if terms.types else 0.0,
        BY_FLOW * flow_of_filling(program, node, expression) if terms.flow else 0.0,
        context.imports.needed(expression.text),
    )


def _expressions(
    context: Context, hole: Site, node: ast.expr, results: Types, budget: float, explored: bool
) -> Iterator[Edit]:
    """The expressions that may come; none twice."""
    program = context.program
    wanted = expected(context, node, results)
    in_text = any(isinstance(above, ast.JoinedStr) for above in program.ancestors(node))
    for new in context.pool_at(node).over(context.names.at(node)):
        if new.cost > budget + MORE_USUAL:
            break
        if explored and new.by_value:
            continue
        if not in_text or NOT_IN_TEXT.isdisjoint(new.text):
            edit = as_filling(context, hole, new, results, wanted)
            if edit.cost <= budget:
                yield edit
    parent, field, _ = program.place(node)
    if isinstance(parent, ast.Call) and field == "func" and budget >= CALLEE:
        line, (start, end) = program.statement(node).lineno, program.span(node)
        for name in context.functions:
            yield Edit(start, end, name, CALLEE, "fill", line, (f"hole {hole.number} {name}",))


def _features(number: int, new: Expression) -> tuple[str, ...]:
    prefix = f"hole {number}"
    return (
        f"{prefix} head {new.head}",
        f"{prefix} type {new.type}",
        f"{prefix} size {new.size}",
        *(f"{prefix} name {name}" for name in sorted(new.names)),
    )
