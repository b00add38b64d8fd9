r"""The gradient flow's own steps, differentiable in its parameters.

The equations are those of :class:`latent_ebm.dynamics.gradient_flow.GradientFlow` with the softmax
bridge; torchopt's functional Adam keeps the graph, and so does the inner gradient::

    x_t     = softmax(z_t / T_t),        T_t = hot (cold / hot)^(t / (period - 1))
    z_(t+1) = z_t - Adam_eta(grad_z sum_d v_d sum_(f in d) w_f E_f(x_t))
    w_(t+1) = w_t + growth * E(x_t)

so that d x_t / d (eta, hot, cold, growth, spread, v) follows by reverse mode through all steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torchopt
from torch import Tensor

from latent_ebm.energies.landscape import Landscape

CLOSED = -1e6
"""The logit of a state that is not allowed: as good as -inf, without NaN in d x / d T."""

TINY = 1e-10
"""Under the root of Adam's second moment, where its derivative would be infinite at 0."""


@dataclass(frozen=True)
class Knobs:
    """The parameters of the flow, each a scalar tensor; see ``GradientFlow``.

    ``views`` is v [D], or empty where all views weigh 1.
    """

    step_size: Tensor
    hot: Tensor
    cold: Tensor
    growth: Tensor
    spread: Tensor
    views: Tensor

    def detached(self) -> Knobs:
        """The same numbers, without their history."""
        return Knobs(**{name: value.detach() for name, value in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Latent:
    """A moment of the flow: logits [B, N, K], multipliers [B, F], Adam's moments, steps so far."""

    logits: Tensor
    multipliers: Tensor
    moments: Any
    age: int = 0

    def detached(self) -> Latent:
        """The same moment, without its history."""

        def cut(leaf: Any) -> Any:
            return leaf.detach() if isinstance(leaf, Tensor) else leaf

        moments = torchopt.pytree.tree_map(cut, self.moments)
        return replace(
            self,
            logits=self.logits.detach(),
            multipliers=self.multipliers.detach(),
            moments=moments,
        )


def begin(landscape: Landscape, allowed: Tensor, normal: Tensor, knobs: Knobs) -> Latent:
    """The first moment: spread * normal [B, N, K] where allowed."""
    logits = torch.where(allowed, normal * knobs.spread, CLOSED)
    moments = _adam(knobs).init(logits)
    return Latent(logits, torch.ones(len(logits), sum(factors_of(landscape))), moments)


def factors_of(landscape: Landscape) -> list[int]:
    """How many factors each domain has."""
    return [sum(family.count for family in domain.families) for domain in landscape.domains]


def unroll(
    landscape: Landscape, allowed: Tensor, latent: Latent, knobs: Knobs, *, steps: int, period: int
) -> tuple[Latent, list[Tensor]]:
    """Take steps that can be differentiated; also every x [B, N, K] on the way."""
    adam, path = _adam(knobs), []
    views = torch.ones(1)
    if len(knobs.views):
        views = knobs.views.repeat_interleave(torch.tensor(factors_of(landscape)))
    for _ in range(steps):
        share = latent.age / max(period - 1, 1)
        temperature = knobs.hot * (knobs.cold / knobs.hot) ** share
        logits = latent.logits
        if not logits.requires_grad:
            logits = logits.requires_grad_()
        x = torch.softmax(logits / temperature, dim=-1)
        energies = torch.cat(list(landscape.energies(x).values()), dim=1)
        (gradient,) = torch.autograd.grad(
            (latent.multipliers * views * energies).sum(), logits, create_graph=True
        )
        updates, moments = adam.update(gradient, latent.moments, inplace=False)
        latent = Latent(
            torch.where(allowed, logits + updates, CLOSED),
            latent.multipliers + knobs.growth * energies,
            moments,
            latent.age + 1,
        )
        path.append(x)
    return latent, path


def reached(
    landscape: Landscape, allowed: Tensor, latent: Latent, knobs: Knobs, *, period: int
) -> Tensor:
    """[B, N] the first solution that each chain comes to within a period; -1 where it does not."""
    found = torch.full(allowed.shape[:2], -1)
    for _ in range(period):
        latent, path = unroll(landscape, allowed, latent, knobs, steps=1, period=period)
        latent = latent.detached()
        values = path[0].detach().argmax(dim=-1)
        holds = torch.from_numpy(landscape.check(values.numpy().astype(np.int16)))
        fresh = holds & (found[:, 0] < 0)
        found[fresh] = values[fresh]
    return found


def _adam(knobs: Knobs) -> Any:
    make: Any = torchopt.adam  # its annotations know no rate that is a tensor
    return make(lr=knobs.step_size, eps_root=TINY)
