"""Distinct random derivations of one tree: exact sampling without replacement.

Gumbel top-k over derivations (Kool et al. 2019, "Stochastic beams and where to find them"): give
each derivation d its log-probability and Gumbel noise, ``G_d = log p_d - log(-log u_d)``, and
take them by falling G. Nobody draws all of them: a set of derivations with total log-probability
phi has the maximum ``G ~ Gumbel(phi)``, and it is reached by a member drawn by its chance. So

* a set is popped from a queue by its maximum G, and one derivation is drawn from it, slot by
  slot from the root down, by the inside pass;
* at each slot the others remain as a set, whose maximum is a Gumbel cut off at G, and are queued:
  ``G' = phi' - log(exp(phi' - G) - log u)``.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterator
from itertools import count, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latent_ebm.decoders.derivations import Scores, log_sum, pass_up
from latent_ebm.kernels.trees import NOTHING, Trees


class Sample(NamedTuple):
    """S states, the log-probability of the derivation, and G, which falls along the samples.

    With the first G not taken as a threshold they give the importance weights of section 4.
    """

    values: tuple[int, ...]
    log_probability: float
    perturbed: float


def sample_without_replacement(
    trees: Trees, scores: Scores, rng: np.random.Generator, k: int | None = None
) -> Iterator[Sample]:
    """Distinct derivations of log-potentials [S, P + 1], at most k of them.

    The first is an exact sample; each further one is drawn by its chance among those left.

    Examples
    --------
    >>> from latent_ebm.kernels.trees import Grammar
    >>> leaves = Grammar(("t",), np.zeros(3, int), np.zeros(3, int), np.zeros((3, 1, 1), bool))
    >>> rng = np.random.default_rng(0)
    >>> drawn = sample_without_replacement(Trees.complete(leaves, 0), np.zeros((1, 4)), rng)
    >>> sorted(sample.values for sample in drawn)
    [(0,), (1,), (2,)]
    """
    return islice(_perturbed(trees, np.asarray(scores, np.float64), rng), k)


def _perturbed(
    trees: Trees, scores: NDArray[np.float64], rng: np.random.Generator
) -> Iterator[Sample]:
    """Best-first over partial trees by their perturbed log-probabilities."""
    """Pop the set with the greatest G, draw one of it, queue what it leaves at each slot.

    A set are the derivations that agree in the slots decided so far: it is queued with its
    maximum, the choices made (a linked list of slots and states, the last first), the places to
    decide, its log-probability, and the options of the next place that have left it.
    """
    options = _Options(trees, scores)
    if not options.of(0, None).states:
        return
    number = count()  # settles ties
    queue: list[_Set] = [(-rng.gumbel(), next(number), None, ((0, None),), 0.0, ())]
    while queue:
        cost, _, choices, agenda, log_probability, drawn = heapq.heappop(queue)
        while agenda:
            local = options.of(*agenda[0])
            index, left = local.draw(rng.random(), drawn)
            if left > -math.inf:
                location = log_probability + left
                cut = location - _log_add(location + cost, math.log(rng.standard_exponential()))
                others = (*drawn, index)
                heapq.heappush(
                    queue, (-cut, next(number), choices, agenda, log_probability, others)
                )
            slot, state = agenda[0][0], local.states[index]
            choices = slot, state, choices
            agenda = options.below(slot, state) + agenda[1:]
            log_probability += local.logs[index]
            drawn = ()
        values = [trees.grammar.empty] * len(trees.links)
        while choices is not None:
            slot, state, choices = choices
            values[slot] = state
        yield Sample(tuple(values), log_probability, -cost)


def _log_add(first: float, second: float) -> float:
    """Log of the sum of exp of two numbers."""
    high, low = max(first, second), min(first, second)
    return high + math.log1p(math.exp(low - high))


Place = tuple[int, int | None]
"""A slot, and the row of types that its parent expects; None at the root."""

_Set = tuple[float, int, Any, tuple[Place, ...], float, tuple[int, ...]]


class _Local:
    """The options at a place: states that may stand there and their log-chances."""

    def __init__(self, states: list[int], logs: NDArray[np.float64]) -> None:
        self.states, self.logs, self.array = states, logs.tolist(), logs
        self.sums = np.exp(logs).cumsum().tolist()

    def draw(self, uniform: float, drawn: tuple[int, ...]) -> tuple[int, float]:
        """An option that is not drawn yet, and the log-chance of all that are left then."""
        if not drawn:
            index = min(bisect_right(self.sums, uniform * self.sums[-1]), len(self.states) - 1)
            chance = math.exp(self.logs[index])
            if chance < 0.5:
                return index, math.log1p(-chance)
            return index, float(log_sum(np.delete(self.array, index)))
        left = self.array.copy()
        left[list(drawn)] = -np.inf
        sums = np.exp(left - left.max()).cumsum()
        index = min(int(sums.searchsorted(uniform * sums[-1], side="right")), len(left) - 1)
        left[index] = -np.inf
        return index, float(log_sum(left))


class _Options:
    """The options at each place of a tree, computed when a place is first reached."""

    def __init__(self, trees: Trees, scores: NDArray[np.float64]) -> None:
        self.trees, self.scores = trees, scores
        _, self.up = pass_up(trees, scores, best=False)
        self.known: dict[Place, _Local] = {}
        self.opened: dict[tuple[int, int], tuple[Place, ...]] = {}

    def of(self, slot: int, row: int | None) -> _Local:
        """The options of a slot of which a row of types is expected."""
        if (slot, row) not in self.known:
            self.known[slot, row] = self._local(slot, row)
        return self.known[slot, row]

    def _local(self, slot: int, row: int | None) -> _Local:
        trees = self.trees
        fits = trees.rooted if row is None else trees.takes[row]
        terms = np.where(fits[trees.signature_of], self.scores[slot], -np.inf)
        for child, rows in zip(trees.links[slot], trees.row_of.T, strict=True):
            terms += self.up[child, rows]
        states = np.flatnonzero(terms > -np.inf)
        return _Local(states.tolist(), terms[states] - log_sum(terms[states]))

    def below(self, slot: int, state: int) -> tuple[Place, ...]:
        """The places that a state opens: its children that are not EMPTY."""
        if (slot, state) not in self.opened:
            links, rows = self.trees.links[slot].tolist(), self.trees.row_of[state].tolist()
            places = zip(links, rows, strict=True)
            self.opened[slot, state] = tuple(place for place in places if place[1] != NOTHING)
        return self.opened[slot, state]
