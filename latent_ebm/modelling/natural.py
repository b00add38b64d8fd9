"""CP-SAT on a CPMpy model as it is stated: its integers and global constraints, not our entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import cpmpy as cp
from cpmpy.expressions.core import Expression
from cpmpy.expressions.variables import _BoolVarImpl, _NumVarImpl

from latent_ebm.exact.outcome import Verdict, require
from latent_ebm.modelling.problem import ModelProblem

Assignment = Mapping[_NumVarImpl, int | bool]

WORKERS = 2


_VERDICT = {
    "OPTIMAL": Verdict.SATISFIABLE,
    "FEASIBLE": Verdict.SATISFIABLE,
    "INFEASIBLE": Verdict.UNSATISFIABLE,
    "UNKNOWN": Verdict.UNKNOWN,
}


@dataclass(frozen=True, eq=False)
class Found:
    """What CP-SAT is sure of; ``proved`` where the last solution is the best, or all are found."""

    verdict: Verdict
    solution: Assignment | None
    proved: bool


class NaturalModel:
    """CPMpy's translation of a problem's constraints for CP-SAT.

    Parameters
    ----------
    problem
        Its constraints, as the user wrote them, are what is translated; its user's variables
        are what a solution speaks of.
    objective
        To be made small, if any.
    """

    def __init__(self, problem: ModelProblem, objective: Expression | None = None) -> None:
        require("cpsat", "ortools.sat.python.cp_model")
        from cpmpy.solvers.ortools import CPM_ortools

        model = cp.Model(list(problem.constraints))
        if objective is not None:
            model.minimize(objective)
        self._user = problem.translation.user
        self._solver = CPM_ortools(model)
        self._variables = [self._solver.solver_var(variable) for variable in self._user]

    def solve(
        self,
        *,
        time_limit: float | None,
        seed: int,
        hint: Assignment | None = None,
        found: Callable[[Assignment], None] | None = None,
        every: bool = False,
    ) -> Found:
        """Solve, from a hint; each solution goes to ``found``, which may raise StopIteration."""
        if hint:
            self._solver.solution_hint(list(hint), list(hint.values()))
        engine = self._solver.ort_solver
        engine.parameters.num_workers = 1 if every else WORKERS
        engine.parameters.random_seed = seed % 2**31
        engine.parameters.enumerate_all_solutions = every
        limit = float("inf") if time_limit is None else max(time_limit, 1e-3)
        engine.parameters.max_time_in_seconds = limit
        errors: list[BaseException] = []
        status = engine.solve(self._solver.ort_model, self._reporter(found, errors))
        for error in errors:
            if not isinstance(error, StopIteration):
                raise error
        verdict = _VERDICT.get(engine.status_name(status))
        if verdict is None:
            raise AssertionError(
                f"cp-sat refuses CPMpy's model: {self._solver.ort_model.validate()}; please report "
                "this as a bug"
            )
        solution = self._read(engine.value) if verdict is Verdict.SATISFIABLE else None
        proved = engine.status_name(status) in ("OPTIMAL", "INFEASIBLE") and not errors
        return Found(verdict, solution, proved)

    def _reporter(
        self, found: Callable[[Assignment], None] | None, errors: list[BaseException]
    ) -> Any:
        """What CP-SAT calls with each solution; an error stops the search and is kept."""
        from ortools.sat.python import cp_model

        read = self._read

        class Report(cp_model.CpSolverSolutionCallback):
            """Passes solutions on."""

            def on_solution_callback(self) -> None:
                if found is None or errors:
                    return
                try:
                    found(read(self.value))
                except BaseException as error:  # must not cross CP-SAT's threads
                    errors.append(error)
                    self.stop_search()

        return Report()

    def _read(self, value: Callable[[Any], int]) -> Assignment:
        """The user's variables with their values."""
        return {
            variable: bool(value(native)) if isinstance(variable, _BoolVarImpl) else value(native)
            for variable, native in zip(self._user, self._variables, strict=True)
        }

    def every(self, *, time_limit: float | None, seed: int) -> Iterator[Assignment | bool]:
        """Every solution, each once; in the end whether these are all.

        CP-SAT enumerates in a thread, which ends with the iterator.
        """
        found: SimpleQueue[Assignment | bool | BaseException] = SimpleQueue()
        enough = Event()

        def put(solution: Assignment) -> None:
            if enough.is_set():
                raise StopIteration
            found.put(solution)

        def run() -> None:
            try:
                found.put(
                    self.solve(time_limit=time_limit, seed=seed, found=put, every=True).proved
                )
            except BaseException as error:
                found.put(error)

        thread = Thread(target=run, daemon=True)
        thread.start()
        seen: set[tuple[int | bool, ...]] = set()
        try:
            while True:
                item = found.get()
                if isinstance(item, BaseException):
                    raise item
                if isinstance(item, bool):
                    yield item
                    return
                key = tuple(item.values())
                if key not in seen:  # variables of CPMpy's own may differ
                    seen.add(key)
                    yield item
        finally:
            enough.set()
            thread.join()
