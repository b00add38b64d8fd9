"""Measuring single problems of any kind, one after the other, beside other solvers."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from latent_ebm.bench.rivals import INFEASIBLE, Rival
from latent_ebm.puzzles.kinds import Kind, ReadOptions, members
from latent_ebm.puzzles.problem import BadPuzzle, Problem
from latent_ebm.puzzles.reading import ReadError
from latent_ebm.solution import Status
from latent_ebm.solving import Settings, solve_block
from latent_ebm.warmup import warm_up

SOLVED, OPEN = "solved", "open"


@dataclass(frozen=True)
class Outcome:
    """How one solver did on one problem: solved (checked), infeasible, or open."""

    verdict: str
    seconds: float

    @property
    def settled(self) -> bool:
        """Whether there is an answer."""
        return self.verdict != OPEN


@dataclass(frozen=True)
class Score:
    """How one solver did on all problems, in order."""

    outcomes: tuple[Outcome, ...]

    def as_json(self) -> dict[str, Any]:
        """As ``bench --json`` prints it."""
        seconds = sum(outcome.seconds for outcome in self.outcomes)
        return {
            "solved": sum(outcome.settled for outcome in self.outcomes),
            "infeasible": sum(outcome.verdict == INFEASIBLE for outcome in self.outcomes),
            "seconds": round(seconds, 6),
            "ms_per_puzzle": round(seconds / max(len(self.outcomes), 1) * 1e3, 6),
        }

    def ratio(self, ours: Score) -> float | None:
        """Its time over ours, on the problems that both settled; None if there are none.

        >>> fast, slow = (Score((Outcome(SOLVED, s), Outcome(OPEN, 9))) for s in (2, 3))
        >>> slow.ratio(fast)
        1.5
        """
        both = [
            (theirs.seconds, our.seconds)
            for theirs, our in zip(self.outcomes, ours.outcomes, strict=True)
            if theirs.settled and our.settled
        ]
        total = sum(our for _, our in both)
        return sum(theirs for theirs, _ in both) / total if total else None


def load(path: Path, kind: Kind, options: ReadOptions) -> list[Problem]:
    """All problems of a file, or of the files of a folder.

    Raises
    ------
    ReadError
        If something in it cannot be read.
    """
    problems = []
    for file in members(path, kind) if path.is_dir() else [path]:
        for found in kind.read(file, options=options):
            if isinstance(found, BadPuzzle):
                raise ReadError(str(found))
            problems.append(found)
    return problems


def measure_us(problems: Sequence[Problem], kind: Kind, settings: Settings) -> Score:
    """Our times, landscape and checks included; kernels are loaded beforehand."""
    with suppress(ValueError):  # what cannot run says so on the first real problem
        landscape = kind.generate(np.random.default_rng(0)).landscape
        warm_up(landscape, settings)
        if settings.dynamics == "auto":  # what large problems may go on to
            warm_up(landscape, replace(settings, dynamics="nogoods"))
    outcomes = []
    for problem in _told(problems, "latent-ebm"):
        begun = time.perf_counter()
        answer = solve_block([problem], settings)[0]
        seconds = time.perf_counter() - begun
        if answer.status is Status.INFEASIBLE:
            outcomes.append(Outcome(INFEASIBLE, seconds))
        else:
            outcomes.append(Outcome(SOLVED if answer.solved else OPEN, seconds))
    return Score(tuple(outcomes))


def measure_rival(name: str, problems: Sequence[Problem], time_limit: float, workers: int) -> Score:
    """A peer's times, its answers checked."""
    rival = Rival(name, time_limit, workers)
    outcomes = []
    try:
        for problem in _told(problems, name):
            timed = rival.solve(problem)
            verdict = OPEN
            if isinstance(timed.answer, str):
                verdict = INFEASIBLE
            elif timed.answer is not None:
                if not type(problem).verified([problem], timed.answer[None])[0]:
                    raise AssertionError(f"{name} gave a wrong answer to {problem.source}")
                verdict = SOLVED
            outcomes.append(Outcome(verdict, timed.seconds))
    finally:
        rival.close()
    return Score(tuple(outcomes))


def disagreements(problems: Sequence[Problem], scores: dict[str, Score]) -> list[str]:
    """Problems that one solver solved and another calls infeasible."""
    found = []
    for i, problem in enumerate(problems):
        verdicts = {name: score.outcomes[i].verdict for name, score in scores.items()}
        if {SOLVED, INFEASIBLE} <= set(verdicts.values()):
            said = ", ".join(f"{name}: {verdict}" for name, verdict in verdicts.items())
            found.append(f"{problem.source}: {said}")
    return found


def _told(problems: Sequence[Problem], name: str) -> Iterator[Problem]:
    """The problems, each announced on a terminal."""
    for index, problem in enumerate(problems, start=1):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[Klatent-ebm: {name}: {index} of {len(problems)}")
        yield problem
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
