"""Exactly one, at most one, or between two numbers of some entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.energies.wording import expect_lengths, expect_rows, refuse
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr, Int32

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space


@dataclass(frozen=True, eq=False)
class _EntrySets:
    """What the two families share: F sets of entries of a space with K states."""

    members: Csr
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        if len(self.labels) != self.members.count:
            raise ValueError(
                f"{self.members.count} sets of entries need as many labels; "
                f"found {len(self.labels)}"
            )
        empty = np.flatnonzero(self.members.widths == 0)
        if len(empty):
            raise ValueError(f"{self.labels[empty[0]]} has no entries; leave it out")

    @property
    def count(self) -> int:
        """F."""
        return self.members.count

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, W]."""
        return self.members.padded(fill=-1)

    def chosen(self, values: Values) -> NDArray[np.int64]:
        """How many entries of each set are chosen at ``values`` [B, N], as [B, F]."""
        variable, state = np.divmod(self.members.items, self.num_values)
        hit = (values[:, variable] == state).astype(np.int64)
        return np.add.reduceat(hit, self.members.offsets[:-1], axis=1)

    def _between(self, low: int, high: int) -> FactorTable:
        bounds = Csr.rectangle(np.tile(np.array([low, high]), (self.count, 1)))
        return FactorTable.of(Kind.CARDINALITY, self.num_values, self.members, parameters=bounds)

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, the entries chosen."""
        if values is None:
            return self.labels[index]
        variable, state = np.divmod(self.members.row(index), self.num_values)
        at = [space.variables[i] for i, a in zip(variable, state, strict=True) if values[i] == a]
        return f"{self.labels[index]}: " + (
            f"chosen at {', '.join(at)}" if at else "chosen nowhere"
        )


class ExactlyOne(_EntrySets):
    """Of each set of entries exactly one is chosen.

    ``energy = 1/2 (sum_e x_e - 1)^2``; ``project`` is the one-hot of the best score.

    Examples
    --------
    >>> import numpy as np
    >>> one_red = ExactlyOne(Csr.from_rows([[0, 2]]), num_values=2, labels=("one red",))
    >>> one_red.check(np.array([[0, 1], [0, 0], [1, 1]]))[:, 0].tolist()
    [True, False, False]
    """

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        from latent_ebm.kernels.dispatch import set_sums

        return 0.5 * (set_sums(x, self.members) - 1).square()

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, W]."""
        from latent_ebm.kernels.reference.projection import exactly_one

        return exactly_one(scores, self.scope)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        return self.chosen(values) == 1

    def factors(self) -> FactorTable:
        """Cardinality between 1 and 1."""
        return self._between(1, 1)


class AtMostOne(_EntrySets):
    """Of each set of entries at most one is chosen.

    ``energy = 1/2 max(sum_e x_e - 1, 0)^2``; ``project`` is the one-hot of the best score
    if that exceeds 1/2, else zero: the nearest of the feasible corners.

    Examples
    --------
    >>> import numpy as np
    >>> free = AtMostOne(Csr.from_rows([[0, 2]]), num_values=2, labels=("one red",))
    >>> free.check(np.array([[0, 1], [0, 0], [1, 1]]))[:, 0].tolist()
    [True, False, True]
    """

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        from latent_ebm.kernels.dispatch import set_sums

        return 0.5 * (set_sums(x, self.members) - 1).clamp(min=0).square()

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, W]."""
        from latent_ebm.kernels.reference.projection import at_most_one

        return at_most_one(scores, self.scope)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        return self.chosen(values) <= 1

    def factors(self) -> FactorTable:
        """Cardinality between 0 and 1."""
        return self._between(0, 1)


@dataclass(frozen=True, eq=False)
class Cardinality:
    """Of each set of entries between low and high are chosen.

    With n = sum_e x_e, ``energy = 1/2 (max(low - n, 0) + max(n - high, 0))^2``.

    Attributes
    ----------
    members
        F rows of entries.
    low, high
        int32 [F].
    num_values
        K.
    labels
        F names.

    Raises
    ------
    ValueError
        If a set is empty, repeats an entry or lacks a label, or its bounds leave nothing.

    Examples
    --------
    >>> import numpy as np
    >>> pair = Cardinality.exactly(2, Csr.from_rows([[0, 2, 4]]), 2, ("two red",))
    >>> pair.check(np.array([[0, 1, 0], [0, 0, 0]]))[:, 0].tolist()
    [True, False]
    """

    members: Csr
    low: Int32
    high: Int32
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        self._sets  # noqa: B018 - it refuses what is wrong with the sets
        expect_lengths(self.count, low=self.low, high=self.high)
        expect_rows(self.members, self.labels, "entry")
        refuse(self.low > self.high, self.labels, "has low > high; exchange its bounds")
        refuse(
            (self.low > self.members.widths) | (self.high < 0),
            self.labels,
            "asks for more entries than it has, or fewer than none; it can never hold",
        )

    @classmethod
    def exactly(
        cls, number: int | Int32, members: Csr, num_values: int, labels: Sequence[str]
    ) -> Cardinality:
        """Exactly ``number`` of each set, one number for all or [F]."""
        wanted = np.broadcast_to(np.asarray(number, np.int32), members.count)
        return cls(members, wanted, wanted, num_values, labels)

    @classmethod
    def at_most(
        cls, number: int | Int32, members: Csr, num_values: int, labels: Sequence[str]
    ) -> Cardinality:
        """At most ``number`` of each set, one number for all or [F]."""
        most = np.broadcast_to(np.asarray(number, np.int32), members.count)
        return cls(members, np.minimum(most, 0), most, num_values, labels)

    @classmethod
    def at_least(
        cls, number: int | Int32, members: Csr, num_values: int, labels: Sequence[str]
    ) -> Cardinality:
        """At least ``number`` of each set, one number for all or [F]."""
        least = np.broadcast_to(np.asarray(number, np.int32), members.count)
        return cls(members, least, np.maximum(members.widths, least), num_values, labels)

    @cached_property
    def _sets(self) -> _EntrySets:
        return _EntrySets(self.members, self.num_values, self.labels)

    @property
    def count(self) -> int:
        """F."""
        return self.members.count

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, W]."""
        return self._sets.scope

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        import torch

        from latent_ebm.kernels.dispatch import set_sums

        number = set_sums(x, self.members)
        low = torch.tensor(self.low, dtype=x.dtype, device=x.device)
        high = torch.tensor(self.high, dtype=x.dtype, device=x.device)
        distance = (low - number).clamp(min=0) + (number - high).clamp(min=0)
        return 0.5 * distance.square()

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, W]: the entries above 1/2, but at least low and at most high."""
        from latent_ebm.energies.projection import best_points

        return best_points(self.factors(), scores)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        number = self._sets.chosen(values)
        return (self.low <= number) & (number <= self.high)

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, the entries chosen and how many may be."""
        chosen = self._sets.explain(index, space, values)
        if values is None:
            return chosen
        low, high = self.low[index], self.high[index]
        if self.check(values[None])[0, index]:
            return f"{self.labels[index]}: holds"
        number = self._sets.chosen(values[None])[0, index]
        wanted = str(low) if low == high else f"{low} to {high}"
        return f"{chosen} ({number}, not {wanted})"

    def factors(self) -> FactorTable:
        """Cardinality as it is."""
        bounds = Csr.rectangle(np.stack([self.low, self.high], axis=1))
        return FactorTable.of(Kind.CARDINALITY, self.num_values, self.members, parameters=bounds)
