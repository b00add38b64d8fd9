"""Partly filled programs: the states between a program with holes and a whole one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.explored_hole import ExploredHole
from latent_ebm.coding.latent import Latent
from latent_ebm.coding.place import BUDGETS, WIDTH, Place
from latent_ebm.coding.soft_hole import SoftHole
from latent_ebm.puzzles.code.execution.outcomes import Outcome
from latent_ebm.puzzles.code.grammar.edits import Edit

FREE = 4.0
"""Nats that a listed filling may cost without more effort."""
SIZE = (11.0, 2500)
"""Up to which cost expressions are made, and how many of each type."""


@dataclass(eq=False)
class State:
    """A partly filled program.

    Attributes
    ----------
    filled
        The filling of each hole so far; None for open ones.
    spent
        Energy of the fillings.
    value
        F without what comes next.
    effort
        Of having come to the fillings, in nats: this steers, the energy ranks what passes.
    outcome
        What came of its tests.
    place
        The hole that is filled next, and what may fill it, once it is looked at.
    stage
        How many budgets are listed.
    visits
        How often its turn came.
    """

    filled: tuple[Edit | None, ...]
    spent: float
    value: float
    effort: float
    outcome: Outcome
    hole: int = -1
    choices: list[Edit] = field(default_factory=list)
    cost: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    features: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, WIDTH), np.int32))
    open: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    place: Place | None = None
    stage: int = 0
    soft: SoftHole | None = None
    explored: ExploredHole | None = None
    known: set[str] = field(default_factory=set)
    visits: int = 0

    @property
    def budget(self) -> float:
        """Up to which cost its fillings are listed."""
        return BUDGETS[self.stage - 1] if self.stage else 0.0

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left to fill its hole with."""
        left = self.explored is not None and self.explored.least < float("inf")
        return self.stage == len(BUDGETS) and not self.open.any() and not left

    def relist(self) -> None:
        """Begin the list of fillings again, with those that were to be explored."""
        self.explored, self.stage, self.choices = None, 0, []
        self.cost, self.open = np.zeros(0), np.zeros(0, np.bool_)
        self.features = np.zeros((0, WIDTH), np.int32)

    def widen(self, latent: Latent) -> None:
        """List what may fill the hole up to the next budget."""
        assert self.place is not None  # noqa: S101 - its hole is chosen
        more = self.place.listed(self.stage, self.explored is not None, latent)
        self.stage += 1
        self.choices = self.choices + more.edits
        self.cost = np.concatenate([self.cost, more.cost])
        self.features = np.concatenate([self.features, more.features])
        self.open = np.concatenate([self.open, np.ones(len(more.edits), np.bool_)])

    def coming(self, latent: Latent) -> float:
        """The effort of filling its hole further, in nats."""
        listed = min(self.least(latent), max(self.budget, 0.0))
        if self.stage == len(BUDGETS):
            listed = self.least(latent)
        if self.explored is None or self.explored.least == float("inf"):
            return max(listed - FREE, 0.0)
        return self.explored.effort

    def least(self, latent: Latent) -> float:
        """The least energy of a filling that is listed and was not run."""
        at = np.flatnonzero(self.open)
        if len(at) == 0:
            return float("inf")
        return float((self.cost[at] - latent.bonus(self.features[at])).min())


@dataclass(frozen=True, eq=False)
class Trial:
    """A filling of a state's hole: listed at a place, drawn as a derivation, or explored."""

    state: State
    edit: Edit
    effort: float
    at: int | None = None
    values: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False)
class Filled:
    """What filling found.

    Attributes
    ----------
    survivors
        Whole programs that pass every test, with the executions after which each was found.
    executions
        Programs run in all.
    holes
        How many there were.
    closest
        The whole program with the least tests energy among those that do not pass.
    interrupted
        Whether Ctrl-C ended the search; what was found until then is here.
    """

    survivors: list[tuple[Candidate, int]]
    executions: int
    holes: int
    closest: Candidate | None = None
    interrupted: bool = False
