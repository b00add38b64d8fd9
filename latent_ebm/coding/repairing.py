"""From a problem to its repair: look, search, rank, verify in a fresh sandbox."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import fsum, isnan

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.options import STRATEGIES, RepairSettings
from latent_ebm.coding.preparing import (
    PATIENT,
    PUT_OFF,
    QUICK,
    executor_for,
    is_slow,
    look,
    probe_of,
    runs_out,
)
from latent_ebm.coding.ranking import Ranking, ranked
from latent_ebm.coding.result import Difference, Energies, Patch, Repair
from latent_ebm.coding.search import OnProgress, Patience, search
from latent_ebm.coding.trials import Deadline, Trials
from latent_ebm.coding.watching import BestSoFar
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Outcome, Verdict
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.solution import Status

__all__ = ["repair_program"]

FOR_VERIFICATION = 0.9
"""The share of the time that the search may take."""

SEVERAL = Patience(nats=3.0, factor=2.0, least=1000)
"""Where several patches are asked for."""


def repair_program(
    problem: CodeProblem, settings: RepairSettings, on_progress: OnProgress | None = None
) -> Repair:
    """Repair a program; see :func:`latent_ebm.repair`.

    Raises
    ------
    IsolationError
        If programs cannot be confined as asked.
    """
    begun = time.monotonic()
    faults = problem.faults()
    if faults:
        return _answer(problem, settings, Status.INVALID, begun, violations=faults)
    with ExitStack() as stack:
        executor = stack.enter_context(executor_for(problem, settings, QUICK))
        outcome = executor.calibrate(problem.text)
        if is_slow(problem, settings, outcome):
            executor = stack.enter_context(executor_for(problem, settings, PATIENT))
            outcome = executor.calibrate(problem.text)
        if outcome.passed:
            judge = _Judge(problem, settings, executor)
            if judge.outcome(problem.text).passed:
                return _answer(
                    problem, settings, Status.SOLVED, begun, backend=executor.isolation, steps=1
                )
        return _Session(problem, settings, executor, outcome, begun).repair(on_progress)


@dataclass(frozen=True)
class _Judge:
    """The last word on a program: every test, in a sandbox started for it."""

    problem: CodeProblem
    settings: RepairSettings
    executor: Executor

    def outcome(self, text: str) -> Outcome:
        """What comes of a text as it would stand in the file."""
        found = self.executor.verify(text)
        if runs_out(found) and self.executor.limits.seconds < PATIENT.seconds:
            with executor_for(self.problem, self.settings, PATIENT, workers=1) as patient:
                return patient.verify(text)
        return found


@dataclass(eq=False)
class _Session:
    """One repair under way."""

    problem: CodeProblem
    settings: RepairSettings
    executor: Executor
    outcome: Outcome
    begun: float
    interrupted: bool = False
    _verified: dict[str, bool] = field(default_factory=dict)

    def repair(self, on_progress: OnProgress | None) -> Repair:
        """Search, rank, verify."""
        problem, settings = self.problem, self.settings
        workspace = look(problem, self.executor, settings, self.outcome)
        probe = probe_of(problem, self.outcome)
        trials = Trials(
            self.executor, probe.first, probe.rest, lambda: executor_for(problem, settings, PUT_OFF)
        )
        strategy = BestSoFar(
            STRATEGIES[settings.strategy](workspace, trials, settings.seed),
            trials,
            trials.energy(self.outcome),
        )
        patience = Patience() if settings.all == 1 else SEVERAL
        left = FOR_VERIFICATION * settings.time_limit - (time.monotonic() - self.begun)
        try:
            search(strategy, trials, Deadline.after(left), patience, on_progress=on_progress)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            trials.close()
        if self.interrupted:
            # what was under way is lost with its workers
            with executor_for(problem, settings, PATIENT, workers=1) as fresh:
                self.executor = fresh
                return self._finished(trials, strategy.candidate)
        return self._finished(trials, strategy.candidate)

    def _finished(self, trials: Trials, closest: Candidate | None) -> Repair:
        ranking = Ranking.by_energy(trials.survivors)
        if self.settings.rank and not self.interrupted:
            ranking = ranked(self.problem, self.executor, trials.survivors, self.settings.seed)
        patches: list[Patch] = []
        for place in ranking.places:
            if len(patches) == self.settings.all:
                break
            text = self.problem.laid_out(place.candidate.text).text
            if self._stands(text):
                patches.append(self._patch(place.candidate, place.executions, 0.0, place.mass))
        before = Energies(_mean(self.outcome.energies))
        failed = _names(self.problem, self.outcome)
        if patches:
            return self._answer(
                Status.SOLVED,
                trials,
                patches=tuple(patches),
                before=before,
                fixed=failed,
                difference=self._difference(ranking, patches),
            )
        nearest = None
        if closest is not None:
            outcome = self.executor.verify(closest.text)
            failed = _names(self.problem, outcome)
            nearest = self._patch(closest, trials.executions, _mean(outcome.energies), 0.0)
        return self._answer(
            Status.UNKNOWN, trials, closest=nearest, before=before, violations=failed
        )

    def _stands(self, text: str) -> bool:
        """Whether a patch passes every test in a fresh sandbox, and the type checker if asked."""
        judge = _Judge(self.problem, self.settings, self.executor)
        if not judge.outcome(text).passed:
            return False
        if self.settings.types:
            from latent_ebm.coding.type_checking import adds_errors

            return not adds_errors(self.problem, text)
        return True

    def _patch(self, candidate: Candidate, executions: int, tests: float, mass: float) -> Patch:
        source = self.problem.laid_out(candidate.text)
        energies = Energies(
            tests,
            fsum(edit.prior for edit in candidate.edits),
            fsum(edit.types for edit in candidate.edits),
            fsum(edit.flow for edit in candidate.edits),
        )
        return Patch(source.text, self.problem.diff(candidate.text), energies, executions, mass)

    def _difference(self, ranking: Ranking, patches: Sequence[Patch]) -> Difference | None:
        """Where the first patch and the likeliest one of another behaviour differ."""
        text = patches[0].text
        chosen = next(
            one for one in ranking.places if self.problem.laid_out(one.candidate.text).text == text
        )
        found = ranking.difference(chosen)
        if found is None:
            return None
        call, ours, theirs, rival = found
        patch = self._patch(rival.candidate, rival.executions, 0.0, rival.mass)
        return Difference(call, ours, theirs, patch)

    def _answer(self, status: Status, trials: Trials, **found: object) -> Repair:
        return _answer(
            self.problem,
            self.settings,
            status,
            self.begun,
            backend=self.executor.isolation,
            steps=trials.executions,
            interrupted=self.interrupted,
            **found,
        )


def _answer(
    problem: CodeProblem, settings: RepairSettings, status: Status, begun: float, **found: object
) -> Repair:
    values: dict[str, object] = {
        "violations": (), "steps": 0, "backend": "", "before": Energies(0.0), **found
    }  # fmt: skip
    patches, closest = found.get("patches"), found.get("closest")
    best = patches[0] if isinstance(patches, tuple) and patches else closest
    energy = best.energies.total if isinstance(best, Patch) else 0.0
    return Repair(
        problem=problem,
        status=status,
        values=None,
        energy=float("inf") if status is Status.INVALID else energy,
        restarts=0,
        seconds=time.monotonic() - begun,
        seed=settings.seed,
        engine=settings.strategy,
        **values,  # type: ignore[arg-type]
    )


def _mean(energies: Sequence[float]) -> float:
    run = [0.0 if isnan(energy) else energy for energy in energies]
    return fsum(run) / len(run)


def _names(problem: CodeProblem, outcome: Outcome) -> tuple[str, ...]:
    """The cases that did not pass."""
    pairs = zip(problem.suite.cases, outcome.verdicts, strict=True)
    return tuple(case.name for case, verdict in pairs if verdict != Verdict.PASS)


