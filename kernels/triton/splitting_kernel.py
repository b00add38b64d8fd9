"""One element's splitting sweeps, as Triton code.

The scores of an element stay in the caches of one multiprocessor for all sweeps of a launch,
and each phase of a sweep only gathers:

    groups    t_q = max(floor_q, max of s over the group)       writes tops
    entries   c, s_q                                            writes counts and scores

A barrier between the phases makes one's writes visible to the next. Four chains share a word;
see ``bytes.py``.
"""

from __future__ import annotations

import triton
import triton.language as tl

from latent_ebm.kernels.triton.bytes import (
    ONES,
    equal,
    saturating_add,
    signed_max,
    small_difference,
)
from latent_ebm.kernels.triton.random import mix, stream_key


@triton.jit(do_not_specialize=["unit", "noise", "period", "seed", "sweeps"])
def splitting_kernel(
    scores,
    counts,
    tops,
    steps_ptr,
    restarts_ptr,
    lane_ptr,
    sizes,
    first,
    slot,
    group_of,
    entry_of,
    groups,
    begin,
    members,
    floor,
    exact,
    max_replicas,
    max_entries,
    num_groups,
    num_entries,
    num_replicas,
    unit,
    noise,
    period,
    seed,
    sweeps,
    WORDS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Sweep one element; see :class:`latent_ebm.kernels.triton.packing.Packing`."""
    b = tl.program_id(0).to(tl.int64)
    scores += b * max_replicas * WORDS
    counts += b * max_entries * WORDS
    tops += b * num_groups * WORDS
    first += b * (num_entries + 1)
    slot += b * num_entries
    group_of += b * num_replicas
    entry_of += b * num_replicas
    groups += b * num_groups
    begin += b * (num_groups + 1)
    members += b * num_replicas
    entry_count = tl.load(sizes + 4 * b)
    group_count = tl.load(sizes + 4 * b + 1)
    most_views = tl.load(sizes + 4 * b + 2)
    most_members = tl.load(sizes + 4 * b + 3)
    steps = tl.load(steps_ptr + b)
    restarts = tl.load(restarts_ptr + b)

    lane = -1
    done = 0
    while (done < sweeps) & (lane < 0):
        if (steps == 0) | (steps - restarts * period == period):
            restarts += (steps > 0).to(tl.int64)
            _restart(
                scores, counts, first, slot, entry_count, most_views,
                stream_key(seed, restarts), noise, WORDS, BLOCK,
            )  # fmt: skip
            tl.debug_barrier()
        _find_tops(
            scores, tops, groups, begin, members, floor, group_count, most_members, WORDS, BLOCK
        )
        tl.debug_barrier()
        split = _sweep(
            scores, counts, tops, first, group_of, entry_count, most_views, unit, WORDS, BLOCK
        )
        tl.debug_barrier()
        if tl.max(equal(split, 0), 0) != 0:
            broken = _tally(
                counts, groups, begin, members, entry_of, exact, group_count, most_members,
                WORDS, BLOCK,
            )  # fmt: skip
            lane = _first_lane(equal(split | broken, 0), WORDS)
        steps += 1
        done += 1
    tl.store(steps_ptr + b, steps)
    tl.store(restarts_ptr + b, restarts)
    tl.store(lane_ptr + b, lane)


@triton.jit
def _restart(
    scores, counts, first, slot, entry_count, most_views, key, noise,
    WORDS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Random multipliers, less their mean over an entry's views; the shared point is 0."""
    word = tl.arange(0, WORDS)[None, :]
    noise = noise.to(tl.uint32) * ONES
    for base in range(0, entry_count, BLOCK):
        i = base + tl.arange(0, BLOCK)
        here = i < entry_count
        begin = tl.load(first + i, here, 0)
        views = tl.where(here, tl.load(first + i + 1, here, 0) - begin, 0)
        counter = tl.load(slot + i, here, 0)[:, None] * WORDS + word
        # two bytes of a word to each of two sums, so that they have room
        even = tl.zeros([BLOCK, WORDS], tl.uint32)
        odd = tl.zeros([BLOCK, WORDS], tl.uint32)
        for q in range(most_views):
            drawn = mix((counter + q * WORDS).to(tl.uint32) ^ key) & noise
            drawn = tl.where((q < views)[:, None], drawn, 0)
            even += drawn & 0x00FF00FF
            odd += (drawn >> 8) & 0x00FF00FF
        # a lone view less its own mean would be 0 in every entry: ties that nothing breaks
        factor = tl.where(views > 1, 2048 // tl.maximum(views, 1), 0).to(tl.uint32)[:, None]
        even = ((even * factor) >> 11) & 0x001F001F
        odd = ((odd * factor) >> 11) & 0x001F001F
        mean = even | (odd << 8)
        for q in range(most_views):
            drawn = mix((counter + q * WORDS).to(tl.uint32) ^ key) & noise
            at = (begin + q)[:, None] * WORDS + word
            tl.store(scores + at, small_difference(mean, drawn), (q < views)[:, None])
        none = tl.zeros([BLOCK, WORDS], tl.uint32)
        tl.store(counts + i[:, None] * WORDS + word, none, here[:, None])


@triton.jit
def _find_tops(
    scores, tops, groups, begin, members, floor, group_count, most_members,
    WORDS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """The best score in each group, at least its floor."""
    word = tl.arange(0, WORDS)[None, :]
    for base in range(0, group_count, BLOCK):
        j = base + tl.arange(0, BLOCK)
        here = j < group_count
        g = tl.load(groups + j, here, 0)
        lo = tl.load(begin + g, here, 0)
        width = tl.where(here, tl.load(begin + g + 1, here, 0) - lo, 0)
        lowest = tl.load(floor + g, here, 0)[:, None]
        top = tl.zeros([BLOCK, WORDS], tl.uint32) + lowest
        for w in range(most_members):
            inside = w < width
            replica = tl.load(members + lo + w, inside, 0)[:, None]
            score = tl.load(scores + replica * WORDS + word, inside[:, None], 0)
            top = signed_max(top, tl.where(inside[:, None], score, lowest))
        tl.store(tops + g[:, None] * WORDS + word, top, here[:, None])


@triton.jit
def _sweep(
    scores, counts, tops, first, group_of, entry_count, most_views, unit,
    WORDS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Move all entries; returns bytes [WORDS] that are 0 where the views agree on all."""
    word = tl.arange(0, WORDS)[None, :]
    whole = unit.to(tl.uint32) * ONES
    split = tl.zeros([BLOCK, WORDS], tl.uint32)
    for base in range(0, entry_count, BLOCK):
        i = base + tl.arange(0, BLOCK)
        here = i < entry_count
        begin = tl.load(first + i, here, 0)
        views = tl.where(here, tl.load(first + i + 1, here, 0) - begin, 0)
        step = ((unit // tl.maximum(views, 1)).to(tl.uint32) * ONES)[:, None]
        total = tl.zeros([BLOCK, WORDS], tl.uint32)
        for q in range(most_views):
            _, chosen = _look(scores, tops, group_of, begin + q, q < views, word, WORDS)
            total += chosen & step
        at = counts + i[:, None] * WORDS + word
        before = tl.load(at, here[:, None], 0)
        # the threads that read a place need not be those that write it
        tl.debug_barrier()
        tl.store(at, total, here[:, None])
        for q in range(most_views):
            score, chosen = _look(scores, tops, group_of, begin + q, q < views, word, WORDS)
            move = small_difference(total + total, before + (chosen & whole))
            place = scores + (begin + q)[:, None] * WORDS + word
            tl.store(place, saturating_add(score, move), (q < views)[:, None])
        split = split | ~(equal(total, 0) | equal(total, whole))
    return tl.sum(split & ONES, 0)


@triton.jit
def _look(scores, tops, group_of, replica, inside, word, WORDS: tl.constexpr):
    """A replica's scores, and bytes of ones where its group chooses it."""
    group = tl.load(group_of + replica, inside, 0)[:, None]
    inside = inside[:, None]
    score = tl.load(scores + replica[:, None] * WORDS + word, inside, 0)
    top = tl.load(tops + group * WORDS + word, inside, ONES)  # where not inside: not chosen
    return score, equal(score, top)


@triton.jit
def _tally(
    counts, groups, begin, members, entry_of, exact, group_count, most_members,
    WORDS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Bytes [WORDS] that are 0 where what is chosen fits all groups; all views must agree."""
    word = tl.arange(0, WORDS)[None, :]
    broken = tl.zeros([BLOCK, WORDS], tl.uint32)
    for base in range(0, group_count, BLOCK):
        j = base + tl.arange(0, BLOCK)
        here = j < group_count
        g = tl.load(groups + j, here, 0)
        lo = tl.load(begin + g, here, 0)
        width = tl.where(here, tl.load(begin + g + 1, here, 0) - lo, 0)
        once = tl.zeros([BLOCK, WORDS], tl.uint32)
        twice = tl.zeros([BLOCK, WORDS], tl.uint32)
        for w in range(most_members):
            inside = w < width
            replica = tl.load(members + lo + w, inside, 0)
            entry = tl.load(entry_of + replica, inside, 0)[:, None]
            count = tl.load(counts + entry * WORDS + word, inside[:, None], 0)
            chosen = ~equal(count, 0)
            twice = twice | (once & chosen)
            once = once | chosen
        needed = tl.load(exact + g, here, 0)[:, None] != 0
        broken = broken | twice | tl.where(needed, ~once, 0)
    return tl.sum(broken & ONES, 0)


@triton.jit
def _first_lane(solved, WORDS: tl.constexpr):
    """The number of the first byte of ones in [WORDS], or -1."""
    none: tl.constexpr = 4 * WORDS
    word = tl.arange(0, WORDS)
    best = tl.full([WORDS], none, tl.int32)
    for k in tl.static_range(4):
        byte = (solved >> (8 * k)) & 1
        best = tl.minimum(best, tl.where(byte != 0, 4 * word + k, none))
    lane = tl.min(best, 0)
    return tl.where(lane < none, lane, -1)
