"""A hole of a partly filled program, explored by the values of what fills it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

from latent_ebm.coding.preparing import size_of
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.exploring.exploration import HOPELESS
from latent_ebm.puzzles.code.execution.exploring.found import Found, Hole
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expressions import STEP
from latent_ebm.puzzles.code.grammar.valued import ValuedHole

__all__ = ["ExploredHole"]

WORK, EXPRESSIONS = 200, 4_000
"""Of one stretch; it ends with whichever comes first."""
EXPRESSIONS_OF_WORK = 20
"""So many expressions cost as much as a run."""
LONG = 5
"""Stretches grow twofold up to this one."""
HIGHEST = 20.0
"""Nats of the dearest expressions."""


@dataclass(eq=False)
class ExploredHole:
    """How far the exploration of a hole is.

    Attributes
    ----------
    hole
        Its symbols and variants.
    number
        Of the exploration in the executor.
    least
        Nats that what comes next costs at least; infinite when nothing is left.
    told
        Fillings found.
    work
        Runs, and expressions as parts of runs.
    """

    hole: ValuedHole
    number: int
    least: float = 0.0
    told: int = 0
    work: float = 0.0

    @classmethod
    def of(cls, executor: Executor, hole: ValuedHole, text: str, holes: int) -> ExploredHole:
        """The exploration of a hole in a program.

        Parameters
        ----------
        text
            The program, of the shape of that which the hole was looked at in.
        holes
            How many holes there are in all.
        """
        cases = executor.suite.cases
        asked = Hole(
            tuple(hole.uses(text)),
            hole.site.number,
            holes,
            tuple(sorted(range(len(cases)), key=lambda i: size_of(cases[i]))),
            hole.rows,
            round(HIGHEST / STEP),
            hole.loops,
        )
        return cls(hole, executor.explorations.begin(asked), hole.cheapest)

    def ask(self, executor: Executor, visits: int) -> None:
        """Let it go on for a stretch, without waiting.

        The first stretches are short: most states are not worth more.
        """
        share = 2.0 ** min(visits - LONG, 0)
        executor.explorations.ask(self.number, int(WORK * share), int(EXPRESSIONS * share))

    def take(self, found: Found, alike: float) -> list[tuple[Edit, float]]:
        """The fillings of a stretch, each with the effort of having come to it, in nats.

        That is log(1 + how many came before it) and what its place adds to its cost: how usual it
        is there, its types, its flow; and ``alike`` * log(1 + how many before it come to the same).
        Infinite for what cannot pass, but comes closest.
        """
        cheapest = self.hole.cheapest
        self.least = float("inf") if found.over else cheapest + found.layer * STEP
        self.work += found.runs + found.expressions / EXPRESSIONS_OF_WORK
        edits = []
        for variant, rank, numbers in found.survivors:
            edit = self.hole.filling(variant, numbers)
            here = edit.cost - self.hole.cost(variant, numbers)
            effort = max(log(2 + self.told) + here, 0.0) + alike * log(1 + rank)
            edits.append((edit, inf if rank == HOPELESS else effort))
            self.told += rank != HOPELESS
        return edits

    @property
    def effort(self) -> float:
        """Nats for going on: log(1 + what was done)."""
        return log(1 + self.work)
