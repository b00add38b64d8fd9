"""The landscape: a space, the domains over it, and the couplings between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.coupling import Coupling, Propagation, Rule
from latent_ebm.energies.domain import HardDomain, SoftDomain
from latent_ebm.energies.family import Values
from latent_ebm.energies.lowering import lower_factors
from latent_ebm.energies.space import Space
from latent_ebm.kernels.factors import FactorTable
from latent_ebm.kernels.structure import Conflicts, Groups

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Landscape:
    """E(x) = sum over domains d and factors f of w_d E_df(x), and what goes with it.

    Immutable and shared: all problems of one shape have one landscape, and differ by their
    masks.
    """

    space: Space
    hard: tuple[HardDomain, ...]
    soft: tuple[SoftDomain, ...] = ()
    couplings: tuple[Coupling, ...] = ()

    @property
    def domains(self) -> tuple[HardDomain | SoftDomain, ...]:
        """All domains, the hard ones first."""
        return (*self.hard, *self.soft)

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """What each factor weighs, domain by domain: 1 if it is hard."""
        hard = (1.0,) * sum(domain.count for domain in self.hard)
        return (*hard, *(weight for domain in self.soft for weight in domain.weights))

    @cached_property
    def factors(self) -> FactorTable:
        """The hard domains as flat factors; that variables take one value goes without saying."""
        return lower_factors(self.space.shape[1], self.hard)

    @cached_property
    def groups(self) -> Groups:
        """The hard domains as groups of entries, the variables' own first.

        Raises ValueError where ``factors.are_groups`` is false.
        """
        return self.factors.as_groups(self.space.shape[0])

    @cached_property
    def conflicts(self) -> Conflicts:
        """The hard domains as forbidden pairs of entries."""
        return Conflicts.from_groups(self.groups)

    def energies(self, x: Tensor) -> dict[str, Tensor]:
        """The energy of each factor, [B, F_d] for each domain d, hard and soft."""
        import torch

        self._expect(x.shape[1:], "x [B, N, K]")
        return {
            domain.name: torch.cat([family.energy(x) for family in domain.families], dim=1)
            for domain in self.domains
        }

    def energy(self, x: Tensor) -> Tensor:
        """The total energy [B]; hard factors weigh 1, soft ones their weight."""
        import torch

        terms = torch.cat([x.new_zeros(len(x), 0), *self.energies(x).values()], dim=1)
        return terms @ x.new_tensor(self.weights)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """Whether every hard factor holds at discrete values [B, N], as [B]."""
        self._expect((*values.shape[1:], self.space.shape[1]), "values [B, N]")
        holds = np.ones(len(values), np.bool_)
        for domain in self.hard:
            for family in domain.families:
                holds &= family.check(values).all(axis=1)
        return holds

    def violations(self, values: Values) -> tuple[str, ...]:
        """The hard factors that values [N] break, by name."""
        return tuple(
            family.explain(int(index), self.space, values)
            for domain in self.hard
            for family in domain.families
            for index in np.flatnonzero(~family.check(values[None])[0])
        )

    def name_of(self, factor: int) -> str:
        """The name of the hard factor that a row of ``factors`` comes from."""
        for domain in self.hard:
            for family in domain.families:
                rows = family.factors().count
                if factor < rows:
                    return family.explain(factor * family.count // rows, self.space)
                factor -= rows
        raise IndexError(f"there are {self.factors.count} hard factors; found number {factor}")

    def presolve(self, mask: NDArray[np.bool_], rule: Rule) -> Propagation:
        """Run the couplings on masks [B, N, K] to their common fixpoint."""
        left = Propagation(mask, np.zeros(len(mask), np.bool_))
        while True:
            before = left.mask
            for coupling in self.couplings:
                step = coupling.apply(left.mask, rule)
                left = Propagation(step.mask, left.contradiction | step.contradiction)
            if len(self.couplings) < 2 or np.array_equal(before, left.mask):
                return left

    def _expect(self, shape: tuple[int, ...], what: str) -> None:
        if tuple(shape) != self.space.shape:
            raise ValueError(
                f"{what} does not fit the space: expected (N, K) = {self.space.shape}, "
                f"found {tuple(shape)}"
            )
