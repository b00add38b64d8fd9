"""What a strategy is to the loop, and the baselines: enumeration, random sampling, greedy steps."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from math import exp
from typing import Protocol

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.trials import Trials
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.outcomes import Outcome
from latent_ebm.puzzles.code.grammar.edits import Edit

CEILINGS = (4.5, 6.0, 7.5, 9.0, 10.5, 12.0)
"""Edits are made up to these costs, one after the other."""


class Strategy(Protocol):
    """Proposes candidates and learns from what came of them."""

    @property
    def wants_all(self) -> bool:
        """Whether it looks at all cases of a candidate, or at the first that fails."""
        ...

    def propose(self, count: int) -> list[Candidate]:
        """Up to ``count`` candidates that were not proposed before; none if there are no more."""
        ...

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Take in the outcomes of what was proposed."""
        ...


def in_order(workspace: Workspace, ceilings: Sequence[float] = CEILINGS) -> Iterator[Edit]:
    """The edits of a program, cheapest first."""
    low = 0.0
    for high in ceilings:
        yield from (edit for edit in workspace.edits(high) if low < edit.cost <= high)
        low = high


class Enumeration:
    """One edit after the other, cheapest first: cost of the edit, types, suspicion of the line."""

    wants_all = False

    def __init__(self, workspace: Workspace, trials: Trials) -> None:
        self._workspace, self._trials = workspace, trials
        self._edits = in_order(workspace)

    def propose(self, count: int) -> list[Candidate]:
        """The next edits in order."""
        found: list[Candidate] = []
        for edit in self._edits:
            text = self._workspace.with_edits([edit])
            if self._trials.fresh(text):
                found.append(Candidate(text, edit.cost, (edit,)))
                if len(found) == count:
                    break
        return found

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Nothing: the order is fixed."""


class Sampling:
    """One or two edits drawn with probability proportional to exp(-cost)."""

    wants_all = False

    def __init__(self, workspace: Workspace, trials: Trials, seed: int) -> None:
        self._workspace, self._trials = workspace, trials
        self._random = random.Random(seed)
        self._edits = workspace.edits(9.0)
        self._weights = [exp(-edit.cost) for edit in self._edits]

    def propose(self, count: int) -> list[Candidate]:
        """Fresh draws."""
        found: list[Candidate] = []
        for _ in range(50 * count):
            if len(found) == count or not self._edits:
                break
            size = 1 if self._random.random() < 0.7 else 2
            chosen = self._random.choices(self._edits, self._weights, k=size)
            if size == 2 and chosen[0].overlaps(chosen[1]):
                continue
            text = self._workspace.with_edits(chosen)
            if self._trials.fresh(text):
                energy = sum(edit.cost for edit in chosen)
                found.append(Candidate(text, energy, tuple(chosen)))
        return found

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Nothing: draws are independent."""
