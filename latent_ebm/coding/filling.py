"""From a program with holes to one without: fill, and finish as repair does."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from latent_ebm.coding.fill import fill_program
from latent_ebm.coding.fill_by_size import enumerate_fillings
from latent_ebm.coding.finishing import Finish, answered
from latent_ebm.coding.options import RepairSettings
from latent_ebm.coding.partly_filled import Filled
from latent_ebm.coding.preparing import PUT_OFF, QUICK, executor_for
from latent_ebm.coding.repairing import FOR_SEARCH, SEVERAL
from latent_ebm.coding.result import Repair
from latent_ebm.coding.search import OnProgress, Patience
from latent_ebm.coding.trials import Deadline
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job
from latent_ebm.puzzles.code.execution.recorder import type_name
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.holes import opened, sites
from latent_ebm.puzzles.code.grammar.import_edits import with_imports
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.holes import hole_nodes
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.puzzles.code.testing.cases import Case
from latent_ebm.solution import Status

__all__ = ["FILLERS", "fill_problem", "has_holes"]


def _by_descent(
    problem: CodeProblem,
    settings: RepairSettings,
    executor: Executor,
    deadline: Deadline,
    on_progress: OnProgress | None,
) -> Filled:
    return fill_program(
        with_imports(problem.text),
        executor,
        deadline,
        terms=settings.terms,
        patience=Patience() if settings.all == 1 else SEVERAL,
        results=_results(problem),
        seed=settings.seed,
        on_progress=on_progress,
    )


def _by_enumeration(
    problem: CodeProblem,
    settings: RepairSettings,
    executor: Executor,
    deadline: Deadline,
    on_progress: OnProgress | None,
) -> Filled:
    del settings, on_progress
    return enumerate_fillings(
        with_imports(problem.text), executor, deadline, results=_results(problem)
    )


Filler = Callable[
    [CodeProblem, RepairSettings, Executor, Deadline, OnProgress | None],
    Filled,
]

FILLERS: dict[str, Filler] = {"descent": _by_descent, "enumerate": _by_enumeration}
"""The strategies that fill holes."""


def has_holes(problem: CodeProblem) -> bool:
    """Whether a program has holes, ``...`` or ``__hole__``.

    Raises
    ------
    Refusal
        For a hole where nothing can be filled in, with file and line.
    """
    return any(True for _ in hole_nodes(problem.original))


def fill_problem(
    problem: CodeProblem, settings: RepairSettings, on_progress: OnProgress | None = None
) -> Repair:
    """Fill all holes of a program together; see :func:`latent_ebm.fill`.

    Raises
    ------
    ValueError
        If there is no hole, or the strategy is one that only repairs.
    IsolationError
        If programs cannot be confined as asked.
    """
    begun = time.monotonic()
    faults = problem.faults()
    if faults:
        return answered(problem, settings, Status.INVALID, begun, violations=faults)
    if settings.strategy not in FILLERS:
        known = ", ".join(FILLERS)
        raise ValueError(f"{settings.strategy!r} does not fill holes; choose from {known}")
    if not has_holes(problem):
        raise ValueError(
            f"{problem.source}: no holes; write ... or __hole__ where something is missing"
        )
    program = Program(with_imports(problem.text))
    holes = sites(program)
    blank = applied(program.source, opened(program, holes))
    with ExitStack() as stack:
        executor = stack.enter_context(executor_for(problem, settings, QUICK))
        ((outcome,),) = executor.run([Job(blank, ((None,) * len(holes),))])
        left = FOR_SEARCH * settings.time_limit - (time.monotonic() - begun)
        found, interrupted = Filled([], 0, len(holes)), False
        try:
            found = FILLERS[settings.strategy](
                problem, settings, executor, Deadline.after(left), on_progress
            )
        except KeyboardInterrupt:
            interrupted = True
            executor = stack.enter_context(executor_for(problem, settings, PUT_OFF))
        return Finish(
            problem,
            settings,
            executor,
            outcome,
            begun,
            found.survivors,
            found.executions,
            None,
            interrupted,
        ).answer()


def _results(problem: CodeProblem) -> tuple[str, ...]:
    """The run-time types of what the tests expect, the most detailed first."""
    cases = [case for case in problem.suite.cases if isinstance(case, Case) and not case.raises]
    names = {type_name(case.expected) for case in cases}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))
