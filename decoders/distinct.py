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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from latent_ebm.decoders.derivations import Scores, pass_up
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
    """Pop the set with the greatest G, draw one of it, queue what it leaves at each slot."""
    options = _Options(trees, scores)
    if not options.of(0, None).states:
        return
    empty = [trees.grammar.empty] * len(trees.links)
    number = count()  # settles ties
    queue = [(-rng.gumbel(), next(number), _Rest(empty, ((0, None),), 0.0, ()))]
    while queue:
        cost, _, rest = heapq.heappop(queue)
        while rest.agenda:
            slot, row = rest.agenda[0]
            local = options.of(slot, row)
            index, left = local.draw(rng.random(), rest.drawn)
            if left > -math.inf:
                location = rest.log_probability + left
                noise = math.log(rng.standard_exponential())
                cut = location - float(np.logaddexp(location + cost, noise))
                others = rest._replace(drawn=(*rest.drawn, index))
                heapq.heappush(queue, (-cut, next(number), others))
            values = rest.values.copy()
            values[slot] = local.states[index]
            agenda = local.children[index] + rest.agenda[1:]
            rest = _Rest(values, agenda, rest.log_probability + local.logs[index], ())
        yield Sample(tuple(rest.values), rest.log_probability, -cost)


Place = tuple[int, int | None]
"""A slot, and the row of types that its parent expects; None at the root."""


class _Rest(NamedTuple):
    """A set of derivations that agree in the slots decided so far.

    Attributes
    ----------
    values
        S states, EMPTY where undecided.
    agenda
        The places to decide, the next one first.
    log_probability
        That of all derivations that agree so.
    drawn
        The options of the next place that have left the set.
    """

    values: list[int]
    agenda: tuple[Place, ...]
    log_probability: float
    drawn: tuple[int, ...]


class _Local:
    """The options at a place: states, log-chances, and the places that each opens."""

    def __init__(
        self, states: list[int], logs: NDArray[np.float64], children: list[tuple[Place, ...]]
    ) -> None:
        self.states, self.logs, self.children = states, logs.tolist(), children
        self.array = logs
        self.sums = np.exp(logs).cumsum().tolist()

    def draw(self, uniform: float, drawn: tuple[int, ...]) -> tuple[int, float]:
        """An option that is not drawn yet, and the log-chance of all that are left then."""
        if not drawn:
            index = min(bisect_right(self.sums, uniform * self.sums[-1]), len(self.states) - 1)
            chance = math.exp(self.logs[index])
            if chance < 0.5:
                return index, math.log1p(-chance)
            return index, self._log_sum(np.delete(self.array, index))
        left = self.array.copy()
        left[list(drawn)] = -np.inf
        sums = np.exp(left - left.max()).cumsum()
        index = min(int(sums.searchsorted(uniform * sums[-1], side="right")), len(left) - 1)
        left[index] = -np.inf
        return index, self._log_sum(left)

    def _log_sum(self, logs: NDArray[np.float64]) -> float:
        return float(np.logaddexp.reduce(logs, initial=-np.inf))


class _Options:
    """The options at each place of a tree, computed when a place is first reached."""

    def __init__(self, trees: Trees, scores: NDArray[np.float64]) -> None:
        self.trees, self.scores = trees, scores
        _, self.up = pass_up(trees, scores, best=False)
        self.known: dict[Place, _Local] = {}

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
        logs = terms[states] - np.logaddexp.reduce(terms, initial=-np.inf)
        links = trees.links[slot].tolist()
        opened = [
            tuple(place for place in zip(links, rows, strict=True) if place[1] != NOTHING)
            for rows in trees.row_of[states].tolist()
        ]
        return _Local(states.tolist(), logs, opened)
