"""What a run of splitting sweeps over factors of any kind works on, for all back ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.factors import BLOCKLESS, FactorTable, Kind
from latent_ebm.kernels.runs import Runs
from latent_ebm.kernels.structure import Csr, Int32

CHECK_EVERY = 8
"""Sweeps between looks at what most views prefer: it may solve before all views agree."""

LARGEST_TABLEAU = 1 << 24
"""Cells of dynamic programming that one factor may need."""


class TooLargeError(ValueError):
    """A factor's dynamic programming would not fit; ``factor`` is its number."""

    def __init__(self, factor: int, cells: int, name: str = "") -> None:
        self.factor, self.cells = factor, cells
        super().__init__(
            f"{name or f'factor {factor}'} needs {cells} cells of dynamic programming, more than "
            f"the {LARGEST_TABLEAU} allowed; split the sum with auxiliary variables, scale its "
            "weights down, or use the hybrid strategy"
        )


@dataclass(frozen=True, eq=False)
class FactorSplittingProblem:
    """Factors of any kind, each a view of its members.

    Attributes
    ----------
    num_variables
        N.
    table
        The factors that are given.
    restart_every
        Sweeps between fresh starts.

    Raises
    ------
    TooLargeError
        If a factor's dynamic programming would not fit.
    """

    num_variables: int
    table: FactorTable
    restart_every: int

    def __post_init__(self) -> None:
        if self.tableau > LARGEST_TABLEAU:
            raise TooLargeError(int(self.cells.argmax()), self.tableau)

    @cached_property
    def views(self) -> FactorTable:
        """The factors, behind them one that gives a single value to each variable in need.

        Factors of blocks give each of their variables one value anyway; a view of its own
        goes to a variable that has an entry outside of such factors.
        """
        k, table = self.table.num_values, self.table
        blockwise = ~np.isin(table.kind, BLOCKLESS)
        inside = np.zeros(self.num_variables * k, np.bool_)
        inside[table.members.items[blockwise[table.members.row_of]]] = True
        needs = ~inside
        needs[table.members.items[~blockwise[table.members.row_of]]] = True
        needs[table.guard[table.guard >= 0]] = True
        variables = np.flatnonzero(needs.reshape(-1, k).any(axis=1))
        entries = variables[:, None] * k + np.arange(k)
        own = FactorTable.of(
            Kind.CARDINALITY,
            k,
            Csr.rectangle(entries),
            parameters=Csr.rectangle(np.ones((len(variables), 2), np.int32)),
        )
        return FactorTable.joined(k, [table, own])

    @cached_property
    def separate_views(self) -> FactorTable:
        """The views over their own replicas, so that scores [R] can stand in for entries."""
        own = np.arange(len(self.views.members.items), dtype=np.int32)
        return replace(self.views, members=Csr(self.views.members.offsets, own))

    @property
    def num_entries(self) -> int:
        """E = N * K."""
        return self.num_variables * self.table.num_values

    @cached_property
    def guard_replica(self) -> Int32:
        """[F] where a factor's guard has its replica, behind those of all members; or -1."""
        has = self.views.guard >= 0
        first = len(self.views.members.items)
        return np.where(has, first + np.cumsum(has) - 1, -1).astype(np.int32)

    @cached_property
    def entries(self) -> Int32:
        """[R] the entry of each replica: those of the members, then those of the guards."""
        guards = self.views.guard
        return np.concatenate([self.views.members.items, guards[guards >= 0]])

    @cached_property
    def view_share(self) -> NDArray[np.float32]:
        """[E] 1 / the number of an entry's views."""
        count = np.bincount(self.entries, minlength=self.num_entries)
        return (1 / np.maximum(count, 1)).astype(np.float32)

    @cached_property
    def tableau(self) -> int:
        """The most cells of dynamic programming that one factor needs."""
        return int(self.cells.max(initial=self.table.num_values))

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """[F] cells of dynamic programming that each factor needs."""
        return projection_cells(self.table)


def projection_cells(table: FactorTable) -> NDArray[np.int64]:
    """[F] cells of dynamic programming that the projection of each factor of a table needs."""
    widths = table.members.widths
    cells = np.maximum(widths, 1).astype(np.int64)
    for f in np.flatnonzero(table.kind == Kind.REGULAR):
        blocks = int(widths[f]) // table.num_values
        cells[f] = max(cells[f], (blocks + 1) * int(table.parameters.row(int(f))[0]))
    for f in np.flatnonzero(table.kind == Kind.LINEAR):
        row = slice(table.members.offsets[f], table.members.offsets[f + 1])
        weight = table.weights[row].reshape(-1, table.num_values)
        least, top = int(weight.min(axis=1).sum()), int(weight.max(axis=1).sum())
        low, high = (int(bound) for bound in table.parameters.row(int(f)))
        span = max(min(min(high, top) - least, top - max(low, least)), 0)
        cells[f] = max(cells[f], (len(weight) + 1) * (span + 1))
    return cells


@dataclass(eq=False)
class FactorSplittingState(Runs):
    """B runs of C chains, changed in place.

    Attributes
    ----------
    scores
        [B, C, R] float32, s_q = x - u_q of each replica; meaningful once steps > 0.
    shared
        [B, C, N * K] float32, x.
    seed
        Of the multipliers that each restart begins with.
    """

    scores: NDArray[np.float32]
    shared: NDArray[np.float32]
    seed: int
