"""From a solution to ever cheaper ones by single moves, side by side in several chains."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.exact.outcome import Clock
from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.moves import BEST_AT, MOVES, MovesState, PricedSums
from latent_ebm.loading import LOADING

if TYPE_CHECKING:
    from latent_ebm.settings import Settings

CHAINS = 2
"""Walks that run side by side, one thread each."""

FIRST_MOVES = 500
"""Moves before the clock is looked at for the first time."""

CHUNK_SECONDS = 0.1
"""Between looks at the clock, and between reports."""

BEFORE_EXACT = 0.3
"""Of the time left, what moves may take at most before an exact engine."""

IDLE = 0.05
"""Seconds without anything cheaper, and as long again as all took, until that engine starts."""

IDLE_MOVES = 10
"""Moves for each variable, at least, in those seconds: the processor may have other work."""

PATIENCE = 20
"""Moves for each variable without anything better, after which a chain goes back to its best."""

LEAST_PATIENCE = 50_000
"""The same, at least, over all variables."""


@dataclass(frozen=True)
class Allowance:
    """How long to go on.

    Attributes
    ----------
    clock
        Of all work.
    sweeps
        At most so many moves for each variable; None is no limit.
    idle
        Give up after so many seconds, and as long again as all took before, without anything
        cheaper; None is never.
    least
        Nothing costs less.
    """

    clock: Clock
    sweeps: int | None = None
    idle: float | None = None
    least: int = 0

    @classmethod
    def of(cls, settings: Settings, clock: Clock, sweeps: int | None, least: int = 0) -> Allowance:
        """All the time; before an exact engine ``BEFORE_EXACT`` of it, while that pays."""
        if settings.strategy != "hybrid":
            return cls(clock, sweeps, None, least)
        left = clock.left
        short = Clock(None if left is None else BEFORE_EXACT * left)
        return cls(short, sweeps, IDLE, least)


def move_downhill(
    problem: PricedSums,
    mask: NDArray[np.bool_],
    start: NDArray[np.int16],
    found: Callable[[NDArray[np.int16], int], None],
    allowance: Allowance,
    *,
    seed: int,
    backend: str = "auto",
) -> int:
    """Report ever cheaper values [N] within mask [N, K] that break no hard factor.

    A report comes after each chunk of moves with something cheaper, so a few times a second.

    Returns
    -------
    int
        Sweeps: moves of a chain for each variable, rounded up.
    """
    name, moves = select("moves", backend)
    n = problem.num_variables
    patience = max(PATIENCE * n, LEAST_PATIENCE)
    chains = [
        MovesState.start(problem, mask, start, (seed + 0x9E3779B9 * c) & 0xFFFFFFFF)
        for c in range(CHAINS)
    ]
    chunk, cheapest, last, at = FIRST_MOVES, None, 0.0, 0
    kernels = ("moves", name)
    if LOADING.needs(kernels):
        with LOADING.of(kernels):
            moves(problem, chains[0], 0, patience)
    clock = Clock(None)
    with ThreadPoolExecutor(CHAINS) as pool:
        while not allowance.clock.out:
            done = int(chains[0].counts[MOVES])
            if allowance.sweeps is not None:
                chunk = min(chunk, allowance.sweeps * n - done)
            if chunk <= 0:
                break
            begun = time.perf_counter()
            list(pool.map(lambda s, size=chunk: moves(problem, s, size, patience), chains))
            taken = time.perf_counter() - begun
            best = min(chains, key=lambda s: (s.best_cost, int(s.counts[BEST_AT])))
            if best.found and (cheapest is None or best.best_cost < cheapest):
                cheapest, last, at = best.best_cost, clock.spent, int(best.counts[MOVES])
                found(best.best.copy(), cheapest)
                if cheapest <= allowance.least:
                    break
            still = int(chains[0].counts[MOVES]) - at > IDLE_MOVES * n
            if allowance.idle is not None and still and clock.spent > 2 * last + allowance.idle:
                break
            left = allowance.clock.left
            seconds = CHUNK_SECONDS if left is None else min(CHUNK_SECONDS, max(left, 1e-3))
            chunk = max(1, min(2 * chunk, int(chunk * seconds / max(taken, 1e-6))))
    return -(-int(chains[0].counts[MOVES]) // n)
