"""Tables of factors as a CP-SAT model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.exact.clauses import Factor, add_clause, encode
from latent_ebm.exact.literals import FALSE, TRUE, Literals
from latent_ebm.exact.native import NativeForms
from latent_ebm.exact.outcome import Clock, Outcome, Verdict, require
from latent_ebm.kernels.factors import FactorTable

OnSolution = Callable[[NDArray[np.int16], int], None]
"""Called with a solution [N] and its cost."""


class Model:
    """A CP-SAT model that holds a table of factors.

    Parameters
    ----------
    table, mask
        F factors, and the live entries [N, K].
    selectors
        Whether each factor shall have a literal in ``selectors`` that switches it on. Factors
        are then linear or clauses; otherwise unguarded ones take CP-SAT's own forms.
    """

    def __init__(
        self, table: FactorTable, mask: NDArray[np.bool_], *, selectors: bool = False
    ) -> None:
        cp_model = require("cpsat", "ortools.sat.python.cp_model")
        self.literals = Literals.of_mask(mask)
        self.proto = cp_model.CpModel()
        self._booleans: list[Any] = [None]
        self._negations: list[Any] = [None]
        for _ in range(self.literals.count):
            self.fresh()
        self.proto.add_bool_or([self.of(TRUE)])
        if not mask.any(axis=1).all():
            self.proto.add_bool_or([])
        for row in self.literals.wide():
            self.proto.add_exactly_one([self.of(literal) for literal in row])
        self._native = NativeForms(self)
        self.selectors = [self.fresh() for _ in range(table.count)] if selectors else None
        encode(table, self.literals.of_entry, self, self.selectors)

    def of(self, literal: int) -> Any:
        """CP-SAT's object for a literal."""
        return self._booleans[literal] if literal > 0 else self._negations[-literal]

    def fresh(self) -> int:
        """A new literal."""
        variable = self.proto.new_bool_var("")
        self._booleans.append(variable)
        self._negations.append(~variable)
        return len(self._booleans) - 1

    def clause(self, literals: list[int]) -> None:
        """Some literal holds."""
        self.proto.add_bool_or([self.of(literal) for literal in literals])

    def cardinality(self, literals: list[int], low: int, high: int, when: int) -> None:
        """A clause, exactly or at most one, or a sum of literals."""
        objects = [self.of(literal) for literal in literals]
        if low == 1 and high == len(literals):
            add_clause(self, [-when, *literals])
        elif high == 1 and when == TRUE:
            add = self.proto.add_exactly_one if low == 1 else self.proto.add_at_most_one
            add(objects)
        else:
            self._between(sum(objects), low, high, when)

    def linear(
        self,
        literals: NDArray[np.int64],
        weights: NDArray[np.int64],
        low: int,
        high: int,
        when: int,
    ) -> None:
        """A sum of weighted literals."""
        flat, weight = literals.ravel(), weights.ravel()
        fixed = int(weight[flat == TRUE].sum())
        open_ = (flat != TRUE) & (flat != FALSE) & (weight != 0)
        cost = self.weighted(flat[open_].tolist(), weight[open_].tolist())
        self._between(cost, low - fixed, high - fixed, when)

    def native(self, factor: Factor) -> bool:
        """Take tables, automata, relations and elements in CP-SAT's own forms."""
        return self.selectors is None and self._native.add(factor)

    def weighted(self, literals: list[int], weights: list[int]) -> Any:
        """The expression ``sum weight * literal``."""
        total: Any = require("cpsat", "ortools.sat.python.cp_model").LinearExpr
        return total.weighted_sum([self.of(literal) for literal in literals], weights)

    def cost(self, weights: NDArray[np.integer]) -> Any:
        """What the chosen entries weigh together, of weights [N, K]."""
        flat, weight = self.literals.of_entry, np.asarray(weights).ravel()
        counts = (flat != FALSE) & (weight != 0)
        return self.weighted(flat[counts].tolist(), weight[counts].tolist())

    def wish(self, scores: NDArray[np.number]) -> None:
        """Hint the states of a candidate [N], or the best of scores [N, K]."""
        for literal in self.literals.wishes(scores):
            self.proto.add_hint(self._booleans[abs(literal)], literal > 0)

    def forbid(self, values: NDArray[np.integer]) -> None:
        """Rule a solution [N] out."""
        self.clause(self.literals.other_than(values))

    def decode(self, source: Any) -> NDArray[np.int16]:
        """[N] the states in a solver's solution."""
        used = self._booleans[1 : self.literals.count + 1]
        return self.literals.decode(np.array([False, *map(source.boolean_value, used)], np.bool_))

    def _between(self, expression: Any, low: int, high: int, when: int) -> None:
        constraint = self.proto.add_linear_constraint(expression, low, high)
        if when != TRUE:
            constraint.only_enforce_if(self.of(when))


def solve(
    table: FactorTable,
    mask: NDArray[np.bool_],
    *,
    time_limit: float | None = None,
    seed: int = 0,
    workers: int = 2,
    scores: NDArray[np.number] | None = None,
    forbidden: Sequence[NDArray[np.integer]] = (),
    weights: NDArray[np.integer] | None = None,
    on_solution: OnSolution | None = None,
) -> Outcome:
    """Decide whether the factors can hold together within a mask, and at what least cost.

    Parameters
    ----------
    table, mask
        F factors, and the live entries [N, K].
    time_limit
        Seconds, model building included.
    seed
        Of the search. With one worker the same seed gives the same solution (time allowing);
        with more, which of several solutions is found can differ from run to run.
    workers
        Threads.
    scores
        A candidate [N] or scores [N, K] to start from.
    forbidden
        Solutions [N] that do not count.
    weights
        [N, K] integers: minimise the sum over the chosen entries.
    on_solution
        With ``weights``, called with every better solution as it is found, from CP-SAT's thread.

    Returns
    -------
    Outcome
        With ``weights`` also objective and bound.

    Raises
    ------
    MissingEngineError
        If OR-Tools is not installed.
    """
    clock = Clock(time_limit)
    model = Model(table, mask)
    for values in forbidden:
        model.forbid(values)
    if weights is not None:
        model.proto.minimize(model.cost(weights))
    if scores is not None:
        model.wish(scores)
    if clock.out:
        return Outcome(Verdict.UNKNOWN)
    solver = configured(clock, seed, workers)
    callback = _callback(model, on_solution) if on_solution and weights is not None else None
    status = solver.solve(model.proto, callback)
    verdict = verdict_of(status)
    if verdict is not Verdict.SATISFIABLE:
        return Outcome(verdict, bound=_bound(solver, weights, verdict))
    objective = None if weights is None else round(solver.objective_value)
    bound = _bound(solver, weights, verdict)
    if bound is not None and objective is not None and solver.status_name(status) == "OPTIMAL":
        bound = objective  # told in doubles, which may be above it where weights are large
    return Outcome(verdict, model.decode(solver), objective, bound)


def configured(clock: Clock, seed: int, workers: int) -> Any:
    """A CP-SAT solver for what is left of the time."""
    solver = require("cpsat", "ortools.sat.python.cp_model").CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed % 2**31
    if clock.left is not None:
        solver.parameters.max_time_in_seconds = clock.left
    return solver


def verdict_of(status: Any) -> Verdict:
    """CP-SAT's status as ours.

    Raises
    ------
    AssertionError
        If CP-SAT found the model malformed.
    """
    cp_model = require("cpsat", "ortools.sat.python.cp_model")
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(
            "CP-SAT refuses the model built from these factors (weights or bounds beyond 2^62?); "
            "please report this as a bug with the problem"
        )
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Verdict.SATISFIABLE
    return Verdict.UNSATISFIABLE if status == cp_model.INFEASIBLE else Verdict.UNKNOWN


def _bound(solver: Any, weights: NDArray[np.integer] | None, verdict: Verdict) -> int | None:
    if weights is None or verdict is Verdict.UNSATISFIABLE:
        return None
    return int(np.ceil(solver.best_objective_bound - 1e-6))


def _callback(model: Model, on_solution: OnSolution) -> Any:
    cp_model = require("cpsat", "ortools.sat.python.cp_model")

    class Report(cp_model.CpSolverSolutionCallback):  # type: ignore[misc, name-defined]
        """Hands each solution on."""

        def on_solution_callback(self) -> None:
            on_solution(model.decode(self), round(self.objective_value))

    return Report()
