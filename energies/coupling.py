"""Couplings: what one domain's settled states say about another's.

A coupling is monotone: it only ever removes states, so the fixpoint is unique and the order
does not matter. Its source is a hard domain by type; removing states on the word of a soft
domain cannot be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from latent_ebm.energies.domain import HardDomain
    from latent_ebm.kernels.structure import Groups


class Rule(StrEnum):
    """How far presolve goes; each rule includes those above it."""

    NONE = "none"
    SINGLES = "singles"
    SUBSETS = "subsets"


@dataclass(frozen=True, eq=False)
class Propagation:
    """What presolve leaves: the mask [B, N, K], and whether [B] elements hit a contradiction."""

    mask: NDArray[np.bool_]
    contradiction: NDArray[np.bool_]


class Coupling(Protocol):
    """A monotone map from the settled states of hard domains to the mask."""

    @property
    def sources(self) -> tuple[HardDomain, ...]:
        """The domains that it listens to."""
        ...

    def apply(self, mask: NDArray[np.bool_], rule: Rule) -> Propagation:
        """Remove what can be removed from mask [B, N, K]; never adds a state."""
        ...


@dataclass(frozen=True, eq=False)
class GroupInclusion:
    """Exactly-one groups speak to every group that contains what is left of them.

    If the live entries of an exact group A all lie in a group B, the chosen one does too,
    so what B has beyond A is removed. With one live entry this is the rule of *singles* (naked
    and hidden); with more, that of *subsets* (locked candidates). Runs to its fixpoint by a work
    list of groups that lost an entry, so it touches only what a change can reach.
    """

    sources: tuple[HardDomain, ...]
    num_variables: int
    num_values: int

    @cached_property
    def groups(self) -> Groups:
        """The groups of the sources, the variables first."""
        from latent_ebm.energies.lowering import lower_groups

        return lower_groups(self.num_variables, self.num_values, self.sources)

    def apply(self, mask: NDArray[np.bool_], rule: Rule) -> Propagation:
        """Propagate masks [B, N, K] to the fixpoint of ``rule``."""
        from latent_ebm.kernels.dispatch import propagate

        if rule is Rule.NONE:
            return Propagation(mask.copy(), np.zeros(len(mask), np.bool_))
        left, contradiction = propagate(self.groups, mask, subsets=rule is Rule.SUBSETS)
        return Propagation(left, contradiction)
