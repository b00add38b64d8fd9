"""Sums over sets of entries, the one operation that the cardinality energies need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from einops import rearrange

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.kernels.structure import Csr


def set_sums(x: Tensor, members: Csr) -> Tensor:
    """n_f = sum over the entries e of set f of x_e; [B, N, K] to [B, F], differentiable.

    Examples
    --------
    >>> from latent_ebm.kernels.structure import Csr
    >>> set_sums(torch.tensor([[[0.25, 0.75], [1.0, 0.0]]]), Csr.from_rows([[0, 2], [1]])).tolist()
    [[1.25, 0.75]]
    """
    flat = rearrange(x, "b n k -> b (n k)")
    items = torch.as_tensor(members.items, dtype=torch.long, device=x.device)
    rows = torch.as_tensor(members.row_of, dtype=torch.long, device=x.device)
    sums = flat.new_zeros(flat.shape[0], members.count)
    return sums.index_add(1, rows, flat[:, items])
