"""The best candidate so far, whatever the strategy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.strategies import Strategy
from latent_ebm.coding.trials import Trials
from latent_ebm.puzzles.code.execution.outcomes import Outcome


@dataclass(eq=False)
class BestSoFar:
    """A strategy that remembers which of another's candidates had the least tests energy."""

    strategy: Strategy
    trials: Trials
    least: float
    candidate: Candidate | None = None

    @property
    def wants_all(self) -> bool:
        """As the other."""
        return self.strategy.wants_all

    def propose(self, count: int) -> list[Candidate]:
        """As the other."""
        return self.strategy.propose(count)

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Look for a better one, and hand on."""
        for candidate, outcome in zip(candidates, outcomes, strict=True):
            energy = self.trials.energy(outcome)
            if energy < self.least:
                self.least, self.candidate = energy, candidate
        self.strategy.learn(candidates, outcomes)
