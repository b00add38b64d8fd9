"""The feasible point that scores best, for families that leave it to the general kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latent_ebm.kernels.factors import FactorTable

if TYPE_CHECKING:
    from torch import Tensor


def best_points(table: FactorTable, scores: Tensor) -> Tensor:
    """The best 0/1 point of each factor: scores [B, N, K] to [B, F, W], 0 at fillers.

    It maximises sum_m p_m (s_m - 1/2) over the points that a factor of single entries allows,
    and sum_m p_m s_m over the assignments that a factor of whole variables allows.
    """
    import torch

    from latent_ebm.kernels.reference.factors import project

    members = table.members
    width = max(int(members.widths.max(initial=0)), 1)
    place = np.arange(len(members.items)) - members.offsets[members.row_of]
    flat = scores.detach().cpu().double().numpy().reshape(len(scores), -1)
    points = np.zeros((len(flat), table.count, width), np.float32)
    for b, local in enumerate(flat):
        points[b, members.row_of, place], _ = project(table, local)
    return torch.as_tensor(points, device=scores.device).to(scores.dtype)
