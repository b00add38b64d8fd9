"""Log Z of derivation trees as a differentiable function, on any back end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from latent_ebm.kernels.dispatch import resolve, tree_inside
from latent_ebm.kernels.reference import trees as reference

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.kernels.trees import Trees


def log_partition(trees: Trees, scores: Tensor, *, backend: str = "auto") -> Tensor:
    """Log Z [B] of log-potentials [B, S, P + 1]; its gradient are the marginals.

    Raises
    ------
    NotImplementedError
        When a second derivative is asked of a back end other than ``reference``.

    Examples
    --------
    >>> import numpy as np
    >>> from latent_ebm.kernels.trees import Grammar, Trees
    >>> leaves = Grammar(("t",), np.zeros(3, int), np.zeros(3, int), np.zeros((3, 1, 1), bool))
    >>> scores = torch.zeros(1, 1, 4, requires_grad=True)
    >>> log_partition(Trees.complete(leaves, 0), scores).backward()
    >>> [round(chance, 3) for chance in scores.grad[0, 0].tolist()]
    [0.333, 0.333, 0.333, 0.0]
    """
    name = resolve("tree_inside", backend, str(scores.device))
    if name == "reference":
        return reference.log_partition(trees, scores)
    result: Tensor = _apply(scores, trees, name)[0]
    return result


class _LogPartition(torch.autograd.Function):
    """The inside pass, and the outside pass for its gradient in the same kernel."""

    @staticmethod
    def forward(scores: Tensor, trees: Trees, backend: str) -> tuple[Tensor, Tensor]:
        return tree_inside(trees, scores.detach(), backend=backend)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:  # noqa: ARG004
        ctx.save_for_backward(output[1])
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, grad: Tensor | None, twice: Tensor | None) -> tuple[Any, None, None]:
        if twice is not None:
            raise NotImplementedError(
                "second derivatives of log Z need log_partition(..., backend='reference')"
            )
        (marginals,) = ctx.saved_tensors
        return None if grad is None else grad[:, None, None] * marginals, None, None

    @staticmethod
    def vmap(
        info: Any, dims: tuple[int | None, None, None], scores: Tensor, trees: Trees, backend: str
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """The mapped axis goes into the batch."""
        size = info.batch_size
        if dims[0] is None:
            scores = scores.expand(size, *scores.shape)
        else:
            scores = scores.movedim(dims[0], 0)
        total, marginals = _apply(scores.flatten(0, 1), trees, backend)
        shape = scores.shape[:2]
        return (total.unflatten(0, shape), marginals.unflatten(0, shape)), (0, 0)


_apply: Any = _LogPartition.apply
