"""Weighted sums between two bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.energies.rows import added, chunks, entries_of, gathered
from latent_ebm.energies.wording import (
    assigned,
    expect_labels,
    expect_lengths,
    expect_rows,
    refuse,
)
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space

OPEN = 1 << 40
"""``-OPEN`` as low and ``OPEN`` as high stand for no bound."""

Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Linear:
    """What the variables of each factor contribute adds up to between low and high.

    State a of variable i contributes w_ia, so that sum_i sum_a w_ia x_ia is the sum. With
    d its distance from [low, high], and s the most that one variable can change it::

        energy = 1/2 (d / s)^2,    s = max_i (max_a w_ia - min_a w_ia), or 1 if that is 0

    Attributes
    ----------
    variables
        F rows of variables.
    weights
        [sum of widths, K], the contributions of each variable in the rows.
    low, high
        int64 [F]; ``-OPEN`` and ``OPEN`` for no bound.
    num_values
        K.
    labels
        F names.

    Raises
    ------
    ValueError
        If a factor has no variables or repeats one, sums beyond 32 bits, or bounds that no sum
        can meet.

    Examples
    --------
    >>> import numpy as np
    >>> digits = np.tile(np.arange(1, 10), (2, 1))
    >>> cage = Linear(
    ...     Csr.from_rows([[0, 1]]), digits, np.array([12]), np.array([12]), 9, ("sum 12",)
    ... )
    >>> cage.check(np.array([[2, 8], [2, 3]]))[:, 0].tolist()
    [True, False]
    """

    variables: Csr
    weights: Int64
    low: Int64
    high: Int64
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        expect_labels(self.count, self.labels)
        expect_lengths(self.count, low=self.low, high=self.high)
        expect_rows(self.variables, self.labels, "variable")
        expected = (len(self.variables.items), self.num_values)
        if self.weights.shape != expected:
            raise ValueError(
                f"linear factors need a weight for each state of each variable in their rows, "
                f"{expected}; found {self.weights.shape}"
            )
        least, most = self._range
        refuse(
            np.maximum(np.abs(least), np.abs(most)) >= 2.0**31,
            self.labels,
            "has sums beyond 32 bits; divide its weights and bounds by a common factor",
        )
        low, high = np.asarray(self.low), np.asarray(self.high)
        refuse(low > high, self.labels, "has low > high; exchange its bounds")
        never = (low > most) | (high < least)
        if never.any():
            f = int(never.argmax())
            raise ValueError(
                f"{self.labels[f]} adds up to at least {least[f]:.0f} and at most "
                f"{most[f]:.0f}, which never is {self._wanted(f)}; it can never hold"
            )

    @property
    def count(self) -> int:
        """F."""
        return self.variables.count

    @cached_property
    def members(self) -> Csr:
        """The entries of each factor, whole variables."""
        return entries_of(self.variables, self.num_values)

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, V * K], variable by variable."""
        return self.members.padded(fill=-1)

    @cached_property
    def _range(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the most that each factor can add up to, in double: they may be huge."""
        if self.count == 0:
            return np.zeros(0), np.zeros(0)
        starts = self.variables.offsets[:-1]
        weights = self.weights.astype(np.float64)
        return (
            np.add.reduceat(weights.min(axis=1), starts),
            np.add.reduceat(weights.max(axis=1), starts),
        )

    @cached_property
    def bounds(self) -> Int64:
        """[F, 2] low and high, open ones at what can be attained."""
        least, most = self._range
        return np.stack([np.maximum(self.low, least), np.minimum(self.high, most)], axis=1).astype(
            np.int64
        )

    @cached_property
    def step(self) -> Int64:
        """[F] s, the most that one variable can change the sum."""
        if self.count == 0:
            return np.zeros(0, np.int64)
        spread = self.weights.max(axis=1) - self.weights.min(axis=1)
        return np.maximum(np.maximum.reduceat(spread, self.variables.offsets[:-1]), 1)

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]; the sums are in double precision, hence exact at corners."""
        import torch

        def constant(array: NDArray[np.generic]) -> Tensor:
            return torch.as_tensor(array, dtype=torch.float64, device=x.device)

        terms = gathered(x, self.members.items.astype(np.int64)).double()
        total = added(terms * constant(self.weights.ravel()), self.members.row_of, self.count)
        low, high = constant(self.bounds).unbind(dim=1)
        distance = (low - total).clamp(min=0) + (total - high).clamp(min=0)
        return (0.5 * (distance / constant(self.step)).square()).to(x.dtype)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, V * K]: the assignment within the bounds that scores best."""
        from latent_ebm.energies.projection import best_points

        return best_points(self.factors(), scores)

    def sums(self, values: Values) -> Int64:
        """What each factor adds up to at ``values`` [B, N], as [B, F]."""
        place = np.arange(len(self.variables.items))
        total = np.zeros((len(values), self.count), np.int64)
        if self.count == 0:
            return total
        for part in chunks(len(values), len(place)):
            terms = self.weights[place, values[part, self.variables.items]]
            np.add.reduceat(terms, self.variables.offsets[:-1], axis=1, out=total[part])
        return total

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        total = self.sums(values)
        return (self.bounds[:, 0] <= total) & (total <= self.bounds[:, 1])

    def _wanted(self, index: int) -> str:
        low, high = int(self.low[index]), int(self.high[index])
        if low == high:
            return str(low)
        if low <= -OPEN:
            return f"at most {high}"
        return f"at least {low}" if high >= OPEN else f"between {low} and {high}"

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, the states and what they add up to."""
        label = self.labels[index]
        if values is None:
            return label
        if self.check(values[None])[0, index]:
            return f"{label}: holds"
        states = assigned(self.variables.row(index), space, values)
        total = self.sums(values[None])[0, index]
        return f"{label}: {states} add up to {total}, not {self._wanted(index)}"

    def factors(self) -> FactorTable:
        """Linear factors as they are, with closed bounds."""
        return FactorTable.of(
            Kind.LINEAR,
            self.num_values,
            self.members,
            weights=self.weights.ravel(),
            parameters=Csr.rectangle(self.bounds),
        )
