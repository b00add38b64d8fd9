"""Sums over sets of entries and their gradient on a GPU; defined in ``reference/sets.py``.

The gradient gathers as well, through the inverse of the sets, so that it needs no atomic
additions and comes out the same every time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
import triton
import triton.language as tl

from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from torch import Tensor

BLOCK = 128
"""Sets that one program sums, one a thread."""


def set_sums(x: Tensor, members: Csr) -> Tensor:
    """See :func:`latent_ebm.kernels.reference.sets.set_sums`."""
    flat = x.flatten(1)
    result: Tensor = _GatherSum.apply(flat, members, _holders(members, flat.shape[1]))
    return result


@lru_cache(maxsize=64)
def _holders(members: Csr, count: int) -> Csr:
    """For each entry the sets that hold it."""
    places = members.inverse(count)
    return Csr(places.offsets, members.row_of[places.items])


@lru_cache(maxsize=64)
def _table(rows: Csr, device: torch.device) -> Tensor:
    """The rows, padded and column by column, so that neighbouring threads read neighbours."""
    return torch.from_numpy(rows.padded(fill=-1).T.copy()).to(device)


class _GatherSum(torch.autograd.Function):
    """y_r = sum of x over the items of row r; the adjoint gathers over the inverse rows."""

    @staticmethod
    def forward(x: Tensor, rows: Csr, inverse: Csr) -> Tensor:  # noqa: ARG004
        x = x.detach().contiguous()
        table = _table(rows, x.device)
        sums = torch.empty(len(x), rows.count, dtype=x.dtype, device=x.device)
        if sums.numel():
            grid = (len(x), triton.cdiv(rows.count, BLOCK))
            gather_sum_kernel[grid](
                x, table, sums, x.shape[1], rows.count, len(table), BLOCK=BLOCK, num_warps=4
            )
        return sums

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        _, ctx.rows, ctx.inverse = inputs

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        return _GatherSum.apply(grad, ctx.inverse, ctx.rows), None, None

    @staticmethod
    def vmap(
        info: Any, dims: tuple[int | None, None, None], x: Tensor, rows: Csr, inverse: Csr
    ) -> tuple[Tensor, int]:
        x = x.movedim(dims[0], 0) if dims[0] is not None else x.expand(info.batch_size, *x.shape)
        sums = _GatherSum.apply(x.flatten(0, 1), rows, inverse)
        return sums.unflatten(0, x.shape[:2]), 0


@triton.jit
def gather_sum_kernel(x, table, sums, num_items, num_rows, width, BLOCK: tl.constexpr):
    """BLOCK rows of one element: sums[b, r] = sum over w of x[b, table[w, r]]."""
    b = tl.program_id(0).to(tl.int64)
    row = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    here = row < num_rows
    total = tl.zeros([BLOCK], sums.dtype.element_ty)
    for w in range(width):
        item = tl.load(table + w * num_rows + row, here, -1)
        total += tl.load(x + b * num_items + item, item >= 0, 0.0)
    tl.store(sums + b * num_rows + row, total, here)
