"""What stands in a place as one operand of something new."""

from __future__ import annotations

from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import MISFIT, SMALL_ATOM, WRAP
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, base, fits, looped

OTHER_CONDITION = 7.5
"""Conditions that are joined to one cost at most this, in nats."""

Filling = tuple[dict[int, Expression], float]
"""Operands by position, with what they cost together."""


ITERATED, ITERATION = ("range", "enumerate"), 2.5
"""Calls that mostly stand where a loop iterates, and the nats by which they are likelier there."""
JOINING, JOINED = ("and", "or"), 1.0
"""What joins conditions, and the nats by which it is likelier where one decides."""


def wraps(place: Place, ceiling: float) -> Iterator[Change]:
    """Productions with what stands there as one operand and something cheap as the others."""
    if place.is_callee:
        return
    if place.is_condition and base(place.type) not in ("bool", UNKNOWN):
        negated = Expression(f"not {place.here.within(e.NOT)}", "bool", 0.0, e.NOT, "not")
        yield Change(negated, "wrap", WRAP, 0.0)
    function = place.program.function(place.node)
    for production in place.context.productions(function):
        rest = ceiling - WRAP - _cost(place, production)
        if rest >= 0 and _is_worth_it(production, place):
            for at, operand in enumerate(production.operands):
                if _takes(operand, place.type):
                    yield from _wraps(place, production, at, rest)


def _wraps(place: Place, production: Production, at: int, ceiling: float) -> Iterator[Change]:
    """One production with what stands there as the operand ``at``."""
    parts = [place.here] * len(production.operands)
    fitting = place.takes(production.result) or place.is_condition
    others = [i for i in range(len(parts)) if i != at]
    for filled, price in _fillings(place, production, others, ceiling):
        if production.symmetric and at == 1 and filled[0].head == "constant":
            continue  # i + 1, not 1 + i
        for i, part in filled.items():
            parts[i] = part
        made = production.apply(tuple(parts))
        total = WRAP + _cost(place, production) + price
        yield Change(made, "wrap", total, 0.0 if fitting else MISFIT)


def _cost(place: Place, production: Production) -> float:
    """What a production costs in a place.

    Loops mostly run over ranges and enumerations, and conditions mostly lack a case.
    """
    if place.is_iterated and production.head in ITERATED:
        return max(production.cost - ITERATION, 0.5)
    if place.is_condition and production.head in JOINING:
        return max(production.cost - JOINED, 0.5)
    return production.cost


def _takes(operand: str, kind: str) -> bool:
    """Whether something of a type may be the operand."""
    if not kind:
        return operand in ("int", "bool")
    if operand == looped(kind):
        return True
    # True is an int, but nobody means it
    return fits(kind, operand) and (kind != "bool" or operand == "bool")


def _is_worth_it(production: Production, place: Place) -> bool:
    """Whether a production's result may stand there."""
    if not place.type:
        return production.result in ("int", "bool")
    if place.takes(production.result):
        return True
    if place.is_condition:
        return production.result == "bool"
    return len(production.operands) == 1


def _fillings(
    place: Place, production: Production, others: list[int], ceiling: float
) -> Iterator[Filling]:
    """What the other operands may be; for more than two of them nothing."""
    if not others:
        yield {}, 0.0
    elif len(others) == 1:
        yield from _one(place, production, others[0], ceiling)
    elif len(others) == 2:
        yield from _two(place, production, others, ceiling)


def _one(place: Place, production: Production, at: int, ceiling: float) -> Iterator[Filling]:
    wanted = production.operands[at]
    joins = production.result == "bool" and wanted == "bool"
    limit = min(OTHER_CONDITION if joins else SMALL_ATOM, ceiling)
    for expression in place.pool.over(place.visible, wanted):
        if expression.cost > limit:
            break
        # True is an int, but nobody means it
        exact = expression.type == wanted or not wanted
        if exact and not (joins and expression.head == "constant"):
            yield {at: expression}, expression.cost


def _two(
    place: Place, production: Production, others: list[int], ceiling: float
) -> Iterator[Filling]:
    first, second = others
    limit = min(SMALL_ATOM, ceiling)
    lefts, rights = (place.pool.atoms(place.visible, production.operands[i]) for i in others)
    for left in lefts:
        for right in rights:
            price = left.cost + right.cost
            if price < limit:
                yield {first: left, second: right}, price
