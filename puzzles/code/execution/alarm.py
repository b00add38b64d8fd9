"""The worker's clock: what no tick counts, such as a slow regular expression, ends by CPU time.

An interval timer of the wall clock looks, 50 times a second, whether the same program is still
running, and raises `OutOfTime` in it when its time is up. Code that never returns to the
interpreter (`10**10**10`) cannot be interrupted so: a second timer, of CPU time, which only the
first one winds up again, then ends the process, and the host starts another.
"""

from __future__ import annotations

import signal
import time
from types import FrameType

from latent_ebm.puzzles.code.execution.ticks import OutOfTime

__all__ = ["Alarm"]

PERIOD = 0.02
"""Seconds between two looks."""


class Alarm:
    """Ends the program that runs while `active` is true.

    Attributes
    ----------
    active
        Whether a program's own code is running; set and cleared by the runner.
    serial
        Counts programs; a new one starts the clock anew.
    rang
        Whether the alarm has ended the current program.
    share
        Of its seconds that the current program may take.
    """

    def __init__(self, seconds: float) -> None:
        self.active = False
        self.serial = 0
        self.rang = False
        self.share = 1.0
        self._seconds = seconds
        self._seen = -1
        self._since = 0.0

    def start(self) -> None:
        """Start both timers in this process."""
        signal.signal(signal.SIGALRM, self._look)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        self._wind_up()
        signal.setitimer(signal.ITIMER_REAL, PERIOD, PERIOD)

    def _wind_up(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, self._seconds * 1.25 + 5 * PERIOD)

    def _look(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        now = time.process_time()
        if self.serial != self._seen or not self.active:
            self._seen = self.serial
            self._since = now
            self._wind_up()
        elif now - self._since > self.share * self._seconds:
            self.rang = True
            self._wind_up()
            raise OutOfTime
