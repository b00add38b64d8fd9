"""The straight-through primal-dual splitting on factors of any kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place, Progress
from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.factor_splitting import (
    FactorSplittingProblem,
    FactorSplittingState,
    TooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from latent_ebm.energies.landscape import Landscape


@dataclass(frozen=True)
class FactorSplitting:
    """Every factor is a view of its members, with its own exact projection.

    With x the shared point, u_q the multiplier of factor q, s_q = x - u_q and p_q the feasible
    point of the factor that scores best under s_q (``FactorFamily.project``)::

        x'  = mean of p_q over the factors that see an entry
        s_q <- s_q + 2 x' - x - p_q

    the splitting of :class:`latent_ebm.dynamics.splitting.Splitting` where projections are
    dynamic programs, sorts and searches instead of a maximum: automata, linear sums, tables,
    clauses. A guarded factor chooses between obeying with its guard on, and being free with it
    off. Finished when all views agree. ``chains`` of them run side by side.
    """

    restart_every: int = 500
    chains: int = 2
    name: str = field(default="factor-splitting", init=False)
    first_chunk: int = field(default=50, init=False)

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> FactorRun:
        """Nothing is drawn yet: the first sweep starts the chains.

        Raises
        ------
        TooLargeError
            If a factor's dynamic programming would not fit; names the constraint.
        """
        backend, kernel = select("factor_splitting", place.backend, place.device)
        num_variables, num_values = landscape.space.shape
        try:
            problem = FactorSplittingProblem(num_variables, landscape.factors, self.restart_every)
        except TooLargeError as error:
            name = landscape.name_of(error.factor)
            raise TooLargeError(error.factor, error.cells, name) from None
        batch = len(mask)
        progress = Progress.start(batch, num_variables)
        state = FactorSplittingState(
            live=mask.reshape(batch, -1).view(np.uint8),
            open=progress.open,
            finished=progress.finished,
            values=progress.values,
            steps=progress.steps,
            restarts=progress.restarts,
            scores=np.empty((batch, self.chains, len(problem.entries)), np.float32),
            shared=np.zeros((batch, self.chains, num_variables * num_values), np.float32),
            seed=place.seed,
        )
        return FactorRun(progress, backend, problem, state, kernel)

    def advance(self, state: FactorRun, sweeps: int) -> None:
        """Sweep every open element up to ``sweeps`` times."""
        state.kernel(state.problem, state.latent, sweeps)

    def candidates(self, state: FactorRun, element: int) -> NDArray[np.int16]:
        """[C, N], the value that most views of each variable prefer."""
        shared = np.where(state.latent.live[element] > 0, state.latent.shared[element], -1)
        values = shared.reshape(self.chains, -1, state.problem.table.num_values)
        return values.argmax(axis=2).astype(np.int16)


@dataclass(eq=False)
class FactorRun:
    """A run's progress and latent; the latent's arrays include those of the progress."""

    progress: Progress
    backend: str
    problem: FactorSplittingProblem
    latent: FactorSplittingState
    kernel: Callable[[FactorSplittingProblem, FactorSplittingState, int], None]
