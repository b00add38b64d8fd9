"""What a run of splitting sweeps works on, for all back ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.runs import Runs
from latent_ebm.kernels.structure import Groups

LANES = 64
"""Chains of one problem that run side by side."""

LARGEST_UNIT = 32
"""One whole in fixed-point steps at most: a score within +-4 then fits a byte."""


def common_multiple(groups: Groups) -> int:
    """The least common multiple of the numbers of groups that entries stand in.

    The byte-wide splitting takes groups where this is at most ``LARGEST_UNIT``.
    """
    return math.lcm(*(int(width) for width in np.unique(groups.replicas.widths) if width))


@dataclass(frozen=True, eq=False)
class SplittingProblem:
    """Groups, and the fixed-point form of the splitting on them.

    Attributes
    ----------
    groups
        The groups; an entry has one view (replica) in each group that holds it.
    restart_every
        Sweeps between fresh starts.
    """

    groups: Groups
    restart_every: int

    @cached_property
    def unit(self) -> int:
        """How many steps make 1: a multiple of each number of views.

        Raises
        ------
        ValueError
            If the numbers of views have no common multiple that fits a byte.
        """
        common = common_multiple(self.groups)
        if common > LARGEST_UNIT:
            views = sorted({int(width) for width in self.groups.replicas.widths if width})
            raise ValueError(
                f"entries stand in {views} groups; the byte-wide splitting needs these numbers "
                f"to have a common multiple up to {LARGEST_UNIT}; use factor-splitting"
            )
        return common * (LARGEST_UNIT // common)

    @property
    def noise(self) -> int:
        """Multipliers begin at 0..noise, about one whole: a power of two, less 1."""
        return int((1 << (self.unit - 1).bit_length()) - 1)

    @cached_property
    def floor(self) -> NDArray[np.int8]:
        """[G] the score that a chosen entry must reach: none, or 1/2 where none may be chosen."""
        return np.where(self.groups.exact, -128, self.unit // 2).astype(np.int8)


@dataclass(eq=False)
class SplittingState(Runs):
    """B runs, changed in place.

    Attributes
    ----------
    scores
        [B, R, LANES] int8, s_q = x - u_q in units, of the replicas of the live unsettled
        entries in order; meaningful once steps > 0.
    counts
        [B, N * K, LANES] int8, how many views chose each such entry, times unit / views.
    seed
        Of the multipliers that each restart begins with.
    """

    scores: NDArray[np.int8]
    counts: NDArray[np.int8]
    seed: int
