"""The best feasible point of every kind of factor, compiled: see ``reference/factors.py``.

Each function reads the scores ``s`` of one factor's members, writes ``p`` (1 where chosen) and
returns the gain. ``gains`` and ``choices`` are scratch for dynamic programming.
"""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.factors import Kind, Operator

IMPOSSIBLE = np.float32(-1e9)
NEVER = np.float32(-4e9)
HALF = np.float32(0.5)

CARDINALITY = int(Kind.CARDINALITY)
CLAUSE = int(Kind.CLAUSE)
LINEAR = int(Kind.LINEAR)
TABLE = int(Kind.TABLE)
REGULAR = int(Kind.REGULAR)
RELATION = int(Kind.RELATION)
NOT_EQUAL = int(Operator.NOT_EQUAL)
LESS = int(Operator.LESS)
AT_MOST = int(Operator.AT_MOST)


@kernel
def respond(kind, s, p, weights, parameters, num_values, gains, choices):
    """Dispatch on the kind."""
    p[:] = 0
    if kind == CARDINALITY:
        return _cardinality(s, p, parameters, gains)
    if kind == CLAUSE:
        return _clause(s, p, weights)
    if kind == LINEAR:
        return _linear(s, p, weights, parameters, num_values, gains, choices)
    if kind == TABLE:
        return _table(s, p, parameters, num_values)
    if kind == REGULAR:
        return _regular(s, p, parameters, num_values, gains, choices)
    if kind == RELATION:
        return _relation(s, p, parameters, num_values, gains, choices)
    return _element(s, p, parameters, num_values, gains, choices)


@kernel
def respond_freely(kind, s, p, num_values):
    """What a factor that demands nothing chooses."""
    p[:] = 0
    gain = np.float32(0)
    if kind in (CARDINALITY, CLAUSE):
        for m in range(len(s)):
            if s[m] > HALF:
                p[m] = 1
                gain += s[m] - HALF
        return gain
    for start in range(0, len(s), num_values):
        best = _best(s, start, start + num_values)
        p[best] = 1
        gain += s[best]
    return gain


@kernel
def _best(s, start, stop):
    best = start
    for m in range(start + 1, stop):
        if s[m] > s[best]:
            best = m
    return best


@kernel
def _cardinality(s, p, parameters, gains):
    low, high = max(parameters[0], 0), parameters[1]
    if high < 0 or low > len(s):
        p[:] = high >= 0
        return NEVER
    if high == 1 and len(s) > 0:
        best = _best(s, 0, len(s))
        if low == 1 or s[best] > HALF:
            p[best] = 1
            return s[best] - HALF
        return np.float32(0)
    above = 0
    for m in range(len(s)):
        if s[m] > HALF:
            above += 1
    wanted = min(max(above, low), high)
    gain = np.float32(0)
    if wanted == above:
        for m in range(len(s)):
            if s[m] > HALF:
                p[m] = 1
                gain += s[m] - HALF
        return gain
    gains[: len(s)] = s
    threshold = np.sort(gains[: len(s)])[len(s) - wanted] if wanted else np.float32(np.inf)
    chosen = 0
    for m in range(len(s)):
        if s[m] > threshold:
            p[m] = 1
            chosen += 1
            gain += s[m] - HALF
    for m in range(len(s)):
        if chosen < wanted and s[m] == threshold:
            p[m] = 1
            chosen += 1
            gain += s[m] - HALF
    return gain


@kernel
def _clause(s, p, weights):
    gain, satisfied, turned, cost = np.float32(0), False, -1, np.float32(np.inf)
    for m in range(len(s)):
        distance = s[m] - HALF
        if distance > 0:
            p[m] = 1
            gain += distance
        satisfied = satisfied or (weights[m] > 0) == (distance > 0)
        if abs(distance) < cost:
            turned, cost = m, abs(distance)
    if satisfied:
        return gain
    if turned < 0:
        return NEVER
    p[turned] = 1 - p[turned]
    return gain - cost


@kernel
def _linear(s, p, weights, parameters, num_values, gains, choices):
    """Sums above the least possible, counted from whichever end makes the range shorter."""
    blocks = len(s) // num_values
    least, most = 0, 0
    for start in range(0, len(s), num_values):
        low_weight, high_weight = weights[start], weights[start]
        for m in range(start, start + num_values):
            low_weight = min(low_weight, weights[m])
            high_weight = max(high_weight, weights[m])
        least += low_weight
        most += high_weight
    low, high = max(parameters[0] - least, 0), min(parameters[1], most) - least
    total = most - least
    if low > high:
        return _give_up(s, p, num_values)
    mirrored = total - low < high
    if mirrored:
        low, high = total - high, total - low
    size = high + 1
    gains[:size] = NEVER
    gains[0] = 0
    for block in range(blocks):
        base, row = block * size, (block + 1) * size
        gains[row : row + size] = NEVER
        start = block * num_values
        extreme = weights[start]
        for m in range(start, start + num_values):
            extreme = max(extreme, weights[m]) if mirrored else min(extreme, weights[m])
        for m in range(start, start + num_values):
            if s[m] <= IMPOSSIBLE * HALF:
                continue
            step = extreme - weights[m] if mirrored else weights[m] - extreme
            for to in range(step, size):
                gain = gains[base + to - step] + s[m]
                if gain > gains[row + to]:
                    gains[row + to] = gain
                    choices[row + to] = m
    last = blocks * size
    best = low
    for at in range(low, size):
        if gains[last + at] > gains[last + best]:
            best = at
    if gains[last + best] <= IMPOSSIBLE * HALF:
        return _give_up(s, p, num_values)
    result = gains[last + best]
    for block in range(blocks - 1, -1, -1):
        m = choices[(block + 1) * size + best]
        p[m] = 1
        extreme = weights[block * num_values]
        for other in range(block * num_values, (block + 1) * num_values):
            extreme = max(extreme, weights[other]) if mirrored else min(extreme, weights[other])
        best -= extreme - weights[m] if mirrored else weights[m] - extreme
    return result


@kernel
def _give_up(s, p, num_values):
    """Nothing is feasible: each block's best, so that the view still says something."""
    p[:] = 0
    for start in range(0, len(s), num_values):
        p[_best(s, start, start + num_values)] = 1
    return NEVER


@kernel
def _table(s, p, parameters, num_values):
    blocks = len(s) // num_values
    best, best_gain = -1, NEVER
    for t in range(parameters[0]):
        gain, at = np.float32(0), 1 + t * blocks
        for block in range(blocks):
            gain += s[block * num_values + parameters[at + block]]
        if gain > best_gain:
            best, best_gain = at, gain
    if best < 0:
        return _give_up(s, p, num_values)
    for block in range(blocks):
        p[block * num_values + parameters[best + block]] = 1
    return best_gain


@kernel
def _regular(s, p, parameters, num_values, gains, choices):
    blocks, states, start = len(s) // num_values, parameters[0], parameters[1]
    transitions = 2 + states
    gains[:states] = NEVER
    gains[start] = 0
    for block in range(blocks):
        base, row, first = block * states, (block + 1) * states, block * num_values
        gains[row : row + states] = NEVER
        for state in range(states):
            before = gains[base + state]
            if before <= IMPOSSIBLE * HALF:
                continue
            for a in range(num_values):
                to = parameters[transitions + state * num_values + a]
                if to >= 0 and before + s[first + a] > gains[row + to]:
                    gains[row + to] = before + s[first + a]
                    choices[row + to] = state * num_values + a
    end, best_gain = -1, NEVER
    for state in range(states):
        if parameters[2 + state] > 0 and gains[blocks * states + state] > best_gain:
            end, best_gain = state, gains[blocks * states + state]
    if best_gain <= IMPOSSIBLE * HALF:
        return _give_up(s, p, num_values)
    for block in range(blocks - 1, -1, -1):
        choice = choices[(block + 1) * states + end]
        p[block * num_values + choice % num_values] = 1
        end = choice // num_values
    return best_gain


@kernel
def _relation(s, p, parameters, num_values, gains, choices):
    operator, offset, k = parameters[0], parameters[1], num_values
    best_gain, best_a, best_b = NEVER, -1, -1
    if operator == NOT_EQUAL:
        first = _best(s, 0, k)
        second = -1  # the runner-up, for the one partner that forbids the best
        for a in range(k):
            if a != first and (second < 0 or s[a] > s[second]):
                second = a
        for b in range(k):
            a = second if first == b + offset else first
            if a >= 0 and s[a] + s[k + b] > best_gain:
                best_gain, best_a, best_b = s[a] + s[k + b], a, b
    else:
        top, upto = -1, -1  # the best a among those up to and including upto
        for b in range(k):
            bound = b + offset - (1 if operator == LESS else 0)
            if operator in (LESS, AT_MOST):
                while upto < min(bound, k - 1):
                    upto += 1
                    if top < 0 or s[upto] > s[top]:
                        top = upto
                a = top
            else:
                a = bound if 0 <= bound < k else -1
            if a >= 0 and s[a] + s[k + b] > best_gain:
                best_gain, best_a, best_b = s[a] + s[k + b], a, b
    if best_a < 0:
        return _give_up(s, p, k)
    p[best_a] = 1
    p[k + best_b] = 1
    return best_gain


@kernel
def _element(s, p, parameters, num_values, gains, choices):
    k = num_values
    count = len(s) // k - 2
    total = np.float32(0)
    for block in range(count + 2):
        choices[block] = _best(s, block * k, (block + 1) * k)
        if 0 < block <= count:
            total += s[choices[block]]
    result = (count + 1) * k
    best_gain, best_a, best_v, best_shift = NEVER, -1, -1, 0
    for a in range(k):
        i = parameters[0] + a
        if i < 0 or i >= count:
            continue
        others = s[a] + total - s[choices[1 + i]]
        shift = parameters[1 + i] - parameters[count + 1]
        for v in range(max(0, -shift), min(k, k - shift)):
            gain = others + s[(1 + i) * k + v] + s[result + v + shift]
            if gain > best_gain:
                best_gain, best_a, best_v, best_shift = gain, a, v, shift
    if best_a < 0:
        return _give_up(s, p, k)
    for block in range(1, count + 1):
        p[choices[block]] = 1
    chosen = 1 + parameters[0] + best_a
    p[choices[chosen]] = 0
    p[chosen * k + best_v] = 1
    p[best_a] = 1
    p[result + best_v + best_shift] = 1
    return best_gain
