"""Peers in processes of their own, which can be killed: not every solver keeps a time limit."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np

from latent_ebm.bench.peers import PEERS, Peer
from latent_ebm.puzzles.sudoku import Shape, Sudoku

GRACE = 0.5
"""Seconds beyond the limit before a process is killed: peers that stop by themselves may."""

_CONTEXT = multiprocessing.get_context("spawn")
_PENDING, _UNSOLVED, _SOLVED = 0, 1, 2


@dataclass(eq=False)
class Worker:
    """A process that solves some puzzles, and its replacements.

    What it has done lies in shared memory, so that a kill loses nothing: a puzzle that takes
    longer than ``time_limit`` counts as unsolved, and a new process goes on with the next.
    """

    name: str
    puzzles: list[Sudoku]
    time_limit: float
    outcomes: Any = field(init=False)  # one byte per puzzle
    at: Any = field(init=False)  # the puzzle under way
    since: Any = field(init=False)  # when it was begun; infinite between puzzles
    process: Any = field(init=False)
    pipe: Connection = field(init=False)
    done: bool = False

    def __post_init__(self) -> None:
        self.outcomes = _CONTEXT.RawArray("b", max(len(self.puzzles), 1))
        self.at, self.since = _CONTEXT.RawValue("q", 0), _CONTEXT.RawValue("d", math.inf)
        self._start(0)

    @property
    def solved(self) -> int:
        """How many puzzles it solved in time."""
        return bytes(self.outcomes).count(_SOLVED)

    def await_ready(self) -> None:
        """Wait for the process to have loaded its solver; why it could not is raised."""
        self._receive()

    def go(self) -> None:
        """Let it solve."""
        self.pipe.send("go")

    def finish(self) -> None:
        """Take note that the process has said its last word."""
        self._receive()
        self.done = True
        self.process.join()

    def stop(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def watch(self) -> None:
        """Replace the process if its puzzle has run out of time."""
        if self.done or time.monotonic() - self.since.value < self.time_limit + GRACE:
            return
        self.stop()
        at = self.at.value
        # it may have come to the next puzzle in the meantime; that one has its time before it
        if self.outcomes[at] == _PENDING and time.monotonic() - self.since.value < self.time_limit:
            at -= 1
        elif self.outcomes[at] == _PENDING:
            self.outcomes[at] = _UNSOLVED
        self._start(at + 1)
        self.await_ready()
        self.go()

    def _start(self, first: int) -> None:
        self.since.value = math.inf
        self.pipe, theirs = _CONTEXT.Pipe()
        shared = (self.outcomes, self.at, self.since)
        arguments = (theirs, self.name, self.puzzles, first, self.time_limit, shared)
        self.process = _CONTEXT.Process(target=_work, args=arguments, daemon=True)
        self.process.start()
        theirs.close()

    def _receive(self) -> None:
        try:
            said = self.pipe.recv()
        except EOFError:
            self.process.join()
            code = self.process.exitcode
            raise RuntimeError(
                f"a process of the peer {self.name} ended with code {code}"
            ) from None
        if isinstance(said, Exception):
            raise said


def play(name: str, puzzles: Sequence[Sudoku], time_limit: float, cores: int) -> tuple[int, float]:
    """Deal the puzzles out to one process per core: how many were solved, in what wall time.

    The clock starts when all have loaded their solvers; replacing a process that had to be
    killed is inside it.
    """
    workers = [Worker(name, list(puzzles[core::cores]), time_limit) for core in range(cores)]
    try:
        for worker in workers:
            worker.await_ready()
        begun = time.perf_counter()
        for worker in workers:
            worker.go()
        while busy := {worker.pipe: worker for worker in workers if not worker.done}:
            for pipe in wait(list(busy), timeout=0.05):
                busy[pipe].finish()  # type: ignore[index]
            for worker in workers:
                worker.watch()
        seconds = time.perf_counter() - begun
    finally:
        for worker in workers:
            worker.stop()
    return sum(worker.solved for worker in workers), seconds


def _work(
    pipe: Connection,
    name: str,
    puzzles: list[Sudoku],
    first: int,
    time_limit: float,
    shared: tuple[Any, Any, Any],
) -> None:
    """In the process: load the solver, wait for the others, solve."""
    outcomes, at, since = shared
    try:
        peers: dict[Shape, Peer] = {}
        for shape in {puzzle.shape for puzzle in puzzles}:
            peers[shape] = PEERS[name]()
            peers[shape].start(shape)
        pipe.send("ready")
        pipe.recv()
        for index in range(first, len(puzzles)):
            puzzle, begun = puzzles[index], time.monotonic()
            at.value, since.value = index, begun
            answer = peers[puzzle.shape].solve(puzzle.givens, time_limit)
            late = time.monotonic() - begun > time_limit
            right = answer is not None and not late and puzzle.verify(np.asarray(answer))
            outcomes[index] = _SOLVED if right else _UNSOLVED
            since.value = math.inf
        pipe.send("done")
    except Exception as error:  # raised again by the parent
        pipe.send(error)
