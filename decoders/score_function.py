"""Gradients of expected energies of sampled derivations, by the score function.

With log-potentials s and ``p(v) = exp(sum_i s[i, v_i]) / Z``, the score of a derivation is

    grad_s log p(v) = onehot(v) - marginals.

Of C independent samples with energies E_c, each one's baseline is the mean energy of the others
(Kool et al. 2019, "Buy 4 REINFORCE samples, get a baseline for free!"):

    g = 1/C sum_c (E_c - mean_{d != c} E_d) grad log p(v_c)
      = 1/(C - 1) sum_c (E_c - mean E) onehot(v_c).

The marginals fall out, for the weights add up to 0: the estimate needs no outside pass. It is an
unbiased gradient of the expected energy, at any energies, differentiable or not.
"""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor


def log_probability_gradient(values: Tensor, marginals: Tensor) -> Tensor:
    """``onehot(v) - marginals``: values [..., S] and marginals [..., S, P + 1] to [..., S, P + 1].

    Examples
    --------
    >>> log_probability_gradient(torch.tensor([1]), torch.tensor([[0.25, 0.75]])).tolist()
    [[-0.25, 0.25]]
    """
    _expect_derivations(values)
    chosen = torch.nn.functional.one_hot(values.long(), marginals.shape[-1])
    return chosen.to(marginals.dtype) - marginals


def leave_one_out_gradient(values: Tensor, energies: Tensor, num_states: int) -> Tensor:
    """The gradient of the expected energy in the log-potentials, estimated.

    Parameters
    ----------
    values
        [..., C, S] of C independent samples, as of
        :func:`~latent_ebm.kernels.dispatch.tree_sample`.
    energies
        [..., C], finite; a floating-point type.
    num_states
        P + 1.

    Returns
    -------
    Tensor
        [..., S, P + 1].

    Raises
    ------
    ValueError
        If there are fewer than two samples, an energy is not finite, or a sample is that of a
        tree without derivations.

    Examples
    --------
    >>> leave_one_out_gradient(torch.tensor([[0], [1]]), torch.tensor([3.0, 1.0]), 2).tolist()
    [[1.0, -1.0]]
    """
    samples = values.shape[-2]
    if energies.shape != values.shape[:-1]:
        raise ValueError(
            f"samples {tuple(values.shape)} need one energy each, {tuple(values.shape[:-1])}; "
            f"found {tuple(energies.shape)}"
        )
    if samples < 2:
        raise ValueError(f"the others' mean energy needs at least two samples; found {samples}")
    if not bool(torch.isfinite(energies).all()):
        raise ValueError("an energy is not finite; bound it before it is averaged")
    _expect_derivations(values)
    advantages = (energies - energies.mean(dim=-1, keepdim=True)) / (samples - 1)
    spread = rearrange(advantages, "... c -> ... c 1").expand(values.shape)
    gradient = energies.new_zeros(*values.shape[:-2], values.shape[-1], num_states)
    places = rearrange(values.long(), "... c s -> ... s c")
    return gradient.scatter_add(-1, places, rearrange(spread, "... c s -> ... s c"))


def _expect_derivations(values: Tensor) -> None:
    if bool((values < 0).any()):
        raise ValueError("a sample is -1: its tree has no derivation, so no log-probability")
