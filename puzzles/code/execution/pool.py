"""The workers of a suite: started, told the tests and their budgets, put in the place of others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from latent_ebm.puzzles.code.execution.isolation.backends import Isolation
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.process import ClosedWorkerError, WorkerProcess
from latent_ebm.puzzles.code.execution.requests import setup_for
from latent_ebm.puzzles.code.execution.worker import BUDGETS, SETUP
from latent_ebm.puzzles.code.testing.cases import Suite

__all__ = ["Piece", "Pool", "Slot", "WorkerError"]


class WorkerError(RuntimeError):
    """Workers do not start; carries what they wrote."""


@dataclass(frozen=True)
class Piece:
    """Some fillings of one job, to be run in one worker.

    Attributes
    ----------
    job
        Its index in the run.
    fillings
        Indices of its fillings.
    order
        The cases to run, None for all.
    """

    job: int
    fillings: tuple[int, ...]
    order: tuple[int, ...] | None


@dataclass
class Slot:
    """One worker and the messages that it has not answered, oldest first.

    Attributes
    ----------
    seen
        The serial number of the program that ran when it was looked at last; for a worker that
        isolates, 0 once it has answered; -1 before.
    since
        When that was.
    failures
        How often it ended before it ran anything.
    """

    role: str
    process: WorkerProcess
    in_flight: deque[list[Piece]] = field(default_factory=deque)
    seen: int = -1
    since: float = 0.0
    failures: int = 0


class Pool:
    """Workers of both roles for one suite.

    Harmless programs go to workers that run them one after the other; what these find
    suspicious goes to workers that fork a child for each and know no expected values.
    """

    def __init__(
        self,
        suite: Suite,
        backend: Isolation,
        limits: Limits,
        project: Path | None,
        count: int,
        imports: Sequence[str] = (),
    ) -> None:
        self.suite = suite
        self._backend = backend
        self.limits = limits
        self._project = project
        self.count = count
        # before any process is started: a suite that is no plain data is refused here
        self._setups = {
            role: setup_for(suite, imports, expected=role == "run") for role in ("run", "isolate")
        }
        self.budgets = [limits.ticks] * len(suite)
        self.module_budget = limits.ticks
        self.wall_seconds = limits.wall_seconds
        self.isolated_texts: set[str] = set()
        self.running: list[Slot] = []
        self.isolating: list[Slot] = []
        self.running.extend(self.slot("run") for _ in range(count))

    def close(self) -> None:
        """End all workers."""
        for slot in (*self.running, *self.isolating):
            slot.process.close()
        self.running.clear()
        self.isolating.clear()

    def set_budgets(self, module_budget: int, budgets: Sequence[int]) -> None:
        """Give every case its budget of ticks."""
        self.module_budget, self.budgets = module_budget, list(budgets)
        for slot in self.running:
            with suppress(ClosedWorkerError):  # one that is started again is told then
                slot.process.send(BUDGETS, (module_budget, self.budgets))

    def start(self, role: str) -> WorkerProcess:
        """A new worker that knows the suite; one that isolates knows no expected values."""
        process = WorkerProcess(self._backend, self.limits, self._project, role)
        process.send(SETUP, self._setups[role])
        if role == "run":
            process.send(BUDGETS, (self.module_budget, self.budgets))
        return process

    def slot(self, role: str) -> Slot:
        """A new worker with nothing to do."""
        return Slot(role, self.start(role), since=time.monotonic())

    def restart(self, slot: Slot) -> None:
        """Put a new process in the place of one that died."""
        slot.process.close()
        slot.process = self.start(slot.role)
        slot.in_flight.clear()
        slot.seen, slot.since = -1, time.monotonic()
