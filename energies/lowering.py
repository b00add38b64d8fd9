"""Hard domains as groups of entries, the form that the fused dynamics work on."""

from __future__ import annotations

import numpy as np

from latent_ebm.energies.domain import HardDomain
from latent_ebm.kernels.structure import Csr, Groups


def lower_groups(num_variables: int, num_values: int, domains: tuple[HardDomain, ...]) -> Groups:
    """The variables' own groups (one state each), then those of the domains.

    Examples
    --------
    >>> lower_groups(2, 3, ()).members.row(1).tolist()
    [3, 4, 5]
    """
    entries = np.arange(num_variables * num_values).reshape(num_variables, num_values)
    lowered = [group for domain in domains for group in domain.lower()]
    members = Csr.from_rows(entries.tolist() + [group.entries.tolist() for group in lowered])
    exact = np.array([True] * num_variables + [group.exact for group in lowered], np.bool_)
    return Groups(num_variables, num_values, members, exact)
