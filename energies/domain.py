"""Domains: named groups of factors, in one of two tiers.

A hard domain must hold, and may remove states from the mask. A soft domain only weighs; it
has no member that could touch the mask, so it can never make a satisfiable problem
unsatisfiable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from latent_ebm.energies.family import FactorFamily


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
    """A named group of factors that a solution should satisfy, each worth ``weight``.

    Raises
    ------
    ValueError
        If the weight is not a finite positive number.
    """

    name: str
    families: tuple[FactorFamily, ...]
    weight: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise ValueError(
                f"soft domain {self.name!r} needs a finite positive weight; found {self.weight}. "
                "For a constraint that must hold use a hard domain."
            )

    @property
    def count(self) -> int:
        """The number of factors, over all families."""
        return sum(family.count for family in self.families)
