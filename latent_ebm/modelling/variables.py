"""The variables of a landscape in the making, and functions of one of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from cpmpy.exceptions import NotSupportedError
from numpy.typing import NDArray

MAX_STATES = 20_000
"""Values that a variable may have."""

MAX_ENTRIES = 20_000_000
"""Variables times values, the size of a landscape; every entry costs some bytes in every array."""


@dataclass(frozen=True, eq=False)
class Term:
    """A function of one variable: what it is worth at each of the variable's states."""

    variable: int
    values: NDArray[np.int64]

    def at(self, wanted: NDArray[np.bool_]) -> Literal:
        """The statement that the state is among the wanted ones."""
        return Literal(self.variable, wanted)


@dataclass(frozen=True, eq=False)
class Literal:
    """The statement that a variable's state lies in a set: ``allowed`` [states] bool."""

    variable: int
    allowed: NDArray[np.bool_]

    def __invert__(self) -> Literal:
        return Literal(self.variable, ~self.allowed)


@dataclass(eq=False)
class Variables:
    """Names, least values and possible states of the variables so far."""

    names: list[str] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)
    masks: list[NDArray[np.bool_]] = field(default_factory=list)

    def add(self, name: str, low: int, high: int) -> Term:
        """A new variable with the integers from low to high.

        Raises
        ------
        NotSupportedError
            If it has too many values.
        """
        size = high - low + 1
        if size > MAX_STATES:
            raise NotSupportedError(
                f"variable {name} has {size:,} values ({low} to {high}) and latent_ebm takes "
                f"{MAX_STATES:,}, because each value is a coordinate of the latent; give it "
                "tighter bounds, or count in larger units"
            )
        self.names.append(name)
        self.origins.append(low)
        self.masks.append(np.ones(size, np.bool_))
        return Term(len(self.names) - 1, np.arange(low, high + 1))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)

    @property
    def num_values(self) -> int:
        """K, the states of the largest, at least 2.

        Raises
        ------
        NotSupportedError
            If that makes the landscape too large.
        """
        k = max((len(mask) for mask in self.masks), default=2)
        k = max(k, 2)
        if k * self.count > MAX_ENTRIES:
            widest = max(range(self.count), key=lambda v: len(self.masks[v]))
            raise NotSupportedError(
                f"the model needs {self.count:,} variables with up to {k:,} values "
                f"({self.names[widest]} has most), {k * self.count:,} coordinates together, and "
                f"latent_ebm takes {MAX_ENTRIES:,}; give the large ones tighter bounds"
            )
        return k

    def matrix(self) -> NDArray[np.bool_]:
        """The masks as one [N, K]."""
        table = np.zeros((self.count, self.num_values), np.bool_)
        for row, mask in zip(table, self.masks, strict=True):
            row[: len(mask)] = mask
        return table
