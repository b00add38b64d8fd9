"""Assignments to names that are read and were never bound: what is mostly missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expectations import expected_of_name, misfit
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.fresh_statements import Statement
from latent_ebm.puzzles.code.grammar.prices import BY_TYPES

BIND, LEAST = 1.0, -1.0
"""Nats for binding a name besides its expression, and for one that is not bound in time."""
NEUTRAL = ("0", "''", "None", "False")
"""What names mostly start from."""
UNUSUAL_START = 1.0
"""Nats for starting from another constant."""


def bindings(
    context: Context,
    node: ast.stmt,
    missing: list[str],
    budget: float,
    results: tuple[str, ...] = (),
) -> Iterator[tuple[Statement, Expression]]:
    """Assignments to names that are read and never bound."""
    if not missing:
        return
    unbound = frozenset(missing)
    prices = {name: binding_price(context, node, name) for name in missing}
    wanted = {name: wanted_by_uses(context, node, name, results) for name in missing}
    for new in context.pool_at(node).over(context.names.at(node)):
        if new.cost + LEAST > budget:
            break
        start = new.head == "constant" and new.text not in NEUTRAL
        extra = new.cost + (UNUSUAL_START if start else 0.0)
        for name in missing if not new.names & unbound else ():
            price = prices[name] + extra + BY_TYPES * misfit(new, wanted[name])
            if price <= budget:
                text = f"{name} = {new.text}"
                yield Statement(text, price, f"binds {name}", new.names, new.by_value), new


def binding_price(context: Context, node: ast.stmt, name: str) -> float:
    """Nats for binding a name besides its expression: little where it is not bound in time."""
    return LEAST if name in context.unstarted(node) else BIND


def wanted_by_uses(
    context: Context, node: ast.stmt, name: str, results: tuple[str, ...]
) -> tuple[str, ...]:
    """The types that fit where a name is read; empty where that is not known."""
    return expected_of_name(context, name, node, results) if context.terms.types else ()
