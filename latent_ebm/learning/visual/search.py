r"""The most probable reading that makes sense: best first, and exact.

A reading r gives each cell one of R labels; encoder energies c_i(r_i) = -log p_i(r_i) add up.
Wanted is

    argmin_r  sum_i c_i(r_i)    over all r that the rules accept,

where "accept" is known only from asking. An answer no comes with a *box*: for every cell a set of
labels, so that every reading within the box is refused as well (the clues that contradict each
other, whatever the rest; two solutions, and all that fits both). Readings are held as boxes too,
and a refused one is cut out of its box by Lawler's partition (1972): for the cells i in turn

    A_i \ R_i,    with A_j & R_j before it and A_j after it,

disjoint boxes whose cheapest readings are known at once. The first reading that is accepted is
the most probable one: every other is in a box with a bound above it, or refused.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

Reading = NDArray[np.int64]
Box = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Refused:
    """A box [N, R] of labels, around the reading asked about, within which all are refused."""

    box: Box


@dataclass(frozen=True, eq=False)
class Accepted:
    """The values [N] that a reading leads to."""

    values: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Found:
    """The outcome of a search.

    Attributes
    ----------
    reading
        [N] the most probable accepted reading; None if the limit came first, or there is none.
    values
        [N] what it leads to, or None.
    cost
        Its energy, -log p, or that of the cheapest reading that is still open.
    confidence
        A lower bound on the probability of the reading among all that would be accepted: p of
        the reading, over the mass that has not been refused.
    asked
        Readings asked about.
    """

    reading: Reading | None
    values: NDArray[np.int16] | None
    cost: float
    confidence: float
    asked: int


def most_probable(
    log_probabilities: NDArray[np.floating],
    judge: Callable[[Reading], Accepted | Refused],
    *,
    limit: int = 2_000,
) -> Found:
    """Search for the most probable reading that ``judge`` accepts.

    Parameters
    ----------
    log_probabilities
        [N, R], of each cell's labels; -inf is never read.
    judge
        Accepts a reading [N], or refuses it together with a box.
    limit
        How many readings may be asked about.

    Raises
    ------
    ValueError
        If a refused box does not hold the reading that was asked about.

    Examples
    --------
    Two cells that must differ; on their own, both look like label 0.

    >>> logs = np.log([[0.9, 0.1], [0.6, 0.4]])
    >>> def differ(reading):
    ...     differs = reading[0] != reading[1]
    ...     return Accepted(reading) if differs else Refused(np.eye(2)[reading] > 0)
    >>> found = most_probable(logs, differ)
    >>> found.reading.tolist(), found.asked, round(found.confidence, 2)
    ([0, 1], 2, 0.78)
    """
    costs = -np.asarray(log_probabilities, np.float64)
    chance = np.exp(-costs)
    total = np.prod(chance.sum(axis=1))
    ticket = count()
    start = _cheapest(costs, np.isfinite(costs))
    heap = [(start[0], next(ticket), np.isfinite(costs))] if start else []
    refused, asked = 0.0, 0
    while heap and asked < limit:
        bound, _, allowed = heapq.heappop(heap)
        cheapest = _cheapest(costs, allowed)
        if cheapest is None:
            raise AssertionError("an empty box was queued; please report this as a bug")
        reading = cheapest[1]
        verdict = judge(reading)
        asked += 1
        if isinstance(verdict, Accepted):
            mass = max(total - refused, np.exp(-bound))
            return Found(reading, verdict.values, bound, float(np.exp(-bound) / mass), asked)
        cut = allowed & verdict.box
        if not cut[np.arange(len(reading)), reading].all():
            raise ValueError("a refused box must hold the reading that was asked about")
        refused += float(np.prod(np.where(cut, chance, 0).sum(axis=1)))
        for child in _outside(costs, allowed, cut, reading, bound):
            heapq.heappush(heap, (child[0], next(ticket), child[1]))
    return Found(None, None, heap[0][0] if heap else np.inf, 0.0, asked)


def _cheapest(costs: NDArray[np.float64], allowed: Box) -> tuple[float, Reading] | None:
    """The cost and the labels of a box's cheapest reading; None if it is empty."""
    if not allowed.any(axis=1).all():
        return None
    open_costs = np.where(allowed, costs, np.inf)
    reading = open_costs.argmin(axis=1)
    return float(open_costs.min(axis=1).sum()), reading


def _outside(
    costs: NDArray[np.float64], allowed: Box, cut: Box, reading: Reading, bound: float
) -> list[tuple[float, Box]]:
    """The parts of a box outside of another, disjoint, with their bounds; doubtful cells first."""
    left = allowed & ~cut
    dearer = np.where(left, costs, np.inf).min(axis=1) - costs[np.arange(len(reading)), reading]
    order = np.argsort(dearer, kind="stable")
    parts, narrowed = [], allowed
    for cell in order[np.isfinite(dearer[order])]:
        part = narrowed.copy()
        part[cell] = left[cell]
        parts.append((bound + float(dearer[cell]), part))
        narrowed = narrowed.copy()
        narrowed[cell] = cut[cell]
    return parts
