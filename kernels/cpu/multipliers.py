"""Straight-through descent with multipliers on factors, event by event: one thread a chain.

Only what a changed choice touches is worked on; the gradient is kept up to date, not computed
anew. Literals: one adds ``-sign * multiplier`` to its entry's gradient exactly where all other
literals of its clause are false, so a clause matters while it has at most one true literal.
"""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.cpu.chains import run_chains
from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.random import stream_key, uniform_at
from latent_ebm.kernels.multipliers import FORGET_EVERY, MultipliersProblem, MultipliersState

DEAD = np.float32(-1e30)


def multipliers(problem: MultipliersProblem, state: MultipliersState, sweeps: int) -> None:
    """See ``reference/multipliers.py``."""

    def run(b: int, chain: int) -> int:
        return _run_chain(problem, state, b, chain, sweeps)

    chains = state.latent.shape[1]
    for b, winner in run_chains(state, chains, sweeps, problem.restart_every, run):
        state.values[b] = state.choices[b, winner]


def _run_chain(
    problem: MultipliersProblem, state: MultipliersState, b: int, chain: int, sweeps: int
) -> int:
    clashes = problem.clashes
    pace = problem.paces[chain]
    return int(
        _sweeps(
            clashes.groups.offsets, clashes.groups.items,
            clashes.groups_of.offsets, clashes.groups_of.items,
            clashes.clauses.offsets, clashes.clauses.items, clashes.signs, clashes.clauses.row_of,
            clashes.literals_of.offsets, clashes.literals_of.items,
            clashes.relations, clashes.relations_of.offsets, clashes.relations_of.items,
            clashes.num_values, state.live[b], state.latent[b, chain], state.choices[b, chain],
            state.multipliers[b, chain], state.steps[b], np.float32(pace.step_size),
            np.float32(pace.spread), np.float32(pace.growth), np.float32(pace.forgetting),
            problem.restart_every, state.seed, chain, sweeps,
        )
    )  # fmt: skip


@kernel
def _sweeps(
    group_offsets, group_items, groups_of_offsets, groups_of,
    clause_offsets, clause_items, signs, clause_of, literal_offsets, literals,
    relations, relation_offsets, relations_of,
    num_values, live, latent, choices, weights, before, step_size, spread, growth, forgetting,
    period, seed, chain, sweeps,
):  # fmt: skip
    """Sweep one chain; how many sweeps until nothing was violated, or -1."""
    num_groups, num_clauses = len(group_offsets) - 1, len(clause_offsets) - 1
    num_variables = len(choices)
    loads = np.zeros(num_groups, np.int32)
    true = np.zeros(num_clauses, np.int32)
    chosen = np.zeros(len(latent), np.uint8)
    gradient = np.zeros(len(latent), np.float32)
    false_list = np.empty(num_clauses, np.int32)
    false_place = np.full(num_clauses, -1, np.int32)
    stride = np.uint32(0x9E3779B9) * np.uint32(chain)
    key = stream_key(np.uint32(seed) + stride, 1)
    steps = np.empty(num_variables, np.float32)
    for v in range(num_variables):
        steps[v] = step_size * (1 + spread * (uniform_at(key, v) - np.float32(0.5)))
    false_count = 0
    for sweep in range(sweeps):
        at = before + sweep
        fresh = at % period == 0
        if fresh:
            key = stream_key(np.uint32(seed) + stride, 2 + at // period)
            _restart(latent, choices, weights, live, num_values, key)
        elif at % FORGET_EVERY == 0:
            for q in range(len(weights)):
                weights[q] += forgetting * (1 - weights[q])
        if fresh or at % FORGET_EVERY == 0 or sweep == 0:
            false_count = _gather(
                group_offsets, group_items, clause_offsets, clause_items, signs, relations,
                num_values, choices, weights, loads, true, chosen, gradient,
                false_list, false_place,
            )  # fmt: skip
        for v in range(num_variables):
            first = v * num_values
            best, step = -1, steps[v]
            for e in range(first, first + num_values):
                if live[e]:
                    latent[e] -= step * (gradient[e] + latent[e])
                    if best < 0 or latent[e] > latent[best]:
                        best = e
            old = first + choices[v]
            if best == old or best < 0:
                continue
            choices[v] = best - first
            for e in (old, best):
                chosen[e] = 1 - chosen[e]
                _shift_groups(
                    e, group_offsets, group_items, groups_of_offsets, groups_of,
                    chosen[e], weights, loads, gradient,
                )  # fmt: skip
                false_count = _turn_literals(
                    e, clause_offsets, clause_items, signs, clause_of, literal_offsets, literals,
                    num_groups, weights, true, chosen, gradient,
                    false_list, false_place, false_count,
                )  # fmt: skip
            _shift_relations(
                v, old - first, best - first, relations, relation_offsets, relations_of,
                num_groups + num_clauses, num_values, weights, gradient,
            )  # fmt: skip
        violated = _raise_multipliers(
            group_offsets, group_items, groups_of_offsets, groups_of, clause_offsets,
            clause_items, signs, relations, relation_offsets, relations_of, num_values,
            choices, weights, growth, loads, chosen, gradient, false_list, false_count,
        )  # fmt: skip
        if not violated:
            return sweep + 1
    return -1


@kernel
def _restart(latent, choices, weights, live, num_values, key):
    weights[:] = 1
    for v in range(len(choices)):
        best = -1
        for e in range(v * num_values, (v + 1) * num_values):
            latent[e] = uniform_at(key, e) if live[e] else DEAD
            if best < 0 or latent[e] > latent[best]:
                best = e
        choices[v] = best - v * num_values


@kernel
def _gather(
    group_offsets, group_items, clause_offsets, clause_items, signs, relations,
    num_values, choices, weights, loads, true, chosen, gradient, false_list, false_place,
):  # fmt: skip
    """Loads, literals and gradient from the choices alone; the number of false clauses."""
    num_groups, num_clauses = len(loads), len(true)
    chosen[:] = 0
    gradient[:] = 0
    for v in range(len(choices)):
        chosen[v * num_values + choices[v]] = 1
    for g in range(num_groups):
        load = 0
        for m in range(group_offsets[g], group_offsets[g + 1]):
            load += chosen[group_items[m]]
        loads[g] = load
        if load > 0:
            for m in range(group_offsets[g], group_offsets[g + 1]):
                gradient[group_items[m]] += weights[g] * (load - chosen[group_items[m]])
    false_count = 0
    for c in range(num_clauses):
        start, stop = clause_offsets[c], clause_offsets[c + 1]
        count = 0
        for m in range(start, stop):
            count += (signs[m] > 0) == (chosen[clause_items[m]] > 0)
        true[c] = count
        false_place[c] = -1
        if count == 0:
            false_place[c] = false_count
            false_list[false_count] = c
            false_count += 1
        if count <= 1:
            for m in range(start, stop):
                if count == 0 or (signs[m] > 0) == (chosen[clause_items[m]] > 0):
                    gradient[clause_items[m]] -= signs[m] * weights[num_groups + c]
    for r in range(len(relations)):
        i, j, offset = relations[r, 0], relations[r, 1], relations[r, 2]
        weight = weights[num_groups + num_clauses + r]
        a, b = choices[j] + offset, choices[i] - offset
        if 0 <= a < num_values:
            gradient[i * num_values + a] += weight
        if 0 <= b < num_values:
            gradient[j * num_values + b] += weight
    return false_count


@kernel
def _raise_multipliers(
    group_offsets, group_items, groups_of_offsets, groups_of, clause_offsets,
    clause_items, signs, relations, relation_offsets, relations_of, num_values,
    choices, weights, growth, loads, chosen, gradient, false_list, false_count,
):  # fmt: skip
    """Raise the multipliers of what is violated; whether anything is."""
    violated = false_count > 0
    num_groups, num_clauses = len(loads), len(clause_offsets) - 1
    for q in range(false_count):
        c = false_list[q]
        weights[num_groups + c] += growth
        for m in range(clause_offsets[c], clause_offsets[c + 1]):
            gradient[clause_items[m]] -= signs[m] * growth
    for v in range(len(choices)):
        e = v * num_values + choices[v]
        # a positive gradient at a choice that no clause holds: a group or relation objects
        for q in range(groups_of_offsets[e], groups_of_offsets[e + 1]):
            g = groups_of[q]
            if loads[g] < 2:
                continue
            first = group_offsets[g]
            while not chosen[group_items[first]]:
                first += 1
            if group_items[first] != e:
                continue  # one of the choices raises it, for all
            violated = True
            weights[g] += growth
            for m in range(group_offsets[g], group_offsets[g + 1]):
                f = group_items[m]
                gradient[f] += growth * (loads[g] - chosen[f])
        if gradient[e] <= 0:
            continue
        for q in range(relation_offsets[v], relation_offsets[v + 1]):
            r = relations_of[q]
            i, j = relations[r, 0], relations[r, 1]
            if i == v and choices[i] == choices[j] + relations[r, 2]:
                violated = True
                weights[num_groups + num_clauses + r] += growth
                gradient[i * num_values + choices[i]] += growth
                gradient[j * num_values + choices[j]] += growth
    return violated


@kernel
def _shift_groups(
    e, group_offsets, group_items, groups_of_offsets, groups_of, is_chosen, weights, loads, gradient
):
    """Entry e has just been chosen, or dropped: its rivals in groups feel it."""
    for q in range(groups_of_offsets[e], groups_of_offsets[e + 1]):
        g = groups_of[q]
        change = weights[g] if is_chosen else -weights[g]
        loads[g] += 1 if is_chosen else -1
        for m in range(group_offsets[g], group_offsets[g + 1]):
            if group_items[m] != e:
                gradient[group_items[m]] += change


@kernel
def _shift_relations(
    v, old, new, relations, relation_offsets, relations_of, first_weight, num_values,
    weights, gradient,
):  # fmt: skip
    """Variable v has gone from one value to another: its partners feel it."""
    for q in range(relation_offsets[v], relation_offsets[v + 1]):
        r = relations_of[q]
        i, j, offset = relations[r, 0], relations[r, 1], relations[r, 2]
        weight = weights[first_weight + r]
        shift, partner = (-offset, j) if i == v else (offset, i)
        if 0 <= old + shift < num_values:
            gradient[partner * num_values + old + shift] -= weight
        if 0 <= new + shift < num_values:
            gradient[partner * num_values + new + shift] += weight


@kernel
def _turn_literals(
    e, clause_offsets, clause_items, signs, clause_of, literal_offsets, literals, num_groups,
    weights, true, chosen, gradient, false_list, false_place, false_count,
):  # fmt: skip
    """Entry e has just been chosen, or dropped: its literals turn; the new number of false."""
    for q in range(literal_offsets[e], literal_offsets[e + 1]):
        own = literals[q]
        c = clause_of[own]
        start, stop = clause_offsets[c], clause_offsets[c + 1]
        weight = weights[num_groups + c]
        became_true = (signs[own] > 0) == (chosen[e] > 0)
        true[c] += 1 if became_true else -1
        if true[c] == (1 if became_true else 0):
            # the other literals gain, or lose, the only true one beside them
            change = weight if became_true else -weight
            for m in range(start, stop):
                if m != own:
                    gradient[clause_items[m]] += signs[m] * change
            if became_true:
                false_count -= 1
                last = false_list[false_count]
                false_list[false_place[c]] = last
                false_place[last] = false_place[c]
                false_place[c] = -1
            else:
                false_place[c] = false_count
                false_list[false_count] = c
                false_count += 1
        elif true[c] == (2 if became_true else 1):
            # one other literal is true: it is no longer, or again, the only one
            change = weight if became_true else -weight
            for m in range(start, stop):
                if m != own and (signs[m] > 0) == (chosen[clause_items[m]] > 0):
                    gradient[clause_items[m]] += signs[m] * change
    return false_count
