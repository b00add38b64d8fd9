"""Running the chains of a problem side by side: one thread each, the earliest to solve it wins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Runs(Protocol):
    """What of B runs is settled here; as in :class:`latent_ebm.dynamics.protocol.Progress`."""

    open: NDArray[np.bool_]
    finished: NDArray[np.bool_]
    steps: NDArray[np.int64]
    restarts: NDArray[np.int64]


def run_chains(
    state: Runs, chains: int, sweeps: int, restart_every: int, run: Callable[[int, int], int]
) -> Iterator[tuple[int, int]]:
    """Run all chains of each open element, and settle its steps, restarts and whether it is done.

    ``run(element, chain)`` sweeps one chain and says after how many sweeps it was solved, or -1.
    Gives each element with the chain to read its values from: the earliest to solve it, of
    several the first; where none did, the first.
    """
    with ThreadPoolExecutor(chains) as pool:
        for b in np.flatnonzero(state.open).tolist():
            taken = list(pool.map(run, [b] * chains, range(chains)))
            solved = [t for t in taken if t >= 0]
            done = min(solved, default=sweeps)
            state.steps[b] += done
            state.restarts[b] = max(int(state.steps[b]) - 1, 0) // restart_every
            if solved:
                state.open[b], state.finished[b] = False, True
            yield b, taken.index(done) if solved else 0
