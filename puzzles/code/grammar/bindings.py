"""Assignments to names that are read and were never bound: what is mostly missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations, product

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expectations import expected_of_name, misfit
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.fresh_statements import Statement
from latent_ebm.puzzles.code.grammar.prices import BY_TYPES

BIND, LEAST = 1.0, -1.0
"""Nats for binding a name besides its expression, and for one that is not bound in time."""
PAIR, DEAREST = 1.0, 4.0
"""Nats for binding two names at once, and the dearest values for that."""
MOST_PAIRED, VALUES = 4, 12
"""So many names that are not bound in time, and so many values, are put into pairs."""
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


def pair_bindings(
    context: Context, node: ast.stmt, missing: list[str], results: tuple[str, ...] = ()
) -> Iterator[Statement]:
    """``a, b = x, y`` for names that are not bound in time, and small values."""
    needed = [name for name in missing if name in context.unstarted(node)]
    pool, visible = context.pool_at(node), context.names.at(node)
    values = [x for x in pool.atoms(visible) if x.cost <= DEAREST and not x.names & set(missing)]
    wanted = {name: wanted_by_uses(context, node, name, results) for name in needed}
    for first, second in permutations(needed[:MOST_PAIRED], 2):
        for x, y in product(values[:VALUES], repeat=2):
            misfits = misfit(x, wanted[first]) + misfit(y, wanted[second])
            price = 2 * LEAST + PAIR + x.cost + y.cost + BY_TYPES * misfits
            text = f"{first}, {second} = {x.text}, {y.text}"
            yield Statement(text, price, f"binds {first}", x.names | y.names)


def binding_price(context: Context, node: ast.stmt, name: str) -> float:
    """Nats for binding a name besides its expression: little where it is not bound in time."""
    return LEAST if name in context.unstarted(node) else BIND


def wanted_by_uses(
    context: Context, node: ast.stmt, name: str, results: tuple[str, ...]
) -> tuple[str, ...]:
    """The types that fit where a name is read; empty where that is not known."""
    return expected_of_name(context, name, node, results) if context.terms.types else ()
