"""What a factor family is: many constraints of one kind, as arrays.

To add a family: write one module beside this one with a frozen dataclass that has these
members, check it against brute force in ``tests/energies/``, and, if the fused dynamics are to
know it, give it a ``lower`` that states it as groups of entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space

Values = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class EntryGroup:
    """Entries of which exactly one (``exact``) or at most one is chosen."""

    entries: NDArray[np.int32]
    exact: bool


@runtime_checkable
class FactorFamily(Protocol):
    """F constraints of one kind over a space of N variables and K states.

    ``energy`` is at least 0, differentiable, and at one-hot x it is 0 exactly where ``check``
    is true.
    """

    @property
    def count(self) -> int:
        """F, the number of factors."""
        ...

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, W] the entries that each factor looks at, filled up with -1."""
        ...

    def energy(self, x: Tensor) -> Tensor:
        """Energy of each factor at the relaxed x [B, N, K], as [B, F]."""
        ...

    def project(self, scores: Tensor) -> Tensor:
        """The feasible point of each factor that scores best: [B, N, K] to [B, F, W]."""
        ...

    def check(self, values: Values) -> NDArray[np.bool_]:
        """Whether each factor holds, exactly, at discrete values [B, N], as [B, F]."""
        ...

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """The factor's name for people; with values [N], also what is wrong there."""
        ...

    def lower(self) -> list[EntryGroup]:
        """The factors as groups of entries, for the fused dynamics."""
        ...
