"""What is to be made small: a user's objective in terms of a landscape."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from cpmpy.expressions.core import Expression
from numpy.typing import NDArray

from latent_ebm.modelling import sums
from latent_ebm.modelling.natural import Assignment
from latent_ebm.modelling.posting import linear_parts
from latent_ebm.modelling.problem import ModelProblem, assigned
from latent_ebm.modelling.sums import Part, Weights
from latent_ebm.modelling.variables import Term

__all__ = ["Goal", "Objective"]


@dataclass(frozen=True, eq=False)
class Goal:
    """An objective as the user wrote it, its sign (-1 to maximise), and its flat linear form."""

    expression: Expression
    sign: int
    linear: Expression


@dataclass(frozen=True, eq=False)
class Objective:
    """A sum of terms to be made small; a maximum is the least of its negation.

    Attributes
    ----------
    expression
        As the user wrote it.
    sign
        1 to minimise it, -1 to maximise it.
    parts, constant
        sign * expression as a sum of coefficient * term + constant.
    """

    expression: Expression
    sign: int
    parts: tuple[Part, ...]
    constant: int

    @classmethod
    def of(cls, problem: ModelProblem, goal: Goal) -> Objective:
        """A goal in terms of the problem's landscape."""
        parts = linear_parts(problem.translation.scope, goal.linear) or []
        return cls(
            goal.expression,
            goal.sign,
            tuple((goal.sign * c, t) for c, t in parts if isinstance(t, Term)),
            goal.sign * sum(c * t for c, t in parts if isinstance(t, int)),
        )

    def cost(self, solution: Assignment) -> int:
        """Sign * the value of the expression."""
        with assigned(solution):
            return self.sign * int(self.expression.value())

    @property
    def minimised(self) -> Expression:
        """Sign * the expression."""
        return self.sign * self.expression

    def least(self, problem: ModelProblem) -> int:
        """A bound on the cost: every variable at its best, regardless of the others."""
        assembly = problem.translation.scope.assembly
        return self.constant + Weights.gathered(assembly, self.parts).constant

    def weights(self, problem: ModelProblem) -> NDArray[np.int64]:
        """[N, K] the share of each entry in the cost, up to a constant."""
        table = np.zeros(problem.landscape.space.shape, np.int64)
        assembly = problem.translation.scope.assembly
        for v, weights in Weights.gathered(assembly, self.parts).of.items():
            table[v, : len(weights)] = weights
        return table

    def at_most(self, problem: ModelProblem, cost: int) -> ModelProblem:
        """The problem with the demand that the cost be no more than this."""
        demand = self.expression * self.sign <= cost
        translation = problem.translation.extended(
            demand,
            lambda assembly: sums.between(assembly, self.parts, None, cost - self.constant),
        )
        return replace(problem, translation=translation, constraints=(*problem.constraints, demand))
