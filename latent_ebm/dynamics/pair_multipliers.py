"""The straight-through gradient with multipliers on forbidden pairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place, Progress
from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.pairs import PairsProblem, PairsState

if TYPE_CHECKING:
    from collections.abc import Callable

    from latent_ebm.energies.landscape import Landscape


@dataclass(frozen=True)
class PairMultipliers:
    """Descend sum lambda_ef p_e p_f over forbidden pairs, and raise lambda on violated ones.

    With p_i = onehot(argmax_a z_ia) (the straight-through point)::

        g_e        = sum over pairs (e, f) of lambda_ef p_f
        lambda_ef <- lambda_ef + alpha p_e p_f + delta (1 - lambda_ef)
        z_e       <- z_e + eta_e (-g_e - z_e)

    Works on any landscape whose hard factors say no more than its forbidden pairs do (as
    all-different does); others are refused by ``init``. The idea of weights that grow on what
    is violated goes back to the breakout method (Morris 1993) and GENET (Davenport et al.
    1994). Defaults measured on Sudoku, see docs/dynamics.md.
    """

    step_size: float = 0.5
    growth: float = 1.0
    forgetting: float = 0.01
    spread: float = 0.1
    restart_every: int = 20_000
    name: str = field(default="pair-multipliers", init=False)
    first_chunk: int = field(default=2_000, init=False)

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> PairsRun:
        """Nothing is drawn yet: the first sweep starts the latent."""
        backend, kernel = select("pairs", place.backend, place.device)
        conflicts = landscape.conflicts
        if not landscape.groups.implied_by_pairs:
            raise ValueError(
                f"{self.name} needs constraints that forbidden pairs express; this problem has "
                "an exactly-one group that no set of pairs implies. Use --dynamics splitting."
            )
        batch, size = len(mask), conflicts.num_variables * conflicts.num_values
        progress = Progress.start(batch, conflicts.num_variables)
        state = PairsState(
            live=mask.reshape(batch, -1).view(np.uint8),
            open=progress.open,
            finished=progress.finished,
            values=progress.values,
            steps=progress.steps,
            restarts=progress.restarts,
            latent=np.empty((batch, size), np.float32),
            multipliers=np.ones((batch, conflicts.num_pairs), np.float32),
            seed=place.seed,
        )
        problem = PairsProblem(
            conflicts,
            self.step_size,
            self.growth,
            self.forgetting,
            self.spread,
            self.restart_every,
        )
        return PairsRun(progress, backend, problem, state, kernel)

    def advance(self, state: PairsRun, sweeps: int) -> None:
        """Sweep every open element up to ``sweeps`` times."""
        state.kernel(state.problem, state.latent, sweeps)

    def candidates(self, state: PairsRun, element: int) -> NDArray[np.int16]:
        """[1, N]: there is one chain."""
        return state.progress.values[element : element + 1].copy()


@dataclass(eq=False)
class PairsRun:
    """A run's progress and latent; the latent's arrays include those of the progress."""

    progress: Progress
    backend: str
    problem: PairsProblem
    latent: PairsState
    kernel: Callable[[PairsProblem, PairsState, int], None]
