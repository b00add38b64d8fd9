"""What descent with learned factors works on: literals, and what forbids them together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.multipliers import Clashes
from latent_ebm.kernels.reference.random import uniform
from latent_ebm.kernels.runs import Runs
from latent_ebm.kernels.structure import Csr, Int32

TRUE, FALSE = 0, 1
"""The literals of Boolean 0, which holds."""

NOISE = 1e-3
"""What activities begin with at most; a contradiction adds 1."""

LATE, LONG = 1 / 32, 1 / 4096
"""Rates of the averages of levels spanned, of late and usual."""

UNKNOWN = 2
"""In place of a phase where the deepest dive has none."""

PATIENCE = 10
"""Dives between two restarts at least."""


@dataclass(frozen=True, eq=False)
class Propositions:
    """The live entries of one problem as literals, and the factors over them.

    Boolean v has the literals 2 v (it holds) and 2 v + 1 (it does not); Boolean 0 holds, so that
    what a mask has settled needs no case of its own.

    Attributes
    ----------
    literal
        [N, K] int32 of each entry; FALSE where the mask forbids it. Of a variable with two live
        states one is the negation of the other.
    count
        V, the number of Booleans.
    groups
        Literals of which at most one may hold, at least two to a row.
    clauses
        Literals of which some must hold, at least three to a row.
    certain
        Literals that hold; FALSE is among them where a clause has no literal left.
    """

    literal: Int32
    count: int
    groups: Csr
    clauses: Csr
    certain: Int32

    @classmethod
    def of(cls, clashes: Clashes, mask: NDArray[np.bool_]) -> Propositions:
        """The factors on what is live in mask [N, K].

        Examples
        --------
        >>> from latent_ebm.puzzles.latin import latin_landscape
        >>> clashes = Clashes.of(4, latin_landscape(2).factors)
        >>> mask = np.array([[1, 1], [1, 1], [1, 1], [0, 1]], bool)
        >>> Propositions.of(clashes, mask).literal.tolist()
        [[2, 3], [4, 5], [6, 7], [1, 0]]
        """
        literal, count = _literals(mask)
        flat = literal.ravel()
        own = Csr.rectangle(literal[mask.sum(axis=1) != 2])
        crowds = Csr(clashes.groups.offsets, flat[clashes.groups.items])
        negated = (clashes.signs < 0).astype(np.int32)
        needs = Csr(clashes.clauses.offsets, flat[clashes.clauses.items] ^ negated)
        clauses = _without(Csr.joined([own, needs]), FALSE)
        true = np.bincount(clauses.row_of, clauses.items == TRUE, clauses.count) > 0
        widths = np.where(true, 0, clauses.widths)
        pairs = clauses.rows(np.flatnonzero(widths == 2))
        groups = Csr.joined(
            [
                _without(Csr.joined([own, crowds]), FALSE),
                Csr(pairs.offsets, pairs.items ^ 1),
                _without(Csr.rectangle(_unlike(clashes, literal)), FALSE),
            ]
        )
        certain = [
            np.array([TRUE], np.int32),
            clauses.rows(np.flatnonzero(widths == 1)).items,
            np.full(int((~true & (widths == 0)).any()), FALSE, np.int32),
        ]
        return cls(
            literal,
            count,
            groups.rows(np.flatnonzero(groups.widths > 1)),
            clauses.rows(np.flatnonzero(widths > 2)),
            np.unique(np.concatenate(certain)),
        )


def _literals(mask: NDArray[np.bool_]) -> tuple[Int32, int]:
    """[N, K] the literal of each entry, and how many Booleans they are of."""
    live = mask.sum(axis=1, keepdims=True)
    first = mask & (np.cumsum(mask, axis=1) == 1)
    owns = mask & ((live > 2) | (first & (live == 2)))
    number = np.cumsum(owns.ravel()).reshape(mask.shape)
    partner = mask & ~owns & (live == 2)
    literal = np.where(owns | partner, 2 * number + partner, FALSE)
    literal[mask & (live == 1)] = TRUE
    return literal.astype(np.int32), int(owns.sum()) + 1


def _unlike(clashes: Clashes, literal: Int32) -> Int32:
    """[pairs, 2] the literals that the not-equal relations forbid together."""
    k = literal.shape[1]
    state = np.arange(k)
    i, j, offset = clashes.relations.T[:, :, None]
    inside = (state - offset >= 0) & (state - offset < k)
    pairs = np.stack([literal[i, state], literal[j, (state - offset) % k]], axis=-1)
    return pairs[inside]


def _without(rows: Csr, literal: int) -> Csr:
    """The rows without one literal."""
    kept = rows.items != literal
    offsets = np.concatenate([[0], np.cumsum(kept)])[rows.offsets]
    return Csr(offsets.astype(np.int32), rows.items[kept])


class End(IntEnum):
    """How a chain's dives stand."""

    OPEN = 0
    SOLVED = 1
    CONTRADICTORY = 2


@dataclass(frozen=True)
class Learning:
    """The constants of one chain; see ``reference/nogoods.py``.

    Attributes
    ----------
    activity_decay, weight_decay
        What the others keep, relative to what takes part, at each contradiction.
    unit
        A restart after ``unit`` times the next number of Luby's sequence contradictions; 0: when
        what was learned of late spans more levels than ``margin`` times the average.
    margin
        See ``unit``.
    protected
        What spans at most so many levels is never forgotten.
    forget_first, forget_later
        Contradictions before the first forgetting, and by how many more each later one waits.
    share
        The part of the learned factors that goes.
    follow
        Whether decisions follow the deepest dive of late, where it went, rather than the phases.
    renew
        Dives, times 1, 2, 3 ..., between renewals of the phases: in turn from the start, the
        deepest dive, none chosen, and the deepest dive; it is then forgotten. 0: never.
    """

    activity_decay: float = 0.95
    weight_decay: float = 0.999
    unit: int = 0
    margin: float = 1.1
    protected: int = 2
    forget_first: int = 2_000
    forget_later: int = 300
    share: float = 0.5
    follow: bool = False
    renew: int = 0


@dataclass(frozen=True, eq=False)
class NogoodsProblem:
    """Clashes, and the constants of each chain.

    ``most_learned`` factors with ``most_literals`` literals in all are kept; where there is no
    room for more, some are forgotten out of turn.
    """

    clashes: Clashes
    chains: tuple[Learning, ...]
    most_learned: int = 1 << 15
    most_literals: int = 1 << 20


@dataclass(eq=False)
class NogoodsState(Runs):
    """B runs of C chains, changed in place; a step is a dive.

    Attributes
    ----------
    contradictory
        [B] whether the given and the learned factors were found to contradict each other.
    start
        [B, N] the candidate whose literals are tried first.
    chains
        For each element its chains, as the back end keeps them; none before the first step.
        Each has the arrays ``activity`` and ``phase`` and the method ``learned``.
    seed
        Of the order that the Booleans begin in.
    """

    contradictory: NDArray[np.bool_]
    start: NDArray[np.int16]
    chains: list[list[Any]]
    seed: int

    def settle(self, b: int, outcomes: list[tuple[End, int, int]]) -> None:
        """Take over (end, dives, restarts) of each chain: the first to end ends the element."""
        ended = [(dives, c) for c, (end, dives, _) in enumerate(outcomes) if end != End.OPEN]
        winner = min(ended)[1] if ended else 0
        end, dives, restarts = outcomes[winner]
        self.steps[b] += dives
        self.restarts[b] = restarts
        self.open[b] = end == End.OPEN
        self.finished[b] = end == End.SOLVED
        self.contradictory[b] = end == End.CONTRADICTORY
        self.values[b] = self.chains[b][winner].choices()

    def propositions(self, problem: NogoodsProblem, b: int) -> Propositions:
        """Of element b."""
        clashes = problem.clashes
        mask = self.live[b].reshape(clashes.num_variables, clashes.num_values) > 0
        return Propositions.of(clashes, mask)


def initial_phase(propositions: Propositions, start: NDArray[np.int16]) -> NDArray[np.uint8]:
    """[V] which literal of each Boolean a dive tries first: 0 if it is chosen at ``start`` [N].

    A candidate at which no Boolean is decided says nothing.
    """
    literal = propositions.literal
    chosen = np.take_along_axis(literal, start[:, None].astype(np.int64), axis=1)[:, 0]
    phase = np.ones(propositions.count, np.uint8)
    phase[chosen >> 1] = chosen & 1
    phase[0] = 0
    return phase


def initial_activity(propositions: Propositions, seed: int, chain: int) -> NDArray[np.float64]:
    """[V] a little noise, by which chains and seeds differ."""
    key = (seed + 0x9E3779B9 * chain) & 0xFFFFFFFF
    return uniform(key, 1, propositions.count).astype(np.float64) * NOISE


def decode(
    propositions: Propositions, value: NDArray[np.integer], phase: NDArray[np.uint8]
) -> NDArray[np.int16]:
    """[N] the first state of each variable whose literal holds, or else may, or else is live.

    ``value`` [2 V] is 1 for literals that hold, -1 for those that do not; what is open counts by
    its phase.
    """
    literal = propositions.literal
    wished = (literal & 1) == phase[literal >> 1]
    merit = np.where(literal == FALSE, -9, 4 * value[literal] + wished)
    return merit.argmax(axis=1).astype(np.int16)
