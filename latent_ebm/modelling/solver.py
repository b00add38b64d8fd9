"""The solver as CPMpy sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import cpmpy as cp
from cpmpy.exceptions import NotSupportedError
from cpmpy.expressions.core import Expression
from cpmpy.expressions.utils import flatlist
from cpmpy.expressions.variables import NegBoolView, _NumVarImpl
from cpmpy.solvers.solver_interface import ExitStatus, SolverInterface, SolverStatus
from cpmpy.transformations.get_variables import get_variables
from cpmpy.transformations.normalize import toplevel_list

from latent_ebm.modelling.flattening import flattened, flattened_objective
from latent_ebm.modelling.natural import Assignment
from latent_ebm.modelling.objective import Goal, Objective
from latent_ebm.modelling.problem import ModelProblem, assign
from latent_ebm.modelling.search import EXACT, IMPOSSIBLE, Search
from latent_ebm.modelling.starts import assuming, conflicting, try_hint
from latent_ebm.modelling.support import NATIVE
from latent_ebm.modelling.translation import Flat, Translation
from latent_ebm.solution import Solution, Status
from latent_ebm.solving import STRATEGIES, Settings
from latent_ebm.version import __version__


class CPM_latent_ebm(SolverInterface):  # type: ignore[misc]  # noqa: N801
    """latent_ebm for CPMpy; ``latent_ebm:energy`` and ``latent_ebm:hybrid`` choose the strategy.

    docs/modelling.md says which constraints it takes, and in what form.
    """

    supported_global_constraints = NATIVE
    supported_reified_global_constraints: frozenset[str] = frozenset()

    @staticmethod
    def supported() -> bool:
        """True: what is installed with latent_ebm is enough."""
        return True

    @staticmethod
    def version() -> str:
        """The version of latent_ebm."""
        return __version__

    @staticmethod
    def solvernames(**_: Any) -> list[str]:
        """The strategies."""
        return list(STRATEGIES)

    @staticmethod
    def solverversion(subsolver: str) -> str:  # noqa: ARG004 - CPMpy's signature
        """The version of latent_ebm."""
        return __version__

    def __init__(self, cpm_model: cp.Model | None = None, subsolver: str | None = None) -> None:
        self._strategy = subsolver or "hybrid"
        self._constraints: list[Expression] = []
        self._flat: list[Flat] = []
        self._user: dict[_NumVarImpl, None] = {}
        self._goal: Goal | None = None
        self._hint: dict[_NumVarImpl, int | bool] = {}
        self._translation: Translation | None = None
        self._assumed: tuple[Settings, list[Expression]] = (Settings(), [])
        self.solution: Solution | None = None
        super().__init__(name="latent_ebm", cpm_model=cpm_model)

    @property
    def native_model(self) -> ModelProblem:
        """The problem with its landscape, as ``latent_ebm.solve`` takes it."""
        if self._translation is None:
            self._translation = Translation.of(self._flat, self._user)
        return ModelProblem(self._translation, tuple(self._constraints))

    def transform(self, cpm_expr: Any) -> list[Expression]:
        """Flat constraints, in the forms that latent_ebm has factors for."""
        return flattened(cpm_expr, self._csemap)

    def add(self, cpm_expr: Any) -> CPM_latent_ebm:
        """Add constraints.

        Raises
        ------
        NotSupportedError
            If CPMpy cannot decompose one into those that are supported.
        """
        for constraint in toplevel_list(cpm_expr):
            self._know(constraint)
            self._constraints.append(constraint)
            self._flat += [Flat(one, constraint) for one in self.transform(constraint)]
        self._translation = None
        return self

    __add__ = add

    def _know(self, expression: Any) -> None:
        found = get_variables(expression)
        self.user_vars.update(found)
        self._user.update(dict.fromkeys(found))

    def objective(self, expr: Any, minimize: bool) -> None:
        """Say what to minimise or maximise; the last call counts.

        Raises
        ------
        NotSupportedError
            If the objective is not integer.
        """
        linear, constraints = flattened_objective(expr, self._csemap)
        self._know(expr)
        flat = self.transform(constraints)
        self._flat += [Flat(one, expr) for one in flat]
        self._goal = Goal(expr, 1 if minimize else -1, linear)
        self._translation = None

    def has_objective(self) -> bool:
        """Whether there is an objective."""
        return self._goal is not None

    def solver_var(self, cpm_var: Any) -> Any:
        """The term of the landscape that a variable is; a constant stays one."""
        return self.native_model.translation.scope.term(cpm_var)

    def solution_hint(self, cpm_vars: Any, vals: Any) -> None:
        """Suggest values.

        A complete hint that is a solution is taken at once. Any other is tried first, with the
        hinted values fixed, for at most a tenth of the time limit.
        """
        variables, values = flatlist(cpm_vars), flatlist(vals)
        if len(variables) != len(values):
            raise ValueError(
                f"a hint needs a value for each variable; found {len(variables)} variables and "
                f"{len(values)} values"
            )
        self._hint = {}
        for variable, value in zip(variables, values, strict=True):
            if isinstance(variable, NegBoolView):
                variable, value = variable._bv, not value
            self._know(variable)
            self._hint[variable] = bool(value) if variable.is_bool() else int(value)
        self._translation = None

    def solve(
        self,
        time_limit: float | None = None,
        *,
        solution_callback: Callable[[CPM_latent_ebm], None] | None = None,
        display: Any = None,
        assumptions: Iterable[Expression] | None = None,
        **settings: Any,
    ) -> bool:
        """Find a solution, or the best one.

        Parameters
        ----------
        time_limit
            Seconds. Without one, ``hybrid`` runs until it has decided and ``energy``, which
            cannot decide that there is none, at most a minute.
        solution_callback
            Called with this solver after each better solution; variables have their values
            and ``objective_value()`` is its.
        display
            As for CPMpy's own solvers: expressions to print, or a function without arguments.
        assumptions
            Boolean variables, or negations, to be true in this call.
        **settings
            Of :class:`latent_ebm.Settings`: ``strategy``, ``seed``, ``max_steps``, ...

        Returns
        -------
        bool
            Whether there is a solution; ``status()`` says more.
        """
        begun = time.perf_counter()
        assumptions = list(assumptions or ())
        search = self._search(time_limit, settings, assumptions)
        self.objective_value_ = None

        def found(solution: Assignment, cost: int | None = None) -> None:
            assign(solution)
            if cost is not None and self._goal is not None:
                self.objective_value_ = self._goal.sign * cost
            if solution_callback is not None:
                solution_callback(self)
            self.print_display(display)

        self._assumed = (search.settings, assumptions)
        search.best = try_hint(search, self._hint) if self._hint else None
        if self._goal is not None:
            objective = Objective.of(search.problem, self._goal)
            proved = search.improve(objective, found)
            status = ExitStatus.OPTIMAL if proved else ExitStatus.FEASIBLE
            if search.best is None:
                status = ExitStatus.UNSATISFIABLE if proved else ExitStatus.UNKNOWN
        else:
            status = _EXIT[Status.SOLVED if search.best is not None else search.run(search.problem)]
            if search.best is not None:
                found(search.best)
        return self._finish(search, status, begun)

    def solveAll(  # noqa: N802 - CPMpy's name
        self,
        display: Any = None,
        time_limit: float | None = None,
        solution_limit: int | None = None,
        call_from_model: bool = False,  # noqa: ARG002 - CPMpy's signature
        **settings: Any,
    ) -> int:
        """Find every solution; each found one is forbidden for the next.

        Returns
        -------
        int
            How many; ``status()`` is OPTIMAL if these are all.

        Raises
        ------
        NotSupportedError
            With an objective; or if the strategy cannot tell when it has all and nothing limits it.
        """
        if self.has_objective():
            raise NotSupportedError(
                "latent_ebm does not enumerate optimal solutions; solve() for the optimum, add "
                "objective == optimum as a constraint to a model without objective, and solveAll()"
            )
        begun = time.perf_counter()
        search = self._search(time_limit, settings, [])
        if not search.is_exact and time_limit is None and solution_limit is None:
            raise NotSupportedError(
                f"strategy {search.settings.strategy!r} cannot tell that it has all solutions; "
                "give a time_limit or a solution_limit, or use strategy='hybrid'"
            )
        count = 0
        for solution in search.every():
            assign(solution)
            self.print_display(display)
            count += 1
            if count == solution_limit:
                break
        if search.end in IMPOSSIBLE:
            status = ExitStatus.OPTIMAL if count else ExitStatus.UNSATISFIABLE
        else:
            status = ExitStatus.FEASIBLE if count else ExitStatus.UNKNOWN
        self._finish(search, status, begun)
        return count

    def get_core(self) -> list[Expression]:
        """Assumptions of the last ``solve`` that cannot hold together, none of them to spare.

        Raises
        ------
        NotSupportedError
            If the last ``solve`` did not prove that they cannot all hold.
        """
        settings, assumptions = self._assumed
        if self.cpm_status.exitstatus is not ExitStatus.UNSATISFIABLE:
            raise NotSupportedError(
                f"a core needs a solve() that ended UNSATISFIABLE; the last one ended "
                f"{self.cpm_status.exitstatus.name}"
            )
        return conflicting(Search(self.native_model, settings), assumptions)

    def _search(
        self, time_limit: float | None, settings: dict[str, Any], assumptions: list[Expression]
    ) -> Search:
        if time_limit is not None and time_limit <= 0:
            raise ValueError(f"time_limit must be above 0 seconds; found {time_limit}")
        settings = {"strategy": self._strategy, **settings}
        if time_limit is not None or settings["strategy"] in EXACT:
            settings["time_limit"] = time_limit
        chosen = Settings(**settings)
        if assumptions:
            self._know(assumptions)
            self._translation = None
        problem = self.native_model
        for assumption in assumptions:
            problem = assuming(problem, assumption)
        return Search(problem, chosen)

    def _finish(self, search: Search, status: ExitStatus, begun: float) -> bool:
        self.solution = search.answer
        self.cpm_status = SolverStatus(self.name)
        self.cpm_status.exitstatus = status
        self.cpm_status.solve_time = time.perf_counter() - begun
        if search.best is None:
            for variable in self.user_vars:
                variable.clear()
        return bool(self._solve_return(self.cpm_status))


_EXIT = {
    Status.SOLVED: ExitStatus.FEASIBLE,
    Status.UNKNOWN: ExitStatus.UNKNOWN,
    Status.INFEASIBLE: ExitStatus.UNSATISFIABLE,
    Status.INVALID: ExitStatus.UNSATISFIABLE,
}
