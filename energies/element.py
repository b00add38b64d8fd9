"""Array access by a variable index: array[index] = result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.energies.rows import added, beside, column, entries_of, gathered
from latent_ebm.energies.wording import (
    assigned,
    expect_labels,
    expect_lengths,
    expect_rows,
    refuse,
)
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr, Int32

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space


@dataclass(frozen=True, eq=False)
class Element:
    """``array[index] = result``, where index, the array's items and result are variables.

    A variable's value is its origin plus its state, so that variables of different ranges can
    be compared. The array counts from 0; an index outside of it violates the factor::

        energy = 1 - sum_i x_index(i) sum_v x_array_i(v) x_result(v)

    Attributes
    ----------
    index
        int32 [F] variables.
    arrays
        F rows of variables.
    result
        int32 [F] variables.
    origins
        F rows of integers: of the index, of each variable of the array, of the result.
    num_values
        K.
    labels
        F names.

    Raises
    ------
    ValueError
        If a factor repeats a variable, lacks an origin or a label, or no index and value fit.

    Examples
    --------
    >>> import numpy as np
    >>> pick = Element(
    ...     np.array([0], np.int32),
    ...     Csr.from_rows([[1, 2]]),
    ...     np.array([3], np.int32),
    ...     Csr.from_rows([[0, 0, 0, 0]]),
    ...     num_values=2,
    ...     labels=("pick",),
    ... )
    >>> pick.check(np.array([[1, 0, 1, 1], [0, 0, 1, 1]]))[:, 0].tolist()
    [True, False]
    """

    index: Int32
    arrays: Csr
    result: Int32
    origins: Csr
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        expect_labels(self.count, self.labels)
        expect_lengths(self.count, index=self.index, result=self.result)
        expect_rows(self.arrays, self.labels, "variable of the array")
        expect_rows(self.variables, self.labels, "variable")
        if self.origins.count != self.count:
            raise ValueError(
                f"{self.count} factors need as many rows of origins; found {self.origins.count}"
            )
        refuse(
            self.origins.widths != self.variables.widths,
            self.labels,
            "needs an origin of the index, of each variable of the array, and of the result",
        )
        possible = (self._state >= 0) & (self._state < self.num_values)
        possible &= np.abs(self._shift) < self.num_values
        refuse(
            np.bincount(self.arrays.row_of[possible], minlength=self.count) == 0,
            self.labels,
            "has no index within the array whose item can be the result; it can never hold",
        )

    @property
    def count(self) -> int:
        """F."""
        return self.arrays.count

    @cached_property
    def variables(self) -> Csr:
        """F rows: the index, the array, the result."""
        return beside([column(self.index), self.arrays, column(self.result)])

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, V * K], variable by variable."""
        return entries_of(self.variables, self.num_values).padded(fill=-1)

    @cached_property
    def _first(self) -> NDArray[np.int64]:
        """[F] the origin of the index."""
        return self.origins.items[self.origins.offsets[:-1]].astype(np.int64)

    @cached_property
    def _state(self) -> NDArray[np.int64]:
        """For each item of the arrays, the state of the index that picks it; maybe none."""
        row = self.arrays.row_of
        return np.arange(len(row)) - self.arrays.offsets[row] - self._first[row]

    @cached_property
    def _shift(self) -> NDArray[np.int64]:
        """For each item of the arrays, its origin less that of the result."""
        row = self.arrays.row_of
        last = self.origins.items[self.origins.offsets[1:] - 1].astype(np.int64)
        # the row of origins has one more in front, and two more in each row before
        return self.origins.items[np.arange(len(row)) + 2 * row + 1] - last[row]

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        import torch

        k = self.num_values
        reached = np.flatnonzero((self._state >= 0) & (self._state < k))
        row = self.arrays.row_of[reached]
        picked = gathered(x, self.index[row].astype(np.int64) * k + self._state[reached])
        items = self.arrays.items[reached].astype(np.int64)[:, None] * k + np.arange(k)
        same = np.arange(k) + self._shift[reached][:, None]
        within = torch.as_tensor((same >= 0) & (same < k), device=x.device)
        results = self.result[row].astype(np.int64)[:, None] * k + np.clip(same, 0, k - 1)
        equal = (gathered(x, items) * torch.where(within, gathered(x, results), 0)).sum(dim=-1)
        return (1 - added(picked * equal, row, self.count)).clamp(min=0)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, V * K]: the assignment with array[index] = result that is best."""
        from latent_ebm.energies.projection import best_points

        return best_points(self.factors(), scores)

    def _picked(self, values: Values) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """[B, F] whether the index is within the array, and the position that it picks."""
        index = values[:, self.index] + self._first
        within = (index >= 0) & (index < self.arrays.widths)
        return within, self.arrays.offsets[:-1].astype(np.int64) + np.where(within, index, 0)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        within, place = self._picked(values)
        item = np.take_along_axis(values, self.arrays.items[place].astype(np.int64), axis=1)
        result = values[:, self.result].astype(np.int64)
        return within & (item + self._shift[place] == result)

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, what the index picks instead."""
        label = self.labels[index]
        if values is None:
            return label
        if self.check(values[None])[0, index]:
            return f"{label}: holds"
        within, place = self._picked(values[None])
        chosen = assigned(self.index[index : index + 1], space, values)
        if not within[0, index]:
            return f"{label}: {chosen} is outside the array of {self.arrays.widths[index]}"
        item = assigned(self.arrays.items[place[0, index]][None], space, values)
        result = assigned(self.result[index : index + 1], space, values)
        return f"{label}: {chosen} picks {item}, but {result}"

    def factors(self) -> FactorTable:
        """Element factors as they are."""
        return FactorTable.of(
            Kind.ELEMENT,
            self.num_values,
            entries_of(self.variables, self.num_values),
            parameters=self.origins,
        )
