"""From a program with holes to one without: fill, and finish as repair does."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from latent_ebm.coding.fill import fill_program
from latent_ebm.coding.fill_by_size import enumerate_fillings
from latent_ebm.coding.finishing import Finish, answered
from latent_ebm.coding.on_landscape import LandscapeDescent
from latent_ebm.coding.options import RepairSettings
from latent_ebm.coding.partly_filled import Filled
from latent_ebm.coding.preparing import PUT_OFF, QUICK, executor_for
from latent_ebm.coding.repairing import FOR_SEARCH, SEVERAL
from latent_ebm.coding.result import Repair
from latent_ebm.coding.search import OnProgress, Patience, search
from latent_ebm.coding.trials import Deadline, Trials
from latent_ebm.coding.watching import BestSoFar
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.holes import opened, sites
from latent_ebm.puzzles.code.grammar.import_edits import with_imports
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.hole_marks import hole_nodes
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.puzzles.code.relaxed.landscape import RelaxedProgram
from latent_ebm.puzzles.code.relaxed.looking import look_at, result_types
from latent_ebm.solution import Status

__all__ = ["FILLERS", "fill_problem", "has_holes"]


NATURAL, MANY = Patience(factor=2.0, least=1500), Patience(factor=3.0, least=3000)
"""For fillings: the first that passes weak tests is seldom the natural one; and for several."""


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
        patience=NATURAL if settings.all == 1 else MANY,
        results=result_types(problem.suite),
        seed=settings.seed,
        most=settings.max_executions,
        on_progress=on_progress,
    )


def _by_enumeration(
    problem: CodeProblem,
    settings: RepairSettings,
    executor: Executor,
    deadline: Deadline,
    on_progress: OnProgress | None,
) -> Filled:
    del on_progress
    return enumerate_fillings(
        with_imports(problem.text),
        executor,
        deadline,
        results=result_types(problem.suite),
        most=settings.max_executions,
    )


def _on_landscape(
    problem: CodeProblem,
    settings: RepairSettings,
    executor: Executor,
    deadline: Deadline,
    on_progress: OnProgress | None,
) -> Filled:
    relaxed = RelaxedProgram.seen(look_at(problem.text, executor, settings.terms))
    trials = Trials(executor, tuple(range(len(problem.suite))), ())
    strategy = LandscapeDescent(relaxed, trials.energy, settings.seed)
    patience = Patience() if settings.all == 1 else SEVERAL
    most = settings.max_executions
    watched = BestSoFar(strategy, trials, deadline, float("inf"))
    interrupted = False
    try:
        search(watched, trials, deadline, patience, most=most, on_progress=on_progress)
    except KeyboardInterrupt:
        interrupted = True
    holes = len(relaxed.parts)
    return Filled(trials.survivors, trials.executions, holes, watched.candidate, interrupted)


Filler = Callable[
    [CodeProblem, RepairSettings, Executor, Deadline, OnProgress | None],
    Filled,
]

FILLERS: dict[str, Filler] = {
    "descent": _by_descent,
    "enumerate": _by_enumeration,
    "landscape": _on_landscape,
}
"""The strategies that fill holes."""


def has_holes(problem: CodeProblem) -> bool:
    """Whether a program has holes, ``...`` or ``__hole__``.

    Raises
    ------
    Refusal
        For a hole where nothing can be filled in, with file and line.
    """
    return bool(list(hole_nodes(problem.original)))  # all of them: each may be refused


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
        deadline = Deadline.after(FOR_SEARCH * settings.time_limit - (time.monotonic() - begun))
        executor = stack.enter_context(executor_for(problem, settings, QUICK, deadline=deadline))
        ((outcome,),) = executor.run([Job(blank, ((None,) * len(holes),))])
        filler = FILLERS[settings.strategy]
        found = filler(problem, settings, executor, deadline, on_progress)
        if found.interrupted:
            # what was under way is lost with its workers
            executor = stack.enter_context(executor_for(problem, settings, PUT_OFF))
        return Finish(
            problem,
            settings,
            executor,
            outcome,
            begun,
            found.survivors,
            found.executions,
            found.closest,
            found.interrupted,
        ).answer()
