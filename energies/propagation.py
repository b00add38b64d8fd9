"""Propagation of factors of every kind, and the couplings that a landscape has by default."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.coupling import Coupling, GroupInclusion, Propagation, Rule
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.lowering import lower_factors
from latent_ebm.kernels.factors import FactorTable


@dataclass(frozen=True, eq=False)
class FactorPropagation:
    """Each factor removes the states that it cannot use, whatever its kind.

    Counting for cardinalities, unit propagation for clauses, bounds for sums, supports for
    tables, automata, comparisons and elements. Runs to its fixpoint by a work list of factors
    that lost a state; the rules of singles and of subsets do the same.
    """

    sources: tuple[HardDomain, ...]
    num_variables: int
    num_values: int

    @cached_property
    def factors(self) -> FactorTable:
        """The factors of the sources."""
        return lower_factors(self.num_values, self.sources)

    def apply(self, mask: NDArray[np.bool_], rule: Rule) -> Propagation:
        """Propagate masks [B, N, K] to the fixpoint, unless the rule is none."""
        from latent_ebm.kernels.dispatch import propagate_factors

        if rule is Rule.NONE:
            return Propagation(mask.copy(), np.zeros(len(mask), np.bool_))
        return Propagation(*propagate_factors(self.num_variables, self.factors, mask))


def standard_couplings(
    domains: tuple[HardDomain, ...], num_variables: int, num_values: int
) -> tuple[Coupling, ...]:
    """Inclusion for the domains that are groups, and propagation where others are not.

    >>> from latent_ebm.puzzles.latin import latin_landscape
    >>> plain = latin_landscape(3)
    >>> [type(c).__name__ for c in standard_couplings(plain.hard, 9, 3)]
    ['GroupInclusion']
    """
    groups = tuple(d for d in domains if lower_factors(num_values, (d,)).are_groups)
    couplings: list[Coupling] = []
    if groups or not domains:
        couplings.append(GroupInclusion(groups, num_variables, num_values))
    if len(groups) < len(domains):
        couplings.append(FactorPropagation(domains, num_variables, num_values))
    return tuple(couplings)
