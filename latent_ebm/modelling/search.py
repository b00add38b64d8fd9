"""Find one solution, all solutions, or ever better ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import cpmpy as cp
import numpy as np
from cpmpy.expressions.core import Expression
from cpmpy.expressions.variables import _NumVarImpl
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.exact import cpsat
from latent_ebm.exact.outcome import Clock, Outcome, Verdict
from latent_ebm.improving import improve
from latent_ebm.kernels.moves import HARD, PricedSums, inexpressible
from latent_ebm.modelling import sums
from latent_ebm.modelling.assembly import Assembly
from latent_ebm.modelling.posting import linear_parts
from latent_ebm.modelling.problem import ModelProblem, assigned
from latent_ebm.modelling.sums import Part, Weights
from latent_ebm.modelling.variables import Term
from latent_ebm.moving import Allowance, move_downhill
from latent_ebm.relaxation import LARGEST_SUM
from latent_ebm.solution import Solution, Status
from latent_ebm.solving import Settings, solve_block

Assignment = Mapping[_NumVarImpl, int | bool]

EXACT = ("hybrid",)
"""Strategies that can prove that there is no solution."""

IMPOSSIBLE = (Status.INFEASIBLE, Status.INVALID)

_STATUS = {
    Verdict.SATISFIABLE: Status.SOLVED,
    Verdict.UNSATISFIABLE: Status.INFEASIBLE,
    Verdict.UNKNOWN: Status.UNKNOWN,
}


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


@dataclass(eq=False)
class Search:
    """One problem within one budget of time.

    Attributes
    ----------
    problem, settings
        What to solve, and how; the time limit of the settings is for all of it.
    best
        The last solution found.
    answer
        What the solver said of it, or last of all if nothing was found.
    end
        After ``every``: why there were no more.
    """

    problem: ModelProblem
    settings: Settings
    best: dict[_NumVarImpl, int | bool] | None = None
    answer: Solution | None = None
    end: Status = Status.UNKNOWN
    _begun: float = field(default_factory=time.perf_counter)

    @property
    def left(self) -> float | None:
        """Seconds left, at least 0; None for no limit."""
        limit = self.settings.time_limit
        return None if limit is None else max(limit - (time.perf_counter() - self._begun), 0.0)

    @property
    def is_exact(self) -> bool:
        """Whether the strategy has an exact engine to hand over to."""
        return self.settings.strategy in EXACT

    def run(self, problem: ModelProblem) -> Status:
        """Try to solve a problem in the time left."""
        if self.left == 0:
            return Status.UNKNOWN
        answer = solve_block([problem], replace(self.settings, time_limit=self.left))[0]
        if answer.values is not None and answer.solved:
            self.best = problem.translation.values(answer.values)
        if answer.solved or self.best is None:
            self.answer = answer
        return answer.status

    def improve(self, objective: Objective, improved: Callable[[Assignment, int], None]) -> bool:
        """Make the cost as small as the time allows; True if proved that nothing is better.

        Every solution goes to ``improved``, with its cost.
        """
        if self.best is None:
            status = self.run(self.problem)
            if self.best is None:
                return status in IMPOSSIBLE

        def better(solution: Assignment, cost: int) -> None:
            self.best = dict(solution)
            improved(solution, cost)

        return improve(_Improvement(self, objective), self.best, better)

    def exactly(
        self,
        problem: ModelProblem,
        start: Values | None = None,
        weights: NDArray[np.int64] | None = None,
        found: cpsat.OnSolution | None = None,
    ) -> Outcome:
        """Ask CP-SAT."""
        landscape = problem.landscape
        return cpsat.solve(
            landscape.factors,
            landscape.space.mask,
            time_limit=self.left,
            seed=self.settings.seed,
            scores=start,
            weights=weights,
            on_solution=found,
        )

    def checked(
        self, problem: ModelProblem, states: Values, engine: str = "the exact engine"
    ) -> dict[_NumVarImpl, int | bool]:
        """A solution of an engine, refused if the model does not hold there."""
        solution = problem.translation.values(states)
        if not (problem.landscape.check(states[None])[0] and problem.holds(solution)):
            broken = "; ".join(problem.landscape.violations(states)) or "the CPMpy model"
            raise AssertionError(
                f"{engine} returned {problem.encode(states)}, which breaks {broken}; "
                "please report this as a bug"
            )
        return solution

    def every(self) -> Iterator[Assignment]:
        """Every solution, each once; ``end`` then says why there are no more."""
        blocked = []
        translation, problem = self.problem.translation, self.problem
        self.end = self.run(problem)
        while self.end is Status.SOLVED and self.best is not None:
            yield self.best
            blocked.append(translation.differs(self.best))
            other = cp.any([variable != value for variable, value in self.best.items()])

            def add(assembly: Assembly) -> None:
                for clause in blocked:
                    assembly.clause(clause)

            problem = replace(
                problem,
                translation=translation.extended("another solution", add),
                constraints=(*problem.constraints, other),
            )
            self.end = self.decide(problem)

    def decide(self, problem: ModelProblem) -> Status:
        """As ``run``, but an exact strategy leaves descent out: it has had its turn."""
        if not self.is_exact:
            return self.run(problem)
        if problem.translation.contradiction:
            return Status.INFEASIBLE
        outcome = self.exactly(problem)
        if outcome.values is not None:
            self.best = self.checked(problem, outcome.values)
        return _STATUS[outcome.verdict]


@dataclass(frozen=True, eq=False)
class _Improvement:
    """An objective within a search, as the loop of improvements sees it."""

    search: Search
    objective: Objective
    reached: list[Values] = field(default_factory=list)

    @property
    def least(self) -> int:
        """Every variable at its best, regardless of the others."""
        return self.objective.least(self.search.problem)

    @property
    def is_exact(self) -> bool:
        """Whether the strategy has an exact engine."""
        return self.search.is_exact

    def cost(self, solution: Assignment) -> int:
        """Sign * the value of the objective."""
        return self.objective.cost(solution)

    @property
    def moves(self) -> bool:
        """Whether all factors are sums, and the states of the first solution are known."""
        return self._sums is not None and self._states is not None

    @cached_property
    def _sums(self) -> PricedSums | None:
        problem = self.search.problem
        table = problem.landscape.factors
        weights = self.objective.weights(problem)
        if inexpressible(table) or int(weights.max(axis=1).sum()) >= LARGEST_SUM:
            return None
        return PricedSums.of(table, np.full(table.count, HARD, np.int64), weights)

    @property
    def _states(self) -> Values | None:
        answer = self.search.answer
        return answer.values if answer is not None and answer.solved else None

    def descend(self, incumbent: Assignment, found: Callable[[Assignment], None]) -> None:  # noqa: ARG002
        """Single moves, from the states of the last answer."""
        search, sums, states = self.search, self._sums, self._states
        if sums is None or states is None:
            raise ValueError("some factor is no sum, or the states are not known; see moves")

        def report(values: Values, _: int) -> None:
            found(search.checked(search.problem, values, "single moves"))
            self.reached[:] = [values]

        settings = search.settings
        move_downhill(
            sums, search.problem.landscape.space.mask, states, report,
            Allowance.of(settings, Clock(search.left), settings.max_steps),
            seed=settings.seed, backend=settings.backend,
        )  # fmt: skip

    def below(self, cost: int) -> tuple[Assignment | None, bool]:
        """Descend under a tighter bound."""
        status = self.search.run(self.objective.at_most(self.search.problem, cost - 1))
        return (self.search.best if status is Status.SOLVED else None), status in IMPOSSIBLE

    def optimum(self, incumbent: Assignment, found: Callable[[Assignment], None]) -> bool:  # noqa: ARG002
        """Let CP-SAT minimise, from the states of the last answer."""
        search, problem = self.search, self.search.problem
        start = None if search.answer is None else search.answer.values
        start = self.reached[0] if self.reached else start

        def report(states: Values, _: int) -> None:
            found(search.checked(problem, states))

        outcome = search.exactly(problem, start, self.objective.weights(problem), report)
        if outcome.values is not None:
            report(outcome.values, 0)
        return outcome.objective is not None and outcome.objective == outcome.bound
