"""Comprehensions and calls with lambdas as wholes, made without all that is cheaper."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import product, takewhile

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.pool import SLACK, Names, Pool
from latent_ebm.puzzles.code.grammar.runtime_types import is_body

__all__ = ["wholes"]


def wholes(
    context: Context,
    node: ast.AST,
    atoms: Sequence[Expression],
    forms: Sequence[Production],
    dearest: float,
) -> list[Expression]:
    """The expressions up to a cost whose outermost production is a form, cheapest first.

    Most forms take nothing but bodies and what they loop over, which are atoms; for the others,
    the pool of all expressions is made no higher than they leave room for.

    Parameters
    ----------
    atoms
        Of the function, bodies among them.
    dearest
        The cost, in nats.
    """
    names = context.names.at(node)
    atoms = [atom for atom in atoms if is_body(atom.type)]
    alone = [form for form in forms if all(map(is_body, form.operands))]
    pool = Pool(atoms, alone, limit=context.limit, height=dearest + SLACK)
    found = [one for one in pool.over(names) if one.cost <= dearest]
    for form in forms:
        if form not in alone:
            found += _filled(context.pool_at(node), names, atoms, form, dearest)
    return sorted(found, key=lambda one: one.cost)


def _filled(
    pool: Pool, names: Names, atoms: Sequence[Expression], form: Production, dearest: float
) -> Iterator[Expression]:
    """A form with whatever fits its operands."""
    visible = names.keys()
    parts = {
        kind: [one for one in atoms if one.type == kind and one.names <= visible]
        for kind in form.operands
        if is_body(kind)
    }
    if not all(parts.values()):
        return
    left = dearest - form.cost
    left -= sum(min(one.cost for one in parts[k]) for k in form.operands if k in parts)
    for kind in form.operands:
        if kind not in parts:
            cheap = takewhile(lambda one: one.cost <= left, pool.over(names, kind))
            parts[kind] = [one for one in cheap if one.type == kind]
    for chosen in product(*(parts[kind] for kind in form.operands)):
        if form.cost + sum(one.cost for one in chosen) <= dearest:
            yield form.apply(chosen)
