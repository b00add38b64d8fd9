"""Comparisons of two variables: different, equal, or in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.energies.rows import beside, column, entries_of, gathered
from latent_ebm.energies.wording import expect_labels, expect_lengths, expect_rows, refuse
from latent_ebm.kernels.factors import FactorTable, Kind, Operator
from latent_ebm.kernels.structure import Csr, Int32

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space

SYMBOLS = {
    Operator.NOT_EQUAL: "!=",
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
    Operator.EQUAL: "==",
}
"""How explanations write the operators."""

_HOLDS = np.array([[1, 0, 1], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.bool_)
"""Operator by sign + 1 of first - second - offset."""


@dataclass(frozen=True, eq=False)
class Relation:
    """``first operator second + offset``, for the states of two variables, as numbers.

    ``energy = 1 - sum x_{first, a} x_{second, b}``, over the pairs (a, b) that are allowed.

    Attributes
    ----------
    first, second
        int32 [F] variables.
    operator
        int8 [F] of :class:`~latent_ebm.kernels.factors.Operator`.
    offset
        int32 [F].
    num_values
        K.
    labels
        F names.

    Raises
    ------
    ValueError
        If a factor relates a variable to itself, has an unknown operator or lacks a label, or
        its offset leaves no pair.

    Examples
    --------
    >>> import numpy as np
    >>> one, zero = np.array([1], np.int32), np.array([0], np.int32)
    >>> less = Relation(zero, one, np.array([Operator.LESS], np.int8), zero, 3, ("x < y",))
    >>> less.check(np.array([[0, 1], [1, 1]]))[:, 0].tolist()
    [True, False]
    """

    first: Int32
    second: Int32
    operator: NDArray[np.int8]
    offset: Int32
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        expect_labels(self.count, self.labels)
        expect_lengths(self.count, second=self.second, operator=self.operator, offset=self.offset)
        expect_rows(self.variables, self.labels, "variable")
        known = np.isin(self.operator, list(Operator))
        refuse(~known, self.labels, f"has an unknown operator; choose from {SYMBOLS}")
        k = self.num_values
        # the least and the greatest difference of two states that satisfy it
        offset = self.offset.astype(np.int64)
        possible = np.stack(
            [
                (k > 1) | (offset != 0),
                1 - k < offset,
                1 - k <= offset,
                np.abs(offset) < k,
            ]
        )
        refuse(
            ~possible[self.operator, np.arange(self.count)],
            self.labels,
            f"allows no pair of the {k} states by its offset; it can never hold",
        )

    @property
    def count(self) -> int:
        """F."""
        return len(self.first)

    @cached_property
    def variables(self) -> Csr:
        """F rows of the two variables."""
        return beside([column(self.first), column(self.second)])

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, 2 * K], first variable first."""
        return entries_of(self.variables, self.num_values).padded(fill=-1)

    @cached_property
    def _partners(self) -> NDArray[np.int64]:
        """[F, K] for each state b of the second variable, a column of [x, 0, running sums of x].

        There stands the chance that the first one is equal to b + offset, or below it, or at
        most that.
        """
        k = self.num_values
        wanted = np.arange(k) + self.offset.astype(np.int64)[:, None]
        equal = np.where((wanted >= 0) & (wanted < k), wanted, k)
        below = k + np.clip(wanted, 0, k)
        at_most = k + np.clip(wanted + 1, 0, k)
        return np.choose(self.operator[:, None], [equal, below, at_most, equal])

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        import torch

        sums = torch.cat([x, torch.zeros_like(x[..., :1]), x.cumsum(dim=-1)], dim=-1)
        k, width = self.num_values, 2 * self.num_values + 1
        start = self.first.astype(np.int64)[:, None] * width
        allowed = gathered(sums, start + self._partners)
        differ = torch.as_tensor(self.operator == Operator.NOT_EQUAL, device=x.device)
        allowed = torch.where(differ[:, None], gathered(sums, start + width - 1) - allowed, allowed)
        second = self.second.astype(np.int64)[:, None] * k + np.arange(k)
        chance = (allowed * gathered(x, second)).sum(dim=-1)
        return (1 - chance).clamp(min=0)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, 2 * K]: the allowed pair that scores best."""
        from latent_ebm.energies.projection import best_points

        return best_points(self.factors(), scores)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        difference = values[:, self.first].astype(np.int64) - values[:, self.second] - self.offset
        return _HOLDS[self.operator, np.sign(difference) + 1]

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, the states that do not compare so."""
        label = self.labels[index]
        if values is None:
            return label
        if self.check(values[None])[0, index]:
            return f"{label}: holds"
        i, j, offset = self.first[index], self.second[index], int(self.offset[index])
        shift = f" {'+' if offset > 0 else '-'} {abs(offset)}" if offset else ""
        claim = f"{space.variables[i]} {SYMBOLS[Operator(self.operator[index])]} "
        states = f"{space.states[values[i]]} and {space.states[values[j]]}"
        return f"{label}: {claim}{space.variables[j]}{shift} is false of {states}"

    def factors(self) -> FactorTable:
        """Relations as they are."""
        rows = np.stack([self.operator.astype(np.int32), self.offset], axis=1)
        return FactorTable.of(
            Kind.RELATION,
            self.num_values,
            entries_of(self.variables, self.num_values),
            parameters=Csr.rectangle(rows),
        )
