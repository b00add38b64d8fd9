"""Dives down a landscape that learns: each contradiction becomes one more factor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place, Progress
from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.multipliers import Clashes
from latent_ebm.kernels.nogoods import Learning, NogoodsProblem, NogoodsState

if TYPE_CHECKING:
    from collections.abc import Callable

    from latent_ebm.energies.landscape import Landscape


QUICK = Learning()
STEADY = Learning(activity_decay=0.99, unit=100, follow=True, renew=1_000)


@dataclass(frozen=True)
class Nogoods:
    """Descend one Boolean after the other, and learn a factor where that ends in a contradiction.

    The latent is an activity and a phase for each Boolean entry. A dive takes the entries in the
    order of their activity, each as its phase says, and lets groups and clauses draw their
    consequences, which keeps every energy term at 0, until some factor cannot hold. Resolving
    that factor with those that led to it gives a clause that the dive's decisions violate: a new
    energy term, with a multiplier of its own that grows while it is met and is forgotten when it
    is not. What took part becomes more active; see ``kernels/reference/nogoods.py``.

    This is conflict-driven clause learning with the latent for its heuristics, for stragglers on
    which the other dynamics lose their way. It never calls a problem infeasible: where the
    learned factors contradict the given ones it gives up. One chain runs with each of
    ``learning``.
    """

    learning: tuple[Learning, ...] = (QUICK, STEADY)
    name: str = field(default="nogoods", init=False)
    first_chunk: int = field(default=100, init=False)

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> NogoodsRun:
        """Nothing is assumed yet: the first dive starts the chains.

        Raises
        ------
        ValueError
            If some factor is neither a clause, an at-most-one or exactly-one group, nor a
            not-equal relation.
        """
        backend, kernel = select("nogoods", place.backend, place.device)
        num_variables, _ = landscape.space.shape
        problem = NogoodsProblem(Clashes.of(num_variables, landscape.factors), self.learning)
        batch = len(mask)
        progress = Progress.start(batch, num_variables)
        state = NogoodsState(
            live=mask.reshape(batch, -1).view(np.uint8),
            open=progress.open,
            finished=progress.finished,
            values=progress.values,
            steps=progress.steps,
            restarts=progress.restarts,
            contradictory=progress.contradictory,
            start=mask.argmax(axis=2).astype(np.int16) if place.start is None else place.start,
            chains=[[] for _ in range(batch)],
            seed=place.seed,
        )
        return NogoodsRun(progress, backend, problem, state, kernel)

    def advance(self, state: NogoodsRun, sweeps: int) -> None:
        """Dive up to ``sweeps`` times in every open element."""
        state.kernel(state.problem, state.latent, sweeps)

    def candidates(self, state: NogoodsRun, element: int) -> NDArray[np.int16]:
        """[C, N], what holds in each chain, and what its phases wish for the rest."""
        return np.stack([chain.choices() for chain in state.latent.chains[element]])


@dataclass(eq=False)
class NogoodsRun:
    """A run's progress and latent; the latent's arrays include those of the progress."""

    progress: Progress
    backend: str
    problem: NogoodsProblem
    latent: NogoodsState
    kernel: Callable[[NogoodsProblem, NogoodsState, int], None]
