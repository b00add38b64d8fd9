"""What the executor is asked and what it answers: jobs, limits, verdicts, outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["WAITED", "Job", "Limits", "Outcome", "Verdict"]

WAITED = "waits for more time than the limit allows"
"""The error of a program that was ended while it did nothing."""


class Verdict(IntEnum):
    """What came of one test case."""

    PASS = 0
    WRONG = 1
    EXCEPTION = 2
    TIMEOUT = 3
    CRASH = 4
    HOLE = 5
    NOT_RUN = 6


@dataclass(frozen=True)
class Limits:
    """What one program may use.

    Attributes
    ----------
    ticks
        Loop rounds, calls and comprehension rounds of one test case, until `calibrate` sets a
        budget for each case; deterministic.
    seconds
        CPU time of one program over all its cases, a backstop for what ticks do not count.
    wall_seconds
        Wall-clock time of the same, a backstop for what waits.
    memory
        Bytes of address space of one worker process.
    output
        Bytes kept of what a program prints, and of each of its outputs.
    file_size
        Bytes of each file that a program writes in its scratch folder.
    open_files
        Open descriptors of one process.
    recursion
        Depth of Python's stack.
    """

    ticks: int = 100_000
    seconds: float = 1.0
    wall_seconds: float = 5.0
    memory: int = 1 << 30
    output: int = 1 << 20
    file_size: int = 16 << 20
    open_files: int = 64
    recursion: int = 1000


@dataclass(frozen=True)
class Job:
    """A program, and what to put into its holes.

    Attributes
    ----------
    program
        The text of the whole module. Calls of `__hole_0__(x, y)`, `__hole_1__(x)` ... are holes.
    fillings
        For each execution, for each hole the source of a lambda ("lambda x, y: x + y"), or None
        for an open hole: reaching it ends the case with the verdict HOLE.
    cases
        Indices of the cases to run, in that order; None for all.
    stop_early
        Whether to stop at the first case that does not pass.
    ticks
        The budget of every case, in place of the executor's: to try again, with more, what
        came to a TIMEOUT.
    tight
        The budget of cases that come after one that fails or, where holes are open, runs out of
        its budget: little depends on how they end. None for the same budget; programs that are
        isolated have that, too.
    share
        Of the seconds that one program may take; what is isolated may take all.
    """

    program: str
    fillings: tuple[tuple[str | None, ...], ...] = ((),)
    cases: tuple[int, ...] | None = None
    stop_early: bool = False
    ticks: int | None = None
    tight: int | None = None
    share: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What came of one execution, over the T cases of the suite.

    Attributes
    ----------
    verdicts
        One `Verdict` as a byte for each case, [T].
    energies
        The graded energy of each case, [T]: 0 passed, up to 1 by the distance of the output,
        above 1 for an open hole, an exception, a time-out or a crash; NaN where not run.
    hole
        The first open hole that was reached, -1 for none.
    behaviour
        A digest, 64 bits, of the outputs and exception types of the cases that were run, equal
        for programs that behave equally, in every process.
    error
        The first exception's type and message, at most 200 characters, "" for none.
    """

    verdicts: bytes
    energies: tuple[float, ...]
    hole: int = -1
    behaviour: int = 0
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether every case was run and passed."""
        return not any(self.verdicts)

    @property
    def energy(self) -> float:
        """The mean over the cases that were run; NaN if none was."""
        run = [energy for energy in self.energies if not math.isnan(energy)]
        return math.fsum(run) / len(run) if run else math.nan
