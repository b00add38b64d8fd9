"""What the runs of every fused kernel have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(eq=False)
class Runs:
    """B runs, changed in place; each kernel's state adds its latent.

    Attributes
    ----------
    live
        [B, N * K] bytes, the entries that the mask allows.
    open, finished, values, steps, restarts
        As in :class:`latent_ebm.dynamics.protocol.Progress`.
    """

    live: NDArray[np.uint8]
    open: NDArray[np.bool_]
    finished: NDArray[np.bool_]
    values: NDArray[np.int16]
    steps: NDArray[np.int64]
    restarts: NDArray[np.int64]
