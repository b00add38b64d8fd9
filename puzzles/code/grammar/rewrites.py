"""Edits of an expression: something near what stands there, or something fresh of its type."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.near import near
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import CONSTANT_FOR_EXPRESSION, FRESH, MISFIT
from latent_ebm.puzzles.code.grammar.runtime_types import NUMBERS, fits
from latent_ebm.puzzles.code.grammar.steering import least
from latent_ebm.puzzles.code.grammar.wraps import wraps


def rewrites(context: Context, node: ast.expr, ceiling: float) -> Iterator[Edit]:
    """The edits of one expression that cost ``ceiling`` at most, in no order."""
    place = Place(context, node)
    for change in _changes(place, ceiling):
        types = _misfit(change, place) if change.types is None else change.types
        if least(context.terms, change.prior, types) <= ceiling:
            yield place.edit(change, types)


def _changes(place: Place, ceiling: float) -> Iterator[Change]:
    if place.is_pattern:
        yield from (change for change in near(place) if change.new.head == "constant")
        return
    yield from near(place)
    yield from _fresh(place, ceiling)
    yield from wraps(place, ceiling)


def _misfit(change: Change, place: Place) -> float:
    """The types energy of what comes in a place."""
    if change.new.head == "attribute" and change.new.type and place.takes(change.new.type):
        return 0.0  # the wrong attribute of an instance often has another type
    if fits(change.new.type, place.type) and (
        change.new.type or change.kind not in ("name", "constant")
    ):
        return 0.0
    return MISFIT if change.kind in ("name", "constant") else MISFIT / 2


def _fresh(place: Place, ceiling: float) -> Iterator[Change]:
    """Something new from the pool, of the type seen there."""
    if place.is_callee:
        return
    wanted = "bool" if place.is_condition else place.type
    own = place.program.segment(place.node)
    unseen = 0.0 if wanted else MISFIT / 2
    atomic = isinstance(place.node, ast.Constant | ast.Name)
    for expression in place.pool.over(place.visible, wanted):
        price = FRESH + expression.cost
        if price > ceiling:
            break
        if expression.text == own or (atomic and expression.size == 1):
            continue  # names and constants have edits of their own
        types = unseen
        if wanted in NUMBERS and expression.type != wanted:
            types += MISFIT
        if expression.head == "constant" and not isinstance(place.node, ast.Constant):
            price += CONSTANT_FOR_EXPRESSION
        yield Change(expression, "fresh", price, types)
