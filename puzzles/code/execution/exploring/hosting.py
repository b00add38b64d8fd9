"""The host's side of explorations: asking workers, checking what they answer."""

from __future__ import annotations

import itertools
import select
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
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

__all__ = ["Explorations", "Found", "Hole", "SymbolRow"]

SymbolRow = tuple[str, tuple[int, ...], tuple[int, ...], int, int, int, bool]
"""Text or template, operands, bindings, result, binding, layer, symmetric; types are numbers."""
_WAIT_SECONDS = 0.2
_GRACE = 1.0


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
        before them, and the numbers of their symbols, the outermost first.
    """

    over: bool
    runs: int
    expressions: int
    layer: int
    survivors: tuple[tuple[int, int, tuple[int, ...]], ...]


class Explorations:
    """Explorations in workers of their own, as many as a pool has: programs may end others."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._slots = [pool.slot("run") for _ in range(pool.count)]
        self._numbers = itertools.count()
        self._homes: dict[int, tuple[int, WorkerProcess]] = {}
        self._holes: dict[int, Hole] = {}

    def begin(self, hole: Hole) -> int:
        """The number of a new exploration."""
        number = next(self._numbers)
        self._holes[number] = hole
        return number

    def advance(self, numbers: Sequence[int], work: int, expressions: int) -> list[Found | None]:
        """Go on with explorations, side by side; None for one that cannot go on.

        That is one whose program cannot run in a worker for many, or whose worker has died or
        forgotten it.
        """
        found: dict[int, Found | None] = {}
        waiting = list(dict.fromkeys(numbers))
        while waiting:
            busy: dict[int, tuple[Slot, int]] = {}
            for number in list(waiting):
                place, message = self._placed(number, busy.keys())
                if place is None:
                    continue
                waiting.remove(number)
                if message is None:
                    found[number] = None
                    continue
                slot = self._slots[place]
                message |= {"number": number, "work": work, "expressions": expressions}
                try:
                    slot.process.send(EXPLORE, message)
                    busy[place] = (slot, number)
                except ClosedWorkerError:
                    self._pool.restart(slot)
                    found[number] = None
            for slot, number in busy.values():
                found[number] = self._answer(slot, self._holes[number])
        return [found[number] for number in numbers]

    def set_budgets(self) -> None:
        """Tell the workers the pool's budgets."""
        for slot in self._slots:
            slot.process.send(BUDGETS, (self._pool.module_budget, self._pool.budgets))

    def close(self) -> None:
        """End the workers."""
        for slot in self._slots:
            slot.process.close()

    def _placed(
        self, number: int, busy: Sequence[int] | object
    ) -> tuple[int | None, dict[str, object] | None]:
        """The worker of an exploration, and what to send it; no worker while it is busy."""
        slots = self._slots
        taken = set(busy)  # type: ignore[call-overload]
        if number in self._homes:
            place, process = self._homes[number]
            if place in taken:
                return None, None
            alive = slots[place].process is process

            return place, {} if alive else None
        free = [place for place in range(len(slots)) if place not in taken]
        if not free:
            return None, None
        loads = [home for home, _ in self._homes.values()]
        place = min(free, key=loads.count)
        self._homes[number] = (place, slots[place].process)
        return place, asdict(self._holes[number])

    def _answer(self, slot: Slot, hole: Hole) -> Found | None:
        """A worker's answer; None from one that died, was lost, or does not come to an end."""
        try:
            for kind, body in self._frames(slot):
                if kind == EXPLORED:
                    return _unpacked(body, hole)
        except (ClosedWorkerError, RecordError):

            pass  # what it was doing may have ended it; another worker takes its place
        slot.process.kill()
        self._pool.restart(slot)
        return None

    def _frames(self, slot: Slot) -> Iterator[tuple[int, bytes]]:
        """Frames as they come, until the worker stands still for too long."""
        process, seen, since = slot.process, -1, time.monotonic()
        while time.monotonic() - since < self._pool.limits.wall_seconds + _GRACE:
            poll = select.poll()
            poll.register(process.fileno(), select.POLLIN)
            if process.unsent:
                poll.register(process.write_descriptor, select.POLLOUT)
            poll.poll(_WAIT_SECONDS * 1000)
            process.flush()
            yield from process.receive()
            if process.progress[0] != seen or not process.ready:
                seen, since = process.progress[0], time.monotonic()


def _unpacked(body: bytes, hole: Hole) -> Found | None:
    """A worker's answer, checked.

    Raises
    ------
    RecordError
        For what no worker sends.
    """
    if len(body) < HEAD.size:
        raise RecordError("an exploration's answer without its head")
    state, runs, expressions, layer, count = HEAD.unpack_from(body)
    if state in (REFUSED, LOST):
        return None
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
        if variant >= len(hole.variants) or max(numbers, default=0) >= len(hole.symbols):
            raise RecordError("a survivor of what was not sent")
        survivors.append((variant, rank, numbers))
    return Found(state == OVER, runs, expressions, layer, tuple(survivors))
