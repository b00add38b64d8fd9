"""The straight-through primal-dual splitting: every domain keeps its own view."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place, Progress
from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.splitting import LANES, SplittingProblem, SplittingState

if TYPE_CHECKING:
    from collections.abc import Callable

    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.kernels.structure import Groups


@dataclass(frozen=True)
class Splitting:
    """Descend the disagreement of the views and ascend their multipliers.

    With x the shared point, u_q the multiplier of view q, and
    p_q = onehot(argmax over the group of x - u_q) its straight-through point::

        E(x) = 1/(2Q) sum_q |x - p_q|^2
        x   <- x - grad E = mean_q p_q                descends E
        u_q <- u_q + p_q - mean_q p_q                 ascends the consensus

    Also known as divide and concur, the difference map, or relaxed-reflect-reflect with
    beta = 1 (Gravel and Elser 2008). There, in terms of s_q = Q (x - u_q) and the number
    c = sum_q p_q of views that chose an entry, a sweep is s_q <- s_q + 2 c' - c - Q p_q:
    integers only, so that a byte holds each chain's score and all back ends agree bit for
    bit. 64 chains of one problem run side by side; the first to have all views agree on a
    point that satisfies the groups finishes it.
    """

    restart_every: int = 500
    name: str = field(default="splitting", init=False)
    first_chunk: int = field(default=2_000, init=False)

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> SplittingRun:
        """Nothing is drawn yet: the first sweep starts the chains."""
        backend, kernel = select("splitting", place.backend, place.device)
        groups = landscape.groups
        batch = len(mask)
        progress = Progress.start(batch, groups.num_variables)
        state = SplittingState(
            live=without_twins(groups, mask.reshape(batch, -1)).view(np.uint8),
            open=progress.open,
            finished=progress.finished,
            values=progress.values,
            steps=progress.steps,
            restarts=progress.restarts,
            # pages are touched only for elements that outlast a call
            scores=np.empty((batch, len(groups.members.items), LANES), np.int8),
            counts=np.empty((batch, groups.num_entries, LANES), np.int8),
            seed=place.seed,
        )
        problem = SplittingProblem(groups, self.restart_every)
        return SplittingRun(progress, backend, problem, state, kernel)

    def advance(self, state: SplittingRun, sweeps: int) -> None:
        """Sweep every open element up to ``sweeps`` times."""
        state.kernel(state.problem, state.latent, sweeps)

    def candidates(self, state: SplittingRun, element: int) -> NDArray[np.int16]:
        """[64, N], each variable's best score in its own view."""
        groups, live = state.problem.groups, state.latent.live[element].astype(np.bool_)
        n, k = groups.num_variables, groups.num_values
        alive = np.add.reduceat(live[groups.members.items], groups.members.offsets[:-1])
        crowd = np.maximum.reduceat(
            alive[groups.groups_of.items], groups.groups_of.offsets[:-1]
        )  # an entry that is alone in all its groups is settled, and is not swept
        swept = np.flatnonzero(live & (crowd > 1))
        widths = groups.replicas.widths[swept]
        own = np.cumsum(widths) - widths  # an entry's first view is its variable's
        table = np.where(live, np.int16(-500), np.int16(-1000))[:, None].repeat(LANES, axis=1)
        table[swept] = state.latent.scores[element, own]
        return table.reshape(n, k, LANES).argmax(axis=1).T.astype(np.int16)


def without_twins(groups: Groups, live: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of each variable's live entries that meet no rival elsewhere, only the first; [B, E].

    Such entries can always be chosen, and one is as good as another. Equal scores would tie
    them for good, and among many variables no lane is without a tie.
    """
    others = groups.groups_of.items >= groups.num_variables
    entry = groups.replicas.row_of
    needed = np.bincount(entry, others & groups.exact[groups.groups_of.items], groups.num_entries)
    rows = np.flatnonzero(needed == 0)  # no exact group but the variable wants these
    if len(rows) == 0:
        return live
    alive = np.add.reduceat(
        live[:, groups.members.items], groups.members.offsets[:-1], axis=1, dtype=np.int32
    )
    contested = (alive[:, groups.groups_of.items] > 1) & others
    rivals = np.add.reduceat(contested, groups.replicas.offsets[:-1], axis=1, dtype=np.int32)
    free = np.zeros_like(live)
    free[:, rows] = live[:, rows] & (rivals[:, rows] == 0)
    by_variable = free.reshape(len(live), groups.num_variables, groups.num_values)
    twin = by_variable & (by_variable.cumsum(axis=2) > 1)
    return live & ~twin.reshape(live.shape)


@dataclass(eq=False)
class SplittingRun:
    """A run's progress and latent; the latent's arrays include those of the progress."""

    progress: Progress
    backend: str
    problem: SplittingProblem
    latent: SplittingState
    kernel: Callable[[SplittingProblem, SplittingState, int], None]
