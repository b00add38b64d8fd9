"""Greedy steps: enumerate single edits, and again from the one that made most better."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.strategies import Enumeration
from latent_ebm.coding.trials import Trials
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.outcomes import Outcome
from latent_ebm.puzzles.code.grammar.edits import Edit

TURN = 1000
"""Candidates from one program before the next has its turn."""


@dataclass(eq=False)
class Stage:
    """A program that is enumerated from, and the edits that led to it."""

    made: tuple[Edit, ...]
    spent: float
    energy: float
    enumeration: Enumeration
    done: bool = False


@dataclass(order=True)
class Better:
    """A candidate that took tests energy off."""

    energy: float
    cost: float
    number: int
    candidate: Candidate = field(compare=False)


class Greedy:
    """Enumeration in steps, the baseline for bugs in two places.

    Single edits of the given program in order, ``TURN`` of them; then those of the program that
    the best of these led to, the one with the least tests energy; and so on in turns.
    """

    wants_all = True

    def __init__(self, workspace: Workspace, trials: Trials) -> None:
        self._first, self._trials = workspace, trials
        start = trials.energy(workspace.outcome)
        self._stages = [Stage((), 0.0, start, Enumeration(workspace, trials))]
        self._current, self._turn = self._stages[0], 0
        self._better: list[Better] = []
        self._number = count()
        self._owner: dict[int, Stage] = {}

    def propose(self, count: int) -> list[Candidate]:
        """The next edits of the program whose turn it is."""
        while True:
            spent = self._turn >= TURN or self._current.done
            if spent and not self._step():
                return []
            stage = self._current
            proposed = stage.enumeration.propose(count)
            stage.done = len(proposed) < count
            self._turn += len(proposed)
            if proposed:
                return [self._from(stage, candidate) for candidate in proposed]

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Remember what made the tests energy less."""
        for candidate, outcome in zip(candidates, outcomes, strict=True):
            stage = self._owner.pop(candidate.key)
            energy = self._trials.energy(outcome)
            if energy < stage.energy - 1e-9 and not outcome.passed:
                better = Better(energy, candidate.energy, next(self._number), candidate)
                heapq.heappush(self._better, better)

    def _from(self, stage: Stage, candidate: Candidate) -> Candidate:
        key = next(self._number)
        self._owner[key] = stage
        edits = (*stage.made, *candidate.edits)
        return Candidate(candidate.text, stage.spent + candidate.energy, edits, key)

    def _step(self) -> bool:
        """Give the next program its turn: the best that was found, or one not exhausted."""
        self._turn = 0
        if self._better:
            best = heapq.heappop(self._better)
            trials, first = self._trials, self._first
            workspace = Workspace.of(
                best.candidate.text, trials.executor, first.context.terms, trials.probe, first
            )
            self._current = Stage(
                best.candidate.edits,
                best.candidate.energy,
                best.energy,
                Enumeration(workspace, trials),
            )
            self._stages.append(self._current)
            return True
        left = [stage for stage in self._stages if not stage.done]
        if not left:
            return False
        self._current = left[0]
        return True
