"""Descent of priced sums by single moves: one chain, sums kept up to date."""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.random import stream_key, uniform_at
from latent_ebm.kernels.moves import (
    BEST,
    BEST_AT,
    BROKEN,
    COST,
    DRAWN,
    GROWTH,
    HARD,
    MOVES,
    NOTHING,
    OPEN,
    PAID,
    PRESSURE,
    RESTARTS,
    SHAKE,
    UNPAID,
    WIDE,
    MovesState,
    PricedSums,
)


def moves(problem: PricedSums, state: MovesState, limit: int, patience: int) -> None:
    """See ``reference/moves.py``."""
    _run(
        problem.num_values, problem.at_entry.offsets, problem.factor_at, problem.weight_at,
        problem.guarded_by.offsets, problem.guarded_by.items, problem.variables.offsets,
        problem.variables.items, problem.low, problem.high, problem.forbidden, problem.most,
        problem.guard, problem.price, problem.costs, problem.reach, problem.scale,
        problem.first_multipliers, problem.cost_scale, problem.sample, problem.is_steady,
        state.live, state.choices, state.best, state.multipliers, state.sums, state.moved,
        state.known, state.change, state.value, state.lists, state.place, state.counts,
        np.uint32(state.seed & 0xFFFFFFFF), limit, patience,
    )  # fmt: skip


@kernel
def _run(
    k, offsets, factor_at, weight_at, guarded_offsets, guarded, variable_offsets, variables, low,
    high, forbidden, most, guard, price, costs, reach, scale, first, cost_scale, sample, steady,
    live, choices, best, weights, sums, moved, known, change_of, value_of, lists, place, counts,
    seed, limit, patience,
):  # fmt: skip
    """Make up to ``limit`` moves."""
    key = stream_key(seed, 1)
    old = np.zeros(len(sums), np.int64)
    if counts[MOVES] == 0:
        counts[BEST] = NOTHING
        _gather(
            k, offsets, factor_at, weight_at, low, high, forbidden, most, guard, price, costs,
            first, choices, weights, sums, known, lists, place, counts,
        )  # fmt: skip
    for _ in range(limit):
        if counts[BROKEN] == 0 and counts[COST] < counts[BEST]:
            counts[BEST], counts[BEST_AT] = counts[COST], counts[MOVES]
            best[:] = choices
            if counts[BEST] == 0:
                counts[MOVES] += 1
                return
        if counts[BEST] < NOTHING and counts[MOVES] - counts[BEST_AT] >= patience * (
            counts[RESTARTS] + 1
        ):
            counts[RESTARTS] += 1
            choices[:] = best
            _shake(k, live, choices, counts, key)
            _gather(
                k, offsets, factor_at, weight_at, low, high, forbidden, most, guard, price, costs,
                first, choices, weights, sums, known, lists, place, counts,
            )  # fmt: skip
        v, value = _downhill(
            k, offsets, factor_at, weight_at, guarded_offsets, guarded, low, high, forbidden, most,
            guard, costs, scale, cost_scale, sample, steady, live, choices, weights, sums, moved,
            known, change_of, value_of, lists, place, counts, key,
        )  # fmt: skip
        if v < 0:
            _grow(
                variable_offsets, variables, price, first, weights, known, lists, place, counts, key
            )
            v, value = _forced(
                k, offsets, factor_at, weight_at, guarded_offsets, guarded, variable_offsets,
                variables, low, high, forbidden, most, guard, costs, scale, cost_scale, sample,
                live, choices, weights, sums, moved, lists, counts, key,
            )  # fmt: skip
        counts[MOVES] += 1
        if v >= 0:
            moved[v] = counts[MOVES]
            _apply(
                v, value, k, offsets, factor_at, weight_at, guarded_offsets, guarded,
                variable_offsets, variables, low, high, forbidden, most, guard, price, costs, reach,
                choices, sums, old, known, lists, place, counts, key,
            )  # fmt: skip


@kernel
def _shake(k, live, choices, counts, key):
    """Give some variables random values."""
    count = len(choices)
    for _ in range(1 + _draw(max(count // SHAKE, 2), counts, key)):
        v, a = _draw(count, counts, key), _draw(k, counts, key)
        if live[v * k + a]:
            choices[v] = a


@kernel
def _put(which, item, lists, place, counts):
    if place[which, item] < 0:
        place[which, item] = counts[which]
        lists[which, counts[which]] = item
        counts[which] += 1


@kernel
def _open(v, known, lists, place, counts):
    """A variable's field has changed: it may have a move downhill."""
    known[v] = 0
    _put(OPEN, v, lists, place, counts)


@kernel
def _drop(which, item, lists, place, counts):
    at = place[which, item]
    if at >= 0:
        counts[which] -= 1
        last = lists[which, counts[which]]
        lists[which, at] = last
        place[which, last] = at
        place[which, item] = -1


@kernel
def _draw(count, counts, key):
    """A random number below count."""
    counts[DRAWN] += 1
    return min(np.int64(uniform_at(key, counts[DRAWN]) * count), count - 1)


@kernel
def _excess(total, low, high, forbidden, most):
    if forbidden:
        return np.int64(1) if total == low else np.int64(0)
    return min(max(low - total, total - high, np.int64(0)), most)


@kernel
def _gather(
    k, offsets, factor_at, weight_at, low, high, forbidden, most, guard, price, costs, first,
    choices, weights, sums, known, lists, place, counts,
):  # fmt: skip
    """Sums, lists and cost from the choices alone; multipliers as in the beginning."""
    weights[:] = first
    counts[PRESSURE] = 1
    place[:] = -1
    counts[BROKEN] = counts[UNPAID] = counts[PAID] = counts[OPEN] = counts[COST] = 0
    sums[:] = 0
    for v in range(len(choices)):
        e = v * k + choices[v]
        for q in range(offsets[e], offsets[e + 1]):
            sums[factor_at[q]] += weight_at[q]
        if costs[e] > 0:
            counts[COST] += costs[e]
            _put(PAID, v, lists, place, counts)
        _open(v, known, lists, place, counts)
    for f in range(len(sums)):
        if (
            _is_on(guard[f], k, choices)
            and _excess(sums[f], low[f], high[f], forbidden[f], most[f]) > 0
        ):
            if price[f] == HARD:
                _put(BROKEN, f, lists, place, counts)
            else:
                counts[COST] += price[f]
                _put(UNPAID, f, lists, place, counts)


@kernel
def _is_on(guard, k, choices):
    return guard < 0 or choices[guard // k] == guard % k


@kernel
def _best_value(
    v, k, offsets, factor_at, weight_at, guarded_offsets, guarded, low, high, forbidden, most,
    guard, costs, scale, cost_scale, live, choices, weights, sums, pressure,
):  # fmt: skip
    """The best other value of a variable and how much the energy changes; -1 if it has none."""
    own = choices[v]
    e = v * k + own
    for q in range(offsets[e], offsets[e + 1]):
        sums[factor_at[q]] -= weight_at[q]
    value, least, at_own = -1, 0.0, 0.0
    for a in range(k):
        e = v * k + a
        if not live[e]:
            continue
        energy = pressure * cost_scale * costs[e]
        for q in range(offsets[e], offsets[e + 1]):
            f = factor_at[q]
            if _is_on(guard[f], k, choices):
                without = _excess(sums[f], low[f], high[f], forbidden[f], most[f])
                with_it = _excess(sums[f] + weight_at[q], low[f], high[f], forbidden[f], most[f])
                if with_it != without:
                    energy += weights[f] * scale[f] * (with_it - without)
        for q in range(guarded_offsets[e], guarded_offsets[e + 1]):
            f = guarded[q]
            energy += (
                weights[f] * scale[f] * _excess(sums[f], low[f], high[f], forbidden[f], most[f])
            )
        if a == own:
            at_own = energy
        elif value < 0 or energy < least:
            value, least = a, energy
    e = v * k + own
    for q in range(offsets[e], offsets[e + 1]):
        sums[factor_at[q]] += weight_at[q]
    return value, least - at_own


@kernel
def _downhill(
    k, offsets, factor_at, weight_at, guarded_offsets, guarded, low, high, forbidden, most, guard,
    costs, scale, cost_scale, sample, steady, live, choices, weights, sums, moved, known,
    change_of, value_of, lists, place, counts, key,
):  # fmt: skip
    """Of a sample of the open variables the steepest move; those without one are closed."""
    found, to, steepest = -1, -1, 0.0
    looked = 0
    while looked < sample and counts[OPEN] > 0:
        v = lists[OPEN, _draw(counts[OPEN], counts, key)]
        if not known[v]:
            value_of[v], change_of[v] = _best_value(
                v, k, offsets, factor_at, weight_at, guarded_offsets, guarded, low, high,
                forbidden, most, guard, costs, scale, cost_scale, live, choices, weights, sums,
                counts[PRESSURE],
            )  # fmt: skip
            known[v] = steady[v]
        value, change = value_of[v], change_of[v]
        looked += 1
        if value < 0 or change >= 0:
            _drop(OPEN, v, lists, place, counts)
            if found < 0:
                looked -= 1
        elif change < steepest or (change == steepest and moved[v] < moved[found]):
            found, to, steepest = v, value, change
    return found, to


@kernel
def _touch(f, variable_offsets, variables, known, lists, place, counts, key):
    """The variables of a factor may have moves downhill; of a wide factor, some are told."""
    start, width = variable_offsets[f], variable_offsets[f + 1] - variable_offsets[f]
    if width <= WIDE:
        for m in range(start, start + width):
            _open(variables[m], known, lists, place, counts)
    else:
        for _ in range(WIDE // 8):
            _open(variables[start + _draw(width, counts, key)], known, lists, place, counts)


@kernel
def _grow(variable_offsets, variables, price, first, weights, known, lists, place, counts, key):
    """Raise the multipliers of what is broken: of hard factors, or if none, of what costs."""
    if counts[BROKEN] > 0:
        for q in range(counts[BROKEN]):
            weights[lists[BROKEN, q]] += GROWTH
            _touch(lists[BROKEN, q], variable_offsets, variables, known, lists, place, counts, key)
        return
    for q in range(counts[UNPAID]):
        f = lists[UNPAID, q]
        weights[f] += first[f]
        _touch(f, variable_offsets, variables, known, lists, place, counts, key)
    if counts[PAID] > 0:
        counts[PRESSURE] += 1
        for _ in range(min(counts[PAID], WIDE // 8)):
            v = lists[PAID, _draw(counts[PAID], counts, key)]
            _open(v, known, lists, place, counts)


@kernel
def _forced(
    k, offsets, factor_at, weight_at, guarded_offsets, guarded, variable_offsets, variables, low,
    high, forbidden, most, guard, costs, scale, cost_scale, sample, live, choices, weights, sums,
    moved, lists, counts, key,
):  # fmt: skip
    """The least bad move within one thing that is broken, or costs."""
    f, paid = -1, False
    if counts[BROKEN] > 0:
        f = lists[BROKEN, _draw(counts[BROKEN], counts, key)]
    elif counts[UNPAID] + counts[PAID] > 0:
        at = _draw(counts[UNPAID] + counts[PAID], counts, key)
        if at < counts[UNPAID]:
            f = lists[UNPAID, at]
        else:
            paid = True
    else:
        return -1, -1
    width = counts[PAID] if paid else variable_offsets[f + 1] - variable_offsets[f]
    found, to, least = -1, -1, 0.0
    for m in range(min(width, sample)):
        if paid:
            v = lists[PAID, _draw(width, counts, key)]
        elif width <= sample:
            v = variables[variable_offsets[f] + m]
        else:
            v = variables[variable_offsets[f] + _draw(width, counts, key)]
        value, change = _best_value(
            v, k, offsets, factor_at, weight_at, guarded_offsets, guarded, low, high, forbidden,
            most, guard, costs, scale, cost_scale, live, choices, weights, sums, counts[PRESSURE],
        )  # fmt: skip
        if value >= 0 and (
            found < 0 or change < least or (change == least and moved[v] < moved[found])
        ):
            found, to, least = v, value, change
    return found, to


@kernel
def _apply(
    v, value, k, offsets, factor_at, weight_at, guarded_offsets, guarded, variable_offsets,
    variables, low, high, forbidden, most, guard, price, costs, reach, choices, sums, old, known,
    lists, place, counts, key,
):  # fmt: skip
    """Give a variable another value, and tell those that it may concern."""
    before, after = v * k + choices[v], v * k + value
    for e in (before, after):
        for q in range(offsets[e], offsets[e + 1]):
            old[factor_at[q]] = sums[factor_at[q]]
    for q in range(offsets[before], offsets[before + 1]):
        sums[factor_at[q]] -= weight_at[q]
    for q in range(offsets[after], offsets[after + 1]):
        sums[factor_at[q]] += weight_at[q]
    choices[v] = value
    counts[COST] += costs[after] - costs[before]
    if costs[after] > 0:
        _put(PAID, v, lists, place, counts)
    else:
        _drop(PAID, v, lists, place, counts)
    _open(v, known, lists, place, counts)
    for e in (before, after):
        for q in range(offsets[e], offsets[e + 1]):
            f = factor_at[q]
            if sums[f] == old[f]:
                continue
            if not _is_on(guard[f], k, choices):
                _open(guard[f] // k, known, lists, place, counts)
                continue
            broken = _excess(sums[f], low[f], high[f], forbidden[f], most[f]) > 0
            _mark(f, broken, price, lists, place, counts)
            if forbidden[f]:
                near = min(abs(sums[f] - low[f]), abs(old[f] - low[f])) <= reach[f]
            else:
                slack = min(min(sums[f], old[f]) - low[f], high[f] - max(sums[f], old[f]))
                near = slack < reach[f]
            old[f] = sums[f]
            if near:
                _touch(f, variable_offsets, variables, known, lists, place, counts, key)
        for q in range(guarded_offsets[e], guarded_offsets[e + 1]):
            f = guarded[q]
            broken = e == after and _excess(sums[f], low[f], high[f], forbidden[f], most[f]) > 0
            _mark(f, broken, price, lists, place, counts)
            _touch(f, variable_offsets, variables, known, lists, place, counts, key)


@kernel
def _mark(f, broken, price, lists, place, counts):
    """Enter a factor into the list of broken ones, or take it out."""
    which = BROKEN if price[f] == HARD else UNPAID
    if broken == (place[which, f] >= 0):
        return
    if which == UNPAID:
        counts[COST] += price[f] if broken else -price[f]
    if broken:
        _put(which, f, lists, place, counts)
    else:
        _drop(which, f, lists, place, counts)
