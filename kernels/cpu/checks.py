"""Whether factors of every kind hold at discrete values, compiled: see ``reference/factors.py``."""

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


@kernel
def all_hold(
    kind, offsets, members, weights, parameter_offsets, parameters, guards, num_values, values
):
    """Whether every factor holds at values [N]."""
    for f in range(len(kind)):
        guard = guards[f]
        if guard >= 0 and values[guard // num_values] != guard % num_values:
            continue
        start, stop = offsets[f], offsets[f + 1]
        own = parameters[parameter_offsets[f] : parameter_offsets[f + 1]]
        if not _holds(kind[f], members[start:stop], weights[start:stop], own, num_values, values):
            return False
    return True


@kernel
def _holds(kind, members, weights, parameters, num_values, values):
    if kind == CARDINALITY:
        count = 0
        for e in members:
            count += values[e // num_values] == e % num_values
        return parameters[0] <= count <= parameters[1]
    if kind == CLAUSE:
        for m in range(len(members)):
            chosen = values[members[m] // num_values] == members[m] % num_values
            if chosen == (weights[m] > 0):
                return True
        return False
    if kind == LINEAR:
        total = 0
        for start in range(0, len(members), num_values):
            total += weights[start + values[members[start] // num_values]]
        return parameters[0] <= total <= parameters[1]
    if kind == TABLE:
        return _in_table(members, parameters, num_values, values)
    if kind == REGULAR:
        state, first = parameters[1], 2 + parameters[0]
        for start in range(0, len(members), num_values):
            at = values[members[start] // num_values]
            state = parameters[first + state * num_values + at]
            if state < 0:
                return False
        return parameters[2 + state] > 0
    if kind == RELATION:
        first = values[members[0] // num_values]
        second = values[members[num_values] // num_values] + parameters[1]
        if parameters[0] == NOT_EQUAL:
            return first != second
        if parameters[0] == LESS:
            return first < second
        if parameters[0] == AT_MOST:
            return first <= second
        return first == second
    count = len(members) // num_values - 2
    index = parameters[0] + values[members[0] // num_values]
    if index < 0 or index >= count:
        return False
    array = parameters[1 + index] + values[members[(1 + index) * num_values] // num_values]
    return array == parameters[count + 1] + values[members[(count + 1) * num_values] // num_values]


@kernel
def _in_table(members, parameters, num_values, values):
    blocks = len(members) // num_values
    for t in range(parameters[0]):
        block = 0
        while block < blocks and (
            parameters[1 + t * blocks + block] == values[members[block * num_values] // num_values]
        ):
            block += 1
        if block == blocks:
            return True
    return False
