"""Projections onto the feasible corners of a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from einops import rearrange
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.kernels.structure import Csr


def gather_scores(scores: Tensor, scope: NDArray[np.int32]) -> Tensor:
    """Scores [B, N, K] at the entries of a scope [F, W], as [B, F, W]; -inf at fillers."""
    index = torch.as_tensor(scope, dtype=torch.long, device=scores.device)
    flat = rearrange(scores, "b n k -> b (n k)")
    return torch.where(index >= 0, flat[:, index.clamp(min=0)], -torch.inf)


def exactly_one(scores: Tensor, scope: NDArray[np.int32]) -> Tensor:
    """The one-hot of the best score in each row of the scope; the first of equals wins.

    Examples
    --------
    >>> exactly_one(torch.tensor([[[0.2, 0.7, 0.7]]]), np.array([[0, 1, 2]])).tolist()
    [[[0.0, 1.0, 0.0]]]
    """
    gathered = gather_scores(scores, scope)
    best = gathered.argmax(dim=-1, keepdim=True)
    return torch.zeros_like(gathered).scatter_(-1, best, 1.0)


def at_most_one(scores: Tensor, scope: NDArray[np.int32]) -> Tensor:
    """Like :func:`exactly_one`, but zero where the best score is not above 1/2."""
    best = gather_scores(scores, scope).amax(dim=-1, keepdim=True)
    return exactly_one(scores, scope) * (best > 0.5)


def assignment(scores: Tensor, variables: Csr, num_values: int) -> Tensor:
    """The best assignment of distinct values to the variables of each factor.

    Maximises sum_i s[i, a_i] over injective a (the linear assignment problem), by SciPy's
    Jonker-Volgenant solver. [B, N, K] to [B, F, V * K].
    """
    from scipy.optimize import linear_sum_assignment

    width = int(variables.widths.max())
    table = scores.detach().double().cpu().numpy()
    chosen = np.zeros((len(table), variables.count, width, num_values), np.float32)
    for b, f in np.ndindex(len(table), variables.count):
        rows, columns = linear_sum_assignment(table[b, variables.row(f)], maximize=True)
        chosen[b, f, rows, columns] = 1
    return rearrange(torch.as_tensor(chosen, device=scores.device), "b f v k -> b f (v k)").to(
        scores.dtype
    )
