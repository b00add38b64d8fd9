"""Soft domains as hard factors that switches turn off, at a price."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.conditional import Conditional, Guardable
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.linear import OPEN, Linear
from latent_ebm.energies.space import Space
from latent_ebm.kernels.factors import FactorTable
from latent_ebm.kernels.moves import HARD, PricedSums, inexpressible
from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from latent_ebm.energies.family import Values

LARGEST_SUM = 1 << 50
"""What all weights together may come to: CP-SAT tells costs in doubles."""

CELLS = 1 << 20
"""Of dynamic programming for the bound on the price; weights are rounded down to fit."""


@dataclass(frozen=True, eq=False)
class Relaxation:
    r"""A landscape whose soft factors have become hard ones with a switch each.

    Variable N + f is 0 where soft factor f must hold and 1 where it need not, for a price: its
    weight, in units of ``1 / denominator``. Every solution of the hard domains is one of the
    relaxation, with the switches of what it breaks at 1.

    Examples
    --------
    >>> from latent_ebm.puzzles.wcnf import Wcnf
    >>> relaxed = Relaxation(Wcnf.parse("h 1 2 0\n3 -1 0\n4 -2 0\n").landscape)
    >>> relaxed.extended(np.array([1, 0])).tolist(), relaxed.price(np.array([1, 0]))
    ([1, 0, 1, 0], 3)
    """

    original: Landscape

    @cached_property
    def denominator(self) -> int:
        """Of all weights, each read as the decimal that it prints as."""
        return math.lcm(*(weight.denominator for weight in self._exact))

    @cached_property
    def prices(self) -> list[int]:
        """The price of each soft factor, domain by domain."""
        return [int(weight * self.denominator) for weight in self._exact]

    @cached_property
    def _exact(self) -> list[Fraction]:
        """The weight of each soft factor."""
        return [Fraction(str(w)) for domain in self.original.soft for w in domain.weights]

    @property
    def fits(self) -> bool:
        """Whether an exact engine can add up the prices."""
        return sum(self.prices) < LARGEST_SUM

    def broken(self, values: Values) -> NDArray[np.bool_]:
        """Which soft factors values [N] break."""
        parts = [domain.broken(values) for domain in self.original.soft]
        return np.concatenate([np.zeros(0, np.bool_), *parts])

    def price(self, values: Values) -> int:
        """The price of what values [N] break; exact, however large the weights."""
        return sum(self.prices[f] for f in np.flatnonzero(self.broken(values)).tolist())

    def extended(self, values: Values) -> NDArray[np.int16]:
        """[N + F] values with the switches that they need."""
        return np.concatenate([values, self.broken(values)]).astype(np.int16)

    def mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """[N + F, K] mask [N, K] with the switches free."""
        switches = np.zeros((len(self.prices), mask.shape[1]), np.bool_)
        switches[:, :2] = True
        return np.concatenate([mask, switches])

    @cached_property
    def landscape(self) -> Landscape:
        """The hard domains, and the soft ones where their switches ask for it.

        Raises
        ------
        ValueError
            If a soft domain has conditional factors, or the variables one state only.
        """
        space = self.original.space
        n, k = space.shape
        domains, at = list(self.original.hard), n
        for domain in self.original.soft:
            families = []
            for family in domain.families:
                if isinstance(family, Conditional):
                    raise ValueError(
                        f"soft domain {domain.name!r} has conditional factors, which cannot be "
                        "switched; add a variable that says whether one holds, and weigh that"
                    )
                guards = (np.arange(at, at + family.count) * k).astype(np.int32)
                families.append(Conditional(cast("Guardable", family), guards))
                at += family.count
            domains.append(HardDomain(domain.name, tuple(families)))
        names = tuple(f"switch {f + 1}" for f in range(len(self.prices)))
        wide = Space(self.mask(space.mask), (*space.variables, *names), space.states)
        return Landscape(wide, tuple(domains))

    @cached_property
    def sums(self) -> PricedSums | None:
        """The hard factors and the soft ones with their prices, for descent by single moves.

        Soft factors that are no sums, or several, get switches with a cost. None where hard
        factors are no sums, or the prices too large to add up.
        """
        n, k = self.original.space.shape
        tables = [
            (family.count, family.factors())
            for domain in self.original.soft
            for family in domain.families
        ]
        single = all(count == table.count for count, table in tables)
        plain = FactorTable.joined(k, [self.original.factors, *(table for _, table in tables)])
        if not self.fits:
            return None
        if single and not inexpressible(plain):
            price = np.full(plain.count, HARD, np.int64)
            price[self.original.factors.count :] = self.prices
            return PricedSums.of(plain, price, np.zeros((n, k), np.int64))
        switched = self.landscape.factors
        if inexpressible(switched):
            return None
        return PricedSums.of(switched, np.full(switched.count, HARD, np.int64), self.weights)

    @cached_property
    def weights(self) -> NDArray[np.int64]:
        """[N + F, K] what the chosen entries cost."""
        table = np.zeros(self.landscape.space.shape, np.int64)
        table[len(table) - len(self.prices) :, 1] = self.prices
        return table

    def at_most(self, price: int) -> Landscape:
        """The relaxation in which the switches cost no more than this.

        Prices are rounded down where their sum would be too large to project: then all that
        cost no more are still solutions, but not they alone.
        """
        n, k = self.original.space.shape
        count = len(self.prices)
        scale = max(-(-price * (count + 1) // CELLS), -(-sum(self.prices) // (1 << 30)), 1)
        weights = np.zeros((count, k), np.int64)
        weights[:, 1] = [one // scale for one in self.prices]
        bound = Linear(
            Csr.rectangle(np.arange(n, n + count, dtype=np.int32)[None]),
            weights,
            np.array([-OPEN]),
            np.array([price // scale]),
            k,
            (f"soft factors cost at most {price}",),
        )
        relaxed = self.landscape
        return replace(relaxed, hard=(*relaxed.hard, HardDomain("bound", (bound,))))
