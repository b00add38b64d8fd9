"""Runs of splitting sweeps in torch: the definition of the operation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from numpy.typing import NDArray
from torch import Tensor

from latent_ebm.kernels.reference.random import lowbias32
from latent_ebm.kernels.splitting import LANES, SplittingProblem, SplittingState
from latent_ebm.kernels.structure import Bool, Groups

LOWEST = -128
"""The score of replicas that take no part: no active one can be lower."""


def splitting(problem: SplittingProblem, state: SplittingState, sweeps: int) -> None:
    """Sweep every open element up to ``sweeps`` times, and close those that are solved.

    With s_q the score of an entry's replica in group q, one whole being ``unit`` steps, Q the
    number of the entry's views, and [.] 1 where true::

        t_q  = max(floor_q, max of s over the group)
        c    = sum_q [s_q = t_q] unit / Q
        s_q <- sat(s_q + 2 c - c_before - unit [s_q = t_q])         sat: clamped to a byte

    on ``LANES`` chains side by side: the splitting of
    :class:`latent_ebm.dynamics.splitting.Splitting` in terms of s_q = x - u_q. An element is
    solved in the first lane where c is 0 or ``unit`` for every entry and the entries with
    c = ``unit`` satisfy the groups. Only live entries that share a group with another live
    one take part; the others are settled.

    Parameters
    ----------
    problem
        The groups and the fixed-point form.
    state
        B runs, changed in place: also ``values``, an answer or a current guess.
    sweeps
        At least 1.
    """
    layout = Layout.of(problem)
    chains = _load(problem.groups, layout, state)
    for _ in range(sweeps):
        if not len(chains.rows):
            return
        steps, restarts = state.steps[chains.rows], state.restarts[chains.rows]
        due = steps - restarts * problem.restart_every == problem.restart_every
        state.restarts[chains.rows] += due
        _restart(chains, layout, problem, state, due | (steps == 0))
        _sweep(chains, layout)
        state.steps[chains.rows] += 1
        lane = _solved_in(chains, layout)
        if bool((lane >= 0).any()):
            chains = _finish(chains, layout, state, lane)
    _save(chains, layout, state)


@dataclass(frozen=True, eq=False)
class Layout:
    """The groups as tensors of indices; replicas are ordered by entry.

    Attributes
    ----------
    entry, group
        [R] of each replica.
    members
        [G, W] the replicas of each group; short rows repeat their first.
    floor, exact
        [G] of each group.
    width
        [E] Q, the number of each entry's views.
    unit
        One whole.
    """

    entry: Tensor
    group: Tensor
    members: Tensor
    floor: Tensor
    exact: Tensor
    width: Tensor
    unit: int

    @classmethod
    def of(cls, problem: SplittingProblem) -> Layout:
        """Index the replicas of a problem's groups."""
        groups = problem.groups
        replica_at = np.empty(len(groups.members.items), np.int64)
        replica_at[groups.replicas.items] = np.arange(len(replica_at))
        place = groups.members.offsets[:-1, None] + np.arange(groups.members.widths.max())
        inside = place < groups.members.offsets[1:, None]
        place = np.where(inside, place, groups.members.offsets[:-1, None])
        return cls(
            entry=torch.from_numpy(groups.replicas.row_of.astype(np.int64)),
            group=torch.from_numpy(groups.groups_of.items.astype(np.int64)),
            members=torch.from_numpy(replica_at[place.clip(max=len(replica_at) - 1)]),
            floor=torch.from_numpy(problem.floor),
            exact=torch.from_numpy(groups.exact),
            width=torch.from_numpy(groups.replicas.widths.astype(np.int64)),
            unit=problem.unit,
        )


@dataclass(eq=False)
class Chains:
    """The open elements, each with all its replicas.

    Attributes
    ----------
    rows
        [O] their numbers in the batch.
    live, active
        [O, E] bool, the entries allowed, and those of them that are not settled.
    scores, counts
        [O, R, LANES] and [O, E, LANES] int8; ``LOWEST`` and 0 where inactive.
    """

    rows: NDArray[np.int64]
    live: Tensor
    active: Tensor
    scores: Tensor
    counts: Tensor

    def keep(self, which: Tensor) -> Chains:
        """A part of the elements, [O] bool."""
        return Chains(
            self.rows[which.numpy()],
            self.live[which],
            self.active[which],
            self.scores[which],
            self.counts[which],
        )


def unsettled(groups: Groups, live: Tensor) -> Tensor:
    """The live entries that share a group with another live entry, [B, E] bool."""
    entries = torch.from_numpy(groups.members.items.astype(np.int64)).to(live.device)
    group = torch.from_numpy(groups.members.row_of.astype(np.int64)).to(live.device)
    left = torch.zeros(len(live), groups.count, dtype=torch.int32, device=live.device)
    left.index_add_(1, group, live[:, entries].int())
    crowded = torch.zeros(live.shape, dtype=torch.int32, device=live.device)
    crowded.index_add_(1, entries, (left > 1)[:, group].int())
    return live & (crowded > 0)


def initial_scores(layout: Layout, noise: int, seed: int, restarts: NDArray[np.int64]) -> Tensor:
    """Random multipliers less their mean over an entry's views, as scores [B, R, LANES].

    Replica r draws bytes a_r in 0..noise, lane 4 j + k from byte k of
    lowbias32(key ^ (LANES / 4 * r + j)), and starts at mean(a) - a_r, with
    mean(a) = (sum(a) * (2048 // Q)) >> 11, or 0 if Q = 1: a lone view less its own mean would
    be 0 in every entry, a tie that nothing breaks.
    """
    key = lowbias32(np.uint32(seed & 0xFFFFFFFF) ^ lowbias32(restarts))
    counter = np.arange(len(layout.entry) * LANES // 4, dtype=np.uint32)
    words = torch.from_numpy(lowbias32(key[:, None] ^ counter).astype(np.int64))
    drawn = (words[..., None] >> torch.tensor([0, 8, 16, 24])) & noise
    drawn = rearrange(drawn, "b (r j) k -> b r (j k)", j=LANES // 4)
    total = drawn.new_zeros(len(drawn), len(layout.width), LANES)
    total.index_add_(1, layout.entry, drawn)
    factor = torch.where(layout.width > 1, 2048 // layout.width.clamp(min=1), 0)
    mean = (total * factor[:, None]) >> 11
    return (mean[:, layout.entry] - drawn).to(torch.int8)


def read_values(
    merit: Tensor, live: Tensor, values: NDArray[np.int16], shape: tuple[int, int]
) -> NDArray[np.int16]:
    """Each variable's live value of most merit, the first of equals.

    Parameters
    ----------
    merit
        [B, E].
    live
        [B, E] bool.
    values
        [B, N], kept where a variable has no live value.
    shape
        (N, K).
    """
    ranked = torch.where(live, merit.int(), -1000).reshape(-1, *shape)
    best = ranked.argmax(dim=2).to(torch.int16).cpu().numpy()
    known = live.reshape(-1, *shape).any(dim=2).cpu().numpy()
    return np.where(known, best, values)


def _load(groups: Groups, layout: Layout, state: SplittingState) -> Chains:
    """Unpack the open elements; what has not begun is filled in by its first restart."""
    rows = np.flatnonzero(state.open)
    live = torch.from_numpy(state.live[rows]) != 0
    active = unsettled(groups, live)
    taking_part = active[:, layout.entry]
    scores = torch.full((*taking_part.shape, LANES), LOWEST, dtype=torch.int8)
    counts = torch.zeros(*active.shape, LANES, dtype=torch.int8)
    for i, row in enumerate(rows):
        saved_scores, saved_counts = state.scores[row], state.counts[row]
        scores[i, taking_part[i]] = torch.from_numpy(saved_scores[: int(taking_part[i].sum())])
        counts[i, active[i]] = torch.from_numpy(saved_counts[: int(active[i].sum())])
    return Chains(rows, live, active, scores, counts)


def _save(chains: Chains, layout: Layout, state: SplittingState) -> None:
    """Pack the elements that remain open, and guess their values from lane 0."""
    scores, counts = chains.scores.numpy(), chains.counts.numpy()
    active = chains.active.numpy()
    taking_part = active[:, layout.entry]
    for i, row in enumerate(chains.rows):
        state.scores[row, : taking_part[i].sum()] = scores[i, taking_part[i]]
        state.counts[row, : active[i].sum()] = counts[i, active[i]]
    first = layout.entry.new_zeros(len(layout.width))
    first[1:] = layout.width.cumsum(0)[:-1]
    _write_values(chains, state, chains.scores[:, first, 0])


def _finish(chains: Chains, layout: Layout, state: SplittingState, lane: Tensor) -> Chains:
    """Write the solved elements' values and return the others."""
    solved = lane >= 0
    state.open[chains.rows[solved.numpy()]] = False
    state.finished[chains.rows[solved.numpy()]] = True
    won = chains.keep(solved)
    column = lane[solved][:, None, None].expand(-1, len(layout.width), 1)
    _write_values(won, state, won.counts.gather(2, column).squeeze(2))
    return chains.keep(~solved)


def _write_values(chains: Chains, state: SplittingState, merit: Tensor) -> None:
    shape = (state.values.shape[1], merit.shape[1] // state.values.shape[1])
    state.values[chains.rows] = read_values(merit, chains.live, state.values[chains.rows], shape)


def _restart(
    chains: Chains, layout: Layout, problem: SplittingProblem, state: SplittingState, due: Bool
) -> None:
    """Give the elements that are due new multipliers; the shared point is 0."""
    if not due.any():
        return
    restarts = state.restarts[chains.rows[due]]
    drawn = initial_scores(layout, problem.noise, state.seed, restarts)
    taking_part = chains.active[due][:, layout.entry, None]
    chains.scores[due] = torch.where(taking_part, drawn, LOWEST).to(torch.int8)
    chains.counts[due] = 0


def _sweep(chains: Chains, layout: Layout) -> None:
    """One sweep of all entries; the equation stands in :func:`splitting`."""
    tops = chains.scores[:, layout.members].amax(dim=2)
    tops = torch.maximum(tops, layout.floor[:, None])
    chosen = chains.scores == tops[:, layout.group]
    chosen &= chains.active[:, layout.entry, None]
    step = (layout.unit // layout.width.clamp(min=1)).to(torch.int8)
    votes = torch.where(chosen, step[layout.entry, None], 0).to(torch.int8)
    counts = torch.zeros_like(chains.counts).index_add_(1, layout.entry, votes)
    drift = 2 * counts - chains.counts
    move = drift[:, layout.entry] - layout.unit * chosen.to(torch.int8)
    chains.scores = (chains.scores.short() + move).clamp(LOWEST, 127).to(torch.int8)
    chains.counts = counts


def _solved_in(chains: Chains, layout: Layout) -> Tensor:
    """[O] the first lane in which all views agree on a point that fits the groups, or -1."""
    agreed = ((chains.counts == 0) | (chains.counts == layout.unit)).all(dim=1)
    if not bool(agreed.any()):
        return torch.full((len(chains.rows),), -1)
    shape = (len(chains.rows), len(layout.floor), LANES)
    tally = torch.zeros(shape, dtype=torch.int32)
    tally.index_add_(1, layout.group, (chains.counts != 0)[:, layout.entry].int())
    present = torch.zeros(shape[:2], dtype=torch.int32)
    present.index_add_(1, layout.group, chains.active[:, layout.entry].int())
    may_be_empty = ~layout.exact | (present == 0)
    fits = (tally == 1) | ((tally == 0) & may_be_empty[..., None])
    solved = agreed & fits.all(dim=1)
    return torch.where(solved.any(dim=1), solved.int().argmax(dim=1), -1)
