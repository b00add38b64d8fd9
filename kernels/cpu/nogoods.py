"""Dives that learn factors from contradictions, one thread a chain.

The definition is in ``reference/nogoods.py``; the arithmetic is the same, in the same order, so
both make the same decisions and learn the same factors.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.cpu.contradictions import GROWTH, STRIDE, analyse
from latent_ebm.kernels.cpu.implications import (
    HELD,
    LEVEL,
    NOTHING,
    RANKED,
    assume,
    back_to,
    draw_consequences,
    watch,
)
from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.ranking import pop
from latent_ebm.kernels.nogoods import (
    LATE,
    LONG,
    PATIENCE,
    UNKNOWN,
    End,
    Learning,
    NogoodsProblem,
    NogoodsState,
    Propositions,
    decode,
    initial_activity,
    initial_phase,
)

CLAUSES, TOP, DIVES, RESTARTS, RESTART_AT, FORGET_AT, ROUNDS, STAMP, DEEPEST, RENEWALS, RENEW_AT = (
    range(4, 15)
)
"""Where in ``integers`` stand, behind those of ``implications``: the clauses and their literals,
the dives and restarts so far, the dives at which the next restart and forgetting are due, the
rounds of forgetting, a number that marks levels as counted, the literals that held before the last
decision of the deepest dive, the renewals of phases, and the dives at which the next one is due."""

RECENT, USUAL = 2, 3
"""Where in ``numbers`` stand, behind those of ``contradictions``: how many levels a learned factor
spans, of late and on average."""

_OPEN, _SOLVED, _CONTRADICTORY = int(End.OPEN), int(End.SOLVED), int(End.CONTRADICTORY)


def nogoods(problem: NogoodsProblem, state: NogoodsState, dives: int) -> None:
    """See :func:`latent_ebm.kernels.reference.nogoods.nogoods`."""
    at, count = np.flatnonzero(state.open).tolist(), len(problem.chains)
    with ThreadPoolExecutor(count) as pool:
        for b in at:
            if not state.chains[b]:
                propositions = state.propositions(problem, b)
                state.chains[b] = [Chain(problem, propositions, state, b, c) for c in range(count)]
        jobs = list(product(at, range(count)))
        ends = list(pool.map(lambda job: state.chains[job[0]][job[1]].run(dives), jobs))
    for b in at:
        state.settle(b, [end for (element, _), end in zip(jobs, ends, strict=True) if element == b])


class Chain:
    """The memory of one chain; the fields are those of the kernels."""

    def __init__(
        self,
        problem: NogoodsProblem,
        propositions: Propositions,
        state: NogoodsState,
        b: int,
        chain: int,
    ) -> None:
        v, given = propositions.count, propositions.clauses.count
        most, room = given + problem.most_learned, max(problem.most_literals, 2 * v)
        slots = propositions.groups.inverse(2 * v)
        group, offsets = propositions.groups.row_of[slots.items], propositions.groups.offsets
        self.propositions, self.learning = propositions, problem.chains[chain]
        self.rules = (
            slots.offsets,
            np.stack([offsets[group], offsets[group + 1], slots.items], axis=1),
            propositions.groups.items,
        )
        self.integers = np.zeros(15, np.int64)
        self.numbers = np.array([1.0, 1.0, 0.0, 0.0])
        self.value = np.zeros(2 * v, np.int8)
        self.depth = np.zeros(v, np.int32)
        self.reason = np.full(v, NOTHING, np.int32)
        self.trail = np.zeros(v, np.int32)
        self.marks = np.zeros(v + 1, np.int32)
        self.phase = initial_phase(propositions, state.start[b])
        self.first_phase = self.phase.copy()
        self.deepest = np.full(v, UNKNOWN, np.uint8)
        self.activity = initial_activity(propositions, state.seed, chain)
        self.heap = np.lexsort((np.arange(v), -self.activity)).astype(np.int32)
        self.place = np.argsort(self.heap).astype(np.int32)
        self.seen = np.zeros(v, np.uint8)
        self.stamps = np.zeros(v + 1, np.int64)
        self.scratch = np.zeros((3, v + 2), np.int32)
        self.heads = np.full(2 * v, NOTHING, np.int32)
        self.nodes = np.zeros((2 * most, 2), np.int32)
        self.start = np.zeros(most + 1, np.int32)
        self.arena = np.zeros(len(propositions.clauses.items) + room, np.int32)
        self.spans = np.zeros(problem.most_learned, np.int32)
        self.weight = np.zeros(problem.most_learned)
        self.start[: given + 1] = propositions.clauses.offsets
        self.arena[: self.start[given]] = propositions.clauses.items
        self.integers[[CLAUSES, TOP, RANKED]] = given, self.start[given], v
        self.integers[FORGET_AT] = self.learning.forget_first
        self.integers[RENEW_AT] = self.learning.renew
        self.end = End(
            _begin(
                propositions.certain, self.integers, self.value, self.depth, self.reason,
                self.trail, self.heads, self.nodes, self.start, self.arena,
            )
        )  # fmt: skip

    def run(self, dives: int) -> tuple[End, int, int]:
        """Dive up to so many times: how it stands, the dives made, and all restarts so far."""
        before = int(self.integers[DIVES])
        if self.end == End.OPEN:
            how: Learning = self.learning
            self.end = End(
                _dive(
                    dives, *self.rules, self.integers, self.numbers, self.value, self.depth,
                    self.reason, self.trail, self.marks, self.phase, self.activity, self.heap,
                    self.place, self.seen, self.stamps, self.scratch, self.heads, self.nodes,
                    self.start, self.arena, self.spans, self.weight,
                    self.propositions.clauses.count, self.deepest, self.first_phase,
                    how.activity_decay, how.weight_decay, how.unit, how.margin, how.protected,
                    how.forget_first, how.forget_later, how.share, how.follow, how.renew,
                )
            )  # fmt: skip
        return self.end, int(self.integers[DIVES]) - before, int(self.integers[RESTARTS])

    def choices(self) -> NDArray[np.int16]:
        """[N] the states that what holds, and the phases of what is open, choose."""
        return decode(self.propositions, self.value, self.phase)

    def learned(self) -> list[tuple[list[int], float]]:
        """The literals and the weight of each factor that was learned and is remembered."""
        given, count = self.propositions.clauses.count, int(self.integers[CLAUSES])
        return [
            (self.arena[self.start[c] : self.start[c + 1]].tolist(), float(self.weight[c - given]))
            for c in range(given, count)
        ]


@kernel
def _begin(certain, integers, value, depth, reason, trail, heads, nodes, start, arena):
    """Watch the given clauses, and assume what is certain."""
    for c in range(integers[CLAUSES]):
        watch(heads, nodes, start, arena, c)
    for literal in certain:
        if value[literal] < 0:
            return _CONTRADICTORY
        if value[literal] == 0:
            assume(integers, value, depth, reason, trail, literal, NOTHING)
    return _OPEN


@kernel
def _dive(
    dives, slot_offsets, spans_of_slots, members, integers, numbers, value, depth, reason, trail,
    marks, phase, activity, heap, place, seen, stamps, scratch, heads, nodes, start, arena,
    spans, weight, given, deepest, first_phase, activity_decay, weight_decay, unit, margin,
    protected, forget_first, forget_later, share, follow, renew,
):  # fmt: skip
    last = integers[DIVES] + dives
    while integers[DIVES] < last:
        full = integers[CLAUSES] - given == len(spans)
        full = full or integers[TOP] + len(depth) > len(arena)
        forget = full or integers[DIVES] >= integers[FORGET_AT]
        restart = integers[DIVES] >= integers[RESTART_AT]
        if unit == 0:
            restart = restart and numbers[RECENT] > margin * numbers[USUAL]
        anew = renew > 0 and integers[DIVES] >= integers[RENEW_AT]
        if restart or forget or anew:
            back_to(0, integers, value, trail, marks, phase, activity, heap, place)
        if restart:
            integers[RESTARTS] += 1
            wait = unit * _luby(integers[RESTARTS]) if unit > 0 else PATIENCE
            integers[RESTART_AT] = integers[DIVES] + wait
        if forget:
            integers[ROUNDS] += 1
            integers[FORGET_AT] = integers[DIVES] + forget_first + forget_later * integers[ROUNDS]
            _forget(
                full, integers, value, heads, nodes, start, arena, spans, weight, given,
                protected, share,
            )  # fmt: skip
        if anew:
            integers[RENEWALS] += 1
            integers[RENEW_AT] = integers[DIVES] + renew * (integers[RENEWALS] + 1)
            _renew(integers, phase, deepest, first_phase)
        conflict = draw_consequences(
            slot_offsets, spans_of_slots, members, integers, value, depth, reason, trail,
            scratch[0], heads, nodes, start, arena,
        )  # fmt: skip
        if conflict == NOTHING and integers[HELD] == len(depth):
            integers[DIVES] += 1
            return _SOLVED
        if conflict == NOTHING:
            _decide(
                follow, integers, value, depth, reason, trail, marks, phase, deepest, activity,
                heap, place,
            )  # fmt: skip
            continue
        integers[DIVES] += 1
        if integers[LEVEL] == 0:
            return _CONTRADICTORY
        if marks[integers[LEVEL] - 1] > integers[DEEPEST]:
            integers[DEEPEST] = marks[integers[LEVEL] - 1]
            for i in range(integers[DEEPEST]):
                deepest[trail[i] >> 1] = trail[i] & 1
        size = analyse(
            conflict, integers, numbers, depth, reason, trail, activity, heap, place, seen,
            scratch, start, arena, weight, given,
        )  # fmt: skip
        _learn(
            size, integers, numbers, value, depth, reason, trail, marks, phase, activity,
            heap, place, stamps, scratch[0], heads, nodes, start, arena, spans, weight, given,
        )  # fmt: skip
        numbers[STRIDE] /= activity_decay
        numbers[GROWTH] /= weight_decay
    return _OPEN


@kernel
def _decide(
    follow, integers, value, depth, reason, trail, marks, phase, deepest, activity, heap, place
):  # fmt: skip
    """Assume the most active open Boolean, as it was last or in the deepest dive."""
    v = 0
    while value[2 * v] != 0:  # the first, Boolean 0, always holds
        v = pop(activity, heap, place, integers[RANKED])
        integers[RANKED] -= 1
    marks[integers[LEVEL]] = integers[HELD]
    integers[LEVEL] += 1
    side = deepest[v] if follow and deepest[v] != UNKNOWN else phase[v]
    assume(integers, value, depth, reason, trail, 2 * v + side, NOTHING)


@kernel
def _renew(integers, phase, deepest, first_phase):
    """Give the phases another start, and forget the deepest dive."""
    turn = integers[RENEWALS] % 4
    for v in range(1, len(phase)):
        if turn == 1:
            phase[v] = first_phase[v]
        elif turn == 3:
            phase[v] = 1
        elif deepest[v] != UNKNOWN:
            phase[v] = deepest[v]
        deepest[v] = UNKNOWN
    integers[DEEPEST] = 0


@kernel
def _learn(
    size, integers, numbers, value, depth, reason, trail, marks, phase, activity, heap, place,
    stamps, learnt, heads, nodes, start, arena, spans, weight, given,
):  # fmt: skip
    """Add the clause, go back to where its first literal follows, and assume that."""
    integers[STAMP] += 1
    levels, deepest = 0, 1
    for i in range(size):
        level = depth[learnt[i] >> 1]
        if stamps[level] != integers[STAMP]:
            stamps[level] = integers[STAMP]
            levels += 1
        if i > 1 and level > depth[learnt[deepest] >> 1]:
            deepest = i
    numbers[RECENT] += LATE * (levels - numbers[RECENT])
    numbers[USUAL] += LONG * (levels - numbers[USUAL])
    if size == 1:
        back_to(0, integers, value, trail, marks, phase, activity, heap, place)
        assume(integers, value, depth, reason, trail, learnt[0], NOTHING)
        return
    learnt[1], learnt[deepest] = learnt[deepest], learnt[1]
    level = depth[learnt[1] >> 1]
    back_to(level, integers, value, trail, marks, phase, activity, heap, place)
    c, top = integers[CLAUSES], integers[TOP]
    arena[top : top + size] = learnt[:size]
    start[c + 1] = top + size
    integers[CLAUSES], integers[TOP] = c + 1, top + size
    spans[c - given], weight[c - given] = levels, numbers[GROWTH]
    watch(heads, nodes, start, arena, c)
    assume(integers, value, depth, reason, trail, learnt[0], c)


@kernel
def _forget(
    full, integers, value, heads, nodes, start, arena, spans, weight, given, protected, share
):  # fmt: skip
    """At level 0: drop the lightest learned factors, and all that hold for good."""
    count = integers[CLAUSES] - given
    order = np.argsort(weight[:count], kind="mergesort")
    drop = np.zeros(count, np.bool_)
    for i in range(int(count * share) + full):
        drop[order[i]] = full or spans[order[i]] > protected
    heads[:] = NOTHING
    for c in range(given):
        watch(heads, nodes, start, arena, c)
    top, number = start[given], given
    for c in range(given, given + count):
        low, high = start[c], start[c + 1]
        for i in range(low, high):
            drop[c - given] = drop[c - given] or value[arena[i]] > 0
        if drop[c - given]:
            continue
        spans[number - given], weight[number - given] = spans[c - given], weight[c - given]
        start[number] = top
        for i in range(low, high):
            if i < low + 2 or value[arena[i]] == 0:  # the watches stay
                arena[top] = arena[i]
                top += 1
        start[number + 1] = top
        watch(heads, nodes, start, arena, number)
        number += 1
    integers[CLAUSES], integers[TOP] = number, top


@kernel
def _luby(i):
    """The i-th number, from 1 on, of 1 1 2 1 1 2 4 1 1 2 ..."""
    while True:
        size = 1
        while size < i:
            size = 2 * size + 1
        if size == i:
            return (size + 1) // 2
        i -= size // 2
