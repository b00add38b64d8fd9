"""The pseudo-log-likelihood whose neighbours are hidden at random (E-NPLL)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from latent_ebm.learning.rules.energy import PairwiseEnergy
from latent_ebm.learning.sampling import generator


def visible(size: tuple[int, int, int], hidden: float, seed: int, step: int) -> Tensor | None:
    """Which neighbours each variable sees, bool [B, N, N]: each with chance 1 - ``hidden``.

    Drawn from (seed, step) alone; None, for all, if nothing is hidden.
    """
    if hidden == 0:
        return None
    return torch.rand(size, generator=generator(seed, step)) >= hidden


def pseudo_loss(energy: PairwiseEnergy, values: Tensor, seen: Tensor | None = None) -> Tensor:
    """``- mean_{b, i} log p(x_i | the x_j that i sees)``, in nats a variable.

    In a solved grid the other rules often leave one value only, so that a single rule explains
    nothing more and gets no weight; where neighbours are hidden at random no rule can stand
    in for another (Defresne, Barbe and Schiex, "Scalable coupling of deep learning with logical
    reasoning", IJCAI 2023).

    Parameters
    ----------
    values
        int64 [B, N].
    seen
        bool [B, N, N]; by default all.
    """
    logits = energy.logits(values, seen)
    return nn.functional.cross_entropy(logits.flatten(0, 1), values.flatten())


def sparsity(energy: PairwiseEnergy) -> Tensor:
    """``sum |W| / N``, over all pairs and entries: the L1 term."""
    return energy.strengths().abs().sum() / energy.num_variables
