"""Assignments to names that are read and were never bound: what is mostly missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.fresh_statements import Statement

BIND = 1.0
"""Nats for binding a name, besides its expression."""
MISSING_NAME = 2.5
"""Nats by which binding a name that is read but never bound is likelier."""
LEAST = 0.5
"""Nats that binding such a name costs at least."""
NEUTRAL = ("0", "''", "None", "False")
"""What names mostly start from."""
UNUSUAL_START = 1.0
"""Nats for starting from another constant."""


def bindings(
    context: Context, node: ast.stmt, missing: list[str], budget: float
) -> Iterator[tuple[Statement, Expression]]:
    """Assignments to names that are read and never bound."""
    if not missing:
        return
    unbound = frozenset(missing)
    for new in context.pool_at(node).over(context.names.at(node)):
        if new.cost > budget + MISSING_NAME - BIND:
            break
        price = max(BIND + new.cost - MISSING_NAME, LEAST)
        if new.head == "constant" and new.text not in NEUTRAL:
            price += UNUSUAL_START
        if price <= budget and not new.names & unbound:
            for name in missing:
                text = f"{name} = {new.text}"
                yield Statement(text, price, f"binds {name}", new.names, new.by_value), new
