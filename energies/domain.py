"""Domains: named groups of factors, in one of two tiers.

A hard domain must hold, and may remove states from the mask. A soft domain only weighs; it
has no member that could touch the mask, so it can never make a satisfiable problem
unsatisfiable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import FactorFamily, Values


@dataclass(frozen=True, eq=False)
class HardDomain:
    """A named group of factors that a solution must satisfy."""

    name: str
    families: tuple[FactorFamily, ...]

    @property
    def count(self) -> int:
        """The number of factors, over all families."""
        return sum(family.count for family in self.families)


@dataclass(frozen=True, eq=False)
class SoftDomain:
    """A named group of factors that a solution should satisfy.

    Attributes
    ----------
    name, families
        As those of a hard domain.
    weight
        What each factor is worth: one number for all, or F of them, family by family.

    Raises
    ------
    ValueError
        If a weight is not a finite positive number, or there is not one for each factor.
    """

    name: str
    families: tuple[FactorFamily, ...]
    weight: float | Sequence[float]

    def __post_init__(self) -> None:
        if isinstance(self.weight, Sequence) and len(self.weight) != self.count:
            raise ValueError(
                f"soft domain {self.name!r} has {self.count} factors and needs one weight for all "
                f"or as many; found {len(self.weight)}"
            )
        for weight in self.weight if isinstance(self.weight, Sequence) else (self.weight,):
            if not (math.isfinite(weight) and weight > 0):
                raise ValueError(
                    f"soft domain {self.name!r} needs a finite positive weight; found {weight}. "
                    "For a constraint that must hold use a hard domain."
                )

    @property
    def count(self) -> int:
        """The number of factors, over all families."""
        return sum(family.count for family in self.families)

    @property
    def weights(self) -> tuple[float, ...]:
        """The weight of each factor, [F]."""
        if isinstance(self.weight, Sequence):
            return tuple(self.weight)
        return (self.weight,) * self.count

    def broken(self, values: Values) -> NDArray[np.bool_]:
        """Which factors values [N] break, [F]."""
        parts = [~family.check(values[None])[0] for family in self.families]
        return np.concatenate([np.zeros(0, np.bool_), *parts])

    def price(self, values: Values) -> float:
        """The weight of what values [N] break."""
        return math.fsum(self.weights[f] for f in np.flatnonzero(self.broken(values)).tolist())
