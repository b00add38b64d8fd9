"""Trees as a list of gathering steps, which small kernels run: see ``tree_passes.py``.

All numbers of a tree are *cells* of one row of memory. A step writes a range of cells, each from
those that its column of a padded table names. Slots of one depth lie side by side and are done
in one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
import triton
from numpy.typing import NDArray
from torch import Tensor

from latent_ebm.kernels.structure import Csr
from latent_ebm.kernels.trees import NOTHING, Trees
from latent_ebm.kernels.triton.tree_passes import LOG_SUM, SHARE, SUM

Table = NDArray[np.integer]

Step = tuple[Any, int, Table, int]
"""Kind, the first cell to write, columns of cells to read, and the first of its own cells."""


class Cells(NamedTuple):
    """Where the cells of each sort begin.

    Scores and marginals have P + 1 cells a slot, in the order of the slots; groups, terms and
    weights C, inside and chances G + 1, up and expected R, in the order of depth. Behind the last
    slot of up and expected is the absent slot, then the root's log Z and chance. Groups, inside
    and up lie like weights, chances and expected, ``shift`` cells before them.
    """

    groups: int
    inside: int
    up: int
    root: int
    weights: int
    chances: int
    expected: int
    terms: int
    marginals: int
    size: int

    @classmethod
    def of(cls, trees: Trees) -> Cells:
        """The layout for trees."""
        slots, states = trees.shape
        rows, types = trees.rows.shape
        sizes = [slots * len(trees.signatures), slots * types, (slots + 1) * rows, 1]
        widths = [slots * states, *sizes, *sizes[:2], sum(sizes[2:]), sizes[0], slots * states]
        return cls(*np.cumsum(widths).tolist())

    @property
    def shift(self) -> int:
        """From a whole to its chance."""
        return self.weights - self.groups


@dataclass(frozen=True, eq=False)
class Plan:
    """The steps of a tree on a device, and what the choices from the root down look up.

    Attributes
    ----------
    cells
        The layout.
    steps
        [M, 7] int32; see ``passes_kernel``. The first ``upward`` ones are the pass up.
    tables
        The tables of all steps, flat.
    slots
        [S, 3] of each slot the parent and the position below it, -1 at the root, and its place
        in the order of depth.
    rows
        [A, C] the row of each position of a signature.
    choices, stages, widest
        The tables of a way down, flat: columns of the types of each row, those of a root last,
        of the signatures of each type, and of the states of each signature; [3, 5] of each
        where its numbers and the table begin and how large they are; the most rows, rounded up
        to a power of two.
    """

    cells: Cells
    steps: Tensor
    upward: int
    tables: Tensor
    slots: Tensor
    rows: Tensor
    choices: Tensor
    stages: Tensor
    widest: int


@lru_cache(maxsize=16)
def plan_of(trees: Trees, device: torch.device) -> Plan:
    """The plan of trees, kept for the next call."""
    builder = _Builder(trees)
    upward = [*builder.up(), builder.root()]
    steps, tables, at = [], [], 0
    for kind, out, table, own in [*upward, *builder.down()]:
        steps.append([kind.value, out, at, table.shape[1], len(table), own, builder.cells.shift])
        tables.append(table.ravel())
        at += table.size

    choices = builder.choices()
    starts = np.cumsum([0, *(table.size for _, _, table in choices)])
    stages = [
        [start, stride, at, table.shape[1], len(table)]
        for (start, stride, table), at in zip(choices, starts[:-1], strict=True)
    ]

    def upload(table: NDArray[np.integer]) -> Tensor:
        return torch.from_numpy(np.array(table, np.int32, order="C")).to(device)

    return Plan(
        builder.cells,
        upload(np.array(steps)),
        len(upward),
        upload(np.concatenate(tables)),
        upload(np.column_stack([trees.parents, builder.place])),
        upload(trees.signatures[:, 1:].T),
        upload(np.concatenate([table.ravel() for _, _, table in choices])),
        upload(np.array(stages)),
        triton.next_power_of_2(max(len(table) for _, _, table in choices)),
    )


def columns(holds: NDArray[np.bool_]) -> Table:
    """What holds in each row [R, M], as columns [W, R] filled up with -1."""
    rows = Csr.from_rows([np.flatnonzero(row).tolist() for row in holds])
    return rows.padded(fill=-1).T.astype(np.int64)


class _Builder:
    """Tables of cells for slots of one depth side by side: (kind, out, table, own) of steps."""

    def __init__(self, trees: Trees) -> None:
        self.trees, self.cells = trees, Cells.of(trees)
        self.num_rows, self.num_types = trees.rows.shape
        self.count = len(trees.signatures)
        depth = np.zeros(len(trees.children), np.int64)
        for s, parent in enumerate(trees.parents[1:, 0].tolist(), start=1):
            depth[s] = depth[parent] + 1
        self.levels = [np.flatnonzero(depth == d) for d in range(depth.max() + 1)]
        self.place = np.argsort(np.concatenate(self.levels))
        results = trees.signatures[:, 0]
        self.real = np.arange(self.num_types) < self.num_types - 1
        self.members = trees.members.padded(fill=-1).T.astype(np.int64)
        self.of_type = columns(results == np.arange(self.num_types)[:, None])
        self.types, self.holders = columns(trees.rows), columns(trees.rows.T)

    def beside(self, table: Table, starts: NDArray[np.integer]) -> Table:
        """A table of items, once for each slot: what is item 0 is the cell at its start."""
        parts = [np.where(table < 0, -1, table + start) for start in starts.tolist()]
        return np.concatenate(parts, axis=1)

    def up(self) -> list[Step]:
        """Groups from scores, terms from groups and up, inside from terms, up from inside."""
        trees, cells, steps = self.trees, self.cells, []
        below = np.append(self.place, len(self.place))  # the absent slot is the last
        for slots in reversed(self.levels):
            at = self.place[slots]
            groups, terms = cells.groups + at * self.count, cells.terms + at * self.count
            inside = cells.inside + at * self.num_types
            children = cells.up + below[trees.links[slots]] * self.num_rows
            under = [trees.signatures[:, 1:].T + start[:, None] for start in children]
            steps += [
                (LOG_SUM, groups[0], self.beside(self.members, slots * trees.shape[1]), -1),
                (SUM, terms[0], np.concatenate(under, axis=1), groups[0]),
                (LOG_SUM, inside[0], self.beside(self.of_type, terms), -1),
                (LOG_SUM, cells.up + at[0] * self.num_rows, self.beside(self.types, inside), -1),
            ]
        return steps

    def root(self) -> Step:
        """Log Z from all types of the root but EMPTY."""
        types = self.cells.inside + np.flatnonzero(self.real)
        return LOG_SUM, self.cells.root, types[:, None], -1

    def down(self) -> list[Step]:
        """Chances from expected, weights from chances, expected from weights; then marginals."""
        trees, cells, steps = self.trees, self.cells, []
        for slots in self.levels:
            at = self.place[slots]
            up, inside = cells.up + at * self.num_rows, cells.inside + at * self.num_types
            if slots[0] == 0:
                holders = np.where(self.real, cells.root, -1)[None]
            else:
                steps.append((SUM, up[0] + cells.shift, self.expecting(slots), -1))
                holders = self.beside(self.holders, up)
            types = self.beside(trees.signatures[:, 0][None], inside)
            terms = cells.terms + at[0] * self.count
            steps += [
                (SHARE, inside[0] + cells.shift, holders, inside[0]),
                (SHARE, cells.weights + at[0] * self.count, types, terms),
            ]
        groups = cells.groups + self.place * self.count
        of_states = self.beside(trees.signature_of[None], groups)
        return [*steps, (SHARE, cells.marginals, of_states, 0)]

    def choices(self) -> list[tuple[int, int, Table]]:
        """The stages of a way down: where numbers begin, how many a slot has, and the table."""
        trees, cells = self.trees, self.cells
        types = columns(np.concatenate([trees.rows, self.real[None]]))
        return [
            (cells.inside, self.num_types, types),
            (cells.terms, self.count, self.of_type),
            (0, trees.shape[1], self.members),
        ]

    def expecting(self, slots: NDArray[np.integer]) -> Table:
        """For each row of each slot, the weights of its parent's signatures that expect it."""
        parts = []
        for parent, position in self.trees.parents[slots].tolist():
            expects = self.trees.signatures[:, 1 + position] == np.arange(self.num_rows)[:, None]
            start = self.cells.weights + self.place[parent] * self.count
            table = columns(expects)
            parts.append(np.where(table < 0, -1, table + start))
        width = max(len(part) for part in parts)
        padded = [
            np.pad(part, ((0, width - len(part)), (0, 0)), constant_values=-1) for part in parts
        ]
        return np.concatenate(padded, axis=1)


def new_cells(plan: Plan, trees: Trees, scores: Tensor) -> Tensor:
    """Cells [B, size] with what the steps begin from: the scores and what is absent."""
    cells = scores.new_empty(len(scores), plan.cells.size)
    cells[:, : plan.cells.groups] = scores.detach().flatten(1)
    absent = plan.cells.root - trees.rows.shape[0]
    cells[:, absent : plan.cells.root] = -torch.inf
    cells[:, absent + NOTHING] = 0
    cells[:, plan.cells.root + plan.cells.shift] = 1
    return cells
