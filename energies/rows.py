"""Rows of different lengths, as the families need them: side by side, by width, in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from torch import Tensor

CHUNK = 1 << 24
"""The most items that a check looks at together; it bounds the memory."""


class Numbers(Protocol):
    """Anything that knows which rows it stands for."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """[R]."""
        ...


@dataclass(frozen=True, eq=False)
class Bucket:
    """All rows of one width: their numbers [R], and the positions of their items [R, w]."""

    rows: NDArray[np.int64]
    positions: NDArray[np.int64]


def by_width(table: Csr) -> tuple[Bucket, ...]:
    """The rows, one bucket for each width that occurs.

    >>> [b.rows.tolist() for b in by_width(Csr.from_rows([[7], [8, 9], [5]]))]
    [[0, 2], [1]]
    """
    widths = table.widths
    buckets = []
    for width in np.unique(widths):
        rows = np.flatnonzero(widths == width)
        buckets.append(
            Bucket(rows, table.offsets[rows].astype(np.int64)[:, None] + np.arange(width))
        )
    return tuple(buckets)


def in_order(parts: Sequence[Tensor], buckets: Sequence[Numbers], x: Tensor) -> Tensor:
    """One part [B, R] for each bucket, put back to the order of the rows: [B, F]."""
    import torch

    if len(parts) < 2:
        return parts[0] if parts else x.new_zeros(x.shape[0], 0)
    order = np.argsort(np.concatenate([bucket.rows for bucket in buckets]))
    return torch.cat(tuple(parts), dim=1)[:, torch.as_tensor(order, device=parts[0].device)]


def stacked(rows: Sequence[NDArray[np.integer]]) -> Csr:
    """Arrays as rows, without a Python integer for each item.

    >>> stacked([np.array([1, 2]), np.array([3])]).row(1)
    array([3], dtype=int32)
    """
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    items = np.concatenate([np.zeros(0, np.int32), *rows]).astype(np.int32)
    return Csr(offsets, items)


def column(items: NDArray[np.integer]) -> Csr:
    """One item in each row."""
    return Csr.rectangle(np.asarray(items)[:, None])


def beside(parts: Sequence[Csr]) -> Csr:
    """Row r is row r of the first part, then row r of the second, and so on.

    >>> beside([column(np.array([1, 2])), Csr.from_rows([[3, 4], [5]])]).row(0)
    array([1, 3, 4], dtype=int32)
    """
    widths = np.stack([part.widths for part in parts])
    offsets = np.zeros(widths.shape[1] + 1, np.int32)
    np.cumsum(widths.sum(axis=0), out=offsets[1:])
    items = np.zeros(offsets[-1], np.int32)
    before = np.cumsum(widths, axis=0) - widths
    for part, skipped in zip(parts, before, strict=True):
        place = np.arange(len(part.items)) - part.offsets[part.row_of]
        items[offsets[part.row_of] + skipped[part.row_of] + place] = part.items
    return Csr(offsets, items)


def entries_of(variables: Csr, num_values: int) -> Csr:
    """The entries of whole variables, K in place of each.

    >>> entries_of(Csr.from_rows([[2, 0]]), 3).row(0)
    array([6, 7, 8, 0, 1, 2], dtype=int32)
    """
    entries = variables.items[:, None] * np.int32(num_values) + np.arange(num_values)
    return Csr(variables.offsets * np.int32(num_values), entries.astype(np.int32).ravel())


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices of a batch of ``count`` elements with ``size`` items each."""
    step = max(CHUNK // max(size, 1), 1)
    for start in range(0, count, step):
        yield slice(start, start + step)


def gathered(x: Tensor, entries: NDArray[np.int64]) -> Tensor:
    """The items of x [B, N, K] at entries of any shape [...], as [B, ...]."""
    import torch
    from einops import rearrange

    # gather, for it and its gradient are several times quicker than an index
    flat = torch.as_tensor(entries.ravel(), device=x.device).expand(x.shape[0], -1)
    picked = rearrange(x, "b n k -> b (n k)").gather(1, flat)
    return picked.reshape(x.shape[0], *entries.shape)


def added(terms: Tensor, rows: NDArray[np.integer], count: int) -> Tensor:
    """Sums of terms [B, M] by the row of each: [B, count]."""
    import torch

    index = torch.as_tensor(rows, dtype=torch.long, device=terms.device)
    zeros = terms.new_zeros(terms.shape[0], count)
    return zeros.scatter_add(1, index.expand(terms.shape[0], -1), terms)
