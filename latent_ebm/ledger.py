"""What becomes known of a block of problems while it is solved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.exact.hybrid import Settled
from latent_ebm.exact.outcome import Verdict
from latent_ebm.loop import Descent
from latent_ebm.solution import Status

CONTRADICTORY = (
    "descent: the factors that it learned contradict the given ones, so it gave up; ask for the "
    "hybrid strategy to have that proved"
)


@dataclass(eq=False)
class Ledger:
    """What becomes known of B problems, filled in as the work goes on.

    ``core`` holds tuples of names where INFEASIBLE, ``unique`` and ``optimal`` what
    :class:`Solution` says, ``cost`` what the broken soft factors of a solution weigh, ``remark``
    why an unknown one was given up, if not for want of time; the other fields are those of
    :class:`Descent`.
    """

    status: NDArray[np.object_]
    values: NDArray[np.int16]
    steps: NDArray[np.int64]
    restarts: NDArray[np.int64]
    seconds: NDArray[np.float64]
    engine: NDArray[np.object_]
    backend: NDArray[np.object_]
    core: NDArray[np.object_]
    unique: NDArray[np.object_]
    optimal: NDArray[np.object_]
    cost: NDArray[np.object_]
    remark: NDArray[np.object_]

    @classmethod
    def blank(cls, values: NDArray[np.int16]) -> Ledger:
        """Nothing known yet; values [B, N] are the candidates so far."""
        batch = len(values)
        return cls(
            np.full(batch, Status.UNKNOWN, np.object_),
            values,
            np.zeros(batch, np.int64),
            np.zeros(batch, np.int64),
            np.zeros(batch, np.float64),
            np.full(batch, "presolve", np.object_),
            np.full(batch, "cpu", np.object_),
            np.full(batch, None, np.object_),
            np.full(batch, None, np.object_),
            np.full(batch, None, np.object_),
            np.full(batch, 0.0, np.object_),
            np.full(batch, "", np.object_),
        )

    def enter(self, at: NDArray[np.intp], descent: Descent) -> None:
        """Take over how the descent of problems ``at`` ended."""
        self.status[at[descent.solved]] = Status.SOLVED
        self.values[at] = descent.values
        self.steps[at], self.restarts[at] = descent.steps, descent.restarts
        self.seconds[at] += descent.seconds
        self.engine[at], self.backend[at] = descent.engine, descent.backend
        self.remark[at[descent.contradictory]] = CONTRADICTORY

    def conclude(self, b: int, settled: Settled) -> None:
        """Take over what an exact engine found out about problem b."""
        if settled.verdict is Verdict.UNKNOWN:
            return
        self.engine[b], self.backend[b] = settled.engine, "cpu"
        self.status[b] = Status.INFEASIBLE
        self.core[b] = settled.core
        if settled.values is not None:
            self.status[b], self.values[b] = Status.SOLVED, settled.values
