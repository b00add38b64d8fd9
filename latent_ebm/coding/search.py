"""The loop: strategies propose, trials run, survivors are collected until time or patience end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.strategies import Strategy
from latent_ebm.coding.trials import Deadline, Trials

BATCHES = (8, 16, 32, 64, 128)
"""Candidates of the first batches: small, as the first ones are the likeliest."""

OnProgress = Callable[[int, float], None]
"""Called with (executions so far, best tests energy so far)."""


@dataclass(frozen=True)
class Patience:
    """When to stop looking for better patches once one was found.

    Attributes
    ----------
    nats
        Candidates that cost so much more than the first one found are not waited for.
    factor, least
        At most ``factor`` times the executions that the first one took, at least ``least``.
    seconds
        No longer than so, or than the first one took, where that is longer.
    """

    nats: float = 1.5
    factor: float = 1.0
    least: int = 300
    seconds: float = 10.0


def search(
    strategy: Strategy,
    trials: Trials,
    deadline: Deadline,
    patience: Patience,
    *,
    most: int | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Run until the deadline or ``most`` executions, until nothing is left, or patience ends."""
    first: tuple[Candidate, int] | None = None
    best, took, step = float("inf"), 0.0, 0
    begun = time.monotonic()
    while deadline.left > 0 and (most is None or trials.executions < most):
        size = BATCHES[min(step, len(BATCHES) - 1)]
        candidates = strategy.propose(size if most is None else min(size, most - trials.executions))
        step += 1
        if not candidates:
            trials.retry(float("inf"))
            return
        # once something passed, a first failing case is all there is to know
        outcomes = trials.run(candidates, stop_early=not strategy.wants_all or first is not None)
        if first is None:
            strategy.learn(candidates, outcomes)
            best = min(best, min(trials.energy(outcome) for outcome in outcomes))
        if on_progress is not None:
            on_progress(trials.executions, best)
        trials.retry(min(candidate.energy for candidate in candidates))
        if first is None and trials.survivors:
            first = trials.survivors[0]
            took = time.monotonic() - begun
        if first is not None:
            done = trials.executions - first[1]
            dear = (
                min(candidate.energy for candidate in candidates) > first[0].energy + patience.nats
            )
            late = time.monotonic() - begun - took > max(patience.seconds, took)
            if dear or late or done > max(patience.factor * first[1], patience.least):
                return
