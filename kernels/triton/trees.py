"""Inference on derivation trees on a GPU; defined in ``reference/trees.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import triton
from torch import Tensor

from latent_ebm.kernels.structure import Csr
from latent_ebm.kernels.trees import Trees
from latent_ebm.kernels.triton.tree_choices import best_kernel, sample_kernel, up_kernel
from latent_ebm.kernels.triton.tree_passes import inside_kernel

BLOCK = 128
"""Rows of a table at a time, one a thread."""

WARPS = BLOCK // 32


def tree_inside(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """See :func:`latent_ebm.kernels.reference.trees.tree_inside`."""
    scores = scores.detach().contiguous()
    total, marginals = scores.new_empty(len(scores)), torch.empty_like(scores)
    if len(scores):
        tables, work = _tables(trees, scores.device), _Workspace.of(trees, scores)
        inside_kernel[(len(scores),)](
            scores, work.groups, work.terms, work.inside, work.up, torch.empty_like(work.up),
            torch.empty_like(work.inside[:, 0]), torch.empty_like(work.groups[:, 0]),
            marginals, total,
            tables.links, tables.results, tables.rows, tables.members, tables.of_type,
            tables.types, tables.signature_of, tables.holders, tables.expecting,
            *_sizes(trees, tables), len(tables.holders), tables.expecting.shape[1],
            BLOCK=BLOCK, num_warps=WARPS, num_stages=1,
        )  # fmt: skip
    return total, marginals


def tree_best(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """See :func:`latent_ebm.kernels.reference.trees.tree_best`."""
    scores = scores.detach().contiguous()
    total = scores.new_empty(len(scores))
    values = torch.empty(scores.shape[:2], dtype=torch.int32, device=scores.device)
    if len(scores):
        tables, work = _tables(trees, scores.device), _Workspace.of(trees, scores)
        member, signature, chosen = (
            torch.empty_like(numbers, dtype=torch.int32)
            for numbers in (work.terms, work.inside, work.up)
        )
        best_kernel[(len(scores),)](
            scores, work.terms, work.inside, work.up, member, signature, chosen,
            torch.empty_like(values), values, total,
            tables.links, tables.parents, tables.rows, tables.members, tables.of_type,
            tables.types, *_sizes(trees, tables),
            BLOCK=BLOCK, num_warps=WARPS, num_stages=1,
        )  # fmt: skip
    return values, total


def tree_sample(trees: Trees, scores: Tensor, uniforms: Tensor) -> Tensor:
    """See :func:`latent_ebm.kernels.reference.trees.tree_sample`."""
    scores, uniforms = scores.detach().contiguous(), uniforms.detach().double().contiguous()
    values = torch.empty(uniforms.shape, dtype=torch.int32, device=scores.device)
    if values.numel():
        tables, work = _tables(trees, scores.device), _Workspace.of(trees, scores)
        sizes = _sizes(trees, tables)
        up_kernel[(len(scores),)](
            scores, work.groups, work.terms, work.inside, work.up,
            tables.links, tables.rows, tables.members, tables.of_type, tables.types, *sizes,
            BLOCK=BLOCK, num_warps=WARPS, num_stages=1,
        )  # fmt: skip
        widths = [len(table) for table in (tables.members, tables.of_type, tables.choices)]
        members, signatures, types = map(triton.next_power_of_2, widths)
        sample_kernel[uniforms.shape[:2]](
            scores, work.terms, work.inside, uniforms, torch.empty_like(values), values,
            tables.parents, tables.rows, tables.members, tables.of_type, tables.choices,
            uniforms.shape[1], *sizes[:4], tables.choices.shape[1], *widths,
            MEMBERS=members, SIGNATURES=signatures, TYPES=types, num_warps=1, num_stages=1,
        )  # fmt: skip
    return values


@dataclass(frozen=True, eq=False)
class _Workspace:
    """What the pass up writes.

    Groups and terms [B, S, C], inside [B, S, G + 1] and up [B, S + 1, R].
    """

    groups: Tensor
    terms: Tensor
    inside: Tensor
    up: Tensor

    @classmethod
    def of(cls, trees: Trees, scores: Tensor) -> _Workspace:
        batch, slots = scores.shape[:2]
        rows, types = trees.rows.shape
        groups = scores.new_empty(batch, slots, len(trees.signatures))
        inside = scores.new_empty(batch, slots, types)
        return cls(
            groups, torch.empty_like(groups), inside, scores.new_empty(batch, slots + 1, rows)
        )


@dataclass(frozen=True, eq=False)
class _Tables:
    """Trees as int32 tables on a device; those of rows are padded with -1, column by column.

    Attributes
    ----------
    links, parents
        [S, A] and [S, 2].
    results, rows
        Of each signature the type [C], and the row of each position [A, C].
    signature_of
        [P + 1].
    members, of_type, types
        [., C] the states of a signature, [., G + 1] the signatures of a type and [., R] the
        types of a row.
    choices
        [., R + 1] the types of a row, those of the root last.
    holders
        [., G + 1] the rows that hold a type.
    expecting
        [A, ., R] the signatures that expect a row at a position.
    """

    links: Tensor
    parents: Tensor
    results: Tensor
    rows: Tensor
    signature_of: Tensor
    members: Tensor
    of_type: Tensor
    types: Tensor
    choices: Tensor
    holders: Tensor
    expecting: Tensor


@lru_cache(maxsize=16)
def _tables(trees: Trees, device: torch.device) -> _Tables:
    rows, types = trees.rows.shape
    signatures = trees.signatures
    positions = signatures.shape[1] - 1
    whole = np.append(np.ones(types - 1, np.bool_), False)
    expected = np.zeros((len(signatures), positions * rows), np.bool_)
    columns = signatures[:, 1:] + np.arange(positions) * rows
    np.put_along_axis(expected, columns, True, axis=1)
    expecting = _padded(expected.T).reshape(-1, positions, rows).transpose(1, 0, 2)
    tables = (
        trees.links,
        trees.parents,
        signatures[:, 0],
        signatures[:, 1:].T,
        trees.signature_of,
        trees.members.padded(fill=-1).T,
        _padded(signatures[:, 0] == np.arange(types)[:, None]),
        _padded(trees.rows),
        _padded(np.concatenate([trees.rows, whole[None]])),
        _padded(trees.rows.T),
        expecting,
    )
    return _Tables(*(torch.from_numpy(np.array(t, np.int32, order="C")).to(device) for t in tables))


def _padded(holds: np.ndarray) -> np.ndarray:
    """The columns that hold in each row [R, M], as [W, R], filled up with -1."""
    rows = Csr.from_rows([np.flatnonzero(row).tolist() for row in holds])
    return rows.padded(fill=-1).T


def _sizes(trees: Trees, tables: _Tables) -> tuple[int, ...]:
    """What all kernels take behind the tables."""
    rows, types = trees.rows.shape
    return (
        *trees.shape,
        len(trees.signatures),
        types,
        rows,
        trees.links.shape[1],
        len(tables.members),
        len(tables.of_type),
        len(tables.types),
    )
