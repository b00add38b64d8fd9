"""From a problem to its repair: look, search, and finish."""

from __future__ import annotations

import ast
import time
from contextlib import ExitStack
from dataclasses import replace

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.finishing import Finish, answered, outcome_in_fresh_sandbox
from latent_ebm.coding.options import STRATEGIES, RepairSettings
from latent_ebm.coding.preparing import PATIENT, PUT_OFF, Start, executor_for, look, probe_of, ready
from latent_ebm.coding.result import Repair
from latent_ebm.coding.search import OnProgress, Patience, search
from latent_ebm.coding.trials import Deadline, Trials
from latent_ebm.coding.watching import BestSoFar
from latent_ebm.puzzles.code.errors import BadSource
from latent_ebm.puzzles.code.execution.outcomes import Verdict
from latent_ebm.puzzles.code.grammar.syntax import Function
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.solution import Status

__all__ = ["FOR_SEARCH", "SEVERAL", "repair_program"]

FOR_SEARCH = 0.9
"""The share of the time that the search may take."""

SEVERAL = Patience(nats=3.0, factor=2.0, least=1000)
"""Where several patches are asked for."""


def repair_program(
    problem: CodeProblem, settings: RepairSettings, on_progress: OnProgress | None = None
) -> Repair:
    """Repair a program; see :func:`latent_ebm.repair`.

    Raises
    ------
    BadSource
        If tests fail and there is no function to change.
    IsolationError
        If programs cannot be confined as asked.
    """
    begun = time.monotonic()
    faults = problem.faults()
    if faults:
        return answered(problem, settings, Status.INVALID, begun, violations=faults)
    deadline = Deadline.after(FOR_SEARCH * settings.time_limit)
    with ExitStack() as stack:
        start = ready(problem, settings, stack, deadline)
        if start.outcome.passed:
            executor = start.executor
            last = outcome_in_fresh_sandbox(problem, settings, executor, problem.text)
            if last.passed:
                name = executor.isolation
                return answered(problem, settings, Status.SOLVED, begun, backend=name, steps=1)
            start = replace(start, outcome=last)
        if not any(isinstance(node, Function) for node in ast.walk(problem.original.tree)):
            raise BadSource(
                "nothing to repair: there is no function or method in it (def), and only their "
                "statements are changed",
                problem.source,
            )
        return _searched(problem, settings, start, begun, deadline, stack, on_progress)


def _searched(
    problem: CodeProblem,
    settings: RepairSettings,
    start: Start,
    begun: float,
    deadline: Deadline,
    stack: ExitStack,
    on_progress: OnProgress | None,
) -> Repair:
    executor, workspace = start.executor, look(problem, settings, start, deadline)
    probe, patient = probe_of(problem, start), PATIENT if start.late else PUT_OFF
    trials = Trials(
        executor,
        probe.first,
        probe.rest,
        lambda: executor_for(problem, settings, patient, deadline=deadline),
        frozenset(i for i, v in enumerate(start.outcome.verdicts) if v == Verdict.TIMEOUT),
        syntax=settings.terms.syntax,
    )
    stack.callback(trials.close)
    strategy = BestSoFar(
        STRATEGIES[settings.strategy](workspace, trials, settings.seed),
        trials,
        deadline,
        trials.energy(start.outcome),
    )
    patience = Patience() if settings.all == 1 else SEVERAL
    interrupted = False
    try:
        search(
            strategy,
            trials,
            deadline,
            patience,
            most=settings.max_executions,
            on_progress=on_progress,
        )
    except KeyboardInterrupt:
        # what was under way is lost with its workers
        interrupted = True
        executor = stack.enter_context(executor_for(problem, settings, PUT_OFF))
    return Finish(
        problem,
        settings,
        executor,
        start.outcome,
        begun,
        trials.survivors,
        trials.executions,
        min((one for one, _ in trials.undecided), key=_energy, default=strategy.candidate),
        interrupted,
    ).answer()


def _energy(candidate: Candidate) -> float:
    return candidate.energy
