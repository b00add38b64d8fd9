"""Propagation of groups by work lists; the definition is in ``reference/propagation.py``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.structure import Groups


def propagate(
    groups: Groups, mask: NDArray[np.bool_], *, subsets: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """See :func:`latent_ebm.kernels.reference.propagation.propagate`."""
    out = mask.copy()
    contradiction = np.zeros(len(mask), np.bool_)
    _propagate_batch(
        out.reshape(len(mask), -1).view(np.uint8),
        contradiction,
        # unsigned, so that Numba need not look for negative indices
        *(
            array.view(np.uint32)
            for rows in (groups.members, groups.groups_of)
            for array in (rows.offsets, rows.items)
        ),
        groups.exact,
        groups.largest_overlap if subsets else 1,
    )
    return out, contradiction


@kernel
def _propagate_batch(live, contradiction, offsets, entries, at, groups_of, exact, widest):
    count, size = len(offsets) - 1, live.shape[1]
    left = np.empty(count, np.int32)  # live entries of each group
    total = np.empty(count, np.int32)  # and the sum of their numbers: the last one, if one is left
    forced = np.empty(size, np.int32)  # stack of entries that must be chosen
    settled = np.empty(size, np.uint8)  # entries that were on it
    waiting = np.empty(count, np.int32)  # stack of groups with few entries left
    queued = np.empty(count, np.uint8)
    for b in range(live.shape[0]):
        contradiction[b] = not _propagate_one(
            live[b], left, total, forced, settled, waiting, queued,
            offsets, entries, at, groups_of, exact, widest,
        )  # fmt: skip


@kernel
def _propagate_one(
    live, left, total, forced, settled, waiting, queued,
    offsets, entries, at, groups_of, exact, widest,
):  # fmt: skip
    """Singles to their fixpoint first, then one wider group at a time; False: contradiction.

    ``widest`` is the size of group whose inclusion is looked for: 1 means singles only.
    """
    settled[:] = 0
    queued[:] = 0
    stacked = 0
    pending = 0
    for g in range(len(offsets) - 1):
        alive, numbers = 0, 0
        for position in range(offsets[g], offsets[g + 1]):
            alive += live[entries[position]]
            numbers += live[entries[position]] * entries[position]
        left[g] = alive
        total[g] = numbers
        if not exact[g]:
            continue
        if alive == 0:
            return False
        if alive == 1:
            if not settled[numbers]:
                settled[numbers] = 1
                forced[stacked] = numbers
                stacked += 1
        elif alive <= widest:
            queued[g] = 1
            waiting[pending] = g
            pending += 1
    while True:
        while stacked > 0:
            stacked -= 1
            chosen = forced[stacked]
            if not live[chosen]:
                return False
            for slot in range(at[chosen], at[chosen + 1]):
                for position in range(offsets[groups_of[slot]], offsets[groups_of[slot] + 1]):
                    entry = entries[position]
                    if live[entry] and entry != chosen:
                        stacked, pending = _remove(
                            entry, live, left, total, forced, stacked, settled,
                            waiting, pending, queued, at, groups_of, exact, widest,
                        )  # fmt: skip
                        if stacked < 0:
                            return False
        if pending == 0:
            return True
        pending -= 1
        g = waiting[pending]
        queued[g] = 0
        if left[g] < 2:
            continue
        first = offsets[g]
        while not live[entries[first]]:
            first += 1
        anchor = entries[first]
        for position in range(at[anchor], at[anchor + 1]):
            h = groups_of[position]
            if left[h] <= left[g] or not _lies_within(
                g, first, h, live, offsets, entries, at, groups_of
            ):
                continue
            for other in range(offsets[h], offsets[h + 1]):
                entry = entries[other]
                if live[entry] and not _is_in(entry, g, at, groups_of):
                    stacked, pending = _remove(
                        entry, live, left, total, forced, stacked, settled,
                        waiting, pending, queued, at, groups_of, exact, widest,
                    )  # fmt: skip
                    if stacked < 0:
                        return False


@kernel
def _remove(
    entry, live, left, total, forced, stacked, settled,
    waiting, pending, queued, at, groups_of, exact, widest,
):  # fmt: skip
    """Take an entry away and note what that forces; a negative ``stacked`` is a contradiction."""
    live[entry] = 0
    for slot in range(at[entry], at[entry + 1]):
        c = groups_of[slot]
        left[c] -= 1
        total[c] -= entry
        if left[c] > widest or not exact[c]:
            continue
        if left[c] == 0:
            return -1, pending
        if left[c] == 1:
            last = total[c]
            if not settled[last]:
                settled[last] = 1
                forced[stacked] = last
                stacked += 1
        elif not queued[c]:
            queued[c] = 1
            waiting[pending] = c
            pending += 1
    return stacked, pending


@kernel
def _is_in(entry, group, at, groups_of):
    for slot in range(at[entry], at[entry + 1]):
        if groups_of[slot] == group:
            return True
    return False


@kernel
def _lies_within(g, first, h, live, offsets, entries, at, groups_of):
    """Whether every live entry of g stands in h; the one at ``first`` is known to."""
    for position in range(first + 1, offsets[g + 1]):
        entry = entries[position]
        if live[entry] and not _is_in(entry, h, at, groups_of):
            return False
    return True
