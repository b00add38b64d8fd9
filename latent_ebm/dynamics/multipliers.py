"""The straight-through gradient with one multiplier a factor, event by event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place, Progress
from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.multipliers import (
    Clashes,
    MultipliersProblem,
    MultipliersState,
    Pace,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from latent_ebm.energies.landscape import Landscape


QUICK = Pace(step_size=0.8, spread=0.5, growth=0.3, forgetting=0.3)
PATIENT = Pace(step_size=0.9, spread=0.8, growth=0.2, forgetting=0.03)


@dataclass(frozen=True)
class Multipliers:
    """Descend the weighted multilinear energies, and raise the multipliers of what is violated.

    With p_i = onehot(argmax_a z_ia) (the straight-through point), E_f the multilinear energy of
    factor f (a clause: the product of its literals' falsehood; a not-equal pair, or two entries
    of an at-most-one group: the product of their entries) and lambda_f its multiplier::

        g        = gradient of sum_f lambda_f E_f at p
        lambda_f <- lambda_f + growth [f is violated]
        z_i      <- z_i + eta_i (-g_i - z_i)              variable by variable

    and every 32 sweeps lambda_f <- lambda_f + forgetting (1 - lambda_f). The gradient is kept
    up to date as choices change, so a sweep costs what it changes. The step sizes eta_i are
    spread, which breaks ties between exchangeable variables. One chain runs at each of the
    ``paces``: a quick one, best on satisfiability, and a patient one, best on rugged colourings.

    The idea of weights that grow on what is violated goes back to the breakout method (Morris
    1993), GENET (Davenport et al. 1994) and clause weighting for satisfiability (SAPS, Hutter
    et al. 2002); measured in docs/dynamics.md.
    """

    paces: tuple[Pace, ...] = (QUICK, PATIENT)
    restart_every: int = 1_000_000
    name: str = field(default="multipliers", init=False)
    first_chunk: int = field(default=100, init=False)

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> MultipliersRun:
        """Nothing is drawn yet: the first sweep starts the chains.

        Raises
        ------
        ValueError
            If some factor is neither a clause, an at-most-one or exactly-one group, nor a
            not-equal relation.
        """
        backend, kernel = select("multipliers", place.backend, place.device)
        num_variables, num_values = landscape.space.shape
        clashes = Clashes.of(num_variables, landscape.factors)
        problem = MultipliersProblem(clashes, self.paces, self.restart_every)
        chains = len(self.paces)
        batch, entries = len(mask), num_variables * num_values
        progress = Progress.start(batch, num_variables)
        state = MultipliersState(
            live=mask.reshape(batch, -1).view(np.uint8),
            open=progress.open,
            finished=progress.finished,
            values=progress.values,
            steps=progress.steps,
            restarts=progress.restarts,
            latent=np.empty((batch, chains, entries), np.float32),
            choices=np.zeros((batch, chains, num_variables), np.int16),
            multipliers=np.empty((batch, chains, clashes.count), np.float32),
            seed=place.seed,
        )
        return MultipliersRun(progress, backend, problem, state, kernel)

    def advance(self, state: MultipliersRun, sweeps: int) -> None:
        """Sweep every open element up to ``sweeps`` times."""
        state.kernel(state.problem, state.latent, sweeps)

    def candidates(self, state: MultipliersRun, element: int) -> NDArray[np.int16]:
        """[C, N], what each chain now chooses."""
        return state.latent.choices[element].copy()


@dataclass(eq=False)
class MultipliersRun:
    """A run's progress and latent; the latent's arrays include those of the progress."""

    progress: Progress
    backend: str
    problem: MultipliersProblem
    latent: MultipliersState
    kernel: Callable[[MultipliersProblem, MultipliersState, int], None]
