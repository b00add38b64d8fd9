"""The best candidate so far, whatever the strategy, and batches that end in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.strategies import Strategy
from latent_ebm.coding.trials import Deadline, Trials
from latent_ebm.puzzles.code.execution.outcomes import Outcome

SHARE = 0.7
"""Of the time that is left, for the next batch."""


@dataclass(eq=False)
class BestSoFar:
    """A strategy that remembers which of another's candidates had the least tests energy.

    Batches get smaller where the one before took so long that the next would miss the deadline.
    """

    strategy: Strategy
    trials: Trials
    deadline: Deadline
    least: float
    candidate: Candidate | None = None
    _left: float = field(default=float("inf"), repr=False)
    _proposed: int = field(default=0, repr=False)

    @property
    def wants_all(self) -> bool:
        """As the other."""
        return self.strategy.wants_all

    def propose(self, count: int) -> list[Candidate]:
        """As the other, as many as there is time for."""
        left = self.deadline.left
        if self._proposed:
            each = max(self._left - left, 1e-6) / self._proposed
            count = min(count, max(int(SHARE * left / each), 1))
        found = self.strategy.propose(count)
        self._left, self._proposed = left, len(found)
        return found

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Look for a better one, and hand on."""
        for candidate, outcome in zip(candidates, outcomes, strict=True):
            energy = self.trials.energy(outcome)
            if energy < self.least:
                self.least, self.candidate = energy, candidate
        self.strategy.learn(candidates, outcomes)
