"""Bridges from a latent z [..., N, K] to a relaxed assignment x on the simplices.

A bridge is a function ``(z, temperature, noise) -> x``. ``noise`` holds uniform numbers of
z's shape, or is None for the noiseless limit; drawing it is the caller's business, so that
every random number has an explicit source. States with z = -inf get x = 0.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Bridge = Callable[[Tensor, float, Tensor | None], Tensor]


def softmax(z: Tensor, temperature: float, noise: Tensor | None = None) -> Tensor:  # noqa: ARG001
    """The mean-field point, x = softmax(z / T); takes no noise.

    Examples
    --------
    >>> softmax(torch.tensor([[0.0, 0.0]]), 1.0).tolist()
    [[0.5, 0.5]]
    """
    return torch.softmax(z / temperature, dim=-1)


def gumbel_softmax(z: Tensor, temperature: float, noise: Tensor | None = None) -> Tensor:
    """A relaxed sample, x = softmax((z + g) / T) with Gumbel noise g = -log(-log u).

    A differentiable sample of the categorical (Jang et al. 2017, Maddison et al. 2017); exact
    as T goes to 0. ``noise`` are the uniform u.
    """
    return softmax(_perturb(z, noise), temperature)


def straight_through(z: Tensor, temperature: float, noise: Tensor | None = None) -> Tensor:
    """The corner x = onehot(argmax z), with the gradient of softmax(z / T) (Bengio et al. 2013).

    With noise it is the straight-through Gumbel-softmax estimator.

    Examples
    --------
    >>> straight_through(torch.tensor([[0.1, 0.3]]), 1.0).tolist()
    [[0.0, 1.0]]
    """
    soft = gumbel_softmax(z, temperature, noise)
    # the difference is exactly zero, so x is exactly one-hot, not one-hot up to rounding
    return (soft - soft.detach()) + _one_hot(soft)


def _one_hot(x: Tensor) -> Tensor:
    best = x.detach().argmax(dim=-1, keepdim=True)
    return torch.zeros_like(x).scatter(-1, best, 1.0)


def _perturb(z: Tensor, noise: Tensor | None) -> Tensor:
    if noise is None:
        return z
    tiny = torch.finfo(noise.dtype).tiny
    return z - torch.log(-torch.log(noise.clamp(tiny, 1 - torch.finfo(noise.dtype).eps)))


BRIDGES: dict[str, Bridge] = {
    "softmax": softmax,
    "gumbel-softmax": gumbel_softmax,
    "straight-through": straight_through,
}
"""The bridges by name."""
