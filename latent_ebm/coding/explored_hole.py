"""A hole of a partly filled program, explored by the values of what fills it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from latent_ebm.coding.preparing import size_of
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.exploring.hosting import Found, Hole
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expectations import Types
from latent_ebm.puzzles.code.grammar.expressions import STEP
from latent_ebm.puzzles.code.grammar.sites import Site
from latent_ebm.puzzles.code.grammar.valued import ValuedHole

__all__ = ["ExploredHole", "explored"]

WORK, EXPRESSIONS = 200, 20_000
"""Of one stretch; it ends with whichever comes first."""
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
    """

    hole: ValuedHole
    number: int
    least: float = 0.0

    @classmethod
    def of(
        cls, executor: Executor, context: Context, site: Site, results: Types, holes: int
    ) -> ExploredHole | None:
        """The exploration of a hole; None where its values cannot be had."""
        hole = ValuedHole.at(context, site, results)
        if hole is None:
            return None
        cases = executor.suite.cases
        asked = Hole(
            tuple((variant.text, variant.roots) for variant in hole.variants),
            site.number,
            holes,
            tuple(sorted(range(len(cases)), key=lambda i: size_of(cases[i]))),
            tuple(hole.rows()),
            round(HIGHEST / STEP),
            hole.loops,
        )
        return cls(hole, executor.explorations.begin(asked), hole.cheapest)

    def take(self, found: Found, alike: float) -> list[Edit]:
        """The fillings of a stretch; each costs so much for those before it that do the same."""
        cheapest = self.hole.cheapest
        self.least = float("inf") if found.over else cheapest + found.layer * STEP
        edits = []
        for variant, rank, numbers in found.survivors:
            edit = self.hole.filling(variant, numbers)
            edits.append(replace(edit, prior=edit.prior + alike * rank))
        return edits


def explored(executor: Executor, holes: Sequence[ExploredHole]) -> list[Found | None]:
    """A stretch of each exploration, side by side; None for one that cannot go on."""
    return executor.explorations.advance([hole.number for hole in holes], WORK, EXPRESSIONS)
