"""Presolve, descend, verify: from problems to solutions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place
from latent_ebm.energies.coupling import Propagation, Rule
from latent_ebm.exact.hybrid import (
    choose_engine,
    descent_limit,
    is_only_solution,
    name_conflict,
    settle,
)
from latent_ebm.exact.outcome import Clock
from latent_ebm.improving import improve
from latent_ebm.kernels.factor_splitting import TooLargeError
from latent_ebm.ledger import Ledger
from latent_ebm.loop import Budget, Descent, OnProgress, descend
from latent_ebm.plan import plan
from latent_ebm.settings import STRATEGIES, Settings
from latent_ebm.soft import SoftGoal
from latent_ebm.solution import Solution, Status
from latent_ebm.warmup import load_presolve

if TYPE_CHECKING:
    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.puzzles.problem import Problem

__all__ = ["STRATEGIES", "OnImprovement", "Settings", "solve_block"]

OnImprovement = Callable[[Solution], None]
"""Called with each solution that breaks less of the soft domains than those before."""


def solve_block(
    problems: Sequence[Problem],
    settings: Settings,
    on_progress: OnProgress | None = None,
    on_improvement: OnImprovement | None = None,
) -> list[Solution]:
    """Solve problems that share a landscape as one batch; answers in order."""
    kind, landscape = type(problems[0]), problems[0].landscape
    clashing = kind.clashing(problems)
    given = kind.masks(problems)
    if settings.strategy == "hybrid":
        # refuse what the engine cannot take before any work
        choose_engine(settings.exact, landscape.factors, np.logical_or.reduce(given))
    # where nothing is sound there is nothing to propagate, nor a kernel to compile for it
    rule = Rule.NONE if clashing.all() else settings.presolve
    load_presolve(landscape, rule)
    clock = Clock(None)
    left = landscape.presolve(given, rule)
    ledger = Ledger.blank(left.mask.argmax(axis=2).astype(np.int16))
    ledger.status[clashing] = Status.INVALID

    alive = ~clashing & ~left.contradiction
    live = np.count_nonzero(left.mask.reshape(len(problems), -1), axis=1)
    fixed = alive & (live == left.mask.shape[1])
    holds = np.zeros_like(fixed)
    holds[fixed] = landscape.check(ledger.values[fixed])
    ledger.status[holds] = Status.SOLVED
    ledger.seconds[:] = clock.spent / len(problems)

    rest = np.flatnonzero(alive & ~fixed)
    if len(rest):
        try:
            descent = _descend(problems[0], left.mask[rest], settings, on_progress)
            ledger.enter(rest, descent)
        except TooLargeError:
            # not even one sweep fits: the exact engine gets all the time
            if settings.strategy != "hybrid":
                raise
    if settings.strategy == "hybrid":
        for b in np.flatnonzero(~clashing).tolist():
            _settle(landscape, given[b], left, ledger, settings, b)
    _verify(problems, ledger)
    if landscape.soft:
        for b in np.flatnonzero(ledger.status == Status.SOLVED).tolist():
            _improve(problems[b], left.mask[b], ledger, settings, b, on_improvement)
    return [
        _solution(problem, settings, ledger, b, bool(left.contradiction[b]))
        for b, problem in enumerate(problems)
    ]


def _descend(
    problem: Problem,
    mask: NDArray[np.bool_],
    settings: Settings,
    on_progress: OnProgress | None,
) -> Descent:
    landscape, exact = problem.landscape, settings.strategy == "hybrid"
    return descend(
        landscape,
        mask,
        plan(settings.dynamics, settings.bridge, landscape, exact=exact, kind=problem.kind),
        place=Place(settings.backend, settings.device, settings.seed),
        budget=Budget(settings.max_steps, _descent_limit(settings)),
        on_progress=on_progress,
    )


def _descent_limit(settings: Settings) -> float | None:
    if settings.strategy == "hybrid":
        return descent_limit(settings.time_limit)
    return settings.time_limit


def _settle(
    landscape: Landscape,
    given: NDArray[np.bool_],
    left: Propagation,
    ledger: Ledger,
    settings: Settings,
    b: int,
) -> None:
    """Hand problem b to the exact engine for the rest of its time.

    Loading kernels, which the first descent of a process may wait for, takes none of that.
    """
    clock, mask = Clock(None), left.mask[b]
    before = min(float(ledger.seconds[b]), descent_limit(settings.time_limit))

    def rest() -> float | None:
        if settings.time_limit is None:
            return None
        return max(settings.time_limit - before - clock.spent, 0.0)

    exact, seed = settings.exact, settings.seed
    if left.contradiction[b]:
        ledger.status[b] = Status.INFEASIBLE
        ledger.core[b] = name_conflict(landscape, given, exact=exact, time_limit=rest(), seed=seed)
    elif ledger.status[b] is Status.UNKNOWN:
        found = settle(
            landscape, given, mask, ledger.values[b], exact=exact, time_limit=rest(), seed=seed
        )
        ledger.conclude(b, found)
    if settings.unique and ledger.status[b] is Status.SOLVED:
        ledger.unique[b] = is_only_solution(
            landscape, mask, ledger.values[b], exact=exact, time_limit=rest(), seed=seed
        )
    ledger.seconds[b] += clock.spent


def _improve(
    problem: Problem,
    mask: NDArray[np.bool_],
    ledger: Ledger,
    settings: Settings,
    b: int,
    on_improvement: OnImprovement | None,
) -> None:
    """Break less of the soft domains, for the rest of the problem's time."""
    limit, spent = settings.time_limit, float(ledger.seconds[b])
    clock = Clock(None if limit is None else max(limit - spent, 0.0))
    goal = SoftGoal(problem.landscape, mask, settings, clock, int(ledger.steps[b]))
    ledger.optimal[b] = False

    def improved(values: NDArray[np.int16], cost: int) -> None:
        if not np.array_equal(values, ledger.values[b]):
            ledger.engine[b] = goal.engine
        ledger.values[b], ledger.cost[b] = values, cost / goal.relaxation.denominator
        ledger.seconds[b] = spent + clock.spent
        _expect_verified([problem], values[None])
        if on_improvement is not None:
            on_improvement(_solution(problem, settings, ledger, b, False))

    ledger.optimal[b] = improve(goal, ledger.values[b].copy(), improved)
    ledger.steps[b], ledger.seconds[b] = goal.steps, spent + clock.spent


def _verify(problems: Sequence[Problem], ledger: Ledger) -> None:
    """The problem's own exact check of every answer that the landscape let pass."""
    solved = [b for b, status in enumerate(ledger.status) if status is Status.SOLVED]
    if solved:
        _expect_verified([problems[b] for b in solved], ledger.values[solved])


def _expect_verified(problems: Sequence[Problem], values: NDArray[np.int16]) -> None:
    right = type(problems[0]).verified(problems, values)
    if not right.all():
        problem = problems[int(right.argmin())]
        raise AssertionError(
            f"the energies of {problem.kind} accept what its own check refuses "
            f"({problem.source or problem.render()}); please report this as a bug"
        )


def _solution(
    problem: Problem, settings: Settings, ledger: Ledger, b: int, contradiction: bool
) -> Solution:
    status: Status = ledger.status[b]
    energy = 0.0
    violations: tuple[str, ...] = ()
    if status is Status.INVALID:
        energy, violations = float("inf"), problem.faults()
    elif status is Status.INFEASIBLE:
        energy, violations = float("inf"), ledger.core[b]
    elif status is Status.SOLVED:
        energy = ledger.cost[b]
    elif status is Status.UNKNOWN:
        energy, violations = _residue(problem.landscape, ledger.values[b])
    if contradiction and status is Status.UNKNOWN:
        violations = (
            "presolve: the givens leave some variable, group or factor without a value",
            *violations,
        )
    if ledger.remark[b] and status is Status.UNKNOWN:
        violations = (ledger.remark[b], *violations)
    return Solution(
        problem=problem,
        status=status,
        values=None if energy == float("inf") else ledger.values[b].copy(),
        energy=energy,
        violations=violations,
        steps=int(ledger.steps[b]),
        restarts=int(ledger.restarts[b]),
        seconds=float(ledger.seconds[b]),
        seed=settings.seed,
        engine=ledger.engine[b],
        backend=ledger.backend[b],
        unique=ledger.unique[b],
        optimal=ledger.optimal[b],
    )


def _residue(landscape: Landscape, values: NDArray[np.int16]) -> tuple[float, tuple[str, ...]]:
    """Energy and violations of a candidate [N]: counted, as loading torch would take a second."""
    violations = landscape.violations(values)
    broken = sum(domain.price(values) for domain in landscape.soft)
    return len(violations) + broken, violations
