"""Runs of multiplier sweeps on forbidden pairs; defined in ``reference/pairs.py``.

Only live entries and the pairs between them are swept, and the gradient is gathered from the
chosen entries alone: of each variable one of K.
"""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.random import stream_key, uniform_at
from latent_ebm.kernels.pairs import PairsProblem, PairsState


def pairs(problem: PairsProblem, state: PairsState, sweeps: int) -> None:
    """See :func:`latent_ebm.kernels.reference.pairs.pairs`."""
    conflicts = problem.conflicts
    _run_batch(
        state.live,
        state.open,
        state.finished,
        state.values,
        state.steps,
        state.restarts,
        state.latent,
        state.multipliers,
        conflicts.partners.offsets,
        conflicts.partners.items,
        conflicts.pair,
        conflicts.num_values,
        np.float32(problem.step_size),
        np.float32(problem.growth),
        np.float32(problem.forgetting),
        np.float32(problem.spread),
        problem.restart_every,
        state.seed & 0xFFFFFFFF,
        sweeps,
    )


@kernel
def _run_batch(
    live, open_, finished, values, steps, restarts, latent, multipliers,
    offsets, partners, pair, num_values, eta, alpha, delta, spread, period, seed, sweeps,
):  # fmt: skip
    size, num_pairs = live.shape[1], multipliers.shape[1]
    first = np.empty(values.shape[1] + 1, np.int32)  # the live entries of each variable
    entries = np.empty(size, np.int32)
    number = np.empty(size, np.int32)
    rows = np.empty(size + 1, np.int32)
    row_partner = np.empty(len(partners), np.int32)
    row_pair = np.empty(len(partners), np.int32)
    pair_number = np.empty(num_pairs, np.int32)
    z = np.empty(size, np.float32)
    gradient = np.empty(size, np.float32)
    steps_of = np.empty(size, np.float32)
    weights = np.empty(num_pairs, np.float32)
    for b in range(live.shape[0]):
        if not open_[b]:
            continue
        count, live_pairs = _compact(
            live[b], offsets, partners, pair, num_values,
            first, entries, number, rows, row_partner, row_pair, pair_number,
        )  # fmt: skip
        key = stream_key(seed, 1)
        for i in range(count):
            steps_of[i] = eta * (1 + spread * (uniform_at(key, entries[i]) - np.float32(0.5)))
        if steps[b] > 0:
            for i in range(count):
                z[i] = latent[b, entries[i]]
            for q in range(num_pairs):
                if pair_number[q] >= 0:
                    weights[pair_number[q]] = multipliers[b, q]
        for _ in range(sweeps):
            if steps[b] == 0 or steps[b] - restarts[b] * period == period:
                restarts[b] += steps[b] > 0
                key = stream_key(seed, 2 * restarts[b])
                for i in range(count):
                    z[i] = uniform_at(key, entries[i])
                weights[:live_pairs] = 1
            steps[b] += 1
            if _sweep(
                values[b], z[:count], gradient[:count], steps_of[:count], weights[:live_pairs],
                first, entries, rows, row_partner, row_pair, num_values, alpha, delta,
            ):  # fmt: skip
                finished[b] = True
                open_[b] = False
                break
        if open_[b]:
            latent[b, :] = -np.inf
            for i in range(count):
                latent[b, entries[i]] = z[i]
            for q in range(num_pairs):
                if pair_number[q] >= 0:
                    multipliers[b, q] = weights[pair_number[q]]


@kernel
def _compact(
    live, offsets, partners, pair, num_values,
    first, entries, number, rows, row_partner, row_pair, pair_number,
):  # fmt: skip
    """Number the live entries, and the pairs both of whose entries are live."""
    count = 0
    for e in range(len(live)):
        if e % num_values == 0:
            first[e // num_values] = count
        number[e] = -1
        if live[e]:
            entries[count] = e
            number[e] = count
            count += 1
    first[len(first) - 1] = count
    pair_number[:] = -1
    live_pairs, slot = 0, 0
    for i in range(count):
        rows[i] = slot
        for position in range(offsets[entries[i]], offsets[entries[i] + 1]):
            if number[partners[position]] < 0:
                continue
            if pair_number[pair[position]] < 0:
                pair_number[pair[position]] = live_pairs
                live_pairs += 1
            row_partner[slot] = number[partners[position]]
            row_pair[slot] = pair_number[pair[position]]
            slot += 1
    rows[count] = slot
    return count, live_pairs


@kernel
def _sweep(
    values, z, gradient, steps_of, weights,
    first, entries, rows, row_partner, row_pair, num_values, alpha, delta,
):  # fmt: skip
    """One sweep; True, and nothing moved, if no pair is violated."""
    for v in range(len(values)):
        best = first[v]
        for i in range(first[v] + 1, first[v + 1]):
            if z[i] > z[best]:
                best = i
        values[v] = best  # for now the live number, so that rows can be looked up
    gradient[:] = 0
    violated = False
    for v in range(len(values)):
        e = values[v]
        for slot in range(rows[e], rows[e + 1]):
            gradient[row_partner[slot]] += weights[row_pair[slot]]
    for v in range(len(values)):
        e = values[v]
        violated = violated or gradient[e] > 0
    if violated:
        for q in range(len(weights)):
            weights[q] += delta * (1 - weights[q])
        for v in range(len(values)):
            e = values[v]
            if gradient[e] > 0:
                for slot in range(rows[e], rows[e + 1]):
                    f = row_partner[slot]
                    if e < f and values[entries[f] // num_values] == f:
                        weights[row_pair[slot]] += alpha
        for i in range(len(z)):
            z[i] += steps_of[i] * (-gradient[i] - z[i])
    for v in range(len(values)):
        values[v] = entries[values[v]] % num_values
    return not violated
