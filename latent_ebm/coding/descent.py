"""Energy descent over complete programs: chains that edit in place, steered by what tests say.

A chain is a whole program. Its energy is

    F = prior + types + flow  -  gain * (tests energy it has taken off)  -  latent's logit

summed over the edits made so far. Every step takes the edits with the least F over all chains,
runs them, moves the latent by the outcomes (``latent.py``), and turns edits that took energy off
into chains of their own, looked at again with their own run-time types. Pairs of edits at two
places of one program are proposed at once, as two bugs may hide each other.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.latent import Latent
from latent_ebm.coding.strategies import CEILINGS
from latent_ebm.coding.trials import Trials
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.outcomes import Outcome
from latent_ebm.puzzles.code.grammar.edits import Edit, nested, within

WIDTH = 12
"""Features of an edit that are looked at."""


CHAINS_A_STEP = 2
"""Each takes a slow run of its program."""
NESTED = 400
"""Of so many edits those are paired that lie within each other."""


@dataclass(frozen=True)
class Schedule:
    """How the descent is steered; measured in docs/programs.md.

    Attributes
    ----------
    gain
        Nats for taking off all of the tests energy.
    second
        Nats for a second change at another place, before it has shown any gain.
    chain
        Nats for a change to a chain that another change made better.
    idle
        Nats for an edit that changed nothing in a pair.
    cheapest
        Nats of the cheapest edit: a change becomes a chain when edits of it would be next.
    chains
        At most so many chains.
    pairs
        At most so many edits are paired with each other.
    """

    gain: float = 6.0
    second: float = 3.5
    chain: float = 4.0
    idle: float = 1.0
    worse: float = 2.0
    cheapest: float = 1.0
    chains: int = 64
    pairs: int = 1500


@dataclass(eq=False)
class Chain:
    """A program, its edits so far, and the state of its neighbours.

    Attributes
    ----------
    workspace
        The program.
    made
        The edits that led to it.
    base
        F of the program itself.
    """

    workspace: Workspace
    made: tuple[Edit, ...]
    spent: float
    base: float
    edits: list[Edit] = field(default_factory=list)
    cost: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    features: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, WIDTH), np.int32))
    open: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    stage: int = 0

    @property
    def ceiling(self) -> float:
        """Up to which cost its edits are known."""
        return CEILINGS[self.stage - 1] if self.stage else 0.0

    def widen(self, latent: Latent) -> bool:
        """Take in the edits of the next ceiling; whether there was one."""
        if self.stage == len(CEILINGS):
            return False
        low, high = self.ceiling, CEILINGS[self.stage]
        self.stage += 1
        more = [edit for edit in self.workspace.edits(high) if low < edit.cost <= high]
        rows = np.full((len(more), WIDTH), -1, np.int32)
        for row, edit in zip(rows, more, strict=True):
            numbers = latent.numbers(edit.features[:WIDTH])
            row[: len(numbers)] = numbers
        self.edits += more
        self.cost = np.concatenate([self.cost, [edit.cost for edit in more]])
        self.features = np.concatenate([self.features, rows])
        self.open = np.concatenate([self.open, np.ones(len(more), np.bool_)])
        return True


@dataclass(frozen=True, slots=True)
class Move:
    """One proposal: edits of one chain."""

    chain: int
    edits: tuple[int, ...]


class Descent:
    """The strategy; see the module's docstring."""

    wants_all = True

    def __init__(
        self, workspace: Workspace, trials: Trials, schedule: Schedule | None = None
    ) -> None:
        self._trials = trials
        self._terms = workspace.context.terms
        self._schedule = schedule or Schedule()
        self._source = workspace.context.program.source
        self._start = trials.energy(workspace.outcome)
        self._latent = Latent(use_tests=self._terms.tests, use_surrogate=self._terms.surrogate)
        self._chains = [Chain(workspace, (), 0.0, 0.0)]
        self._chains[0].widen(self._latent)
        self._moves: dict[int, Move] = {}
        self._waiting: list[tuple[float, int]] = []  # (F, key) of what could become a chain
        self._origins: dict[int, Candidate] = {}
        self._solo: dict[int, float] = {}  # edit of the first chain -> what it is worth in a pair
        self._classes: dict[int, int] = {}
        self._paired = 0
        self._pairs: list[tuple[float, int, int]] = []
        self._next = 0
        self._level = 0.0  # F of what was proposed last

    def propose(self, count: int) -> list[Candidate]:
        """The candidates with the least F over all chains, pairs among them."""
        self._refill_pairs()
        ranked = self._ranked(2 * count)
        found: list[Candidate] = []
        while len(found) < count:
            single = ranked[-1][0] if ranked else np.inf
            pair = self._pairs[0][0] if self._pairs else np.inf
            if single == pair == np.inf:
                if not self._widen():
                    break
                ranked = self._ranked(2 * count)
                continue
            if single <= pair:
                if self._frontier() < single and self._widen():
                    ranked = self._ranked(2 * count)
                    continue
                _, number, at = ranked.pop()
                self._chains[number].open[at] = False
                move = Move(number, (at,))
            else:
                _, one, two = heapq.heappop(self._pairs)
                move = Move(0, (one, two))
            candidate = self._candidate(move)
            if candidate is not None:
                found.append(candidate)
                self._level = min(single, pair)
        return found

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Move the latent, value edits for pairs, and turn what helped into chains."""
        rows, energies, energy = [], [], self._trials.energy
        for candidate, outcome in zip(candidates, outcomes, strict=True):
            move = self._moves.pop(candidate.key)
            chain = self._chains[move.chain]
            if len(move.edits) > 1:
                self._offer_chain(chain, candidate, outcome)
                continue
            (at,) = move.edits
            change = (energy(outcome) - energy(chain.workspace.outcome)) / max(self._start, 1e-9)
            rows.append(chain.features[at])
            energies.append(change)
            if move.chain == 0:
                self._value(at, chain, change, outcome)
            self._offer_chain(chain, candidate, outcome)
        if rows:
            self._latent.learn(np.stack(rows), np.clip(np.array(energies), -1.0, 1.0))
        self._grow_chains()

    def _ranked(self, count: int) -> list[tuple[float, int, int]]:
        """The open edits of all chains with the least F, the best last."""
        best: list[tuple[float, int, int]] = []
        for number, chain in enumerate(self._chains):
            at = np.flatnonzero(chain.open)
            if len(at) == 0:
                continue
            values = chain.base + chain.cost[at] - self._latent.bonus(chain.features[at])
            if len(at) > count:
                few = np.argpartition(values, count)[:count]
                at, values = at[few], values[few]
            best += zip(values.tolist(), [number] * len(at), at.tolist(), strict=True)
        return sorted(best, reverse=True)[-count:]

    def _frontier(self) -> float:
        """The least F that an edit not yet made could have."""
        return min(
            (chain.base + chain.ceiling for chain in self._chains if chain.stage < len(CEILINGS)),
            default=np.inf,
        )

    def _widen(self) -> bool:
        behind = [chain for chain in self._chains if chain.stage < len(CEILINGS)]
        if not behind:
            return False
        return min(behind, key=lambda chain: chain.base + chain.ceiling).widen(self._latent)

    def _candidate(self, move: Move) -> Candidate | None:
        chain = self._chains[move.chain]
        edits = [chain.edits[at] for at in move.edits]
        if len(edits) == 2 and edits[0].overlaps(edits[1]):
            text = chain.workspace.with_edits([nested(edits[0], edits[1], self._source)])
        else:
            text = chain.workspace.with_edits(edits)
        if not self._trials.fresh(text, form=len(edits) == 1):
            return None
        self._next += 1
        self._moves[self._next] = move
        # several changes are less natural than one, whatever they take off
        further = len(chain.made) + len(edits) - 1
        energy = chain.spent + sum(edit.cost for edit in edits) + self._schedule.second * further
        return Candidate(text, energy, (*chain.made, *edits), self._next)

    def _value(self, at: int, chain: Chain, change: float, outcome: Outcome) -> None:
        """What an edit of the first chain is worth in a pair."""
        schedule = self._schedule
        value = chain.cost[at]
        if self._terms.tests:
            if outcome.behaviour == chain.workspace.outcome.behaviour:
                value += schedule.idle
            value += schedule.gain * change if change < 0 else schedule.worse * min(change, 1.0)
            # edits that behave alike do so in most pairs: the cheapest stands for them
            rank = self._classes.get(outcome.behaviour, 0)
            self._classes[outcome.behaviour] = rank + 1
            value += 0.5 * min(rank, 6)
        self._solo[at] = value

    def _refill_pairs(self) -> None:
        """Pair the edits that are worth most, again whenever a quarter more are known."""
        if len(self._solo) < max(64, 1.25 * self._paired):
            return
        self._paired = len(self._solo)
        chain = self._chains[0]
        best = heapq.nsmallest(self._schedule.pairs, self._solo.items(), key=lambda item: item[1])
        at = np.array([item[0] for item in best])
        value = np.array([item[1] for item in best])
        start = np.array([chain.edits[i].start for i in at])
        end = np.array([chain.edits[i].end for i in at])
        total = value[:, None] + value[None, :] + self._schedule.second
        apart = (end[:, None] < start[None, :]) | (end[None, :] < start[:, None])
        rows, columns = np.nonzero(np.triu(apart, 1))
        totals = total[rows, columns]
        keep = 20_000
        if len(totals) > keep:
            few = np.argpartition(totals, keep)[:keep]
            rows, columns, totals = rows[few], columns[few], totals[few]
        self._pairs = self._nested(best) + list(
            zip(totals.tolist(), at[rows].tolist(), at[columns].tolist(), strict=True)
        )
        heapq.heapify(self._pairs)

    def _nested(self, best: Sequence[tuple[int, float]]) -> list[tuple[float, int, int]]:
        """Pairs of an edit and one within what it keeps: the outer one comes first."""
        edits, found = self._chains[0].edits, []
        for outer, worth in best[:NESTED]:
            whole = edits[outer]
            for inner, more in best[:NESTED]:
                if inner != outer and within(edits[inner], whole, self._source):
                    found.append((worth + more + self._schedule.second, outer, inner))
        return found

    def _offer_chain(self, chain: Chain, candidate: Candidate, outcome: Outcome) -> None:
        """Remember a change that took energy off."""
        if not self._terms.tests or len(candidate.edits) >= 3 or outcome.passed:
            return
        energy = self._trials.energy
        saved = (energy(chain.workspace.outcome) - energy(outcome)) / max(self._start, 1e-9)
        if saved <= 0.02:
            return
        taken = (self._start - energy(outcome)) / max(self._start, 1e-9)
        value = candidate.energy + self._schedule.chain - self._schedule.gain * taken
        heapq.heappush(self._waiting, (value, candidate.key))
        self._origins[candidate.key] = candidate

    def _grow_chains(self) -> None:
        """Make chains of changes whose neighbours are due, as far as there is room."""
        trials, schedule = self._trials, self._schedule
        for _ in range(CHAINS_A_STEP):
            due = self._waiting and self._waiting[0][0] + schedule.cheapest <= self._level
            if not due or len(self._chains) > schedule.chains:
                return
            value, key = heapq.heappop(self._waiting)
            candidate = self._origins.pop(key)
            workspace = Workspace.of(
                candidate.text,
                trials.executor,
                self._terms,
                trials.probe,
                self._chains[0].workspace,
            )
            chain = Chain(workspace, candidate.edits, candidate.energy, value)
            chain.widen(self._latent)
            self._chains.append(chain)
