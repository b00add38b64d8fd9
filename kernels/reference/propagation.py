"""The propagation rule for groups, one group at a time, in plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.structure import Groups


def propagate(
    groups: Groups, mask: NDArray[np.bool_], *, subsets: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Remove what B has beyond A wherever the live part of an exact group A lies within a group B.

    Parameters
    ----------
    groups
        G groups over N x K entries.
    mask
        [B, N, K], the states allowed to begin with.
    subsets
        Whether to use every A (singles and locked candidates), or only those with one live
        entry (singles).

    Returns
    -------
    mask
        [B, N, K] the fixpoint. Where there is a contradiction, what was left when it showed.
    contradiction
        [B], whether some exact group has no live entry.
    """
    sets = [frozenset(groups.members.row(g).tolist()) for g in range(groups.count)]
    groups_of = [groups.groups_of.row(e).tolist() for e in range(groups.num_entries)]
    out = mask.copy()
    contradiction = np.zeros(len(mask), np.bool_)
    for b in range(len(mask)):
        live = set(np.flatnonzero(mask[b].ravel()).tolist())
        contradiction[b] = not _fixpoint(groups, sets, groups_of, live, subsets)
        out[b] = np.isin(np.arange(groups.num_entries), list(live)).reshape(mask.shape[1:])
    return out, contradiction


def _fixpoint(
    groups: Groups,
    sets: list[frozenset[int]],
    groups_of: list[list[int]],
    live: set[int],
    subsets: bool,
) -> bool:
    changed = True
    while changed:
        changed = False
        for g in np.flatnonzero(groups.exact):
            left = sets[g] & live
            if not left:
                return False
            if len(left) > 1 and not subsets:
                continue
            for h in groups_of[next(iter(left))]:
                surplus = (sets[h] & live) - left
                if h != g and left <= sets[h] and surplus:
                    live -= surplus
                    changed = True
    return True
