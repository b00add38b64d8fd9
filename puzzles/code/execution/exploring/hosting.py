"""The host's side of explorations: asking workers, checking what they answer."""

from __future__ import annotations

import itertools
import select
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from latent_ebm.puzzles.code.execution.exploring.exploration import (
    GOING,
    HEAD,
    LOST,
    OVER,
    REFUSED,
    SURVIVOR,
)
from latent_ebm.puzzles.code.execution.pool import Pool, Slot
from latent_ebm.puzzles.code.execution.process import ClosedWorkerError, WorkerProcess
from latent_ebm.puzzles.code.execution.records import RecordError
from latent_ebm.puzzles.code.execution.worker import BUDGETS, EXPLORE, EXPLORED

__all__ = ["Explorations", "Found", "Hole", "SymbolRow", "unpacked"]

SymbolRow = tuple[str, tuple[int, ...], tuple[int, ...], int, int, int, bool, bool]
"""Text or template, operands, bindings, result, binding, layer, distinct, symmetric; types are
numbers."""
_WAIT_SECONDS = 0.2
_GRACE = 1.0
MOST_FORGOTTEN = 1000
"""How often an exploration is begun again for want of room."""
LONGEST = 60.0
"""Seconds of one stretch; a worker that does not answer by then is taken for dead."""
MOST_DEATHS = 6
"""Workers that an exploration may end."""


@dataclass(frozen=True)
class Hole:
    """A hole to explore.

    Attributes
    ----------
    variants
        (text, roots): programs, their open holes calls of ``__hole_0__()``, ``__hole_1__()``, ...,
        with an expression to come in the same place of all; and for each type the layers to add
        where it comes there, below 0 for never.
    hole, holes
        The number of the one to fill, and how many there are.
    order
        The cases.
    symbols
        Atoms, without operands, and productions. What a production gives must follow from the
        values of its operands, and it must not change them.
    highest
        The last layer.
    loops
        Whether the function goes on for ever once its names have the same values again.
    """

    variants: tuple[tuple[str, tuple[int, ...]], ...]
    hole: int
    holes: int
    order: tuple[int, ...]
    symbols: tuple[SymbolRow, ...]
    highest: int
    loops: bool


class Found(NamedTuple):
    """What came of a stretch of an exploration.

    Attributes
    ----------
    over
        Whether nothing is left.
    runs
        Expressions for which cases were run.
    expressions
        Expressions judged.
    layer
        The layer reached.
    survivors
        (variant, rank, derivation): expressions that may pass, with how many come to the same
        before them, and the numbers of their symbols, the outermost first; those of rank
        `HOPELESS` cannot pass, but pass more cases than others that cannot.
    """

    over: bool
    runs: int
    expressions: int
    layer: int
    survivors: tuple[tuple[int, int, tuple[int, ...]], ...]


class _ForgottenError(Exception):
    """The worker has forgotten an exploration for others."""


AGAIN = Found(False, 0, 0, 0, ())
"""In place of an answer: the exploration has to begin again."""


@dataclass(eq=False)
class _Going:
    """An exploration: where it is, how far, and the marks of expressions that ended workers."""

    hole: Hole
    slot: Slot | None = None
    process: WorkerProcess | None = None
    layer: int = 0
    deadly: list[int] = field(default_factory=list)
    forgotten: int = 0


class Explorations:
    """Explorations in workers of their own, as many as a pool has: programs may end others."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._slots = [pool.slot("run") for _ in range(pool.count)]
        self._numbers = itertools.count()
        self._going: dict[int, _Going] = {}

    def begin(self, hole: Hole) -> int:
        """The number of a new exploration."""
        number = next(self._numbers)
        self._going[number] = _Going(hole)
        return number

    def advance(self, numbers: Sequence[int], work: int, expressions: int) -> list[Found | None]:
        """Go on with explorations, side by side; None for one that cannot go on.

        That is one whose program cannot run in a worker for many, or that has ended its worker
        too often. What an expression ends is begun again where it was, without that expression.
        """
        found: dict[int, Found | None] = {}
        waiting = list(dict.fromkeys(numbers))
        while waiting:
            busy: list[tuple[Slot, int]] = []
            for number in list(waiting):
                slot = self._slot(number, [slot for slot, _ in busy])
                if slot is not None:
                    waiting.remove(number)
                    busy.append((slot, number))
                    message = self._message(number, slot)
                    message |= {"number": number, "work": work, "expressions": expressions}
                    with suppress(ClosedWorkerError):  # its answer will tell
                        slot.process.send(EXPLORE, message)
            for slot, number in busy:
                answer = self._answered(self._going[number], slot)
                if answer is AGAIN:
                    waiting.append(number)
                else:
                    found[number] = answer
        for number in {number for number, one in found.items() if one is None or one.over}:
            del self._going[number]  # it is not asked for again
        return [found[number] for number in numbers]

    def _answered(self, going: _Going, slot: Slot) -> Found | None:
        """What a worker found, `AGAIN` where an exploration has to begin again, None at last."""
        try:
            found = self._answer(slot, going.hole)
        except _ForgottenError:
            going.process, going.forgotten = None, going.forgotten + 1
            return AGAIN if going.forgotten <= MOST_FORGOTTEN else None
        except (ClosedWorkerError, RecordError):
            going.deadly.append(slot.process.progress[4])
            slot.process.kill()
            self._pool.restart(slot)
            return AGAIN if len(going.deadly) <= MOST_DEATHS else None
        going.layer = max(going.layer, found.layer if found else 0)
        return found

    def set_budgets(self) -> None:
        """Tell the workers the pool's budgets."""
        for slot in self._slots:
            with suppress(ClosedWorkerError):  # one that is started again is told then
                slot.process.send(BUDGETS, (self._pool.module_budget, self._pool.budgets))

    def close(self) -> None:
        """End the workers."""
        for slot in self._slots:
            slot.process.close()

    def _slot(self, number: int, busy: Sequence[Slot]) -> Slot | None:
        """The worker of an exploration; None while it is busy."""
        going = self._going[number]
        if going.slot is None:
            free = [slot for slot in self._slots if slot not in busy]
            if not free:
                return None
            homes = [one.slot for one in self._going.values()]
            going.slot = min(free, key=homes.count)
        return None if going.slot in busy else going.slot

    def _message(self, number: int, slot: Slot) -> dict[str, object]:
        """What tells a worker of an exploration; nothing where it knows."""
        going = self._going[number]
        if going.process is slot.process:
            return {}
        going.process = slot.process
        return vars(going.hole) | {"first": going.layer, "deadly": going.deadly}

    def _answer(self, slot: Slot, hole: Hole) -> Found | None:
        """A worker's answer.

        Raises
        ------
        ClosedWorkerError, RecordError
            If it died, does not come to an end, or sends what it should not.
        """
        for kind, body in self._frames(slot):
            if kind == EXPLORED:
                return unpacked(body, hole)
        raise ClosedWorkerError("an exploration stands still")

    def _frames(self, slot: Slot) -> Iterator[tuple[int, bytes]]:
        """Frames as they come, until the worker stands still for too long."""
        process, seen, since = slot.process, -1, time.monotonic()
        end = since + LONGEST
        while time.monotonic() < min(since + self._pool.limits.wall_seconds + _GRACE, end):
            poll = select.poll()
            poll.register(process.fileno(), select.POLLIN)
            if process.unsent:
                poll.register(process.write_descriptor, select.POLLOUT)
            poll.poll(_WAIT_SECONDS * 1000)
            process.flush()
            yield from process.receive()
            if process.progress[0] != seen or not process.ready:
                seen, since = process.progress[0], time.monotonic()


def unpacked(body: bytes, hole: Hole) -> Found | None:
    """A worker's answer, checked.

    Raises
    ------
    RecordError
        For what no worker sends.
    _ForgottenError
        If the worker does not know the exploration any more.
    """
    if len(body) < HEAD.size:
        raise RecordError("an exploration's answer without its head")
    state, runs, expressions, layer, count = HEAD.unpack_from(body)
    if state == REFUSED:
        return None
    if state == LOST:
        raise _ForgottenError
    if state not in (GOING, OVER):
        raise RecordError(f"an exploration in state {state}")
    position, survivors = HEAD.size, []
    for _ in range(count):
        if len(body) - position < SURVIVOR.size:
            raise RecordError("a survivor is cut short")
        variant, rank, length = SURVIVOR.unpack_from(body, position)
        position += SURVIVOR.size
        if len(body) - position < 2 * length:
            raise RecordError("a derivation is cut short")
        numbers = struct.unpack_from(f"<{length}H", body, position)
        position += 2 * length
        if variant >= len(hole.variants) or not _is_derivation(numbers, hole):
            raise RecordError("a survivor of what was not sent")
        survivors.append((variant, rank, numbers))
    if position != len(body):
        raise RecordError("an exploration's answer goes on behind its survivors")
    return Found(state == OVER, runs, expressions, layer, tuple(survivors))


def _is_derivation(numbers: Sequence[int], hole: Hole) -> bool:
    """Whether numbers of symbols, the outermost first, are one expression of the grammar."""
    made: list[tuple[int, int]] = []  # types and depths
    for number in reversed(numbers):
        if number >= len(hole.symbols):
            return False
        _, operands, _, result, *_ = hole.symbols[number]
        parts = [made.pop() for _ in operands[: len(made)]]
        if tuple(kind for kind, _ in parts) != operands:
            return False
        depth = 1 + max((below for _, below in parts), default=0)
        if depth > hole.highest + 1:  # what is put together comes in a later layer than its parts
            return False
        made.append((result, depth))
    return len(made) == 1
