"""What follows from the literals that hold: groups natively, clauses by two watched literals.

The lists of watches are linked through ``nodes`` [2 C, 2]: node 2 c or 2 c + 1 stands for clause c
in the list of one of its first two literals, with the next node and a *blocker*, a literal of
the clause that spares a look at it while it holds.
"""

from __future__ import annotations

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.ranking import insert

NOTHING, PAIR = -1, -2
"""In place of a clause's number: no reason or no contradiction; two literals of a group."""

BECAUSE = -3
"""``BECAUSE - p`` is the reason "literal p of the same group holds"."""

HELD, HEAD, LEVEL, RANKED = range(4)
"""Where in ``integers`` stand: the literals on the trail, those of them whose consequences were
drawn, the decisions made, and the Booleans on the heap."""


@kernel
def assume(integers, value, depth, reason, trail, literal, why):
    """Make a literal hold at the present level."""
    value[literal], value[literal ^ 1] = 1, -1
    depth[literal >> 1] = integers[LEVEL]
    reason[literal >> 1] = why
    trail[integers[HELD]] = literal
    integers[HELD] += 1


@kernel
def watch(heads, nodes, start, arena, c):
    """Put clause c into the lists of its first two literals."""
    first, second = arena[start[c]], arena[start[c] + 1]
    nodes[2 * c, 0], nodes[2 * c, 1] = heads[first], second
    heads[first] = 2 * c
    nodes[2 * c + 1, 0], nodes[2 * c + 1, 1] = heads[second], first
    heads[second] = 2 * c + 1


@kernel
def back_to(level, integers, value, trail, marks, phase, activity, heap, place):
    """Take back what holds since the decision behind ``level``; its literals become phases."""
    if integers[LEVEL] <= level:
        return
    first = marks[level]
    for i in range(integers[HELD] - 1, first - 1, -1):
        literal = trail[i]
        value[literal], value[literal ^ 1] = 0, 0
        phase[literal >> 1] = literal & 1
        if place[literal >> 1] < 0:
            insert(activity, heap, place, integers[RANKED], literal >> 1)
            integers[RANKED] += 1
    integers[HELD], integers[HEAD], integers[LEVEL] = first, first, level


@kernel
def draw_consequences(
    slot_offsets, spans, members, integers, value, depth, reason, trail, pair,
    heads, nodes, start, arena,
):  # fmt: skip
    """Run to the fixpoint: NOTHING, or the clause that is false, or PAIR and the ``pair``.

    ``spans`` [slots, 3] says of each place that a literal has in a group where the group begins
    and ends in ``members``, and which of them is the literal itself.
    """
    level, head, held = integers[LEVEL], integers[HEAD], integers[HELD]
    conflict = NOTHING
    while head < held and conflict == NOTHING:
        literal = trail[head]
        head += 1
        for slot in range(slot_offsets[literal], slot_offsets[literal + 1]):
            for position in range(spans[slot, 0], spans[slot, 1]):
                other = members[position]
                if value[other] < 0 or position == spans[slot, 2]:
                    continue
                if value[other] > 0:
                    pair[0], pair[1] = literal ^ 1, other ^ 1
                    conflict = PAIR
                    break
                value[other], value[other ^ 1] = -1, 1
                depth[other >> 1], reason[other >> 1] = level, BECAUSE - literal
                trail[held] = other ^ 1
                held += 1
            if conflict != NOTHING:
                break
        false = literal ^ 1
        node, before = heads[false], NOTHING
        while node >= 0 and conflict == NOTHING:
            following = nodes[node, 0]
            kept = True
            if value[nodes[node, 1]] <= 0:
                c = node >> 1
                at = start[c]
                if arena[at] == false:
                    arena[at], arena[at + 1] = arena[at + 1], false
                first = arena[at]
                if value[first] > 0:
                    nodes[node, 1] = first
                else:
                    for i in range(at + 2, start[c + 1]):
                        other = arena[i]
                        if value[other] >= 0:  # watch this one instead
                            arena[at + 1], arena[i] = other, false
                            if before < 0:
                                heads[false] = following
                            else:
                                nodes[before, 0] = following
                            nodes[node, 0], nodes[node, 1] = heads[other], first
                            heads[other] = node
                            kept = False
                            break
                    if kept and value[first] < 0:
                        conflict = c
                    elif kept:
                        value[first], value[first ^ 1] = 1, -1
                        depth[first >> 1], reason[first >> 1] = level, c
                        trail[held] = first
                        held += 1
            if kept:
                before = node
            node = following
    integers[HEAD], integers[HELD] = head, held
    return conflict
