"""The loop: stages, budgets, freezing and progress, in one place for all dynamics."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.best import Best
from latent_ebm.dynamics.protocol import Dynamics, Place
from latent_ebm.energies.landscape import Landscape
from latent_ebm.loading import LOADING


@dataclass(frozen=True)
class Stage:
    """Run some dynamics for at most ``sweeps`` sweeps on what is still open."""

    dynamics: Dynamics[Any]
    sweeps: int | None = None


@dataclass(frozen=True)
class Budget:
    """When to give up on an element: its sweeps and its seconds, over all stages."""

    max_steps: int | None = None
    time_limit: float | None = None


@dataclass(frozen=True, eq=False)
class Descent:
    """How a batch of B elements ended.

    Attributes
    ----------
    solved
        [B] whether ``values`` passed the landscape's exact check.
    values
        [B, N] int16, the solution, or the candidate that violated the fewest hard factors of
        those looked at.
    steps, restarts
        [B] int64.
    seconds
        [B] wall time shared out by the sweeps that each element took.
    engine
        [B] the stage that each element ended in.
    backend
        [B] the kernels of that stage.
    contradictory
        [B] whether the last stage gave up because the factors contradict each other.
    """

    solved: NDArray[np.bool_]
    values: NDArray[np.int16]
    steps: NDArray[np.int64]
    restarts: NDArray[np.int64]
    seconds: NDArray[np.float64]
    engine: NDArray[np.object_]
    backend: NDArray[np.object_]
    contradictory: NDArray[np.bool_]


OnProgress = Callable[[int, int], None]
"""Called with (elements finished, elements in all)."""

LONGEST_CHUNK_SECONDS = 0.25


def descend(
    landscape: Landscape,
    mask: NDArray[np.bool_],
    stages: tuple[Stage, ...],
    *,
    place: Place,
    budget: Budget,
    on_progress: OnProgress | None = None,
) -> Descent:
    """Run the stages, one after the other, on masks [B, N, K] until solved or out of budget.

    Every candidate that a stage calls finished is checked once more here, on the discrete
    values, by the landscape; a stage that fails this has a bug, and the error says so.
    """
    batch = len(mask)
    out = Descent(
        np.zeros(batch, np.bool_),
        mask.argmax(axis=2).astype(np.int16),
        np.zeros(batch, np.int64),
        np.zeros(batch, np.int64),
        np.zeros(batch, np.float64),
        np.full(batch, stages[0].dynamics.name, np.object_),
        np.full(batch, "", np.object_),
        np.zeros(batch, np.bool_),
    )
    best = Best(landscape, out.values)
    for stage in stages:
        within = budget.time_limit is None or out.seconds < budget.time_limit
        open_ = np.flatnonzero(~out.solved & ~out.contradictory & within)
        if len(open_) == 0:
            break
        spent = int(out.steps[open_].max(initial=0))
        allowance = min(
            (
                limit
                for limit in (stage.sweeps, _rest(budget.max_steps, spent))
                if limit is not None
            ),
            default=None,
        )
        _run_stage(best, mask, stage, open_, out, place, allowance, budget, on_progress)
    return out


def _rest(limit: int | None, spent: int) -> int | None:
    return None if limit is None else max(limit - spent, 0)


def _run_stage(
    best: Best,
    mask: NDArray[np.bool_],
    stage: Stage,
    at: NDArray[np.intp],
    out: Descent,
    place: Place,
    allowance: int | None,
    budget: Budget,
    on_progress: OnProgress | None,
) -> None:
    """One stage on elements ``at``, in chunks that keep deadlines and progress lively."""
    begun = time.perf_counter()
    if out.steps[at].all():  # a stage before has looked at candidates
        place = replace(place, start=out.values[at])
    state = stage.dynamics.init(best.landscape, mask[at], place)
    out.seconds[at] += (time.perf_counter() - begun) / len(at)
    kernels = (stage.dynamics.name, state.backend)
    if LOADING.needs(kernels):
        with LOADING.of(kernels):
            stage.dynamics.advance(state, 0)
    progress = state.progress
    chunk, done = stage.dynamics.first_chunk, 0
    last = np.inf if allowance is None else allowance
    look_at = min(chunk, last)  # the next number of sweeps at which candidates are looked at
    while progress.open.any() and done < last:
        size = int(min(chunk, look_at - done))
        before, begun = progress.steps.copy(), time.perf_counter()
        stage.dynamics.advance(state, size)
        elapsed = time.perf_counter() - begun
        done += size
        taken = progress.steps - before
        out.seconds[at] += elapsed * taken / max(int(taken.sum()), 1)
        if budget.time_limit is not None:
            progress.open &= out.seconds[at] < budget.time_limit
        due = (taken > 0) & ~progress.finished & ((done == look_at) | ~progress.open)
        for element in np.flatnonzero(due):
            begun = time.perf_counter()
            best.look(stage.dynamics, state, int(element), int(at[element]), progress)
            out.seconds[at[element]] += time.perf_counter() - begun
        if done == look_at:
            look_at = min(2 * done, last)
        chunk = _next_chunk(chunk, size, elapsed, out.seconds[at], budget.time_limit)
        if on_progress is not None:
            on_progress(int(out.solved.sum() + progress.finished.sum()), len(out.solved))
    finished = progress.finished
    if not best.landscape.check(progress.values[finished]).all():
        raise AssertionError(
            f"{stage.dynamics.name} on {state.backend} called a candidate finished that breaks "
            "a hard constraint; please report this as a bug with the problem and the seed"
        )
    out.solved[at] = finished
    out.values[at[finished]] = progress.values[finished]
    out.steps[at] += progress.steps
    out.restarts[at] += progress.restarts
    out.engine[at] = stage.dynamics.name
    out.backend[at] = state.backend
    out.contradictory[at] = progress.contradictory


def _next_chunk(
    chunk: int, size: int, elapsed: float, seconds: NDArray[np.float64], limit: float | None
) -> int:
    """Sweeps for the next chunk: longer while that stays short of what is left to wait.

    Of the last chunk only ``size`` sweeps were taken, in ``elapsed`` seconds.
    """
    longest = LONGEST_CHUNK_SECONDS
    if limit is not None:
        longest = min(longest, max(limit - float(seconds.max()), 1e-3))
    return max(1, min(max(2 * size, chunk), int(size * longest / max(elapsed, 1e-6))))
