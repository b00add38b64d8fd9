"""Reading a pairwise energy: which pairs are related, how, and which groups they form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from latent_ebm.learning.rules.cliques import cliques_of
from latent_ebm.learning.rules.energy import PairwiseEnergy, comparisons, zero_sum
from latent_ebm.learning.rules.thresholds import Split, otsu, otsu_gap

Pairs = NDArray[np.int64]

LEAST_SEPARATION = 0.75
"""Of the two classes of pairs, below which nothing is called a rule; random grids have 0.71."""

LEAST_LIKENESS = 0.75
"""Cosine of a learned W_ij and the pattern of a relation, below which it is read entry by entry."""

_EQUALITY = 3
"""The number of its pattern; 0 is !=, 1 is <, 2 is >."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a pairwise energy says.

    Attributes
    ----------
    different, equal
        [., 2] pairs, the lower number first; those of ``less`` differ, too, and are not here.
    less
        [., 2] pairs, the lesser first; what follows from two others is left out.
    tables
        Pairs with the [T, 2] states that they may take.
    groups
        Cliques of as many variables as there are states, of pairs that differ: each state is
        taken once.
    split
        Of the scores of pairs.
    """

    different: Pairs
    equal: Pairs
    less: Pairs
    tables: tuple[tuple[int, int, NDArray[np.int64]], ...]
    groups: tuple[tuple[int, ...], ...]
    split: Split

    @cached_property
    def unequal(self) -> Pairs:
        """All pairs that differ, those in order included, the lower number first."""
        return np.unique(np.sort(np.concatenate([self.different, self.less]), axis=1), axis=0)

    @cached_property
    def rest(self) -> Pairs:
        """The pairs that differ and are neither in one group nor in order."""
        inside = {(a, b) for group in self.groups for a in group for b in group if a < b}
        return _pairs([pair for pair in map(tuple, self.different.tolist()) if pair not in inside])


def read_energy(energy: PairwiseEnergy) -> Reading:
    """Threshold an energy into pairs, and pairs into groups.

    The score of a pair is how far its W_ij reaches along the pattern of a relation,
    ``max_r <W_ij, T_r> / |T_r|``, with T_r the zero-sum patterns of =, >=, <= (what the
    relations !=, < and > forbid) and, for equality, of !=. A threshold on the scores
    (:func:`otsu_gap`) tells related pairs from others; the pattern of largest cosine, how they
    are related. Equality must reach as far as the median of the others, since cells often
    agree without having to. Where no pattern is alike, a second threshold on the entries of
    W_ij tells the forbidden pairs of states.

    Raises
    ------
    ValueError
        If more variables than there are states are to differ from each other.
    """
    n, k = energy.num_variables, energy.num_values
    strengths = energy.strengths().detach()
    pairs = energy.pairs.numpy()
    if energy.is_isotropic:
        reach = strengths.numpy().astype(np.float64) * np.sqrt(k - 1.0)
        scores, best = np.abs(reach), np.where(reach > 0, 0, _EQUALITY)
        likeness = np.ones_like(scores)
    else:
        patterns = zero_sum(comparisons(k))
        patterns = torch.cat([patterns, -patterns[:1]])
        patterns = patterns / patterns.flatten(1).norm(dim=1)[:, None, None]
        along = torch.einsum("pab,rab->pr", strengths, patterns).double().numpy()
        best, scores = along.argmax(axis=1), along.max(axis=1)
        likeness = scores / np.maximum(strengths.flatten(1).norm(dim=1).numpy(), 1e-12)
    split = otsu_gap(scores)
    related = (scores > split.threshold) & (split.separation >= LEAST_SEPARATION)
    other = related & (best != _EQUALITY)
    if other.any():  # cells far apart often agree without having to
        related &= other | (scores >= np.median(scores[other]))
    plain = related & (likeness >= LEAST_LIKENESS)
    less = np.concatenate([pairs[plain & (best == 1)], pairs[plain & (best == 2)][:, ::-1]])
    less = _reduced(n, less)
    different = pairs[plain & (best == 0)]
    tables = tuple(
        (int(i), int(j), _allowed(w))
        for (i, j), w in zip(
            pairs[related & ~plain], strengths.numpy()[related & ~plain], strict=True
        )
    )
    unequal = np.sort(np.concatenate([different, pairs[plain & np.isin(best, (1, 2))]]), axis=1)
    groups = cliques_of(n, unequal, k)
    if groups and len(max(groups, key=len)) > k:
        names = ", ".join(energy.config.variables[v] for v in max(groups, key=len)[: k + 1])
        raise ValueError(
            f"the learned pairs contradict themselves: {names} ... are to differ, and there are "
            f"{k} states; learn from more grids"
        )
    return Reading(
        different=different,
        equal=pairs[plain & (best == _EQUALITY)],
        less=less,
        tables=tables,
        groups=tuple(map(tuple, groups)),
        split=split,
    )


def _allowed(weights: NDArray[np.floating]) -> NDArray[np.int64]:
    """The pairs of states that W_ij does not forbid, [T, 2]."""
    return np.argwhere(weights <= otsu(weights.ravel()).threshold)


def _reduced(n: int, less: Pairs) -> Pairs:
    """The pairs in order that do not follow from two others."""
    before = np.zeros((n, n), np.bool_)
    before[less[:, 0], less[:, 1]] = True
    implied = (before.astype(np.int32) @ before.astype(np.int32)) > 0
    return np.argwhere(before & ~implied)


def _pairs(rows: list[tuple[int, ...]]) -> Pairs:
    return np.array(rows, np.int64).reshape(-1, 2)
