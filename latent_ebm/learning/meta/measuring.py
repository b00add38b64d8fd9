"""How many sweeps a dynamics takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Dynamics
from latent_ebm.solving import Settings, solve_block


def sweeps_of(
    puzzles: list[Any], dynamics: Dynamics[Any], most: int, *, seed: int = 0
) -> NDArray[np.int64]:
    """[B] sweeps until each puzzle is solved; ``most`` where it is not.

    Puzzles that share a landscape are one batch. The descent takes gradients, also where the
    caller, such as a validation loop, has turned them off.
    """
    settings = Settings(dynamics=dynamics, max_steps=most, time_limit=None, seed=seed)
    together = all(puzzle.landscape is puzzles[0].landscape for puzzle in puzzles)
    blocks = [puzzles] if together else [[puzzle] for puzzle in puzzles]
    with torch.inference_mode(mode=False), torch.enable_grad():
        solutions = [one for block in blocks for one in solve_block(block, settings)]
    return np.array([one.steps if one.solved else most for one in solutions])
