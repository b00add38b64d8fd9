"""Descent by single moves, for factors that are all sums within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place, Progress
from latent_ebm.kernels.cpu.chains import run_chains
from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.moves import HARD, MOVES, MovesState, PricedSums

if TYPE_CHECKING:
    from collections.abc import Callable

    from latent_ebm.energies.landscape import Landscape

ENDLESS = 1 << 62


@dataclass(frozen=True)
class Moves:
    """The steepest single change of a value, again and again; multipliers grow where it ends.

    With s_f the sum of the weights of a factor's chosen entries, excess_f how far it is out of
    its bounds, and c_e what an entry costs::

        E(x) = sum_f lambda_f excess_f(x) / unit_f  +  mu sum_e c_e x_e
        x_v  <- argmin_a E(x with x_v = a)              the steepest of a sample of variables
        lambda_f <- lambda_f + growth [excess_f > 0]    where no such move goes downhill

    Coordinate descent in the corners of the latent. Any sum will do, however long, as only the
    sums are kept and not what all values would do to them; see ``kernels/reference/moves.py``.
    A sweep is as many moves as there are variables. ``chains`` of them run side by side.
    """

    chains: int = 2
    name: str = field(default="moves", init=False)
    first_chunk: int = field(default=10, init=False)

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> MovesRun:
        """Chains start at random values, the first of them where a stage before has ended.

        Raises
        ------
        ValueError
            If some factor is no sum.
        """
        backend, kernel = select("moves", place.backend, place.device)
        table = landscape.factors
        free = np.zeros(landscape.space.shape, np.int64)
        problem = PricedSums.of(table, np.full(table.count, HARD, np.int64), free)
        progress = Progress.start(len(mask), len(free))
        states = [
            [self._state(problem, mask[b], place, b, c) for c in range(self.chains)]
            for b in range(len(mask))
        ]
        return MovesRun(progress, backend, problem, states, kernel)

    def _state(
        self, problem: PricedSums, mask: NDArray[np.bool_], place: Place, element: int, chain: int
    ) -> MovesState:
        if chain == 0 and place.start is not None:
            values = place.start[element]
        else:
            rng = np.random.default_rng([place.seed, chain])
            values = np.where(mask, rng.random(mask.shape), -1).argmax(axis=1).astype(np.int16)
        return MovesState.start(problem, mask, values, (place.seed + chain) & 0xFFFFFFFF)

    def advance(self, state: MovesRun, sweeps: int) -> None:
        """Sweep every open element up to ``sweeps`` times."""
        n = state.problem.num_variables

        def run(element: int, chain: int) -> int:
            walk = state.chains[element][chain]
            before = int(walk.counts[MOVES])
            state.kernel(state.problem, walk, sweeps * n, ENDLESS)
            return -(-(int(walk.counts[MOVES]) - before) // n) if walk.found else -1

        for b, winner in run_chains(state.progress, self.chains, sweeps, ENDLESS, run):
            walk = state.chains[b][winner]
            state.progress.values[b] = walk.best if walk.found else walk.choices

    def candidates(self, state: MovesRun, element: int) -> NDArray[np.int16]:
        """[C, N], where each chain now is."""
        return np.stack([walk.choices for walk in state.chains[element]])


@dataclass(eq=False)
class MovesRun:
    """A run's progress, what it works on, and the chains of each element."""

    progress: Progress
    backend: str
    problem: PricedSums
    chains: list[list[MovesState]]
    kernel: Callable[[PricedSums, MovesState, int, int], None]
