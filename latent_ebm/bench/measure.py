"""Timing solvers on the same puzzles and cores, every answer checked."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from latent_ebm.bench.peers import PEERS, Peer
from latent_ebm.puzzles.sudoku import Shape, Sudoku, sudoku_landscape
from latent_ebm.solution import Solution
from latent_ebm.solving import Settings
from latent_ebm.stream import solve_stream
from latent_ebm.warmup import warm_up


@dataclass(frozen=True)
class Measurement:
    """How one solver did on n puzzles: ``seconds`` of wall time for all of them."""

    n: int
    solved: int
    seconds: float

    @property
    def ms_per_puzzle(self) -> float:
        """Wall time over puzzles, in milliseconds."""
        return self.seconds / self.n * 1e3

    def as_json(self) -> dict[str, Any]:
        """As ``bench --json`` prints it."""
        return {
            "solved": self.solved,
            "seconds": round(self.seconds, 6),
            "ms_per_puzzle": round(self.ms_per_puzzle, 6),
        }


def measure_ours(puzzles: Sequence[Sudoku], settings: Settings, cores: int) -> Measurement:
    """Our wall time, from the parsed puzzles to checked solutions.

    Kernels are loaded (or compiled) beforehand, as the peers are imported beforehand.
    """
    for shape in {puzzle.shape for puzzle in puzzles}:
        warm_up(sudoku_landscape(shape), settings)
    begun = time.perf_counter()
    answers = list(solve_stream(puzzles, settings, workers=cores))
    seconds = time.perf_counter() - begun
    solved = sum(isinstance(answer, Solution) and answer.solved for answer in answers)
    return Measurement(len(puzzles), solved, seconds)


def measure_peer(
    name: str, puzzles: Sequence[Sudoku], time_limit: float, cores: int
) -> Measurement:
    """A peer's wall time, its puzzles dealt out to one process per core."""
    context = multiprocessing.get_context("spawn")
    hands = [list(puzzles[core::cores]) for core in range(cores)]
    gate = context.Barrier(cores + 1)
    with ProcessPoolExecutor(
        cores, mp_context=context, initializer=_keep_gate, initargs=(gate,)
    ) as pool:
        futures = [pool.submit(_play, name, hand, time_limit) for hand in hands]
        _await(gate, futures)
        begun = time.perf_counter()
        answers = [future.result() for future in futures]
        seconds = time.perf_counter() - begun
    return Measurement(len(puzzles), sum(answers), seconds)


def _keep_gate(gate: Any) -> None:
    # a barrier can reach a spawned process only while it starts
    globals()["_gate"] = gate


def _await(gate: Any, futures: Sequence[Any]) -> None:
    """Wait until all processes are ready; a process that failed to start is reported."""
    while gate.n_waiting < gate.parties - 1:
        for future in futures:
            if future.done():
                gate.abort()
                future.result()
        time.sleep(0.01)
    gate.wait()


def _play(name: str, puzzles: list[Sudoku], time_limit: float) -> int:
    """In a process of its own: start the peer, wait for the others, solve; the number solved."""
    peers: dict[Shape, Peer] = {}
    for shape in {puzzle.shape for puzzle in puzzles}:
        peers[shape] = PEERS[name]()
        peers[shape].start(shape)
    globals()["_gate"].wait()
    answers = [peers[p.shape].solve(p.givens, time_limit) for p in puzzles]
    return sum(
        answer is not None and puzzle.verify(np.asarray(answer))
        for puzzle, answer in zip(puzzles, answers, strict=True)
    )
