"""Tables: the combinations of states that some variables may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.energies.rows import (
    added,
    by_width,
    chunks,
    entries_of,
    gathered,
    in_order,
    stacked,
)
from latent_ebm.energies.wording import assigned, expect_labels, expect_lengths, expect_rows
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space


@dataclass(frozen=True, eq=False)
class Table:
    """The states of each factor's variables, together, are one of its tuples.

    ``energy = 1 - sum_t prod_i x_{i, t_i}``, over the tuples t and the variables i.

    Attributes
    ----------
    variables
        F rows of variables.
    tuples
        F integer arrays [T_f, W_f] of states; factors may share one array.
    num_values
        K.
    labels
        F names.

    Raises
    ------
    ValueError
        If a factor repeats a variable or a tuple, or has none, or a tuple does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> swap = Table(Csr.from_rows([[0, 1]]), [np.array([[0, 1], [1, 0]])], 2, ("swap",))
    >>> swap.check(np.array([[0, 1], [1, 1]]))[:, 0].tolist()
    [True, False]
    """

    variables: Csr
    tuples: Sequence[NDArray[np.integer]]
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        expect_labels(self.count, self.labels)
        expect_lengths(self.count, tuples=self.tuples)
        expect_rows(self.variables, self.labels, "variable")
        widths = self.variables.widths
        seen: set[int] = set()
        for f, (table, width) in enumerate(zip(self.tuples, widths, strict=True)):
            if table.ndim != 2 or table.shape[1] != width:
                raise ValueError(
                    f"{self.labels[f]} has {width} variables and needs tuples [T, {width}]; "
                    f"found {table.shape}"
                )
            if id(table) not in seen:
                self._expect_tuples(self.labels[f], table)
                seen.add(id(table))

    def _expect_tuples(self, label: str, table: NDArray[np.integer]) -> None:
        if len(table) == 0:
            raise ValueError(f"{label} has no tuples; it can never hold")
        if table.min() < 0 or table.max() >= self.num_values:
            bad = table[((table < 0) | (table >= self.num_values)).any(axis=1)][0]
            raise ValueError(
                f"{label} has the tuple {tuple(bad.tolist())}; states are 0 to "
                f"{self.num_values - 1}"
            )
        if len(np.unique(table, axis=0)) != len(table):
            raise ValueError(f"{label} repeats a tuple; pass np.unique(tuples, axis=0)")

    @property
    def count(self) -> int:
        """F."""
        return self.variables.count

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, V * K], variable by variable."""
        return entries_of(self.variables, self.num_values).padded(fill=-1)

    @cached_property
    def _buckets(self) -> tuple[_Tuples, ...]:
        """All tuples of the factors of each width."""
        found = []
        for bucket in by_width(self.variables):
            tables = [self.tuples[f] for f in bucket.rows]
            sizes = np.array([len(table) for table in tables])
            variables = self.variables.items[bucket.positions].astype(np.int64)
            states = np.concatenate(tables).astype(np.int64)
            entries = np.repeat(variables, sizes, axis=0) * self.num_values + states
            found.append(_Tuples(bucket.rows, entries, sizes))
        return tuple(found)

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        parts = []
        for bucket in self._buckets:
            chances = gathered(x, bucket.entries[:, 0])
            for column in bucket.entries.T[1:]:
                chances = chances * gathered(x, column)
            owner = np.repeat(np.arange(len(bucket.rows)), bucket.sizes)
            parts.append((1 - added(chances, owner, len(bucket.rows))).clamp(min=0))
        return in_order(parts, self._buckets, x)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, V * K]: the tuple that scores best."""
        from latent_ebm.energies.projection import best_points

        return best_points(self.factors(), scores)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        holds = np.empty((len(values), self.count), np.bool_)
        for bucket in self._buckets:
            starts = np.cumsum(bucket.sizes) - bucket.sizes
            variable, state = np.divmod(bucket.entries, self.num_values)
            for part in chunks(len(values), len(variable)):
                match = values[part, variable[:, 0]] == state[:, 0]
                for i in range(1, variable.shape[1]):
                    match &= values[part, variable[:, i]] == state[:, i]
                holds[part, bucket.rows] = np.logical_or.reduceat(match, starts, axis=1)
        return holds

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, the combination that is no tuple."""
        label = self.labels[index]
        if values is None:
            return label
        row = self.variables.row(index)
        if (self.tuples[index] == values[row]).all(axis=1).any():
            return f"{label}: holds"
        allowed = len(self.tuples[index])
        return f"{label}: {assigned(row, space, values)} is none of the {allowed} allowed"

    def factors(self) -> FactorTable:
        """Tables as they are."""
        rows = [np.concatenate([[len(table)], table.ravel()]) for table in self.tuples]
        return FactorTable.of(
            Kind.TABLE,
            self.num_values,
            entries_of(self.variables, self.num_values),
            parameters=stacked(rows),
        )


@dataclass(frozen=True, eq=False)
class _Tuples:
    """The factors of one width: numbers [R], entries [sum of sizes, w], sizes [R]."""

    rows: NDArray[np.int64]
    entries: NDArray[np.int64]
    sizes: NDArray[np.int64]
