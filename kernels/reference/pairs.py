"""Sweeps of the multiplier dynamics on forbidden pairs: the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from einops import rearrange

from latent_ebm.kernels.pairs import PairsProblem, PairsState
from latent_ebm.kernels.reference.random import uniform

if TYPE_CHECKING:
    from torch import Tensor


def pairs(problem: PairsProblem, state: PairsState, sweeps: int) -> None:
    """Up to ``sweeps`` sweeps of every open element, in place.

    With p_i = onehot(argmax_a z_ia) over the live entries, a sweep is::

        g_e          = sum over pairs (e, f) of lambda_ef p_f
        lambda_ef   <- lambda_ef + alpha p_e p_f + delta (1 - lambda_ef)
        z_e         <- z_e + eta_e (-g_e - z_e),   eta_e = eta (1 + spread (u_e - 1/2))

    where u is uniform noise. An element is finished, and freezes before the update, when no
    pair is violated. z begins at uniform noise in [0, 1), lambda at 1.
    """
    at = np.flatnonzero(state.open)
    for _ in range(sweeps):
        at = at[state.open[at]]
        if len(at) == 0:
            return
        _restart(problem, state, at)
        _sweep(problem, state, at)


def _restart(problem: PairsProblem, state: PairsState, at: np.ndarray) -> None:
    age = state.steps[at] - state.restarts[at] * problem.restart_every
    for b in at[(state.steps[at] == 0) | (age == problem.restart_every)]:
        state.restarts[b] += state.steps[b] > 0
        noise = uniform(state.seed, 2 * int(state.restarts[b]), state.latent.shape[1])
        state.latent[b] = np.where(state.live[b], noise, -np.inf)
        state.multipliers[b] = 1


def _sweep(problem: PairsProblem, state: PairsState, at: np.ndarray) -> None:
    conflicts, k = problem.conflicts, problem.conflicts.num_values
    z = torch.from_numpy(state.latent[at])
    multipliers = torch.from_numpy(state.multipliers[at])
    source = torch.from_numpy(conflicts.partners.row_of.astype(np.int64))
    target = torch.from_numpy(conflicts.partners.items.astype(np.int64))
    pair = torch.from_numpy(conflicts.pair.astype(np.int64))

    best = rearrange(z, "b (n k) -> b n k", k=k).argmax(dim=-1)
    p = rearrange(torch.nn.functional.one_hot(best, k), "b n k -> b (n k)").to(z.dtype)
    state.values[at] = best.numpy().astype(np.int16)
    state.steps[at] += 1

    both = p[:, source] * p[:, target]
    done = (both.sum(dim=1) == 0).numpy()
    state.finished[at] = done
    state.open[at] = ~done

    gradient = torch.zeros_like(z).index_add(1, source, multipliers[:, pair] * p[:, target])
    violated = torch.zeros_like(multipliers).index_add(1, pair, both) / 2
    multipliers = multipliers + problem.growth * violated + problem.forgetting * (1 - multipliers)
    moved = z + _step_sizes(problem, state) * (-gradient - z)
    state.latent[at[~done]] = torch.where(z.isinf(), z, moved).numpy()[~done]
    state.multipliers[at[~done]] = multipliers.numpy()[~done]


def _step_sizes(problem: PairsProblem, state: PairsState) -> Tensor:
    """eta_e, [E]; the same for all elements and restarts of a run."""
    noise = torch.from_numpy(uniform(state.seed, 1, state.latent.shape[1]))
    return problem.step_size * (1 + problem.spread * (noise - 0.5))
