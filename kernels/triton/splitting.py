"""Runs of splitting sweeps on a GPU, one program an element.

The definition is in ``reference/splitting.py``; the arithmetic is on integers, so both give
the same numbers, bit for bit. The scores of an element stay in the caches of one
multiprocessor for all sweeps of a launch, and each phase of a sweep only gathers:

    groups    t_q = max(floor_q, max of s over the group)       writes tops
    entries   c, s_q                                            writes counts and scores

A barrier between the phases makes one's writes visible to the next.
"""

from __future__ import annotations

import numpy as np
import torch
import triton
import triton.language as tl
from torch import Tensor

from latent_ebm.kernels.reference.splitting import read_values
from latent_ebm.kernels.splitting import LANES, SplittingProblem, SplittingState
from latent_ebm.kernels.triton.bytes import (
    ONES,
    equal,
    saturating_add,
    signed_max,
    small_difference,
)
from latent_ebm.kernels.triton.packing import Packing
from latent_ebm.kernels.triton.random import mix, stream_key

WORDS = LANES // 4
"""Four chains to a word."""

BLOCK = 32
"""Entries or groups at a time, at most 255: a tile of BLOCK x WORDS words."""

WARPS = 4
"""With these each thread holds 16 bytes of a tile, the widest load."""


def splitting(problem: SplittingProblem, state: SplittingState, sweeps: int) -> None:
    """See :func:`latent_ebm.kernels.reference.splitting.splitting`."""
    rows = np.flatnonzero(state.open)
    if not len(rows):
        return
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    groups = problem.groups
    live = torch.from_numpy(state.live[rows]).to(device) != 0
    packing = Packing.of(groups, live)
    replicas = max(1, int(packing.first[:, -1].max()))
    entries = max(1, int(packing.sizes[:, 0].max()))
    scores = torch.from_numpy(state.scores[rows, :replicas]).to(device)
    counts = torch.from_numpy(state.counts[rows, :entries]).to(device)
    tops = torch.empty(len(rows), groups.count, WORDS, dtype=torch.uint32, device=device)
    floor = torch.from_numpy(problem.floor.repeat(4).view(np.uint32))
    steps = torch.from_numpy(state.steps[rows]).to(device)
    restarts = torch.from_numpy(state.restarts[rows]).to(device)
    lane = torch.empty(len(rows), dtype=torch.int32, device=device)
    splitting_kernel[(len(rows),)](
        scores.view(torch.uint32),
        counts.view(torch.uint32),
        tops,
        steps,
        restarts,
        lane,
        packing.sizes,
        packing.first,
        packing.slot,
        packing.group_of,
        packing.entry_of,
        packing.groups,
        packing.begin,
        packing.members,
        floor.to(device),
        torch.from_numpy(groups.exact.astype(np.int8)).to(device),
        replicas,
        entries,
        groups.count,
        groups.num_entries,
        len(groups.members.items),
        problem.unit,
        problem.noise,
        problem.restart_every,
        int(np.uint32(state.seed & 0xFFFFFFFF).view(np.int32)),
        sweeps,
        WORDS=WORDS,
        BLOCK=BLOCK,
        num_warps=WARPS,
        num_stages=1,
    )
    state.steps[rows] = steps.cpu().numpy()
    state.restarts[rows] = restarts.cpu().numpy()
    state.scores[rows, :replicas] = scores.cpu().numpy()
    state.counts[rows, :entries] = counts.cpu().numpy()
    state.finished[rows] = (lane >= 0).cpu().numpy()
    state.open[rows] = ~state.finished[rows]
    state.values[rows] = read_values(
        _merit(packing, scores, counts, lane),
        live,
        state.values[rows],
        (groups.num_variables, groups.num_values),
    )


def _merit(packing: Packing, scores: Tensor, counts: Tensor, lane: Tensor) -> Tensor:
    """[B, E] what the values are read from: what the lane chose, or the first scores in lane 0."""
    number = packing.active.cumsum(1) - 1
    number = torch.where(packing.active, number, 0)
    first = packing.first.long().gather(1, number)
    won = counts.gather(2, lane.clamp(min=0).long()[:, None, None].expand(-1, counts.shape[1], 1))
    merit = torch.where(
        (lane >= 0)[:, None], won.squeeze(2).gather(1, number), scores[:, :, 0].gather(1, first)
    )
    return torch.where(packing.active, merit, 0)


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
        factor = (2048 // tl.maximum(views, 1)).to(tl.uint32)[:, None]
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
        tl.store(at, total, here[:, None])
        # the threads that read a score need not be those that write it
        tl.debug_barrier()
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
