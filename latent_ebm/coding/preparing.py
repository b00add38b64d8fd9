"""Getting ready: limits that suit the tests, a first look at the program, the probe."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from math import inf

from latent_ebm.coding.options import RepairSettings
from latent_ebm.coding.trials import Deadline
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.executor import Executor, imports_of
from latent_ebm.puzzles.code.execution.outcomes import Limits, Outcome, Verdict
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.puzzles.code.testing.cases import Case

__all__ = [
    "PATIENT",
    "PUT_OFF",
    "QUICK",
    "Probe",
    "Start",
    "executor_for",
    "is_slow",
    "limits_for",
    "look",
    "probe_of",
    "ready",
    "runs_out",
    "size_of",
]

QUICK = Limits(memory=256 << 20, seconds=0.15, wall_seconds=1.0, ticks=10_000)
"""Of candidates: most are wrong, and what does not end must not eat the time."""

PATIENT = Limits(memory=512 << 20, seconds=5.0, wall_seconds=10.0, ticks=1_000_000)
"""Of programs that matter: the given one, where it is slow, and what was put off."""

PUT_OFF = Limits(memory=512 << 20, seconds=1.0, wall_seconds=3.0, ticks=200_000)
"""Of candidates that ran out of their budget and may only be slow."""

SECOND_LOOK = Limits(memory=512 << 20, seconds=0.1, wall_seconds=3.0, ticks=30_000)
"""A tenth of what a test may take that is only slow."""

LARGE = 2 << 30
"""Bytes for programs that import more than the standard library."""

MOST_LINES = 300
"""That are looked at in a program, the most suspicious ones, the last ones where they are alike."""

FAILING, PASSING = 4, 2
"""How many cases of the probe failed, and passed, in the program as given."""


def limits_for(problem: CodeProblem, limits: Limits) -> Limits:
    """The limits, with more memory for programs with large imports."""
    roots = {name.partition(".")[0] for name in imports_of(problem.text)}
    if problem.project is None and roots <= sys.stdlib_module_names:
        return limits
    return replace(limits, memory=LARGE)


def is_slow(
    problem: CodeProblem, settings: RepairSettings, outcome: Outcome, deadline: Deadline
) -> bool:
    """Whether the program is slow on a test, not endless: the smallest that ran out shows it."""
    late = [i for i, verdict in enumerate(outcome.verdicts) if verdict == Verdict.TIMEOUT]
    if not late:
        return False
    smallest = min(late, key=lambda i: size_of(problem.suite.cases[i]))
    cases = problem.suite.cases[smallest : smallest + 1]
    one = replace(problem, suite=replace(problem.suite, cases=cases))
    with executor_for(one, settings, SECOND_LOOK, 1, deadline) as executor:
        return not runs_out(executor.calibrate(problem.text))


def executor_for(
    problem: CodeProblem,
    settings: RepairSettings,
    limits: Limits,
    workers: int | None = None,
    deadline: Deadline | None = None,
) -> Executor:
    """An executor for a problem; candidates are run until the deadline, where there is one.

    Raises
    ------
    IsolationError
        If programs cannot be confined as asked.
    """
    return Executor(
        problem.suite,
        context=problem.text,
        project=problem.project,
        workers=workers or settings.workers,
        limits=limits_for(problem, limits),
        isolation=settings.isolation,
        allow_unsandboxed=settings.allow_unsandboxed,
        until=inf if deadline is None else deadline.at,
    )


@dataclass(frozen=True)
class Start:
    """A program before the search.

    Attributes
    ----------
    executor
        With budgets that suit the program.
    outcome
        Of the program as given, with ample time.
    late
        Cases that need more time than the executor gives: they come last, with ample budgets.
    """

    executor: Executor
    outcome: Outcome
    late: frozenset[int] = frozenset()


def ready(
    problem: CodeProblem, settings: RepairSettings, stack: ExitStack, deadline: Deadline
) -> Start:
    """Run the program as given, and choose the budgets of candidates by how it fares.

    A slow test is no failing one. Where quick tests fail as well, candidates are tried on these.
    """
    quick = stack.enter_context(executor_for(problem, settings, QUICK, deadline=deadline))
    first = quick.calibrate(problem.text)
    if not is_slow(problem, settings, first, deadline):
        return Start(quick, first)
    patient = stack.enter_context(executor_for(problem, settings, PATIENT, deadline=deadline))
    outcome = patient.calibrate(problem.text)
    late = frozenset(i for i, v in enumerate(first.verdicts) if v == Verdict.TIMEOUT)
    if any(verdict for i, verdict in enumerate(outcome.verdicts) if i not in late):
        return Start(quick, outcome, late)
    return Start(patient, outcome)


@dataclass(frozen=True)
class Probe:
    """The cases that candidates are run on first, and the others."""

    first: tuple[int, ...]
    rest: tuple[int, ...]


def probe_of(problem: CodeProblem, start: Start) -> Probe:
    """A few failing and passing cases, the small ones first; none that is late."""
    cases = problem.suite.cases
    order = sorted(range(len(cases)), key=lambda i: size_of(cases[i]))
    failed = [i for i in order if start.outcome.verdicts[i] and i not in start.late]
    passed = [i for i in order if not start.outcome.verdicts[i] and i not in start.late]
    first = (*failed[:FAILING], *passed[:PASSING])
    return Probe(first, tuple(i for i in (*failed, *passed, *sorted(start.late)) if i not in first))


def size_of(case: object) -> int:
    """How much a case is to read."""
    return len(repr((case.args, case.kwargs, case.expected))) if isinstance(case, Case) else 0


def look(
    problem: CodeProblem, settings: RepairSettings, start: Start, deadline: Deadline
) -> Workspace:
    """The program with what one slow run of it shows.

    Of cases that run out of their budget only one is looked at. Where the run does not come to
    its end, one case is tried; where the module does not even load, every line is as suspicious
    as the others.
    """
    first = probe_of(problem, start).first
    endless = [i for i in first if start.outcome.verdicts[i] == Verdict.TIMEOUT]
    few = [i for i in first if i not in endless[1:]]
    for cases in (few if endless or start.late else None, first[:1]):
        workspace = Workspace.of(
            problem.text, start.executor, settings.terms, cases, deadline=deadline
        )
        if any(workspace.context.observations.suspicion.values()):
            return _narrowed(workspace)
    context = workspace.context
    lines = range(1, problem.text.count("\n") + 2)
    seen = Observations(
        context.observations.types,
        context.observations.local_types,
        [dict.fromkeys(lines, 1)],
        [True],
    )
    context = Context(context.program, seen, context.terms)
    return _narrowed(Workspace(context, workspace.outcome, deadline))


def _narrowed(workspace: Workspace) -> Workspace:
    """The same with at most so many suspicious lines: making edits takes time for each."""
    context, seen = workspace.context, workspace.context.observations
    suspicion = seen.suspicion
    if len(suspicion) <= MOST_LINES:
        return workspace
    kept = sorted(suspicion, key=lambda line: (suspicion[line], line))[-MOST_LINES:]
    lines = [{line: ran[line] for line in kept if line in ran} for ran in seen.lines]
    narrow = replace(seen, lines=lines)
    context = Context(context.program, narrow, context.terms)
    return Workspace(context, workspace.outcome, workspace.deadline)


def runs_out(outcome: Outcome) -> int:
    """How many cases ran out of their budgets."""
    return outcome.verdicts.count(Verdict.TIMEOUT)
