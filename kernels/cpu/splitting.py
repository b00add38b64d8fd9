"""Runs of splitting sweeps, LANES chains of one problem side by side.

The definition is in ``reference/splitting.py``; the arithmetic is on integers, so both give
the same numbers, bit for bit.
"""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.lanes import (
    LANES,
    aligned_rows,
    fill_row,
    raise_row,
    start_entry,
    update_entry,
)
from latent_ebm.kernels.cpu.random import stream_key
from latent_ebm.kernels.splitting import SplittingProblem, SplittingState


def splitting(problem: SplittingProblem, state: SplittingState, sweeps: int) -> None:
    """See :func:`latent_ebm.kernels.reference.splitting.splitting`."""
    groups = problem.groups
    _run_batch(
        state.live,
        state.open,
        state.finished,
        state.values,
        state.steps,
        state.restarts,
        state.scores,
        state.counts,
        groups.replicas.offsets,
        groups.groups_of.items,
        groups.exact,
        problem.floor,
        groups.num_values,
        problem.unit,
        problem.noise,
        problem.restart_every,
        state.seed & 0xFFFFFFFF,
        sweeps,
    )


@kernel
def _compact(live, b, at, groups_of, left, entries, first, group_of, ids, number):
    """Number the live entries that are not settled, their replicas and their groups.

    An entry is settled when it is the only live one in all its groups. Returns the counts of
    entries and of groups; ``ids`` holds the group behind each number.
    """
    for g in range(len(left)):
        left[g] = 0
        number[g] = -1
    for e in range(live.shape[1]):
        if live[b, e]:
            for slot in range(at[e], at[e + 1]):
                left[groups_of[slot]] += 1
    count, replicas, groups = 0, 0, 0
    for e in range(live.shape[1]):
        if not live[b, e]:
            continue
        alone = True
        for slot in range(at[e], at[e + 1]):
            alone = alone and left[groups_of[slot]] == 1
        if alone:
            continue
        entries[count] = e
        first[count] = replicas
        for slot in range(at[e], at[e + 1]):
            g = groups_of[slot]
            if number[g] < 0:
                number[g] = groups
                ids[groups] = g
                groups += 1
            group_of[replicas] = number[g]
            replicas += 1
        count += 1
    first[count] = replicas
    return count, groups


@kernel
def _restart(scores, counts, count, first, entries, at, key, noise):
    """Random multipliers, less their mean over an entry's views; the shared point is 0."""
    for i in range(count):
        fill_row(counts, i, 0)
        start_entry(scores, first[i], first[i + 1], at[entries[i]], key, noise)


@kernel
def _find_tops(scores, tops, count, groups, first, group_of, ids, floor):
    """The best score in each group: what the first sweep compares with."""
    for g in range(groups):
        fill_row(tops, g, floor[ids[g]])
    for r in range(first[count]):
        raise_row(tops, group_of[r], scores, r)


@kernel
def _sweep(scores, counts, tops, next_tops, group_of, count, groups, first, ids, floor, unit):
    """One sweep over all entries; returns the lanes in which some views disagree."""
    for g in range(groups):
        fill_row(next_tops, g, floor[ids[g]])
    split = np.int64(0)
    for i in range(count):
        lo, hi = first[i], first[i + 1]
        split |= update_entry(
            scores, counts, tops, next_tops, group_of, i, lo, hi, unit // (hi - lo), unit
        )
    return split


@kernel
def _satisfies(counts, lane, count, groups, first, group_of, ids, exact, tally):
    """Whether the entries that all views chose in a lane are one for each exact group."""
    for g in range(groups):
        tally[g] = 0
    for i in range(count):
        if counts[i, lane] != 0:
            for r in range(first[i], first[i + 1]):
                tally[group_of[r]] += 1
    for g in range(groups):
        if tally[g] > 1 or (tally[g] == 0 and exact[ids[g]]):
            return False
    return True


@kernel
def _run_batch(
    live, open_, finished, values, steps, restarts, saved_scores, saved_counts,
    at, groups_of, exact, floor, num_values, unit, noise, period, seed, sweeps,
):  # fmt: skip
    size, total = live.shape[1], len(exact)
    left = np.empty(total, np.int32)
    number = np.empty(total, np.int32)
    ids = np.empty(total, np.int32)
    tally = np.empty(total, np.int32)
    entries = np.empty(size, np.int32)
    first = np.empty(size + 1, np.int32)
    group_of = np.empty(len(groups_of), np.int32)
    scores, counts = aligned_rows(len(groups_of)), aligned_rows(size)
    tops, next_tops = aligned_rows(total), aligned_rows(total)
    for b in range(live.shape[0]):
        if not open_[b]:
            continue
        count, groups = _compact(
            live, b, at, groups_of, left, entries, first, group_of, ids, number
        )
        replicas = first[count]
        fresh = steps[b] == 0
        if not fresh:
            _copy_rows(saved_scores, b, scores, replicas, False)
            _copy_rows(saved_counts, b, counts, count, False)
        lane = _run_one(
            scores, counts, tops, next_tops, count, groups, entries, first, group_of, ids, tally,
            at, exact, floor, unit, noise, period, seed, sweeps, fresh, steps, restarts, b,
        )  # fmt: skip
        finished[b] = lane >= 0
        open_[b] = lane < 0
        if lane < 0:
            _copy_rows(saved_scores, b, scores, replicas, True)
            _copy_rows(saved_counts, b, counts, count, True)
        _read_values(values, b, live, scores, counts, lane, count, entries, first, num_values)


@kernel
def _run_one(
    scores, counts, tops, next_tops, count, groups, entries, first, group_of, ids, tally,
    at, exact, floor, unit, noise, period, seed, sweeps, fresh, steps, restarts, b,
):  # fmt: skip
    """Sweep one problem; returns the lane that solved it, or -1."""
    scores_at, counts_at = scores.ctypes.data, counts.ctypes.data
    tops_at, next_at = tops.ctypes.data, next_tops.ctypes.data
    groups_at = group_of.ctypes.data
    stale = True  # whether the tops are those of the scores
    for _ in range(sweeps):
        if fresh or steps[b] - restarts[b] * period == period:
            restarts[b] += not fresh
            fresh, stale = False, True
            key = np.int64(stream_key(seed, restarts[b]))
            _restart(scores_at, counts_at, count, first, entries, at, key, noise)
        if stale:
            _find_tops(scores_at, tops_at, count, groups, first, group_of, ids, floor)
            stale = False
        split = _sweep(
            scores_at, counts_at, tops_at, next_at, groups_at,
            count, groups, first, ids, floor, unit,
        )  # fmt: skip
        tops_at, next_at = next_at, tops_at
        steps[b] += 1
        if split != -1:
            for lane in range(LANES):
                agrees = (split >> lane) & 1 == 0
                if agrees and _satisfies(
                    counts, lane, count, groups, first, group_of, ids, exact, tally
                ):
                    return lane
    return -1


@kernel
def _copy_rows(saved, b, rows, count, save):
    """Keep the first rows for element b, or bring them back."""
    for i in range(count):
        for lane in range(LANES):
            if save:
                saved[b, i, lane] = rows[i, lane]
            else:
                rows[i, lane] = saved[b, i, lane]


@kernel
def _read_values(values, b, live, scores, counts, lane, count, entries, first, num_values):
    """Write a discrete candidate: what lane chose, or each variable's best score in lane 0."""
    for e in range(live.shape[1]):
        if live[b, e]:
            values[b, e // num_values] = e % num_values  # the settled ones; others follow
    last, best = -1, 0
    for i in range(count):
        variable = entries[i] // num_values
        merit = np.int64(counts[i, lane]) if lane >= 0 else np.int64(scores[first[i], 0])
        if variable != last or merit > best:
            last, best = variable, merit
            values[b, variable] = entries[i] % num_values
