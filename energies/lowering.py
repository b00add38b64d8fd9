"""Hard domains as flat arrays, the forms that the fused dynamics and exact engines work on."""

from __future__ import annotations

from latent_ebm.energies.domain import HardDomain
from latent_ebm.kernels.factors import FactorTable
from latent_ebm.kernels.structure import Groups


def lower_factors(num_values: int, domains: tuple[HardDomain, ...]) -> FactorTable:
    """The factors of all families of the domains, in order."""
    tables = [family.factors() for domain in domains for family in domain.families]
    return FactorTable.joined(num_values, tables)


def lower_groups(num_variables: int, num_values: int, domains: tuple[HardDomain, ...]) -> Groups:
    """The variables' own groups (one state each), then those of the domains.

    Raises
    ------
    ValueError
        If a factor of the domains is neither exactly-one nor at-most-one.

    Examples
    --------
    >>> lower_groups(2, 3, ()).members.row(1).tolist()
    [3, 4, 5]
    """
    return lower_factors(num_values, domains).as_groups(num_variables)
