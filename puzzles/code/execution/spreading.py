"""Spreading jobs over the workers of a pool, and going on when one dies."""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Iterator, Sequence
from math import inf, nan

from latent_ebm.puzzles.code.execution.asking import Answer, answered
from latent_ebm.puzzles.code.execution.judged import judged, lost
from latent_ebm.puzzles.code.execution.outcomes import Job, Outcome, Verdict
from latent_ebm.puzzles.code.execution.pool import Piece, Pool, Slot, WorkerError
from latent_ebm.puzzles.code.execution.process import ClosedWorkerError
from latent_ebm.puzzles.code.execution.records import Record, RecordError, unpacked
from latent_ebm.puzzles.code.execution.requests import Isolated, calls_for
from latent_ebm.puzzles.code.execution.worker import (
    DONE,
    ENDING,
    ISOLATE,
    JOBS,
    OBSERVED,
    RECORDS,
)

__all__ = ["Spread"]

LARGEST_MESSAGE = 32_768
"""Characters of programs and fillings in one message."""

MOST_EXECUTIONS = 64
"""Of one message."""

IN_FLIGHT = 2
_STARTS = 3
_CHECK_SECONDS = 0.2
_GRACE, _FIRST_GRACE = 1.0, 60.0
"""Seconds that a worker has beyond those of the program; one for isolated programs also imports
what they import before its first answer."""


class Spread:
    """Jobs that a pool runs: what waits, what is on its way, what has come."""

    def __init__(self, pool: Pool, jobs: Sequence[Job]) -> None:
        self._pool = pool
        self._jobs = jobs
        self._all = tuple(range(len(pool.suite)))
        self._found: list[list[Outcome | None]] = [[None] * len(job.fillings) for job in jobs]
        self._missing = sum(len(job.fillings) for job in jobs)
        self._isolated: deque[list[Piece]] = deque()
        self._waiting: deque[list[Piece]] = deque(self._messages())
        # executions that ended a worker: the outcome of the cases that were not finished
        self._partial: dict[tuple[int, int], tuple[tuple[int, ...], bool]] = {}

    def _messages(self) -> Iterator[list[Piece]]:
        pool = self._pool
        share = -(-self._missing // (pool.count * IN_FLIGHT))
        most = max(1, min(MOST_EXECUTIONS, share))
        message: list[Piece] = []
        executions = characters = 0
        for number, job in enumerate(self._jobs):
            if job.program in pool.isolated_texts:
                self._isolated.extend(
                    [Piece(number, (index,), job.cases)] for index in range(len(job.fillings))
                )
                continue
            start = 0
            while start < len(job.fillings):
                taken = range(start, min(start + most - executions, len(job.fillings)))
                message.append(Piece(number, tuple(taken), job.cases))
                executions += len(taken)
                characters += len(job.program)
                start = taken.stop
                if executions >= most or characters >= LARGEST_MESSAGE:
                    yield message
                    message, executions, characters = [], 0, 0
        if message:
            yield message

    def outcomes(self, until: float = inf) -> list[list[Outcome]]:
        """Run the jobs: one list per job, one outcome per filling.

        Parameters
        ----------
        until
            When to stop, on the clock of `time.monotonic`: what has not ended by then counts as
            not run.

        Raises
        ------
        WorkerError
            If workers do not start.
        """
        pool = self._pool
        checked = time.monotonic()
        while self._missing:
            for slot in pool.running:
                self._feed(slot, self._waiting)
            while self._isolated and len(pool.isolating) < min(pool.count, len(self._isolated)):
                pool.isolating.append(pool.slot("isolate"))
            for slot in pool.isolating:
                self._feed(slot, self._isolated)
            self._await()
            now = time.monotonic()
            if now > until:
                self._stop()
                break
            if now - checked > _CHECK_SECONDS:
                checked = now
                for slot in (*pool.running, *pool.isolating):
                    self._watch(slot, now)
        size = len(self._all)
        not_run = Outcome(bytes([Verdict.NOT_RUN]) * size, (nan,) * size)
        return [[outcome or not_run for outcome in found] for found in self._found]

    def _stop(self) -> None:
        """End what is under way, so that it answers nobody later."""
        for slot in self._busy():
            slot.process.kill()
            self._pool.restart(slot)

    def _feed(self, slot: Slot, queue: deque[list[Piece]]) -> None:
        try:
            while queue and len(slot.in_flight) < IN_FLIGHT:
                message = queue.popleft()
                if not slot.in_flight:
                    slot.since = time.monotonic()
                slot.in_flight.append(message)
                self._send(slot, message)
        except ClosedWorkerError:
            self._died(slot, killed=False)

    def _send(self, slot: Slot, message: list[Piece]) -> None:
        if slot.role == "isolate":
            (piece,) = message
            job = self._jobs[piece.job]
            pool = self._pool
            request = Isolated(
                job.program,
                job.fillings[piece.fillings[0]],
                calls_for(pool.suite, self._order(piece), self._budgets(job)),
                pool.module_budget,
                pool.limits.seconds,
                pool.wall_seconds,
                8 * pool.limits.output,
            )
            slot.process.send(ISOLATE, request.message())
            return
        jobs = self._jobs
        slot.process.send(
            JOBS,
            [
                (
                    piece.job,
                    jobs[piece.job].program,
                    piece.order,
                    jobs[piece.job].stop_early,
                    jobs[piece.job].ticks,
                    jobs[piece.job].tight,
                    jobs[piece.job].share,
                    [(index, jobs[piece.job].fillings[index]) for index in piece.fillings],
                )
                for piece in message
            ],
        )

    def _budgets(self, job: Job) -> Sequence[int]:
        return self._pool.budgets if job.ticks is None else [job.ticks] * len(self._all)

    def _order(self, piece: Piece) -> tuple[int, ...]:
        return self._all if piece.order is None else piece.order

    def _await(self) -> None:
        """Wait for answers, and take them."""
        slots = {slot.process.fileno(): slot for slot in self._busy()}
        poll = select.poll()
        for descriptor, slot in slots.items():
            poll.register(descriptor, select.POLLIN)
            if slot.process.unsent:
                poll.register(slot.process.write_descriptor, select.POLLOUT)
        for descriptor, _ in poll.poll(_CHECK_SECONDS * 1000):
            answering = slots.get(descriptor)
            if answering is None:
                continue
            try:
                for kind, body in answering.process.receive():
                    self._take(answering, kind, body)
            except (ClosedWorkerError, RecordError):
                self._died(answering, killed=False)
        for slot in self._busy():
            if slot.process.unsent:
                try:
                    slot.process.flush()
                except ClosedWorkerError:
                    self._died(slot, killed=False)

    def _busy(self) -> list[Slot]:
        return [slot for slot in (*self._pool.running, *self._pool.isolating) if slot.in_flight]

    def _take(self, slot: Slot, kind: int, body: bytes) -> None:
        slot.failures = 0
        if kind == RECORDS:
            for record in unpacked(body, len(self._all)):
                self._take_record(slot, record)
        elif kind == DONE and slot.in_flight:
            slot.in_flight.popleft()
        elif kind == OBSERVED and slot.in_flight and len(body) >= ENDING.size:
            (piece,) = slot.in_flight.popleft()
            slot.seen, slot.since = 0, time.monotonic()
            answer = answered(body, len(self._all))
            self._judge(piece, answer)

    def _judge(self, piece: Piece, answer: Answer) -> None:
        job, order = self._jobs[piece.job], self._order(piece)
        seen, late = answer.observations, answer.timed_out
        outcome = judged(self._pool.suite, order, seen, late, job.stop_early, answer.waited)
        self._keep(piece.job, piece.fillings[0], outcome)

    def _take_record(self, slot: Slot, record: Record) -> None:
        job, filling = record.job, record.filling
        pieces = [piece for message in slot.in_flight for piece in message if piece.job == job]
        piece = next((piece for piece in pieces if filling in piece.fillings), None)
        if piece is None or self._found[job][filling] is not None:
            raise RecordError(f"an outcome of job {job} that was not asked for")
        if record.suspicious:
            self._pool.isolated_texts.add(self._jobs[job].program)
            self._isolated.append([Piece(job, (filling,), self._jobs[job].cases)])
            return
        outcome = record.outcome
        if (job, filling) in self._partial:
            outcome = self._completed(outcome, *self._partial.pop((job, filling)))
        self._keep(job, filling, outcome)

    def _completed(self, outcome: Outcome, rest: Sequence[int], timed_out: bool) -> Outcome:
        """An outcome of the cases before the one that ended the worker, with that one and on."""
        ended = lost(self._pool.suite, rest, timed_out)
        verdicts, energies = bytearray(outcome.verdicts), list(outcome.energies)
        for index in rest:
            verdicts[index], energies[index] = ended.verdicts[index], ended.energies[index]
        return Outcome(
            bytes(verdicts),
            tuple(energies),
            outcome.hole,
            outcome.behaviour ^ ended.behaviour,
            outcome.error or ended.error,
        )

    def _keep(self, job: int, filling: int, outcome: Outcome) -> None:
        self._found[job][filling] = outcome
        self._missing -= 1

    def _watch(self, slot: Slot, now: float) -> None:
        """Kill a worker that has not moved for the wall-clock limit."""
        if not slot.in_flight:
            return
        serial = slot.process.progress[0] if slot.role == "run" else slot.seen
        if serial != slot.seen or not slot.process.ready:
            slot.seen, slot.since = serial, now
        first = slot.role == "isolate" and slot.seen < 0
        grace = _FIRST_GRACE if first else _GRACE
        if now - slot.since > self._pool.limits.wall_seconds + grace or slot.process.overdue():
            slot.process.kill()
            self._died(slot, killed=True)

    def _died(self, slot: Slot, *, killed: bool) -> None:
        """Give the execution that ended the worker its outcome, put the others back."""
        process = slot.process
        timed_out = killed or process.timed_out()
        process.kill()
        messages = list(slot.in_flight)
        blamed: tuple[int, int] | None = None
        if slot.role == "isolate":
            attributed = bool(messages) and process.ready
            if attributed:
                self._judge(messages[0][0], Answer([], timed_out))
                messages = messages[1:]
        else:
            blamed = self._blame(slot, timed_out)
            attributed = blamed is not None
        queue = self._isolated if slot.role == "isolate" else self._waiting
        for message in reversed(messages):
            left = [rest for piece in message if (rest := self._unfinished(piece, blamed))]
            if left:
                queue.appendleft(left)
        slot.failures = 0 if attributed else slot.failures + 1
        if slot.failures >= _STARTS:
            said = process.complaint()
            raise WorkerError(f"workers end before they run anything, the last one with: {said}")
        self._pool.restart(slot)

    def _unfinished(self, piece: Piece, blamed: tuple[int, int] | None) -> Piece | None:
        """What is left of a piece; the execution that ended the worker is queued on its own."""
        rest = [
            index
            for index in piece.fillings
            if self._found[piece.job][index] is None and (piece.job, index) != blamed
        ]
        return Piece(piece.job, tuple(rest), piece.order) if rest else None

    def _blame(self, slot: Slot, timed_out: bool) -> tuple[int, int] | None:
        """The execution that ended the worker, if it is known; its outcome, then."""
        serial, case, job, filling = slot.process.progress[:4]
        pieces = [piece for message in slot.in_flight for piece in message if piece.job == job]
        piece = next((piece for piece in pieces if filling in piece.fillings), None)
        if not serial or piece is None or self._found[job][filling] is not None:
            return None
        order = self._order(piece)
        reached = order.index(case) if case in order else 0
        if (job, filling) in self._partial:
            timed_out = self._partial[job, filling][1]
        # the cases after those of this piece were given up before
        given_up = self._partial.get((job, filling), ((), timed_out))[0]
        rest = (*order[reached:], *given_up)
        if reached:
            self._partial[job, filling] = (rest, timed_out)
            self._waiting.appendleft([Piece(job, (filling,), order[:reached])])
        else:
            self._partial.pop((job, filling), None)
            self._keep(job, filling, lost(self._pool.suite, rest, timed_out))
        return job, filling
