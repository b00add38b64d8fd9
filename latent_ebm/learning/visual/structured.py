r"""The energy of encoder and rules together, as a loss: perturb, solve, compare.

With theta [N, R] the encoder's log-probabilities and S the readings that the rules accept, the most
probable reading argmax_{r in S} <theta, r> has no gradient. Under Gumbel noise Z it has one
(Papandreou and Yuille 2011; Fenchel-Young losses of Berthet et al. 2020)::

    F(theta) = E_Z max_{r in S} <theta + Z, r>      L = F(theta) - <theta, r*>
    grad L   = E_Z argmax_{r in S} <theta + Z, r>  -  r*

where r* is the truth. Without rules argmax(theta + Z) is a sample of the encoder's own
distribution, and grad L that of the cross-entropy; with them it is nearly one of what the rules
leave of it, so that only what the solver cannot put right still pulls at the encoder.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latent_ebm.learning.visual.judging import SudokuJudge
from latent_ebm.learning.visual.search import Found, most_probable


def read_board(log_probabilities: NDArray[np.floating], *, limit: int = 2_000) -> Found:
    """The most probable reading of one board [81, 10] that is a puzzle with one solution."""
    best = np.partition(log_probabilities, -2, axis=1)
    return most_probable(log_probabilities, SudokuJudge(best[:, -1] - best[:, -2]), limit=limit)


def structured_loss(
    logits: Tensor, clues: Tensor, generator: torch.Generator, *, samples: int = 1, limit: int = 100
) -> Tensor:
    """The mean over cells of L, whose value is that of its linear part at the samples.

    Parameters
    ----------
    logits
        [B, 81, 10].
    clues
        [B, 81] r*, the true readings: 0 for a blank, else the digit.
    generator
        Of the Gumbel noise.
    samples
        Draws of Z for each board.
    limit
        Readings that the solver may try; a draw for which it finds none has no gradient.
    """
    theta = torch.log_softmax(logits, dim=-1)
    pull = torch.zeros_like(theta)
    truth = torch.nn.functional.one_hot(clues, theta.shape[-1]).to(theta.dtype)
    for _ in range(samples):
        uniform = torch.rand(theta.shape, generator=generator).clamp(1e-7, 1 - 1e-7)
        noisy = torch.log_softmax(theta.detach() - (-uniform.log()).log(), dim=-1)
        for b, board in enumerate(noisy.double().numpy()):
            found = read_board(board, limit=limit)
            if found.reading is not None:
                chosen = torch.from_numpy(found.reading)
                pull[b] += torch.nn.functional.one_hot(chosen, theta.shape[-1]) - truth[b]
    return (theta * pull).sum() / (samples * clues.numel())
