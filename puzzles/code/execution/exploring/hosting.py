"""The host's side of explorations: asking workers, and going on when one dies."""

from __future__ import annotations

import itertools
import select
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from latent_ebm.puzzles.code.execution.exploring.found import ForgottenError, Found, Hole, unpacked
from latent_ebm.puzzles.code.execution.pool import Pool, Slot
from latent_ebm.puzzles.code.execution.process import ClosedWorkerError, WorkerProcess
from latent_ebm.puzzles.code.execution.records import RecordError
from latent_ebm.puzzles.code.execution.worker import BUDGETS, EXPLORE, EXPLORED

__all__ = ["Explorations"]

_WAIT_SECONDS = 0.2
_GRACE = 1.0
MOST_FORGOTTEN = 1000
"""How often an exploration is begun again for want of room."""
LONGEST = 60.0
"""Seconds of one stretch; a worker that does not answer by then is taken for dead."""
MOST_DEATHS = 6
"""Workers that an exploration may end."""


class _Stretch(NamedTuple):
    """What a worker is asked."""

    number: int
    work: int
    expressions: int


@dataclass(eq=False)
class _Home:
    """A worker, what it was asked and has not answered, oldest first, and how long it takes."""

    slot: Slot
    asked: deque[_Stretch] = field(default_factory=deque)
    seen: int = -1
    moved: float = 0.0
    begun: float = 0.0

    def next(self) -> None:
        """Start the clock of the stretch that comes next."""
        self.seen, self.moved = -1, time.monotonic()
        self.begun = self.moved

    def stands_still(self, seconds: float) -> bool:
        """Whether it has shown no progress for so long, or does not come to an end."""
        now, process = time.monotonic(), self.slot.process
        if process.progress[0] != self.seen or not process.ready:
            self.seen, self.moved = process.progress[0], now
        return now - self.moved > seconds or now - self.begun > LONGEST


@dataclass(eq=False)
class _Going:
    """An exploration: where it is, how far, and the marks of expressions that ended workers."""

    hole: Hole
    home: _Home | None = None
    process: WorkerProcess | None = None
    layer: int = 0
    deadly: list[int] = field(default_factory=list)
    forgotten: int = 0


class Explorations:
    """Explorations in workers of their own, as many as a pool has: programs may end others."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._homes = [_Home(pool.slot("run")) for _ in range(pool.count)]
        self._numbers = itertools.count()
        self._going: dict[int, _Going] = {}
        self._found: dict[int, Found | None] = {}

    def begin(self, hole: Hole) -> int:
        """The number of a new exploration."""
        number = next(self._numbers)
        self._going[number] = _Going(hole)
        return number

    def ask(self, number: int, work: int, expressions: int) -> None:
        """Let an exploration go on for so much work or so many expressions, without waiting."""
        going = self._going[number]
        if going.home is None:
            homes = [one.home for one in self._going.values()]
            going.home = min(self._homes, key=lambda home: (len(home.asked), homes.count(home)))
        if not going.home.asked:
            going.home.next()
        going.home.asked.append(_Stretch(number, work, expressions))
        self._send(going.home, going.home.asked[-1])

    def answers(self) -> dict[int, Found | None]:
        """What came of all that was asked, by number; None for an exploration that cannot go on.

        That is one whose program cannot run in a worker for many, or that has ended its worker
        too often. What an expression ends is begun again where it was, without that expression.
        """
        while any(home.asked for home in self._homes):
            self._await()
        found, self._found = self._found, {}
        for number in [number for number, one in found.items() if one is None or one.over]:
            del self._going[number]  # it is not asked for again
        return found

    def advance(self, numbers: Sequence[int], work: int, expressions: int) -> list[Found | None]:
        """Ask explorations, and wait for their answers."""
        for number in numbers:
            self.ask(number, work, expressions)
        found = self.answers()
        return [found[number] for number in numbers]

    def set_budgets(self) -> None:
        """Tell the workers the pool's budgets."""
        for home in self._homes:
            with suppress(ClosedWorkerError):  # one that is started again is told then
                home.slot.process.send(BUDGETS, (self._pool.module_budget, self._pool.budgets))

    def close(self) -> None:
        """End the workers."""
        for home in self._homes:
            home.slot.process.close()

    def _send(self, home: _Home, asked: _Stretch) -> None:
        """Ask a worker, and tell it of the exploration if it does not know."""
        going, process = self._going[asked.number], home.slot.process
        message: dict[str, object] = dict(asked._asdict())
        if going.process is not process:
            going.process = process
            message |= vars(going.hole) | {"first": going.layer, "deadly": going.deadly}
        with suppress(ClosedWorkerError):  # its answer will tell
            process.send(EXPLORE, message)

    def _await(self) -> None:
        """Wait for answers, and take them."""
        busy = {home.slot.process.fileno(): home for home in self._homes if home.asked}
        poll = select.poll()
        for descriptor, home in busy.items():
            poll.register(descriptor, select.POLLIN)
            if home.slot.process.unsent:
                poll.register(home.slot.process.write_descriptor, select.POLLOUT)
        poll.poll(_WAIT_SECONDS * 1000)
        for home in busy.values():
            try:
                home.slot.process.flush()
                for kind, body in home.slot.process.receive():
                    if kind == EXPLORED and home.asked:
                        self._take(home, body)
            except (ClosedWorkerError, RecordError):
                self._died(home)
            if home.asked and home.stands_still(self._pool.limits.wall_seconds + _GRACE):
                self._died(home)

    def _take(self, home: _Home, body: bytes) -> None:
        """Keep the answer to what a worker was asked first.

        Raises
        ------
        RecordError
            For what no worker sends.
        """
        asked = home.asked[0]
        going = self._going[asked.number]
        try:
            found = unpacked(body, going.hole)
        except ForgottenError:
            going.process, going.forgotten = None, going.forgotten + 1
            self._again(home, going.forgotten <= MOST_FORGOTTEN)
            return
        home.asked.popleft()
        home.next()
        going.layer = max(going.layer, found.layer if found else 0)
        self._found[asked.number] = found

    def _died(self, home: _Home) -> None:
        """Put a new worker in the place of one: what it was asked first has ended it."""
        going = self._going[home.asked[0].number]
        going.deadly.append(home.slot.process.progress[4])
        home.slot.process.kill()
        self._pool.restart(home.slot)
        rest = list(home.asked)[1:]
        self._again(home, len(going.deadly) <= MOST_DEATHS, rest)

    def _again(self, home: _Home, may: bool, rest: Sequence[_Stretch] = ()) -> None:
        """Ask what was asked first once more, if it may be, behind what is to be sent again."""
        asked = home.asked.popleft()
        home.next()
        for one in rest:
            self._send(home, one)
        if may:
            home.asked.append(asked)
            self._send(home, asked)
        else:
            self._found[asked.number] = None
