"""Runs of multiplier sweeps on forbidden pairs on a GPU, one program an element.

Defined in ``reference/pairs.py``. A sweep has three phases with barriers between them:

    variables   p_i, the best live value                         writes chosen
    entries     g_e, gathered over the pairs of e                writes gradient
    entries, pairs   z_e and lambda_ef                           if some pair is violated
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
import triton
import triton.language as tl
from torch import Tensor

from latent_ebm.kernels.pairs import PairsProblem, PairsState
from latent_ebm.kernels.reference.random import uniform
from latent_ebm.kernels.structure import Conflicts
from latent_ebm.kernels.triton.random import stream_key, uniform_at

BLOCK = 256
"""Entries or pairs at a time."""


def pairs(problem: PairsProblem, state: PairsState, sweeps: int) -> None:
    """See :func:`latent_ebm.kernels.reference.pairs.pairs`."""
    rows = np.flatnonzero(state.open)
    if not len(rows):
        return
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def upload(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(device)

    conflicts = problem.conflicts
    partners, numbers, ends = (upload(table) for table in _tables(conflicts))
    num_entries = state.latent.shape[1]
    noise = uniform(state.seed, 1, num_entries)
    eta = (problem.step_size * (1 + problem.spread * (noise - 0.5))).astype(np.float32)
    latent, multipliers = upload(state.latent[rows]), upload(state.multipliers[rows])
    steps, restarts = upload(state.steps[rows]), upload(state.restarts[rows])
    chosen = torch.empty(len(rows), conflicts.num_variables, dtype=torch.int32, device=device)
    finished = torch.empty(len(rows), dtype=torch.int8, device=device)
    width = triton.next_power_of_2(conflicts.num_values)
    pairs_kernel[(len(rows),)](
        latent,
        multipliers,
        torch.empty_like(latent),
        chosen,
        steps,
        restarts,
        finished,
        upload(state.live[rows]),
        upload(eta),
        partners,
        numbers,
        ends,
        num_entries,
        conflicts.num_variables,
        conflicts.num_values,
        len(partners),
        conflicts.num_pairs,
        problem.growth,
        problem.forgetting,
        problem.restart_every,
        int(np.uint32(state.seed & 0xFFFFFFFF).view(np.int32)),
        sweeps,
        WIDTH=width,
        ROWS=max(1, BLOCK // width),
        BLOCK=BLOCK,
        num_warps=4,
        num_stages=1,
    )
    state.latent[rows] = latent.cpu().numpy()
    state.multipliers[rows] = multipliers.cpu().numpy()
    state.values[rows] = chosen.cpu().numpy()
    state.steps[rows], state.restarts[rows] = steps.cpu().numpy(), restarts.cpu().numpy()
    state.finished[rows] = finished.cpu().numpy() != 0
    state.open[rows] = ~state.finished[rows]


@lru_cache(maxsize=16)
def _tables(conflicts: Conflicts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Partners and pair numbers [D, E], -1 where short, and both entries of each pair [2, P]."""
    partners = conflicts.partners
    numbers = type(partners)(partners.offsets, conflicts.pair).padded(fill=-1)
    ends = np.zeros((2, conflicts.num_pairs), np.int32)
    forward = partners.row_of < partners.items
    ends[:, conflicts.pair[forward]] = partners.row_of[forward], partners.items[forward]
    return partners.padded(fill=-1).T.copy(), numbers.T.copy(), ends


@triton.jit(do_not_specialize=["growth", "forgetting", "period", "seed", "sweeps"])
def pairs_kernel(
    latent,
    multipliers,
    gradient,
    chosen,
    steps_ptr,
    restarts_ptr,
    finished,
    live,
    eta,
    partners,
    numbers,
    ends,
    num_entries,
    num_variables,
    num_values,
    degree,
    num_pairs,
    growth,
    forgetting,
    period,
    seed,
    sweeps,
    WIDTH: tl.constexpr,
    ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Sweep one element; ROWS variables of up to WIDTH values at a time in the first phase."""
    b = tl.program_id(0).to(tl.int64)
    latent += b * num_entries
    multipliers += b * num_pairs
    gradient += b * num_entries
    chosen += b * num_variables
    live += b * num_entries
    steps = tl.load(steps_ptr + b)
    restarts = tl.load(restarts_ptr + b)

    violated = 1
    done = 0
    while (done < sweeps) & (violated > 0):
        if (steps == 0) | (steps - restarts * period == period):
            restarts += (steps > 0).to(tl.int64)
            key = stream_key(seed, 2 * restarts)
            _restart(latent, multipliers, live, key, num_entries, num_pairs, BLOCK)
            tl.debug_barrier()
        _choose(latent, chosen, num_variables, num_values, WIDTH, ROWS)
        tl.debug_barrier()
        violated = _find_gradient(
            gradient, multipliers, chosen, partners, numbers,
            num_entries, num_values, degree, BLOCK,
        )  # fmt: skip
        if violated > 0:
            tl.debug_barrier()
            _move(latent, gradient, eta, num_entries, BLOCK)
            _grow(multipliers, chosen, ends, num_values, num_pairs, growth, forgetting, BLOCK)
            tl.debug_barrier()
        steps += 1
        done += 1
    tl.store(steps_ptr + b, steps)
    tl.store(restarts_ptr + b, restarts)
    tl.store(finished + b, tl.where(violated == 0, 1, 0))


@triton.jit
def _restart(latent, multipliers, live, key, num_entries, num_pairs, BLOCK: tl.constexpr):
    """Uniform noise on the live entries, all multipliers 1."""
    for base in range(0, num_entries, BLOCK):
        e = base + tl.arange(0, BLOCK)
        alive = tl.load(live + e, e < num_entries, 0) != 0
        start = tl.where(alive, uniform_at(key, e), float("-inf"))
        tl.store(latent + e, start, e < num_entries)
    for base in range(0, num_pairs, BLOCK):
        q = base + tl.arange(0, BLOCK)
        tl.store(multipliers + q, tl.full([BLOCK], 1.0, tl.float32), q < num_pairs)


@triton.jit
def _choose(latent, chosen, num_variables, num_values, WIDTH: tl.constexpr, ROWS: tl.constexpr):
    """Each variable's best value, the first of equals."""
    value = tl.arange(0, WIDTH)[None, :]
    for base in range(0, num_variables, ROWS):
        i = base + tl.arange(0, ROWS)
        inside = (i < num_variables)[:, None] & (value < num_values)
        z = tl.load(latent + i[:, None] * num_values + value, inside, float("-inf"))
        tl.store(chosen + i, tl.argmax(z, 1, tie_break_left=True), i < num_variables)


@triton.jit
def _is_chosen(chosen, entry, num_values, inside):
    best = tl.load(chosen + entry // num_values, inside, -1)
    return inside & (best == entry % num_values)


@triton.jit
def _find_gradient(
    gradient, multipliers, chosen, partners, numbers, num_entries, num_values, degree,
    BLOCK: tl.constexpr,
):  # fmt: skip
    """g_e = sum of lambda_ef p_f; returns the sum of p_e p_f, each pair counted twice."""
    clashes = tl.zeros([BLOCK], tl.int32)
    for base in range(0, num_entries, BLOCK):
        e = base + tl.arange(0, BLOCK)
        here = e < num_entries
        mine = _is_chosen(chosen, e, num_values, here).to(tl.int32)
        total = tl.zeros([BLOCK], tl.float32)
        for d in range(degree):
            f = tl.load(partners + d * num_entries + e, here, -1)
            other = _is_chosen(chosen, f, num_values, f >= 0)
            pair = tl.load(numbers + d * num_entries + e, other, 0)
            total += tl.load(multipliers + pair, other, 0.0)
            clashes += mine & other.to(tl.int32)
        tl.store(gradient + e, total, here)
    return tl.sum(clashes, 0)


@triton.jit
def _move(latent, gradient, eta, num_entries, BLOCK: tl.constexpr):
    """z_e <- z_e + eta_e (-g_e - z_e); dead entries stay at minus infinity."""
    for base in range(0, num_entries, BLOCK):
        e = base + tl.arange(0, BLOCK)
        here = e < num_entries
        z = tl.load(latent + e, here, 0.0)
        alive = here & (z > float("-inf"))
        z = tl.where(alive, z, 0.0)
        moved = z + tl.load(eta + e, here, 0.0) * (-tl.load(gradient + e, here, 0.0) - z)
        tl.store(latent + e, moved, alive)


@triton.jit
def _grow(
    multipliers, chosen, ends, num_values, num_pairs, growth, forgetting, BLOCK: tl.constexpr
):
    """lambda_ef <- lambda_ef + alpha p_e p_f + delta (1 - lambda_ef)."""
    for base in range(0, num_pairs, BLOCK):
        q = base + tl.arange(0, BLOCK)
        here = q < num_pairs
        first = _is_chosen(chosen, tl.load(ends + q, here, 0), num_values, here)
        second = _is_chosen(chosen, tl.load(ends + num_pairs + q, here, 0), num_values, here)
        weight = tl.load(multipliers + q, here, 1.0)
        gain = tl.where(first & second, growth, 0.0)
        tl.store(multipliers + q, weight + gain + forgetting * (1 - weight), here)
