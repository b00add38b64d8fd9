"""Many problems, of any number and shape, in order and in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.solution import Solution
from latent_ebm.solving import OnImprovement, Settings, solve_block

if TYPE_CHECKING:
    from latent_ebm.puzzles.problem import Problem

BLOCK = 128
"""Problems that go to a worker at once: enough to hide the call, few enough to flush often."""

AHEAD = 4
"""Blocks under way per worker, so that one hard problem does not stop the others."""


def solve_stream(
    problems: Iterable[Problem | BadPuzzle],
    settings: Settings | None = None,
    *,
    workers: int | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_improvement: OnImprovement | None = None,
) -> Iterator[Solution | BadPuzzle]:
    """Solve problems as they come; yield the solutions in order.

    Runs of problems that share a landscape are solved as blocks, on ``workers`` threads (the
    kernels release the interpreter lock). At most ``workers * AHEAD`` blocks are held, so
    memory is bounded however long the input is. What a problem's answer is does not depend
    on the blocks or the threads.

    Parameters
    ----------
    problems
        Any iterable; it is read only as far ahead as needed. What a reader could not read
        passes through in its place.
    settings
        As for :func:`latent_ebm.solve`.
    workers
        Threads; by default one per processor that this process may use.
    on_progress
        Called with the number of answers yielded so far.
    on_improvement
        As for :func:`latent_ebm.solve`; called from the threads.
    """
    settings = settings or Settings()
    threads = workers or available_processors()
    done = 0
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[list[Solution | BadPuzzle]]] = deque()
        blocks = _blocks(problems)
        try:
            while True:
                for block in islice(blocks, threads * AHEAD - len(waiting)):
                    waiting.append(pool.submit(_solve_mixed, block, settings, on_improvement))
                if not waiting:
                    return
                for answer in waiting.popleft().result():
                    done += 1
                    yield answer
                if on_progress is not None:
                    on_progress(done)
        finally:
            for future in waiting:
                future.cancel()


def available_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _blocks(items: Iterable[Problem | BadPuzzle]) -> Iterator[list[Problem | BadPuzzle]]:
    """Runs of at most BLOCK items whose problems share a landscape."""
    block: list[Problem | BadPuzzle] = []
    landscape: object = None
    for item in items:
        if not isinstance(item, BadPuzzle):
            if landscape is not None and item.landscape is not landscape:
                yield block
                block = []
            landscape = item.landscape
        block.append(item)
        if len(block) == BLOCK:
            yield block
            block = []
    if block:
        yield block


def _solve_mixed(
    block: list[Problem | BadPuzzle], settings: Settings, on_improvement: OnImprovement | None
) -> list[Solution | BadPuzzle]:
    readable = [item for item in block if not isinstance(item, BadPuzzle)]
    solutions = iter(solve_block(readable, settings, None, on_improvement) if readable else [])
    return [item if isinstance(item, BadPuzzle) else next(solutions) for item in block]
