"""What a contradiction teaches: resolution back to the first unique implication point."""

from __future__ import annotations

from latent_ebm.kernels.cpu.implications import BECAUSE, HELD, LEVEL, NOTHING, PAIR
from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.ranking import rise

STRIDE, GROWTH = range(2)
"""Where in ``numbers`` stand: what an activity, and what a learned factor's weight grows by."""

LARGEST = 1e100
"""Above this, activities or weights are scaled down."""


@kernel
def analyse(
    conflict, integers, numbers, depth, reason, trail, activity, heap, place, seen, scratch,
    start, arena, weight, given,
):  # fmt: skip
    """Write the clause that was learned to ``scratch[0]``; its length.

    Its first literal is the negation of the first unique implication point: it follows as soon
    as the level of the others is gone back to. What takes part becomes more active, or weightier.
    """
    learnt, level = scratch[0], integers[LEVEL]
    first, second = learnt[0], learnt[1]
    literal, why, size, position = NOTHING, conflict, 1, integers[HELD] - 1
    unresolved = 0  # literals of this level that are seen and not yet resolved away
    while True:
        if why >= given:
            _strengthen(why, integers, numbers, weight, given)
        low, high = 0, 1
        if why >= 0:
            low, high = start[why], start[why + 1]
        elif why == PAIR:
            high = 2
        for i in range(low, high):
            if why >= 0:
                other = arena[i]
            elif why == PAIR:
                other = first if i == 0 else second
            else:
                other = (BECAUSE - why) ^ 1
            v = other >> 1
            if other == literal or seen[v] or depth[v] == 0:
                continue
            seen[v] = 1
            _excite(v, numbers, activity, heap, place)
            if depth[v] == level:
                unresolved += 1
            else:
                learnt[size] = other
                size += 1
        while not seen[trail[position] >> 1]:
            position -= 1
        literal = trail[position]
        position -= 1
        why = reason[literal >> 1]
        unresolved -= 1
        if unresolved == 0:
            break
        seen[literal >> 1] = 0
    learnt[0] = literal ^ 1
    return _minimise(size, depth, reason, seen, scratch, start, arena)


@kernel
def _excite(v, numbers, activity, heap, place):
    activity[v] += numbers[STRIDE]
    if activity[v] > LARGEST:
        for u in range(len(activity)):
            activity[u] /= LARGEST
        numbers[STRIDE] /= LARGEST
    if place[v] >= 0:
        rise(activity, heap, place, place[v])


@kernel
def _strengthen(c, integers, numbers, weight, given):
    weight[c - given] += numbers[GROWTH]
    if weight[c - given] > LARGEST:
        for d in range(len(weight)):
            weight[d] /= LARGEST
        numbers[GROWTH] /= LARGEST


@kernel
def _minimise(size, depth, reason, seen, scratch, start, arena):
    """Leave out the literals that the others imply; clears ``seen``."""
    learnt, marked, stack = scratch[0], scratch[1], scratch[2]
    marked[:size] = learnt[:size]
    kept, count = 1, size
    for i in range(1, size):
        literal, before = learnt[i], count
        implied = reason[literal >> 1] != NOTHING
        stack[0], top = literal, 1
        while implied and top > 0:
            top -= 1
            here = stack[top]
            why = reason[here >> 1]
            low, high = 0, 1
            if why >= 0:
                low, high = start[why], start[why + 1]
            for q in range(low, high):
                other = arena[q] if why >= 0 else (BECAUSE - why) ^ 1
                v = other >> 1
                if v == here >> 1 or seen[v] or depth[v] == 0:
                    continue
                if reason[v] == NOTHING:
                    implied = False
                    break
                seen[v] = 1
                marked[count] = other
                count += 1
                stack[top] = other
                top += 1
        if not implied:
            while count > before:  # what was seen on the way proves nothing
                count -= 1
                seen[marked[count] >> 1] = 0
            learnt[kept] = literal
            kept += 1
    for q in range(count):
        seen[marked[q] >> 1] = 0
    return kept
