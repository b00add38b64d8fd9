"""Runs of splitting sweeps on a GPU, one program an element.

The definition is in ``reference/splitting.py``; the arithmetic is on integers, so both give
the same numbers, bit for bit.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from latent_ebm.kernels.reference.splitting import read_values
from latent_ebm.kernels.splitting import LANES, SplittingProblem, SplittingState
from latent_ebm.kernels.triton.packing import Packing
from latent_ebm.kernels.triton.splitting_kernel import splitting_kernel

WORDS = LANES // 4
"""Four chains to a word."""

BLOCK = 32
"""Entries or groups at a time, at most 255: a tile of BLOCK x WORDS words."""

WARPS = 4
"""With these each thread holds 16 bytes of a tile, the widest load."""


def splitting(problem: SplittingProblem, state: SplittingState, sweeps: int) -> None:
    """See :func:`latent_ebm.kernels.reference.splitting.splitting`."""
    rows = np.flatnonzero(state.open)
    if not len(rows):
        return
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    groups = problem.groups
    live = torch.from_numpy(state.live[rows]).to(device) != 0
    packing = Packing.of(groups, live)
    replicas = max(1, int(packing.first[:, -1].max()))
    entries = max(1, int(packing.sizes[:, 0].max()))
    scores = torch.from_numpy(state.scores[rows, :replicas]).to(device)
    counts = torch.from_numpy(state.counts[rows, :entries]).to(device)
    tops = torch.empty(len(rows), groups.count, WORDS, dtype=torch.uint32, device=device)
    floor = torch.from_numpy(problem.floor.repeat(4).view(np.uint32))
    steps = torch.from_numpy(state.steps[rows]).to(device)
    restarts = torch.from_numpy(state.restarts[rows]).to(device)
    lane = torch.empty(len(rows), dtype=torch.int32, device=device)
    splitting_kernel[(len(rows),)](
        scores.view(torch.uint32),
        counts.view(torch.uint32),
        tops,
        steps,
        restarts,
        lane,
        packing.sizes,
        packing.first,
        packing.slot,
        packing.group_of,
        packing.entry_of,
        packing.groups,
        packing.begin,
        packing.members,
        floor.to(device),
        torch.from_numpy(groups.exact.astype(np.int8)).to(device),
        replicas,
        entries,
        groups.count,
        groups.num_entries,
        len(groups.members.items),
        problem.unit,
        problem.noise,
        problem.restart_every,
        int(np.uint32(state.seed & 0xFFFFFFFF).view(np.int32)),
        sweeps,
        WORDS=WORDS,
        BLOCK=BLOCK,
        num_warps=WARPS,
        num_stages=1,
    )
    state.steps[rows] = steps.cpu().numpy()
    state.restarts[rows] = restarts.cpu().numpy()
    state.scores[rows, :replicas] = scores.cpu().numpy()
    state.counts[rows, :entries] = counts.cpu().numpy()
    state.finished[rows] = (lane >= 0).cpu().numpy()
    state.open[rows] = ~state.finished[rows]
    state.values[rows] = read_values(
        _merit(packing, scores, counts, lane),
        live,
        state.values[rows],
        (groups.num_variables, groups.num_values),
    )


def _merit(packing: Packing, scores: Tensor, counts: Tensor, lane: Tensor) -> Tensor:
    """[B, E] what the values are read from: what the lane chose, or the first scores in lane 0."""
    number = packing.active.cumsum(1) - 1
    number = torch.where(packing.active, number, 0)
    first = packing.first.long().gather(1, number)
    won = counts.gather(2, lane.clamp(min=0).long()[:, None, None].expand(-1, counts.shape[1], 1))
    merit = torch.where(
        (lane >= 0)[:, None], won.squeeze(2).gather(1, number), scores[:, :, 0].gather(1, first)
    )
    return torch.where(packing.active, merit, 0)
