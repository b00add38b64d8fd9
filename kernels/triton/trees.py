"""Inference on derivation trees on a GPU; defined in ``reference/trees.py``."""

from __future__ import annotations

import torch
from torch import Tensor

from latent_ebm.kernels.trees import Trees
from latent_ebm.kernels.triton.tree_choices import descend_kernel, sample_kernel
from latent_ebm.kernels.triton.tree_passes import passes_kernel
from latent_ebm.kernels.triton.tree_steps import Plan, new_cells, plan_of

BLOCK = 128
"""Cells that one program writes at a time, one a thread."""


def tree_inside(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """See :func:`latent_ebm.kernels.reference.trees.tree_inside`."""
    plan = plan_of(trees, scores.device)
    cells, _ = _run(plan, trees, scores, len(plan.steps))
    marginals = cells[:, plan.cells.marginals :].reshape(scores.shape)
    return cells[:, plan.cells.root].clone(), marginals.contiguous()


def tree_best(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """See :func:`latent_ebm.kernels.reference.trees.tree_best`."""
    plan = plan_of(trees, scores.device)
    at = plan.cells
    cells, chosen = _run(plan, trees, scores, plan.upward, best=True)
    values = torch.empty(scores.shape[:2], dtype=torch.int32, device=scores.device)
    if len(scores):
        descend_kernel[(len(scores),)](
            cells, chosen, torch.zeros_like(values), values, plan.slots, plan.rows,
            at.size, *trees.shape, len(trees.signatures), len(trees.rows),
            at.root, at.up, at.terms, at.groups, num_warps=1, num_stages=1,
        )  # fmt: skip
    return values, cells[:, at.root].clone()


def tree_sample(trees: Trees, scores: Tensor, uniforms: Tensor) -> Tensor:
    """See :func:`latent_ebm.kernels.reference.trees.tree_sample`."""
    plan = plan_of(trees, scores.device)
    cells, _ = _run(plan, trees, scores, plan.upward)
    uniforms = uniforms.detach().double().contiguous()
    values = torch.empty(uniforms.shape, dtype=torch.int32, device=scores.device)
    if values.numel():
        sample_kernel[uniforms.shape[:2]](
            cells, uniforms, torch.zeros_like(values), values,
            plan.slots, plan.rows, plan.choices, plan.stages,
            plan.cells.size, uniforms.shape[1], len(trees.children), len(trees.signatures),
            len(trees.rows), WIDTH=plan.widest, num_warps=max(1, plan.widest // 128), num_stages=1,
        )  # fmt: skip
    return values


def _run(
    plan: Plan, trees: Trees, scores: Tensor, steps: int, *, best: bool = False
) -> tuple[Tensor, Tensor]:
    """The cells [B, size] after the first steps, and the cells that maxima come from."""
    cells = new_cells(plan, trees, scores)
    chosen = torch.empty_like(cells if best else cells[:0], dtype=torch.int32)
    if len(scores):
        passes_kernel[(len(scores),)](
            cells, chosen, plan.tables, plan.steps, plan.cells.size, steps,
            BEST=best, BLOCK=BLOCK, num_warps=BLOCK // 32, num_stages=1,
        )  # fmt: skip
    return cells, chosen
