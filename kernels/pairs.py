"""What a run of multiplier sweeps on forbidden pairs works on, for all back ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.runs import Runs
from latent_ebm.kernels.structure import Conflicts


@dataclass(frozen=True, eq=False)
class PairsProblem:
    """Forbidden pairs, and the constants of the descent on them.

    Attributes
    ----------
    conflicts
        The pairs; one multiplier each.
    step_size
        eta, how far z moves to minus its gradient in a sweep.
    growth
        alpha, what a violated pair's multiplier gains in a sweep.
    forgetting
        delta, how fast multipliers fall back to 1.
    spread
        Relative random spread of eta over the entries, which breaks ties between
        exchangeable variables.
    restart_every
        Sweeps between fresh starts.
    """

    conflicts: Conflicts
    step_size: float
    growth: float
    forgetting: float
    spread: float
    restart_every: int


@dataclass(eq=False)
class PairsState(Runs):
    """B runs, changed in place.

    Attributes
    ----------
    latent
        [B, N * K] float32, z; meaningful once steps > 0.
    multipliers
        [B, P] float32, lambda.
    seed
        Of the latent that each restart begins with, and of the spread.
    """

    latent: NDArray[np.float32]
    multipliers: NDArray[np.float32]
    seed: int
