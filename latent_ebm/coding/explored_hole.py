"""An expression hole of a partly filled program, explored by the values of its fillings."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from latent_ebm.coding.preparing import size_of
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.exploring.hosting import Found, Hole
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expectations import Types
from latent_ebm.puzzles.code.grammar.expressions import STEP, Expression
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
        Its symbols.
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
        cls,
        executor: Executor,
        context: Context,
        node: ast.expr,
        wanted: Types,
        number: int,
        holes: int,
    ) -> ExploredHole | None:
        """The exploration of a hole; None where its values cannot be had."""
        hole = ValuedHole.at(context, node, wanted)
        if hole is None:
            return None
        cases = executor.suite.cases
        order = tuple(sorted(range(len(cases)), key=lambda i: size_of(cases[i])))
        asked = Hole(
            context.program.text,
            number,
            holes,
            order,
            tuple(hole.rows()),
            hole.roots,
            round(HIGHEST / STEP),
            hole.loops,
        )
        return cls(hole, executor.explorations.begin(asked))

    def take(self, found: Found) -> list[tuple[int, Expression]]:
        """The expressions of a stretch, each with how many before it come to the same."""
        self.least = float("inf") if found.over else found.layer * STEP
        return [(rank, self.hole.expression(numbers)) for rank, numbers in found.survivors]


def explored(executor: Executor, holes: Sequence[ExploredHole]) -> list[Found | None]:
    """A stretch of each exploration, side by side; None for one that cannot go on."""
    return executor.explorations.advance([hole.number for hole in holes], WORK, EXPRESSIONS)
