"""Factors that hold only where a guard is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import FactorFamily, Values
from latent_ebm.energies.rows import gathered
from latent_ebm.energies.wording import assigned, expect_lengths, refuse
from latent_ebm.kernels.factors import FactorTable
from latent_ebm.kernels.structure import Csr, Int32

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space


class Guardable(FactorFamily, Protocol):
    """A family whose factors can be switched: all but Conditional itself."""

    @property
    def num_values(self) -> int:
        """K."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """F names."""
        ...


@runtime_checkable
class OverVariables(Protocol):
    """A family whose factors look at whole variables."""

    @property
    def variables(self) -> Csr:
        """F rows of variables."""
        ...


@dataclass(frozen=True, eq=False)
class Conditional:
    """If its guard is chosen, factor f of a family holds.

    ``energy_f = x_guard * energy_f of the family``. A point of ``scope`` and ``project`` has
    the family's entries first, and the guard in the last place.

    Attributes
    ----------
    family
        F factors.
    guards
        int32 [F] entries, of variables that the factors do not look at.

    Raises
    ------
    ValueError
        If a guard belongs to a variable of its own factor, or the family is conditional
        itself.

    Examples
    --------
    >>> import numpy as np
    >>> from latent_ebm.energies.cardinality import AtMostOne
    >>> free = AtMostOne(Csr.from_rows([[0, 2]]), num_values=2, labels=("one red",))
    >>> if_told = Conditional(free, np.array([5], np.int32))
    >>> if_told.check(np.array([[0, 0, 0], [0, 0, 1], [0, 1, 1]]))[:, 0].tolist()
    [True, False, True]
    """

    family: Guardable
    guards: Int32

    def __post_init__(self) -> None:
        if isinstance(self.family, Conditional):
            raise ValueError(
                "factors cannot have two guards; add a variable that says whether both are "
                "chosen, and guard by it"
            )
        expect_lengths(self.count, guards=self.guards)
        refuse(self.guards < 0, self.labels, "has a negative guard; number entries from 0")
        scope = self.family.scope
        own = (scope >= 0) & (scope // self.num_values == self.guards[:, None] // self.num_values)
        refuse(
            own.any(axis=1),
            self.labels,
            "is guarded by one of its own variables; guard by an equal one",
        )

    @property
    def num_values(self) -> int:
        """K."""
        return self.family.num_values

    @property
    def labels(self) -> Sequence[str]:
        """F names, those of the family."""
        return self.family.labels

    @property
    def count(self) -> int:
        """F."""
        return self.family.count

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, W + 1], the guards last."""
        return np.concatenate([self.family.scope, self.guards[:, None]], axis=1).astype(np.int32)

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        return gathered(x, self.guards.astype(np.int64)) * self.family.energy(x)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, W + 1]: the guard off and all else free, or on and what it asks."""
        import torch
        from einops import rearrange
        from torch.nn.functional import one_hot

        scope = torch.as_tensor(self.family.scope, device=scores.device)
        local = gathered(scores, np.maximum(self.family.scope, 0).astype(np.int64))
        if isinstance(self.family, OverVariables):
            blocks = rearrange(local, "b f (v k) -> b f v k", k=self.num_values)
            free = rearrange(
                one_hot(blocks.argmax(dim=-1), self.num_values), "b f v k -> b f (v k)"
            )
        else:
            local = local - 0.5
            free = local > 0
        free = free.to(scores.dtype) * (scope >= 0)
        bound = self.family.project(scores)
        guard = gathered(scores, self.guards.astype(np.int64)) - 0.5
        on = ((bound - free) * local).sum(dim=-1) + guard > 0
        points = torch.where(on[..., None], bound, free)
        return torch.cat([points, on[..., None].to(scores.dtype)], dim=-1)

    def _guarded(self, values: Values) -> NDArray[np.bool_]:
        """[B, F] whether each guard is chosen."""
        variable, state = np.divmod(self.guards, self.num_values)
        return values[:, variable] == state

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        return ~self._guarded(values) | self.family.check(values)

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Explain the family's factor, and say whether its guard asks for it."""
        label = self.family.explain(index, space, values)
        if values is None:
            return label
        guard = assigned(self.guards[index : index + 1] // self.num_values, space, values)
        if self._guarded(values[None])[0, index]:
            return f"{label} (demanded by {guard})"
        return f"{self.labels[index]}: not demanded, as {guard}"

    def factors(self) -> FactorTable:
        """The family's, with guards; where it lowers a factor to several, all have its guard."""
        table = self.family.factors()
        each = table.count // max(self.count, 1)
        return table.guarded(np.repeat(self.guards, each))
