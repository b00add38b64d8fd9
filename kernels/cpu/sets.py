"""Sums over sets of entries and their gradient; defined in ``reference/sets.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from latent_ebm.kernels.cpu.jit import kernel

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.kernels.structure import Csr


def set_sums(x: Tensor, members: Csr) -> Tensor:
    """See :func:`latent_ebm.kernels.reference.sets.set_sums`."""
    result: Tensor = _SetSums.apply(x, members)
    return result


class _SetSums(torch.autograd.Function):
    @staticmethod
    def forward(x: Tensor, members: Csr) -> Tensor:
        flat = x.detach().reshape(x.shape[0], -1).contiguous().numpy()
        sums = np.empty((flat.shape[0], members.count), flat.dtype)
        _gather_sum(flat, members.offsets, members.items, sums)
        return torch.from_numpy(sums)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Csr], output: Tensor) -> None:  # noqa: ARG004
        ctx.shape, ctx.members = inputs[0].shape, inputs[1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return _SetSpread.apply(grad, ctx.members, ctx.shape), None

    @staticmethod
    def vmap(
        info: Any, dims: tuple[int | None, None], x: Tensor, members: Csr
    ) -> tuple[Tensor, int]:
        return _fold(info, dims, x, lambda folded: _SetSums.apply(folded, members))


class _SetSpread(torch.autograd.Function):
    """The adjoint of the sums: each entry collects the gradients of its sets."""

    @staticmethod
    def forward(grad: Tensor, members: Csr, shape: torch.Size) -> Tensor:
        outer = grad.detach().contiguous().numpy()
        spread = np.zeros((outer.shape[0], shape[1] * shape[2]), outer.dtype)
        _scatter_sum(outer, members.offsets, members.items, spread)
        return torch.from_numpy(spread).reshape(outer.shape[0], *shape[1:])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        ctx.members = inputs[1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        return _SetSums.apply(grad, ctx.members), None, None

    @staticmethod
    def vmap(
        info: Any,
        dims: tuple[int | None, None, None],
        grad: Tensor,
        members: Csr,
        shape: torch.Size,
    ) -> tuple[Tensor, int]:
        return _fold(info, dims, grad, lambda folded: _SetSpread.apply(folded, members, shape))


def _fold(info: Any, dims: tuple[Any, ...], x: Tensor, apply: Any) -> tuple[Tensor, int]:
    """Fold the mapped axis into the batch, apply, unfold."""
    x = x.movedim(dims[0], 0) if dims[0] is not None else x.expand(info.batch_size, *x.shape)
    result = apply(x.flatten(0, 1))
    return result.unflatten(0, x.shape[:2]), 0


@kernel
def _gather_sum(x, offsets, items, sums):
    for b in range(x.shape[0]):
        for f in range(len(offsets) - 1):
            total = x.dtype.type(0)
            for position in range(offsets[f], offsets[f + 1]):
                total += x[b, items[position]]
            sums[b, f] = total


@kernel
def _scatter_sum(outer, offsets, items, spread):
    for b in range(outer.shape[0]):
        for f in range(len(offsets) - 1):
            for position in range(offsets[f], offsets[f + 1]):
                spread[b, items[position]] += outer[b, f]
