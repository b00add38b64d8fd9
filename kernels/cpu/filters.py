"""What each kind of factor forbids, compiled: see ``reference/factor_propagation.py``.

Each filter writes into ``verdict`` whether a member goes, may stay or must be chosen, and
returns whether the factor can hold. ``left`` counts the states of each variable.
"""

from __future__ import annotations

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.responses import (
    AT_MOST,
    CARDINALITY,
    CLAUSE,
    LESS,
    LINEAR,
    NOT_EQUAL,
    REGULAR,
    RELATION,
    TABLE,
)

GOES, MAY, MUST = 0, 1, 2


@kernel
def judge(kind, members, weights, parameters, num_values, live, left, verdict, reached):
    """Dispatch on the kind; ``reached`` is scratch for automata."""
    if kind == CARDINALITY:
        return _cardinality(members, parameters, num_values, live, left, verdict)
    if kind == CLAUSE:
        return _clause(members, weights, num_values, live, left, verdict)
    if kind == LINEAR:
        return _linear(members, weights, parameters, num_values, live, verdict)
    verdict[: len(members)] = GOES
    if kind == TABLE:
        return _table(members, parameters, num_values, live, verdict)
    if kind == REGULAR:
        return _regular(members, parameters, num_values, live, verdict, reached)
    if kind == RELATION:
        return _relation(members, parameters, num_values, live, verdict)
    return _element(members, parameters, num_values, live, verdict)


@kernel
def _cardinality(members, parameters, num_values, live, left, verdict):
    low, high = parameters[0], parameters[1]
    settled, possible = 0, 0
    for e in members:
        if live[e]:
            possible += 1
            settled += left[e // num_values] == 1
    if settled > high or possible < low:
        return False
    for m in range(len(members)):
        e = members[m]
        verdict[m] = MAY
        if possible == low and live[e]:
            verdict[m] = MUST
        elif settled == high and left[e // num_values] > 1:
            verdict[m] = GOES
    return True


@kernel
def _clause(members, weights, num_values, live, left, verdict):
    last, count = -1, 0
    for m in range(len(members)):
        e = members[m]
        verdict[m] = MAY
        chosen = live[e] and left[e // num_values] == 1
        if chosen if weights[m] > 0 else not live[e]:
            verdict[: len(members)] = MAY
            return True
        if live[e] and not chosen:
            last = m
            count += 1
    if count == 1:
        verdict[last] = MUST if weights[last] > 0 else GOES
    return count > 0


@kernel
def _linear(members, weights, parameters, num_values, live, verdict):
    low, high = parameters[0], parameters[1]
    least, most = 0, 0
    for start in range(0, len(members), num_values):
        smallest, largest = _extremes(members, weights, start, num_values, live)
        least += smallest
        most += largest
    if least > high or most < low:
        return False
    for start in range(0, len(members), num_values):
        smallest, largest = _extremes(members, weights, start, num_values, live)
        for m in range(start, start + num_values):
            fits = weights[m] + (least - smallest) <= high and weights[m] + (most - largest) >= low
            verdict[m] = MAY if fits else GOES
    return True


@kernel
def _extremes(members, weights, start, num_values, live):
    """The least and the largest weight of the states left in a block."""
    first = start
    while not live[members[first]]:
        first += 1
    smallest, largest = weights[first], weights[first]
    for m in range(first + 1, start + num_values):
        if live[members[m]]:
            smallest = min(smallest, weights[m])
            largest = max(largest, weights[m])
    return smallest, largest


@kernel
def _table(members, parameters, num_values, live, verdict):
    blocks, found = len(members) // num_values, False
    for t in range(parameters[0]):
        row, block = 1 + t * blocks, 0
        while block < blocks and live[members[block * num_values + parameters[row + block]]]:
            block += 1
        if block == blocks:
            found = True
            for at in range(blocks):
                verdict[at * num_values + parameters[row + at]] = MAY
    return found


@kernel
def _regular(members, parameters, num_values, live, verdict, reached):
    """Which states are reached after each block, then which of these lead to acceptance."""
    blocks, states = len(members) // num_values, parameters[0]
    transitions = 2 + states
    reached[: (blocks + 1) * states] = 0
    reached[parameters[1]] = 1
    for block in range(blocks):
        for state in range(states):
            if not reached[block * states + state]:
                continue
            for a in range(num_values):
                to = parameters[transitions + state * num_values + a]
                if to >= 0 and live[members[block * num_values + a]]:
                    reached[(block + 1) * states + to] = 1
    found = False
    for state in range(states):
        at = blocks * states + state
        reached[at] = reached[at] and parameters[2 + state] > 0
        found = found or reached[at] > 0
    for block in range(blocks - 1, -1, -1):
        for state in range(states):
            if not reached[block * states + state]:
                continue
            leads = 0
            for a in range(num_values):
                m = block * num_values + a
                to = parameters[transitions + state * num_values + a]
                if to >= 0 and live[members[m]] and reached[(block + 1) * states + to]:
                    leads = 1
                    verdict[m] = MAY
            reached[block * states + state] = leads
    return found


@kernel
def _relation(members, parameters, num_values, live, verdict):
    operator, offset, k = parameters[0], parameters[1], num_values
    first, _, count = _span(members, 0, k, live)
    other_first, other_last, other_count = _span(members, k, 2 * k, live)
    found = False
    for a in range(k):
        b = a - offset  # the partner that equals a
        if operator == NOT_EQUAL:
            supported = other_count > 1 or other_first != b
        elif operator == LESS:
            supported = other_last > b
        elif operator == AT_MOST:
            supported = other_last >= b
        else:
            supported = 0 <= b < k and live[members[k + b]]
        if supported and live[members[a]]:
            verdict[a] = MAY
            found = True
    for b in range(k):
        a = b + offset
        if operator == NOT_EQUAL:
            supported = count > 1 or first != a
        elif operator == LESS:
            supported = first < a
        elif operator == AT_MOST:
            supported = first <= a
        else:
            supported = 0 <= a < k and live[members[a]]
        verdict[k + b] = MAY if supported else GOES
    return found


@kernel
def _span(members, start, stop, live):
    """The first and the last state left in a block, and how many there are."""
    first, last, count = -1, -1, 0
    for m in range(start, stop):
        if live[members[m]]:
            if first < 0:
                first = m - start
            last = m - start
            count += 1
    return first, last, count


@kernel
def _element(members, parameters, num_values, live, verdict):
    k = num_values
    count = len(members) // k - 2
    result = (count + 1) * k
    indices, only = 0, -1
    for a in range(k):
        i = parameters[0] + a
        if not live[members[a]] or i < 0 or i >= count:
            continue
        shift = parameters[1 + i] - parameters[count + 1]
        for v in range(max(0, -shift), min(k, k - shift)):
            if live[members[(1 + i) * k + v]] and live[members[result + v + shift]]:
                verdict[a] = verdict[(1 + i) * k + v] = verdict[result + v + shift] = MAY
        if verdict[a] == MAY:
            indices += 1
            only = i
    for i in range(count):  # under any other index this array variable is free
        if indices > 1 or i != only:
            verdict[(1 + i) * k : (2 + i) * k] = MAY
    return indices > 0
