"""One question to one isolating worker: send, wait, read, whatever the program does."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import inf
from types import TracebackType
from typing import NamedTuple

from latent_ebm.puzzles.code.execution.observations import Kind, Observation, parsed
from latent_ebm.puzzles.code.execution.process import ClosedWorkerError, WorkerProcess
from latent_ebm.puzzles.code.execution.requests import Isolated
from latent_ebm.puzzles.code.execution.worker import ENDING, ISOLATE, KILLED, OBSERVED

__all__ = ["Answer", "Asking", "answered", "described"]

_GRACE, _FIRST_GRACE = 5.0, 60.0
"""Seconds that a worker has to answer beyond those of the program that it runs; before its first
answer it also imports what programs import."""
_LONGEST = 200
_IDLE = 0.25
"""The share of its time that a program computes at most, where it is said to wait."""


class Answer(NamedTuple):
    """What an isolated program did.

    Attributes
    ----------
    observations
        What was seen of it.
    timed_out
        Whether it was ended for its time.
    seconds
        Of wall-clock time that it took; infinite where the worker did not say.
    waited
        Whether it was ended while it did nothing.
    """

    observations: list[Observation]
    timed_out: bool
    seconds: float = inf
    waited: bool = False


def answered(body: bytes, cases: int) -> Answer:
    """The answer in a frame of an isolating worker, about so many cases."""
    ended, seconds, computed = ENDING.unpack_from(body)
    late = ended == KILLED
    return Answer(
        parsed(body[ENDING.size :], cases), late, seconds, late and computed < _IDLE * seconds
    )


class Asking:
    """A worker for single questions; a new one takes the place of one that dies.

    Parameters
    ----------
    start
        Role to a new worker.
    """

    def __init__(self, start: Callable[[str], WorkerProcess]) -> None:
        self._start = start
        self._process = start("isolate")
        self._grace = _FIRST_GRACE

    def ask(self, request: Isolated, cases: int | None = None) -> Answer:
        """The answer to a request.

        Parameters
        ----------
        cases
            How many cases observations may be about; by default the request's calls.

        Raises
        ------
        ClosedWorkerError
            If the worker ends before it has run anything.
        """
        count = max((call[0] for call in request.calls), default=-1) + 1
        since = time.monotonic()
        try:
            self._process.send(ISOLATE, request.message())
            while not self._process.overdue():
                if not self._process.ready:  # it has a limit of its own for that
                    since = time.monotonic()
                left = since + request.wall_seconds + self._grace - time.monotonic()
                if left <= 0:
                    break
                for kind, body in self._awaited(left):
                    if kind == OBSERVED and len(body) >= ENDING.size:
                        self._grace = _GRACE
                        return answered(body, count if cases is None else cases)
        except ClosedWorkerError:
            if not self._process.ready:
                raise ClosedWorkerError(self._process.complaint()) from None
            self._renew()
            return Answer([], False)
        self._renew()
        return Answer([], True)

    def _awaited(self, seconds: float) -> list[tuple[int, bytes]]:
        poll = select.poll()
        poll.register(self._process.fileno(), select.POLLIN)
        if self._process.unsent:
            poll.register(self._process.write_descriptor, select.POLLOUT)
        poll.poll(min(seconds, 1.0) * 1000)
        self._process.flush()
        return self._process.receive()

    def _renew(self) -> None:
        self._process.close()
        self._process = self._start("isolate")
        self._grace = _FIRST_GRACE

    def close(self) -> None:
        """End the worker."""
        self._process.close()

    def __enter__(self) -> Asking:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def described(seen: Sequence[Observation], count: int, timed_out: bool) -> list[str]:
    """Each observation as a text that tells behaviours apart, for people too."""
    lost = "does not end" if timed_out else "ends its process"
    texts = [lost] * count
    for observation in seen:
        if observation.kind is Kind.VALUE:
            texts[observation.case] = _written(observation.value)
        elif observation.kind is Kind.RAISED:
            names, _ = observation.value
            texts[observation.case] = f"raises {names[0] if names else 'nothing'}"
        elif observation.kind in (Kind.TICKS, Kind.TIME):
            texts[observation.case] = "does not end"
        elif observation.kind is Kind.HOLE:
            texts[observation.case] = f"reaches hole {observation.value}"
    return texts


def _written(value: object) -> str:
    text = _sorted_repr(value)
    if len(text) <= _LONGEST:
        return text
    digest = blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
    return f"{text[:_LONGEST]}... ({len(text)} characters, {digest})"


def _sorted_repr(value: object) -> str:
    """As `repr`, but sets in order."""
    if isinstance(value, (set, frozenset)):
        items = ", ".join(sorted(map(_sorted_repr, value)))
        return f"{type(value).__name__}({{{items}}})"
    if isinstance(value, list):
        return f"[{', '.join(map(_sorted_repr, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_sorted_repr, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_sorted_repr(k)}: {_sorted_repr(v)}" for k, v in value.items()) + "}"
        )
    return repr(value)
