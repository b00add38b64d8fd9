"""From what passed the search to the answer: rank, verify in a fresh sandbox, tell the rest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isnan

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.options import RepairSettings
from latent_ebm.coding.preparing import PATIENT, executor_for, runs_out
from latent_ebm.coding.ranking import Place, Ranking, ranked
from latent_ebm.coding.result import Difference, Energies, Patch, Repair
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Outcome, Verdict
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.puzzles.code.testing.cases import Case, Example, TestCall
from latent_ebm.solution import Status

__all__ = ["Finish", "answered", "outcome_in_fresh_sandbox", "printable"]


def outcome_in_fresh_sandbox(
    problem: CodeProblem, settings: RepairSettings, executor: Executor, text: str
) -> Outcome:
    """What comes of every test on a text as it would stand in the file; the last word."""
    found = executor.verify(text)
    if runs_out(found) and executor.limits.seconds < PATIENT.seconds:
        with executor_for(problem, settings, PATIENT, workers=1) as patient:
            return patient.verify(text)
    return found


PASS, LATE, EXCEPTION = Verdict.PASS, Verdict.TIMEOUT, Verdict.EXCEPTION


@dataclass(frozen=True)
class Finish:
    """The end of a search.

    Attributes
    ----------
    outcome
        Of the program as given.
    begun
        When it all began.
    survivors
        What passed, and after how many executions.
    executions
        In all.
    closest
        What came nearest, where nothing passed.
    interrupted
        Whether the search was stopped.
    """

    problem: CodeProblem
    settings: RepairSettings
    executor: Executor
    outcome: Outcome
    begun: float
    survivors: Sequence[tuple[Candidate, int]]
    executions: int
    closest: Candidate | None = None
    interrupted: bool = False

    def answer(self) -> Repair:
        """The best patches that stand, or what is known without one."""
        problem, settings = self.problem, self.settings
        ranking = Ranking.by_energy(self.survivors)
        if settings.rank and not self.interrupted:
            ranking = ranked(problem, self.executor, self.survivors, settings.seed)
        standing: list[Place] = []
        for place in ranking.places:
            if len(standing) == settings.all:
                break
            if self._stands(problem.laid_out(place.candidate.text).text):
                standing.append(place)
        before = Energies(_mean(self.outcome.energies))
        failed = _names(problem, self.outcome)
        if standing:
            patches = tuple(self._patch(place) for place in standing)
            difference = self._difference(ranking, standing[0])
            return self._answered(
                Status.SOLVED, patches=patches, before=before, fixed=failed, difference=difference
            )
        nearest = None
        undecided: tuple[str, ...] = ()
        if self.closest is not None:
            outcome = self.executor.verify(self.closest.text)
            place = Place(self.closest, self.executions, 1.0)
            if outcome.passed and self._stands(problem.laid_out(self.closest.text).text):
                # it only had too little time in the search
                patches = (self._patch(place),)
                return self._answered(Status.SOLVED, patches=patches, before=before, fixed=failed)
            failed = _names(problem, outcome)
            ran_out = (LATE, EXCEPTION) if outcome.error.startswith("MemoryError") else (LATE,)
            pairs = zip(self.outcome.verdicts, outcome.verdicts, strict=True)
            if all(now == PASS or (before == LATE and now in ran_out) for before, now in pairs):
                undecided = failed
            nearest = self._patch(place, _mean(outcome.energies))
        return self._answered(
            Status.UNKNOWN,
            closest=nearest,
            undecided=undecided,
            before=before,
            violations=failed,
        )

    def _stands(self, text: str) -> bool:
        """Whether a patch passes every test in a fresh sandbox, and the type checker if asked."""
        found = outcome_in_fresh_sandbox(self.problem, self.settings, self.executor, text)
        if not found.passed:
            return False
        if self.settings.types:
            from latent_ebm.coding.type_checking import adds_errors

            return not adds_errors(self.problem, text)
        return True

    def _patch(self, place: Place, tests: float = 0.0) -> Patch:
        candidate = place.candidate
        energies = Energies(
            tests,
            fsum(edit.prior for edit in candidate.edits),
            fsum(edit.types for edit in candidate.edits),
            fsum(edit.flow for edit in candidate.edits),
        )
        text = self.problem.laid_out(candidate.text).text
        return Patch(
            text, self.problem.diff(candidate.text), energies, place.executions, place.mass
        )

    def _difference(self, ranking: Ranking, chosen: Place) -> Difference | None:
        """Where the first patch and the likeliest one of another behaviour differ."""
        found = ranking.difference(chosen)
        if found is None:
            return None
        call, ours, theirs, rival = found
        return Difference(call, ours, theirs, self._patch(rival))

    def _answered(self, status: Status, **found: object) -> Repair:
        return answered(
            self.problem,
            self.settings,
            status,
            self.begun,
            backend=self.executor.isolation,
            steps=self.executions,
            interrupted=self.interrupted,
            error=printable(self.outcome.error),
            **found,
        )


def printable(text: str) -> str:
    r"""A text of a program's making, safe for a terminal and for any encoding.

    >>> printable("KeyError: \ud800 \x1b[2J größe")
    'KeyError: \\ud800 \\x1b[2J größe'
    """
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def answered(
    problem: CodeProblem, settings: RepairSettings, status: Status, begun: float, **found: object
) -> Repair:
    """An answer with the fields that were found; the others are blank."""
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
    cases: tuple[Case | Example | TestCall, ...] = problem.suite.cases
    pairs = zip(cases, outcome.verdicts, strict=True)
    return tuple(case.name for case, verdict in pairs if verdict != Verdict.PASS)
