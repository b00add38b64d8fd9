"""Timing solvers on the same puzzles and cores, every answer checked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from latent_ebm.bench.workers import play
from latent_ebm.puzzles.sudoku import Sudoku, sudoku_landscape
from latent_ebm.solution import Solution, Status
from latent_ebm.solving import Settings
from latent_ebm.stream import solve_stream
from latent_ebm.warmup import warm_up


@dataclass(frozen=True)
class Measurement:
    """How one solver did on n puzzles: ``seconds`` of wall time for all of them.

    Of the ``solved`` ones, ``infeasible`` were proved to have no solution.
    """

    n: int
    solved: int
    seconds: float
    infeasible: int = 0

    @property
    def ms_per_puzzle(self) -> float:
        """Wall time over puzzles, in milliseconds."""
        return self.seconds / self.n * 1e3

    def as_json(self) -> dict[str, Any]:
        """As ``bench --json`` prints it."""
        return {
            "solved": self.solved,
            "infeasible": self.infeasible,
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
    found = Counter(answer.status for answer in answers if isinstance(answer, Solution))
    settled = found[Status.SOLVED] + found[Status.INFEASIBLE]
    return Measurement(len(puzzles), settled, seconds, found[Status.INFEASIBLE])


def measure_peer(
    name: str, puzzles: Sequence[Sudoku], time_limit: float, cores: int
) -> Measurement:
    """A peer's wall time, its puzzles dealt out to one process per core.

    A puzzle that takes longer than ``time_limit`` is unsolved, whether the peer keeps time
    itself or must be killed.
    """
    solved, seconds = play(name, puzzles, time_limit, cores)
    return Measurement(len(puzzles), solved, seconds)
