"""What a factor family is: many constraints of one kind, as arrays.

To add a family: write one module beside this one with a frozen dataclass that has these
members, and add small instances of it to ``tests/shared/brute_force.py``: the suite there
holds every family to its definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, overload, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.factors import FactorTable

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space

Values = NDArray[np.integer]


@dataclass(frozen=True)
class Numbered(Sequence[str]):
    """The labels ``prefix 1``, ``prefix 2``, ... made when asked for: there may be millions.

    >>> Numbered("clause", 3)[2]
    'clause 3'
    """

    prefix: str
    total: int

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """One label, or some."""
        number = range(1, self.total + 1)[index]
        if isinstance(number, range):
            return [f"{self.prefix} {i}" for i in number]
        return f"{self.prefix} {number}"


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

    def factors(self) -> FactorTable:
        """The F factors as flat arrays, for kernels and exact engines."""
        ...
