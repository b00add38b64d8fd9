"""What fits into a typed hole: expressions and small statements, cheapest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expectations import expected, misfit
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.flow import flow_of_expression, is_condition
from latent_ebm.puzzles.code.grammar.hole_statements import hole_statements
from latent_ebm.puzzles.code.grammar.sites import Site, opened, sites

__all__ = ["Site", "fillings", "opened", "sites"]

CALLEE = 2.0
"""What one of the module's functions costs where a hole is called, in nats."""
NOT_IN_TEXT = frozenset("'\"\\{}#")
"""Characters that an expression in an f-string may not have, in Python 3.11."""


def fillings(context: Context, hole: Site, results: tuple[str, ...], budget: float) -> list[Edit]:
    r"""What may fill a hole and costs at most ``budget``, cheapest first.

    Parameters
    ----------
    results
        The types of what the function should return, from its tests.

    Examples
    --------
    >>> from latent_ebm.puzzles.code.grammar.program import Program
    >>> from latent_ebm.puzzles.code.grammar.scope import Observations
    >>> program = Program("def f(n):\n    return ...\n")
    >>> context = Context(program, Observations({}, {}, [], []))
    >>> [edit.text for edit in fillings(context, sites(program)[0], ("int",), 1.5)]
    ['1', '0']
    """
    node = hole.node
    if isinstance(node, ast.Expr):
        made = hole_statements(context, node, hole.number, results, budget)
    else:
        made = _expressions(context, node, hole.number, results, budget)
    found: dict[str, Edit] = {}
    for edit in made:
        known = found.get(edit.text)
        if known is None or known.cost > edit.cost:
            found[edit.text] = edit
    return sorted(found.values(), key=lambda edit: edit.cost)


def _expressions(
    context: Context, node: ast.expr, number: int, results: tuple[str, ...], budget: float
) -> Iterator[Edit]:
    """The expressions that may come; none twice."""
    program, terms = context.program, context.terms
    start, end = program.span(node)
    line, level = program.statement(node).lineno, program.demanded(node)
    wanted = expected(context, node, results) if terms.types else ()
    decides = terms.flow and is_condition(program, node)
    in_text = any(isinstance(above, ast.JoinedStr) for above in program.ancestors(node))
    for new in context.pool_at(node).over(context.names.at(node)):
        if new.cost > budget:
            break
        types = misfit(new, wanted)
        flow = flow_of_expression(new, is_condition=decides) if terms.flow else 0.0
        if new.cost + types + flow > budget or (in_text and not NOT_IN_TEXT.isdisjoint(new.text)):
            continue
        text, features = new.within(level), _features(number, new)
        yield Edit(start, end, text, new.cost, "fill", line, features, new.type, types, flow)
    parent, field, _ = program.place(node)
    if isinstance(parent, ast.Call) and field == "func" and budget >= CALLEE:
        for name in context.functions:
            yield Edit(start, end, name, CALLEE, "fill", line, (f"hole {number} {name}",))


def _features(number: int, new: Expression) -> tuple[str, ...]:
    prefix = f"hole {number}"
    return (
        f"{prefix} head {new.head}",
        f"{prefix} type {new.type}",
        f"{prefix} size {new.size}",
        *(f"{prefix} name {name}" for name in sorted(new.names)),
    )
