"""Splitting sweeps over factors of any kind on the CPU: one thread a chain."""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.cpu.chains import run_chains
from latent_ebm.kernels.cpu.checks import all_hold
from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.random import stream_key, uniform_at
from latent_ebm.kernels.cpu.responses import HALF, IMPOSSIBLE, respond, respond_freely
from latent_ebm.kernels.factor_splitting import (
    CHECK_EVERY,
    FactorSplittingProblem,
    FactorSplittingState,
)


def factor_splitting(
    problem: FactorSplittingProblem, state: FactorSplittingState, sweeps: int
) -> None:
    """See ``reference/factor_splitting.py``."""

    def run(b: int, chain: int) -> int:
        return _run_chain(problem, state, b, chain, sweeps)

    chains = state.scores.shape[1]
    for b, winner in run_chains(state, chains, sweeps, problem.restart_every, run):
        _prefer(state.values[b], state.shared[b, winner], state.live[b], problem.table.num_values)


def _run_chain(
    problem: FactorSplittingProblem, state: FactorSplittingState, b: int, chain: int, sweeps: int
) -> int:
    views = problem.views
    replicas = len(problem.entries)
    return int(
        _sweeps(
            views.kind, views.members.offsets, views.weights, views.parameters.offsets,
            views.parameters.items, problem.guard_replica, problem.entries, problem.view_share,
            problem.table.count, views.members.items, views.guard,
            views.num_values, state.live[b], state.scores[b, chain], state.shared[b, chain],
            np.empty(replicas, np.uint8), np.empty(problem.tableau, np.float32),
            np.empty(problem.tableau, np.int32), state.steps[b], problem.restart_every,
            state.seed, chain, sweeps,
        )
    )  # fmt: skip


@kernel
def _sweeps(
    kind, offsets, weights, parameter_offsets, parameters, guard_replica, entries, share,
    given, members, guards, num_values, live, scores, shared, p, gains, choices,
    before, period, seed, chain, sweeps,
):  # fmt: skip
    """Sweep one chain; how many sweeps until it was solved, or -1."""
    mean = np.empty(len(shared), np.float32)
    values = np.empty(len(live) // num_values, np.int16)
    for sweep in range(sweeps):
        step = before + sweep
        if step % period == 0:
            _restart(scores, shared, mean, entries, live, share, seed, chain, step // period)
        feasible = True
        for f in range(len(kind)):
            start, stop = offsets[f], offsets[f + 1]
            s, chosen = scores[start:stop], p[start:stop]
            own = parameters[parameter_offsets[f] : parameter_offsets[f + 1]]
            gain = respond(kind[f], s, chosen, weights[start:stop], own, num_values, gains, choices)
            guard = guard_replica[f]
            if guard >= 0:
                p[guard] = gain + scores[guard] - HALF > respond_freely(
                    kind[f], s, chosen, num_values
                )
                if not p[guard]:
                    continue
                respond(kind[f], s, chosen, weights[start:stop], own, num_values, gains, choices)
            feasible = feasible and gain > IMPOSSIBLE * HALF
        agree = _exchange(scores, shared, mean, p, entries, share)
        if agree and feasible:
            return sweep + 1
        if (step + 1) % CHECK_EVERY == 0:
            allowed = _prefer(values, shared, live, num_values)
            if allowed and all_hold(
                kind[:given], offsets, members, weights, parameter_offsets, parameters, guards,
                num_values, values,
            ):  # fmt: skip
                return sweep + 1
    return -1


@kernel
def _prefer(values, shared, live, num_values):
    """The live value of each variable that most views prefer; whether each has one."""
    allowed = True
    for v in range(len(values)):
        best = -1
        for e in range(v * num_values, (v + 1) * num_values):
            # equal shares may differ in their last bits
            if live[e] and (best < 0 or shared[e] > shared[best] + np.float32(1e-3)):
                best = e
        allowed = allowed and best >= 0
        values[v] = max(best - v * num_values, 0)
    return allowed


@kernel
def _restart(scores, shared, mean, entries, live, share, seed, chain, restart):
    """Random multipliers less their mean over an entry's views; the shared point is 0."""
    key = stream_key(np.uint32(seed) + np.uint32(0x9E3779B9) * np.uint32(chain), restart)
    mean[:] = 0
    shared[:] = 0
    for r in range(len(entries)):
        if share[entries[r]] == 1:
            continue
        mean[entries[r]] += uniform_at(key, r) * share[entries[r]]
    for r in range(len(entries)):
        scores[r] = mean[entries[r]] - uniform_at(key, r) if live[entries[r]] else IMPOSSIBLE


@kernel
def _exchange(scores, shared, mean, p, entries, share):
    """Move the shared point to the mean of the views, and the scores; whether all agree."""
    mean[:] = 0
    for r in range(len(entries)):
        if p[r]:
            mean[entries[r]] += share[entries[r]]
    agree = True
    for r in range(len(entries)):
        e = entries[r]
        agree = agree and abs(mean[e] - p[r]) < np.float32(1e-3)
        scores[r] += 2 * mean[e] - shared[e] - p[r]
    shared[:] = mean
    return agree
