"""Find one solution, all solutions, or ever better ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import cpmpy as cp
import numpy as np
from cpmpy.expressions.variables import _NumVarImpl

from latent_ebm.energies.family import Values
from latent_ebm.exact import cpsat
from latent_ebm.exact.hybrid import ENGINES, descent_limit
from latent_ebm.exact.outcome import Clock, Verdict
from latent_ebm.improving import improve
from latent_ebm.kernels.moves import HARD, PricedSums, inexpressible
from latent_ebm.modelling.assembly import Assembly
from latent_ebm.modelling.natural import Assignment, NaturalModel
from latent_ebm.modelling.objective import Objective
from latent_ebm.modelling.problem import ModelProblem
from latent_ebm.moving import Allowance, move_downhill
from latent_ebm.relaxation import LARGEST_SUM
from latent_ebm.solution import Solution, Status
from latent_ebm.solving import Settings, solve_block

FIRST_TURN, SECOND_TURN = 0.2, 2.0
"""Seconds that descent, and CP-SAT behind it, get before either gets its full time."""

SHORTEST = 1e-3
"""Seconds of a turn at the very end of the time."""

EXACT = ("hybrid",)
"""Strategies that can prove that there is no solution."""

IMPOSSIBLE = (Status.INFEASIBLE, Status.INVALID)

_STATUS = {
    Verdict.SATISFIABLE: Status.SOLVED,
    Verdict.UNSATISFIABLE: Status.INFEASIBLE,
    Verdict.UNKNOWN: Status.UNKNOWN,
}


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
    proved
        Whether CP-SAT proved ``best`` to be best in its turn.
    """

    problem: ModelProblem
    settings: Settings
    best: dict[_NumVarImpl, int | bool] | None = None
    answer: Solution | None = None
    end: Status = Status.UNKNOWN
    proved: bool = False
    _clock: Clock = field(default_factory=lambda: Clock(None))

    @property
    def left(self) -> float | None:
        """Seconds left, at least 0; None for no limit."""
        limit = self.settings.time_limit
        return None if limit is None else max(limit - self._clock.spent, 0.0)

    @property
    def is_exact(self) -> bool:
        """Whether the strategy has an exact engine to hand over to."""
        return self.settings.strategy in EXACT

    def run(self, problem: ModelProblem) -> Status:
        """Try to solve a problem in the time left."""
        if self.left == 0:
            return Status.UNKNOWN
        if not self._is_natural(problem):
            return self._enter(problem, self._descend(problem, self.settings, self.left))
        return self._by_turns(problem)

    def _is_natural(self, problem: ModelProblem) -> bool:
        """Whether CP-SAT may take the model as it is stated."""
        wanted = self.settings.exact in ("auto", "cpsat") and not self.settings.unique
        return self.is_exact and wanted and not problem.translation.contradiction

    def _by_turns(
        self,
        problem: ModelProblem,
        objective: Objective | None = None,
        found: Callable[[Assignment], None] | None = None,
    ) -> Status:
        """Descent and CP-SAT, a short turn each and then a long one, until there is a solution.

        With an objective CP-SAT goes on from its first solution to better ones for the rest of
        its turn, and ``proved`` says whether the last is the best.
        """
        energy = replace(self.settings, strategy="energy", exact="auto")
        natural: NaturalModel | None = None
        answer: Solution | None = None
        for descent, exact in ((FIRST_TURN, SECOND_TURN), (descent_limit(self.left), None)):
            if answer is not None and self.left == 0:
                break
            answer = self._descend(problem, energy, _least(descent, self.left))
            if answer.solved:
                return self._enter(problem, answer)
            minimised = None if objective is None else objective.minimised
            natural = natural or NaturalModel(problem, minimised)
            turn = natural.solve(
                time_limit=_least(exact, self.left), seed=self.settings.seed, found=found
            )
            if turn.verdict is Verdict.UNKNOWN:
                continue
            self.proved = objective is not None and turn.proved
            states = None
            if turn.solution is not None:
                states = self._states(problem, turn.solution)
            answer = replace(
                answer, status=_STATUS[turn.verdict], engine=ENGINES["cpsat"], values=states,
                energy=0.0 if turn.solution is not None else float("inf"), violations=(),
                seconds=self._clock.spent,
            )  # fmt: skip
            return self._enter(problem, answer)
        return Status.UNKNOWN if answer is None else self._enter(problem, answer)

    def _descend(
        self, problem: ModelProblem, settings: Settings, seconds: float | None
    ) -> Solution:
        limit = None if seconds is None else max(seconds, SHORTEST)
        return solve_block([problem], replace(settings, time_limit=limit))[0]

    def _enter(self, problem: ModelProblem, answer: Solution) -> Status:
        """Keep an answer, and its solution if it has one."""
        if answer.values is not None and answer.solved:
            self.best = problem.translation.values(answer.values)
        if answer.solved or self.best is None:
            self.answer = answer
        return answer.status

    def _states(self, problem: ModelProblem, solution: Assignment) -> Values:
        """The states of all variables at a solution of the user's, checked."""
        mask = problem.landscape.space.mask.copy()
        for variable, value in solution.items():
            literal = problem.translation.is_value(variable, value)
            allowed = np.zeros(mask.shape[1], np.bool_)
            allowed[: len(literal.allowed)] = literal.allowed
            mask[literal.variable] &= allowed
        states = cpsat.solve(problem.landscape.factors, mask, seed=self.settings.seed).values
        if states is None or not problem.landscape.check(states[None])[0]:
            raise AssertionError(
                f"cp-sat returned {dict(solution)}, which the factors refuse; please report this "
                "as a bug"
            )
        self.checked(problem, solution, ENGINES["cpsat"])
        return states

    def improve(self, objective: Objective, improved: Callable[[Assignment, int], None]) -> bool:
        """Make the cost as small as the time allows; True if proved that nothing is better.

        Every solution goes to ``improved``, with its cost.
        """
        reached: list[int] = []

        def better(solution: Assignment, cost: int) -> None:
            if not reached or cost < reached[-1]:
                reached.append(cost)
                self.best = dict(solution)
                improved(solution, cost)

        def found(solution: Assignment) -> None:
            self.checked(self.problem, solution, ENGINES["cpsat"])
            better(solution, objective.cost(solution))

        status = Status.UNKNOWN
        if self.best is None and self._is_natural(self.problem):
            status = self._by_turns(self.problem, objective, found)
        elif self.best is None:
            status = self.run(self.problem)
        if self.best is None:
            return status in IMPOSSIBLE
        better(self.best, objective.cost(self.best))
        if self.proved:
            return True
        return improve(_Improvement(self, objective), self.best, better)

    def checked(self, problem: ModelProblem, solution: Assignment, engine: str) -> Assignment:
        """A solution of an engine, refused if the model does not hold there."""
        if not problem.holds(solution):
            values = " ".join(f"{variable.name}={value}" for variable, value in solution.items())
            raise AssertionError(
                f"{engine} returned {values}, which breaks the CPMpy model; please report this as "
                "a bug"
            )
        return solution

    def every(self) -> Iterator[Assignment]:
        """Every solution, each once; ``end`` then says why there are no more."""
        if self._is_natural(self.problem):
            yield from self._enumerated()
            return
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
            self.end = self.run(problem)

    def _enumerated(self) -> Iterator[Assignment]:
        """The first solution by turns, all others by CP-SAT's enumeration."""
        self.end = self.run(self.problem)
        if self.end is not Status.SOLVED or self.best is None:
            return
        first = dict(self.best)
        yield first
        self.end = Status.UNKNOWN
        natural = NaturalModel(self.problem)
        for item in natural.every(time_limit=self.left, seed=self.settings.seed):
            if isinstance(item, bool):
                self.end = Status.INFEASIBLE if item else Status.UNKNOWN
            elif item != first:
                self.best = dict(self.checked(self.problem, item, ENGINES["cpsat"]))
                yield self.best

    def decide(self, problem: ModelProblem) -> Status:
        """As ``run``, but an exact strategy leaves descent out: it has had its turn."""
        if not self._is_natural(problem):
            return self.run(problem)
        found = NaturalModel(problem).solve(time_limit=self.left, seed=self.settings.seed)
        if found.solution is not None:
            self.best = dict(self.checked(problem, found.solution, ENGINES["cpsat"]))
        return _STATUS[found.verdict]


def _least(*limits: float | None) -> float | None:
    """The least of some limits, None being none."""
    return min((limit for limit in limits if limit is not None), default=None)


@dataclass(frozen=True, eq=False)
class _Improvement:
    """An objective within a search, as the loop of improvements sees it."""

    search: Search
    objective: Objective

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
            solution = search.problem.translation.values(values)
            found(search.checked(search.problem, solution, "single moves"))

        settings = search.settings
        move_downhill(
            sums, search.problem.landscape.space.mask, states.astype(np.int16), report,
            Allowance.of(settings, Clock(search.left), settings.max_steps),
            seed=settings.seed, backend=settings.backend,
        )  # fmt: skip

    def below(self, cost: int) -> tuple[Assignment | None, bool]:
        """Descend under a tighter bound."""
        status = self.search.run(self.objective.at_most(self.search.problem, cost - 1))
        return (self.search.best if status is Status.SOLVED else None), status in IMPOSSIBLE

    def optimum(self, incumbent: Assignment, found: Callable[[Assignment], None]) -> bool:
        """Let CP-SAT minimise, from the best solution so far."""
        search, objective = self.search, self.objective
        natural = NaturalModel(search.problem, objective.minimised)

        def report(solution: Assignment) -> None:
            found(search.checked(search.problem, solution, ENGINES["cpsat"]))

        outcome = natural.solve(
            time_limit=search.left, seed=search.settings.seed, hint=incumbent, found=report
        )
        if outcome.solution is not None:
            report(outcome.solution)
        return outcome.proved
