"""The discrete structure that the kernels work on, as flat arrays.

An *entry* is one (variable, value) pair; entry ``i * K + a`` says "variable i takes value a".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]

MOST_OVERLAPS = 4_000_000
"""Pairs of groups at one entry that are looked at to find the largest overlap."""


@dataclass(frozen=True, eq=False)
class Csr:
    """Rows of integers in compressed form: row r is ``items[offsets[r]:offsets[r + 1]]``.

    >>> Csr.from_rows([[3, 4], [], [5]]).row(2)
    array([5], dtype=int32)
    """

    offsets: Int32
    items: Int32

    @classmethod
    def from_rows(cls, rows: list[list[int]]) -> Csr:
        """Pack a list of rows."""
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        return cls(offsets, np.array([item for row in rows for item in row], np.int32))

    @classmethod
    def rectangle(cls, table: NDArray[np.integer]) -> Csr:
        """The rows of a table [R, W], all of one length.

        >>> Csr.rectangle(np.array([[1, 2], [3, 4]])).row(1)
        array([3, 4], dtype=int32)
        """
        rows, width = table.shape
        offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
        return cls(offsets, np.ascontiguousarray(table, np.int32).ravel())

    @classmethod
    def joined(cls, parts: Sequence[Csr]) -> Csr:
        """The rows of all parts, in order."""
        widths = np.concatenate([np.zeros(1, np.int32), *(part.widths for part in parts)])
        items = np.concatenate([np.zeros(0, np.int32), *(part.items for part in parts)])
        return cls(np.cumsum(widths, dtype=np.int32), items)

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.offsets) - 1

    @property
    def widths(self) -> Int32:
        """The length of each row, [R]."""
        return np.diff(self.offsets)

    @cached_property
    def row_of(self) -> Int32:
        """The row that each position belongs to, [M]."""
        return np.repeat(np.arange(self.count, dtype=np.int32), self.widths)

    def row(self, index: int) -> Int32:
        """The items of one row."""
        return self.items[self.offsets[index] : self.offsets[index + 1]]

    def positions(self, rows: NDArray[np.integer]) -> NDArray[np.int64]:
        """Where the items of some rows stand in ``items``, row by row."""
        widths = self.widths[rows]
        starts = np.cumsum(widths) - widths
        within = np.arange(int(widths.sum())) - np.repeat(starts, widths)
        return np.repeat(self.offsets[:-1][rows], widths) + within

    def rows(self, rows: NDArray[np.integer]) -> Csr:
        """Some of the rows, in the order asked for.

        >>> Csr.from_rows([[1], [2, 3], [4]]).rows(np.array([2, 1])).items
        array([4, 2, 3], dtype=int32)
        """
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum(self.widths[rows], out=offsets[1:])
        return Csr(offsets, self.items[self.positions(rows)])

    def inverse(self, count: int) -> Csr:
        """For each item in ``range(count)``, the *positions* at which it stands."""
        order = np.argsort(self.items, kind="stable").astype(np.int32)
        offsets = np.zeros(count + 1, np.int32)
        np.cumsum(np.bincount(self.items, minlength=count), out=offsets[1:])
        return Csr(offsets, order)

    def padded(self, fill: int) -> Int32:
        """The rows as a rectangle [R, W], short rows filled up with ``fill``."""
        width = max(int(self.widths.max(initial=0)), 1)
        table = np.full((self.count, width), fill, np.int32)
        column = np.arange(len(self.items)) - self.offsets[self.row_of]
        table[self.row_of, column] = self.items
        return table


@dataclass(frozen=True, eq=False)
class Groups:
    """Sets of entries of which exactly one (``exact``) or at most one is chosen.

    The first ``num_variables`` groups are the variables themselves, in order, each over its
    ``num_values`` entries; they are always exact.

    Attributes
    ----------
    num_variables, num_values
        N and K.
    members
        The entries of each group, G rows.
    exact
        [G], whether a group needs one chosen entry or tolerates none.
    """

    num_variables: int
    num_values: int
    members: Csr
    exact: Bool

    @property
    def count(self) -> int:
        """G, the number of groups."""
        return self.members.count

    @property
    def num_entries(self) -> int:
        """E = N * K."""
        return self.num_variables * self.num_values

    @cached_property
    def replicas(self) -> Csr:
        """For each entry the positions in ``members`` where it stands: its replicas."""
        return self.members.inverse(self.num_entries)

    @cached_property
    def groups_of(self) -> Csr:
        """For each entry the groups that hold it."""
        return Csr(self.replicas.offsets, self.members.row_of[self.replicas.items])

    @cached_property
    def implied_by_pairs(self) -> bool:
        """Whether forbidding all pairs within groups says as much as the groups do.

        At-most-one groups and variables are pairs by nature. Exact groups are implied by
        counting where K variables, all different, share K values: one group for each value.
        """
        loads: dict[frozenset[int], set[int]] = {}
        for g in range(self.num_variables, self.count):
            if not self.exact[g]:
                continue
            variables, values = np.divmod(self.members.row(g), self.num_values)
            if len(set(variables.tolist())) != self.num_values or len(set(values.tolist())) != 1:
                return False
            loads.setdefault(frozenset(variables.tolist()), set()).add(int(values[0]))
        return all(len(values) == self.num_values for values in loads.values())

    @cached_property
    def largest_overlap(self) -> int:
        """The most entries that an exact group shares with a group that differs from it.

        1 also where counting would take more than ``MOST_OVERLAPS`` steps.
        """
        exact = np.flatnonzero(self.exact[self.members.row_of])
        degrees = self.groups_of.widths[self.members.items[exact]]
        if int(degrees.sum()) > MOST_OVERLAPS:
            return 1
        group = np.repeat(self.members.row_of[exact], degrees).astype(np.int64)
        other = self.groups_of.rows(self.members.items[exact]).items
        pairs, shared = np.unique((group * self.count + other)[group != other], return_counts=True)
        group, other = np.divmod(pairs, self.count)
        widths = self.members.widths
        alike = (shared == widths[group]) & (shared == widths[other])
        return int(shared[~alike].max(initial=1))


@dataclass(frozen=True, eq=False)
class Conflicts:
    """Forbidden pairs of entries (i=a, j=b), i and j distinct variables.

    Attributes
    ----------
    num_variables, num_values
        N and K.
    partners
        For each entry, the entries it must not be chosen together with, E rows.
    pair
        For each position of ``partners``, the number of the undirected pair; both directions
        share it, and so share a multiplier.
    num_pairs
        P, the number of undirected pairs.
    """

    num_variables: int
    num_values: int
    partners: Csr
    pair: Int32
    num_pairs: int

    @classmethod
    def from_groups(cls, groups: Groups) -> Conflicts:
        """All pairs of entries of distinct variables that share a group."""
        n, k = groups.num_variables, groups.num_values
        first, second = [], []
        for row in range(n, groups.count):
            entries = groups.members.row(row)
            i, j = np.triu_indices(len(entries), 1)
            first.append(entries[i])
            second.append(entries[j])
        low_high = np.stack(
            [np.concatenate([np.zeros(0, np.int32), *parts]) for parts in (first, second)], axis=1
        )
        low_high = np.sort(low_high, axis=1)
        distinct = low_high[:, 0] // k != low_high[:, 1] // k
        pairs = np.unique(low_high[distinct], axis=0)
        return cls.from_pairs(n, k, pairs)

    @classmethod
    def from_pairs(
        cls, num_variables: int, num_values: int, pairs: NDArray[np.integer]
    ) -> Conflicts:
        """Pack undirected pairs [P, 2] of entries, each given once."""
        number = np.tile(np.arange(len(pairs), dtype=np.int32), 2)
        source = np.concatenate([pairs[:, 0], pairs[:, 1]])
        target = np.concatenate([pairs[:, 1], pairs[:, 0]]).astype(np.int32)
        order = np.lexsort((target, source))
        offsets = np.zeros(num_variables * num_values + 1, np.int32)
        np.cumsum(np.bincount(source, minlength=num_variables * num_values), out=offsets[1:])
        partners = Csr(offsets, np.ascontiguousarray(target[order]))
        return cls(num_variables, num_values, partners, number[order], len(pairs))
