"""The derivations of one tree in the order of their scores, lazily and exactly.

Huang and Chiang 2005, "Better k-best parsing", algorithm 3: each slot keeps, for each set of
types that may be expected of it, its derivations found so far and a heap of the next ones, and
asks its children for their next ones only when it needs them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count, islice
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.trees import NOTHING, Trees

Scores = NDArray[np.floating]

LEAST = float(np.finfo(np.float64).min)
"""What -inf is replaced by where it would be taken from itself."""


class Derivation(NamedTuple):
    """S states, and the sum of their scores."""

    values: tuple[int, ...]
    score: float


def k_best(trees: Trees, scores: Scores, k: int | None = None) -> Iterator[Derivation]:
    """The derivations of log-potentials [S, P + 1] by falling score, at most k of them.

    Examples
    --------
    >>> from latent_ebm.kernels.trees import Grammar
    >>> accepts = np.array([[[False]], [[False]], [[True]]])
    >>> grammar = Grammar(("int",), np.array([0, 0, 0]), np.array([0, 0, 1]), accepts)
    >>> scores = np.array([[2.0, 0.0, 1.0, -np.inf], [0.0, 0.5, 0.0, 0.0]])
    >>> for derivation in k_best(Trees.complete(grammar, 1), scores, 3):
    ...     print(derivation)
    Derivation(values=(0, 3), score=2.0)
    Derivation(values=(2, 1), score=1.5)
    Derivation(values=(2, 0), score=1.0)
    """
    forest = _Forest(trees, np.asarray(scores, np.float64))
    return islice(forest.derivations(), k)


class _Forest:
    """The streams of the derivations of one tree, made when they are asked for."""

    def __init__(self, trees: Trees, scores: NDArray[np.float64]) -> None:
        self.trees, self.scores = trees, scores
        self.best, _ = pass_up(trees, scores, best=True)
        self.fits = [np.flatnonzero(row) for row in trees.takes]
        self.rows: dict[tuple[int, int], _Row] = {}
        self.signatures: dict[tuple[int, int], _Signature] = {}

    def derivations(self) -> Iterator[Derivation]:
        """All of them, best first."""
        root = _Row(self, 0, np.flatnonzero(self.trees.rooted))
        places = np.argsort(self.trees.preorder).tolist()
        in_order = itemgetter(*places) if len(places) > 1 else tuple
        for rank in count():
            found = root.get(rank)
            if found is None:
                return
            yield Derivation(in_order(found[1]), found[0])

    def row(self, slot: int, row: int) -> _Row:
        """What may stand below a slot of which the types of a row are expected."""
        key = slot, row
        if key not in self.rows:
            self.rows[key] = _Row(self, slot, self.fits[row])
        return self.rows[key]

    def signature(self, slot: int, number: int) -> _Signature:
        """What may stand below a slot with a production of a signature."""
        key = slot, number
        if key not in self.signatures:
            self.signatures[key] = _Signature(self, slot, number)
        return self.signatures[key]


Ranked = tuple[float, tuple[int, ...]]
"""The score of a subtree and its states in preorder."""


class _Row:
    """The derivations below a slot with any of some signatures, best first."""

    def __init__(self, forest: _Forest, slot: int, signatures: NDArray[np.intp]) -> None:
        self.forest, self.slot = forest, slot
        self.found: list[Ranked] = []
        best = forest.best[slot, signatures]
        self.heap = [
            (-score, number, 0)
            for score, number in zip(best.tolist(), signatures.tolist(), strict=True)
            if score > -np.inf
        ]
        heapq.heapify(self.heap)
        self.last: tuple[int, int] | None = None  # its successor is not in the heap yet

    def get(self, rank: int) -> Ranked | None:
        """The derivation of a rank, or None if there are not so many."""
        while len(self.found) <= rank:
            if self.last is not None:
                number, before = self.last
                self.last = None
                following = self.forest.signature(self.slot, number).get(before + 1)
                if following is not None:
                    heapq.heappush(self.heap, (-following[0], number, before + 1))
            if not self.heap:
                return None
            _, number, at = heapq.heappop(self.heap)
            found = self.forest.signature(self.slot, number).get(at)
            if found is None:
                raise AssertionError(f"signature {number} of slot {self.slot} lost a derivation")
            self.found.append(found)
            self.last = number, at
        return self.found[rank]


class _Signature:
    """The derivations below a slot with a production of one signature, best first.

    A vector of ranks says which production it is and which derivations its children have; the
    successors of a vector raise one rank, at its last place above 0 or after it, so that each
    vector is reached once.
    """

    def __init__(self, forest: _Forest, slot: int, number: int) -> None:
        trees = forest.trees
        members = trees.members.row(number)
        order = np.argsort(-forest.scores[slot, members], kind="stable")
        states = members[order]
        scores = forest.scores[slot, states].tolist()
        self.members = [
            (score, (state,)) for score, state in zip(scores, states.tolist(), strict=True)
        ]
        self.children = [
            forest.row(child, row)
            for child, row in zip(
                trees.links[slot].tolist(), trees.signatures[number, 1:].tolist(), strict=True
            )
            if child < len(trees.links)
        ]
        self.found: list[Ranked] = []
        self.heap: list[tuple[float, tuple[int, ...], tuple[int, ...]]] = []
        self._push((0,) * (1 + len(self.children)))

    def get(self, rank: int) -> Ranked | None:
        """The derivation of a rank, or None if there are not so many."""
        found, heap = self.found, self.heap
        while len(found) <= rank:
            if not heap:
                return None
            cost, ranks, values = heapq.heappop(heap)
            found.append((-cost, values))
            last = len(ranks) - 1
            while last > 0 and ranks[last] == 0:
                last -= 1
            for d in range(last, len(ranks)):
                self._push((*ranks[:d], ranks[d] + 1, *ranks[d + 1 :]))
        return found[rank]

    def _push(self, ranks: tuple[int, ...]) -> None:
        """Queue a vector of ranks, if there is such a derivation."""
        if ranks[0] >= len(self.members):
            return
        score, values = self.members[ranks[0]]
        for child, rank in zip(self.children, ranks[1:], strict=True):
            part = child.get(rank)
            if part is None:
                return
            score += part[0]
            values += part[1]
        if score > -np.inf:
            heapq.heappush(self.heap, (-score, ranks, values))


def pass_up(
    trees: Trees, scores: NDArray[np.float64], *, best: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each signature, and each row, has at a slot and below: [S, C] and [S + 1, R].

    The maximum, or the log of the sum of exp, of all that fits there; the last slot is the
    absent one. The numpy form of the pass in :mod:`latent_ebm.kernels.reference.trees`.
    """
    add_up = (np.maximum if best else np.logaddexp).reduceat
    terms = add_up(scores[:, trees.members.items], trees.members.offsets[:-1], axis=1)
    up = np.full((len(terms) + 1, len(trees.rows)), -np.inf)
    up[-1, NOTHING] = 0
    inside = np.full(trees.rows.shape[1], -np.inf)
    given, first = np.unique(trees.signatures[:, 0], return_index=True)
    for s in reversed(range(len(terms))):
        for child, rows in zip(trees.links[s], trees.signatures[:, 1:].T, strict=True):
            terms[s] += up[child, rows]
        inside[given] = add_up(terms[s], first)
        chosen = np.where(trees.rows, inside, -np.inf)
        up[s] = chosen.max(axis=1) if best else log_sum(chosen)
    return terms, up


def log_sum(terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of the sum of exp over the last axis; -inf of nothing."""
    top = terms.max(axis=-1, keepdims=True, initial=LEAST)
    with np.errstate(divide="ignore"):
        logs: NDArray[np.float64] = np.log(np.exp(terms - top).sum(axis=-1)) + top[..., 0]
    return logs
