"""Constraints of every kind as flat arrays: what the general kernels and exact engines read.

A factor looks at some entries, its *members*. Where its kind speaks of variables, the members
are whole variables one after the other, its *blocks* of ``num_values`` entries each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.structure import Csr, Groups, Int32


class Kind(IntEnum):
    """What a factor demands of its members; ``parameters`` and ``weights`` say the rest.

    With m the members that are chosen, as positions in the factor's row:

    * CARDINALITY, ``[low, high]``: between low and high of them are chosen.
    * CLAUSE: some member with weight 1 is chosen, or some with weight -1 is not.
    * LINEAR, ``[low, high]``: the weights of the chosen members of all blocks add up to between
      low and high.
    * TABLE, ``[T, then T rows of one position for each block]``: the chosen members are one of
      the rows, given as positions within their blocks.
    * REGULAR, ``[states, start, accepting (one flag each), transitions (states x K, -1 dead)]``:
      the automaton that reads the blocks in order accepts.
    * RELATION, ``[operator, offset]``: first block ``operator`` second block + offset, on
      positions; operators are those of :class:`Operator`.
    * ELEMENT, ``[origin of the index, of each array variable, of the result]``: with value =
      origin + position, array[index] = result; the blocks are in this order.
    """

    CARDINALITY = 0
    CLAUSE = 1
    LINEAR = 2
    TABLE = 3
    REGULAR = 4
    RELATION = 5
    ELEMENT = 6


class Operator(IntEnum):
    """Comparisons of two values."""

    NOT_EQUAL = 0
    LESS = 1
    AT_MOST = 2
    EQUAL = 3


BLOCKLESS = (Kind.CARDINALITY, Kind.CLAUSE)
"""Kinds whose members are single entries, not whole variables."""


@dataclass(frozen=True, eq=False)
class FactorTable:
    """F factors over N variables of K values.

    Attributes
    ----------
    num_values
        K.
    kind
        [F] int8 of :class:`Kind`.
    members
        The entries of each factor, F rows.
    weights
        int64 of each position of ``members``; 0 where the kind has none.
    parameters
        F rows of integers, as the kind says.
    guard
        [F] the entry that switches a factor on: it demands nothing unless that entry is
        chosen. -1 where it always holds.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """

    num_values: int
    kind: NDArray[np.int8]
    members: Csr
    weights: NDArray[np.int64]
    parameters: Csr
    guard: Int32

    def __post_init__(self) -> None:
        rows = {len(self.kind), self.members.count, self.parameters.count, len(self.guard)}
        if len(rows) != 1 or len(self.weights) != len(self.members.items):
            raise ValueError(
                f"a factor table needs one kind, row of members, row of parameters and guard a "
                f"factor and one weight a member; found {len(self.kind)}, {self.members.count}, "
                f"{self.parameters.count}, {len(self.guard)}, and {len(self.weights)} weights for "
                f"{len(self.members.items)} members"
            )

    @classmethod
    def of(
        cls,
        kind: Kind,
        num_values: int,
        members: Csr,
        *,
        weights: NDArray[np.integer] | None = None,
        parameters: Csr | None = None,
    ) -> FactorTable:
        """Factors of one kind, all unguarded.

        >>> FactorTable.of(Kind.CLAUSE, 2, Csr.from_rows([[1, 3]])).guard
        array([-1], dtype=int32)
        """
        count = members.count
        return cls(
            num_values,
            np.full(count, kind, np.int8),
            members,
            np.zeros(len(members.items), np.int64)
            if weights is None
            else np.asarray(weights, np.int64),
            parameters
            if parameters is not None
            else Csr(np.zeros(count + 1, np.int32), np.zeros(0, np.int32)),
            np.full(count, -1, np.int32),
        )

    @classmethod
    def joined(cls, num_values: int, tables: Sequence[FactorTable]) -> FactorTable:
        """The factors of all tables, in order."""
        return cls(
            num_values,
            np.concatenate([np.zeros(0, np.int8), *(t.kind for t in tables)]),
            Csr.joined([t.members for t in tables]),
            np.concatenate([np.zeros(0, np.int64), *(t.weights for t in tables)]),
            Csr.joined([t.parameters for t in tables]),
            np.concatenate([np.zeros(0, np.int32), *(t.guard for t in tables)]),
        )

    def guarded(self, guard: Int32) -> FactorTable:
        """The same factors, each switched on by an entry; no factor can have two guards."""
        if (self.guard >= 0).any():
            raise ValueError("a factor that has a guard cannot be given another")
        return replace(self, guard=np.asarray(guard, np.int32))

    @property
    def count(self) -> int:
        """F."""
        return len(self.kind)

    @cached_property
    def are_groups(self) -> bool:
        """Whether all factors are exactly-one or at-most-one, so that the byte kernels apply."""
        if (self.kind != Kind.CARDINALITY).any() or (self.guard >= 0).any():
            return False
        bounds = self.parameters.items.reshape(-1, 2)
        return bool((bounds[:, 1] == 1).all() and (bounds[:, 0] >= 0).all())

    def watchers(self, num_variables: int) -> Csr:
        """For each entry the factors that have it as a member or as their guard."""
        guarded = np.flatnonzero(self.guard >= 0).astype(np.int32)
        factors = np.concatenate([self.members.row_of, guarded])
        entries = np.concatenate([self.members.items, self.guard[guarded]])
        by_entry = Csr(np.zeros(1, np.int32), entries).inverse(num_variables * self.num_values)
        return Csr(by_entry.offsets, factors[by_entry.items])

    def as_groups(self, num_variables: int) -> Groups:
        """The factors as groups, behind the variables' own.

        Raises
        ------
        ValueError
            If some factor is no group; see ``are_groups``.
        """
        if not self.are_groups:
            raise ValueError("only exactly-one and at-most-one factors are groups")
        k = self.num_values
        own = Csr.rectangle(np.arange(num_variables * k, dtype=np.int32).reshape(num_variables, k))
        exact = self.parameters.items.reshape(-1, 2)[:, 0] == 1
        return Groups(
            num_variables,
            k,
            Csr.joined([own, self.members]),
            np.concatenate([np.ones(num_variables, np.bool_), exact]),
        )
