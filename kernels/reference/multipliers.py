"""Straight-through descent with multipliers on factors in plain numpy: the definition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.multipliers import (
    FORGET_EVERY,
    Clashes,
    MultipliersProblem,
    MultipliersState,
)
from latent_ebm.kernels.reference.random import uniform

Float = NDArray[np.float32]

DEAD = np.float32(-1e30)


def multipliers(problem: MultipliersProblem, state: MultipliersState, sweeps: int) -> None:
    """Sweep every open element up to ``sweeps`` times, and close those that are solved.

    With p the chosen entries, one for each variable, a sweep of one chain is::

        for each variable i, in order:
            g_ia = d/dx_ia sum_f lambda_f E_f at the present p
            z_ia <- z_ia + eta_i (-g_ia - z_ia)          for the live a
            p_i  <- onehot(argmax_a z_ia)                the first of equals
        lambda_f <- lambda_f + growth                    where f is violated at p

    where E of a group is the sum over pairs of its entries of x_e x_f, of a clause the product
    of the literals' falsehood, of a relation the sum of x_ia x_jb over the pairs it forbids.
    Before each ``FORGET_EVERY``-th sweep ``lambda <- lambda + forgetting (1 - lambda)``. A chain
    whose p violates nothing after the moves has solved the element; of several, the
    earliest, then the first. eta_i = step_size (1 + spread (uniform - 1/2)).

    Parameters
    ----------
    problem
        The factors, and the constants of each chain.
    state
        B runs, changed in place.
    sweeps
        At least 1.
    """
    for b in np.flatnonzero(state.open).tolist():
        chains = range(state.latent.shape[1])
        taken = [_chain(problem, state, b, chain, sweeps) for chain in chains]
        solved = [t for t in taken if t is not None]
        done = min(solved, default=sweeps)
        state.steps[b] += done
        state.restarts[b] = max(int(state.steps[b]) - 1, 0) // problem.restart_every
        state.values[b] = state.choices[b, taken.index(done) if solved else 0]
        if solved:
            state.open[b], state.finished[b] = False, True


def _chain(
    problem: MultipliersProblem, state: MultipliersState, b: int, chain: int, sweeps: int
) -> int | None:
    clashes, live = problem.clashes, state.live[b].astype(np.bool_)
    k, seed = clashes.num_values, (state.seed + 0x9E3779B9 * chain) & 0xFFFFFFFF
    z, p, weights = state.latent[b, chain], state.choices[b, chain], state.multipliers[b, chain]
    pace = problem.paces[chain]
    draw = uniform(seed, 1, clashes.num_variables)
    eta = np.float32(pace.step_size) * (1 + np.float32(pace.spread) * (draw - np.float32(0.5)))
    for sweep in range(sweeps):
        at = int(state.steps[b]) + sweep
        if at % problem.restart_every == 0:
            weights[:] = 1
            z[:] = np.where(live, uniform(seed, 2 + at // problem.restart_every, len(z)), DEAD)
            p[:] = z.reshape(-1, k).argmax(axis=1)
        elif at % FORGET_EVERY == 0:
            weights += np.float32(pace.forgetting) * (1 - weights)
        for v in range(clashes.num_variables):
            own = slice(v * k, (v + 1) * k)
            step = eta[v] * (gradient(clashes, p, weights)[own] + z[own])
            z[own] = np.where(live[own], z[own] - step, DEAD)
            p[v] = z[own].argmax()
        violated = violations(clashes, p)
        if not violated.any():
            return sweep + 1
        weights[violated] += np.float32(pace.growth)
    return None


def _chosen(clashes: Clashes, p: NDArray[np.integer]) -> NDArray[np.bool_]:
    return np.asarray(p[:, None] == np.arange(clashes.num_values)).ravel()


def _truth(
    clashes: Clashes, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.integer]]:
    """Whether each literal is true, and how many are in each clause."""
    truth = chosen[clashes.clauses.items] == (clashes.signs > 0)
    count = np.bincount(clashes.clauses.row_of[truth], minlength=clashes.clauses.count)
    return truth, count


def _load(clashes: Clashes, chosen: NDArray[np.bool_]) -> NDArray[np.integer]:
    """How many entries of each group are chosen."""
    groups = clashes.groups
    return np.bincount(groups.row_of[chosen[groups.items]], minlength=groups.count)


def violations(clashes: Clashes, p: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each group, clause and relation is violated at the choices p [N]."""
    chosen = _chosen(clashes, p)
    i, j, offset = clashes.relations.T
    return np.concatenate(
        [_load(clashes, chosen) > 1, _truth(clashes, chosen)[1] == 0, p[i] == p[j] + offset]
    )


def gradient(clashes: Clashes, p: NDArray[np.integer], weights: Float) -> Float:
    """The gradient [E] of the weighted energies at the corner p [N]."""
    k, size = clashes.num_values, clashes.num_entries
    chosen, groups, clauses = _chosen(clashes, p), clashes.groups, clashes.clauses
    of_groups, of_clauses, of_relations = np.split(
        weights, [groups.count, groups.count + clauses.count]
    )
    others = _load(clashes, chosen)[groups.row_of] - chosen[groups.items]
    g = np.zeros(size)  # bincount gives integers where it has nothing to weigh
    g += np.bincount(groups.items, of_groups[groups.row_of] * others, size)
    truth, count = _truth(clashes, chosen)
    alone = count[clauses.row_of] - truth == 0  # all the other literals are false
    force = (of_clauses[clauses.row_of] * clashes.signs)[alone]
    g -= np.bincount(clauses.items[alone], force, size)
    for i, j, offset in (clashes.relations.T, clashes.relations.T[[1, 0, 2]] * [[1], [1], [-1]]):
        forbidden = p[j] + offset
        inside = (forbidden >= 0) & (forbidden < k)
        g += np.bincount((i * k + forbidden)[inside], of_relations[inside], size)
    return g.astype(np.float32)
