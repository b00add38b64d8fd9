"""Splitting sweeps over factors of any kind in plain numpy: the definition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.factor_splitting import (
    CHECK_EVERY,
    FactorSplittingProblem,
    FactorSplittingState,
)
from latent_ebm.kernels.reference.factors import IMPOSSIBLE, check, free, project
from latent_ebm.kernels.reference.random import uniform


def factor_splitting(
    problem: FactorSplittingProblem, state: FactorSplittingState, sweeps: int
) -> None:
    """Sweep every open element up to ``sweeps`` times, and close those that are solved.

    With s_q the score of an entry's replica in view q, and x the shared point::

        p_q = the view's best feasible point under s_q           (reference/factors.py)
        x'  = mean_q p_q
        s_q <- s_q + 2 x' - x - p_q

    Where a factor has a guard with score s, it obeys and p_guard = 1 if that gains more,
    ``gain + s - 1/2 > free gain``; else it is free and p_guard = 0. A restart draws multipliers
    u uniform in [0, 1), starts replica q at mean(u) - u_q, or at -u_q if it is its entry's only
    one, and x at 0. A chain has solved the element when all views agree, each on a point that is
    feasible to it, or when at every ``CHECK_EVERY``-th sweep what most views prefer satisfies all
    factors; of several, the earliest, then the first.

    Parameters
    ----------
    problem
        The factors.
    state
        B runs, changed in place.
    sweeps
        At least 1.
    """
    for b in np.flatnonzero(state.open).tolist():
        chains = range(state.scores.shape[1])
        taken = [_chain(problem, state, b, chain, sweeps) for chain in chains]
        agreed = [t for t in taken if t is not None]
        done = min(agreed, default=sweeps)
        state.steps[b] += done
        state.restarts[b] = max(int(state.steps[b]) - 1, 0) // problem.restart_every
        shared = state.shared[b, taken.index(done) if agreed else 0]
        state.values[b] = preferred(problem, state.live[b], shared)
        if agreed:
            state.open[b], state.finished[b] = False, True


def _chain(
    problem: FactorSplittingProblem, state: FactorSplittingState, b: int, chain: int, sweeps: int
) -> int | None:
    entries, share = problem.entries, problem.view_share
    scores, shared = state.scores[b, chain], state.shared[b, chain]
    for sweep in range(sweeps):
        at = int(state.steps[b]) + sweep
        if at % problem.restart_every == 0:
            seed = (state.seed + 0x9E3779B9 * chain) & 0xFFFFFFFF
            u = uniform(seed, at // problem.restart_every, len(entries))
            mean = np.zeros(len(shared), np.float32)
            np.add.at(mean, entries, u * share[entries])
            mean[share == 1] = 0
            scores[:] = np.where(state.live[b][entries] > 0, mean[entries] - u, IMPOSSIBLE)
            shared[:] = 0
        p, feasible = answers(problem, scores)
        mean = np.zeros(len(shared), np.float32)
        np.add.at(mean, entries, p * share[entries])
        scores += 2 * mean[entries] - shared[entries] - p
        shared[:] = mean
        if feasible and (np.abs(mean[entries] - p) < 1e-3).all():
            return sweep + 1
        if (at + 1) % CHECK_EVERY == 0:
            values = preferred(problem, state.live[b], shared)
            allowed = state.live[b][np.arange(len(values)) * problem.table.num_values + values]
            if allowed.all() and check(problem.table, values).all():
                return sweep + 1
    return None


def preferred(
    problem: FactorSplittingProblem, live: NDArray[np.uint8], shared: NDArray[np.float32]
) -> NDArray[np.int16]:
    """The live value of each variable that most views prefer, [N]; the first of equals."""
    merit = np.where(live > 0, np.round(shared * 500), -1)  # equal shares differ in their last bits
    return merit.reshape(-1, problem.table.num_values).argmax(axis=1).astype(np.int16)


def answers(
    problem: FactorSplittingProblem, scores: NDArray[np.float32]
) -> tuple[NDArray[np.float32], bool]:
    """The point p [R] of every replica under scores [R], and whether all are feasible."""
    views = problem.views
    members = len(views.members.items)
    separate = problem.separate_views
    obeying, gain = project(separate, scores[:members])
    unbound, free_gain = free(separate, scores[:members])
    guard = problem.guard_replica
    on = guard < 0
    on |= gain + np.where(guard >= 0, scores[guard], 0) - 0.5 > free_gain
    p = np.zeros(len(scores), np.float32)
    p[:members] = np.where(on[views.members.row_of], obeying, unbound)
    p[guard[(guard >= 0) & on]] = 1
    return p, bool((gain[on] > IMPOSSIBLE / 2).all())
