"""All variables of a set take different values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space


@dataclass(frozen=True, eq=False)
class AllDifferent:
    """The variables of each factor take pairwise different values.

    With n_a = sum_i x_ia, the load of value a on a factor with V variables and K values::

        energy = 1/2 sum_a (n_a - 1)^2           if V = K (each value is used exactly once)
                 1/2 sum_a max(n_a - 1, 0)^2     if V < K

    Both are 0 at a one-hot x exactly where the values differ.

    Attributes
    ----------
    variables
        F rows of variables.
    num_values
        K.
    labels
        F names.

    Raises
    ------
    ValueError
        If a factor has more variables than there are values, repeats one, or lacks a label.

    Examples
    --------
    >>> import numpy as np
    >>> different = AllDifferent(Csr.from_rows([[0, 1, 2]]), num_values=3, labels=("row",))
    >>> different.check(np.array([[2, 0, 1], [2, 0, 2]]))[:, 0].tolist()
    [True, False]
    """

    variables: Csr
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        if len(self.labels) != self.variables.count:
            raise ValueError(
                f"{self.variables.count} factors need as many labels; found {len(self.labels)}"
            )
        for label, index in zip(self.labels, range(self.variables.count), strict=True):
            row = self.variables.row(index)
            if len(set(row.tolist())) != len(row):
                raise ValueError(f"{label} repeats a variable; it can never hold")
            if len(row) > self.num_values:
                raise ValueError(
                    f"{label} has {len(row)} variables but only {self.num_values} values; "
                    "it can never hold"
                )

    @property
    def count(self) -> int:
        """F."""
        return self.variables.count

    @cached_property
    def _loads(self) -> Csr:
        """The entries of each load n_a, [F * K] rows: factor f, value a is row f * K + a."""
        k = self.num_values
        widths = np.repeat(self.variables.widths, k)
        offsets = np.zeros(len(widths) + 1, np.int32)
        np.cumsum(widths, out=offsets[1:])
        # the variables of a factor stand once for each value
        factor, value = np.divmod(np.repeat(np.arange(len(widths)), widths), k)
        place = np.arange(offsets[-1]) - offsets[factor * k + value]
        variable = self.variables.items[self.variables.offsets[factor] + place]
        return Csr(offsets, (variable * k + value).astype(np.int32))

    @cached_property
    def saturated(self) -> NDArray[np.bool_]:
        """[F], whether a factor has as many variables as values."""
        return self.variables.widths == self.num_values

    @cached_property
    def _full(self) -> bool:
        """Whether all factors have as many variables."""
        return bool((self._table >= 0).all())

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, V * K], variable by variable."""
        variable = self._table[:, :, None]
        entries = variable * self.num_values + np.arange(self.num_values, dtype=np.int32)
        return np.where(variable < 0, -1, entries).reshape(self.count, -1).astype(np.int32)

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        import torch
        from einops import rearrange

        from latent_ebm.kernels.dispatch import set_sums

        loads = rearrange(set_sums(x, self._loads), "b (f k) -> b f k", k=self.num_values)
        excess = loads - 1
        exact = torch.as_tensor(self.saturated, device=x.device)[None, :, None]
        return 0.5 * torch.where(exact, excess, excess.clamp(min=0)).square().sum(dim=-1)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, V * K]: the assignment of values to variables that scores best."""
        from latent_ebm.kernels.reference.projection import assignment

        return assignment(scores, self.variables, self.num_values)

    @cached_property
    def _table(self) -> NDArray[np.int32]:
        return self.variables.padded(fill=-1)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        taken = values[:, self._table]
        if not self._full:
            # distinct fillers, so that they never clash
            unused = -1 - np.arange(self._table.shape[1], dtype=taken.dtype)
            taken = np.where(self._table < 0, unused, taken)
        taken.sort(axis=-1)
        return (np.diff(taken, axis=-1) != 0).all(axis=-1)

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, the first value used twice."""
        if values is None:
            return self.labels[index]
        row = self.variables.row(index)
        taken = values[row]
        repeated = [a for a in np.unique(taken) if (taken == a).sum() > 1]
        faults = [
            f"{space.states[a]} at {', '.join(space.variables[i] for i in row[taken == a])}"
            for a in repeated
        ]
        return f"{self.labels[index]}: " + ("; ".join(faults) if faults else "holds")

    def factors(self) -> FactorTable:
        """Each load is a cardinality factor: exactly one where the factor is saturated."""
        low = np.repeat(self.saturated, self.num_values).astype(np.int32)
        bounds = Csr.rectangle(np.stack([low, np.ones_like(low)], axis=1))
        return FactorTable.of(Kind.CARDINALITY, self.num_values, self._loads, parameters=bounds)
