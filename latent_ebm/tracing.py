"""Watching one descent: what every chain decodes to, sweep by sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place
from latent_ebm.plan import plan

if TYPE_CHECKING:
    from latent_ebm.puzzles.problem import Problem
    from latent_ebm.solving import Settings


@dataclass(frozen=True, eq=False)
class Trace:
    """One chain's way through the landscape.

    Attributes
    ----------
    energies
        Domain name -> [T] its energy after each sweep.
    values
        [T, N] the chain's candidates.
    solved
        Whether the last candidate is a solution.
    engine
        The dynamics that ran.
    """

    energies: dict[str, NDArray[np.float32]]
    values: NDArray[np.int16]
    solved: bool
    engine: str

    @property
    def total(self) -> NDArray[np.float32]:
        """[T] the energy of all domains together."""
        return np.sum(list(self.energies.values()), axis=0)


def record(problem: Problem, settings: Settings) -> Trace:
    """Descend one problem sweep by sweep; follow the chain that solves it, or ends nearest.

    Raises
    ------
    ValueError
        If the givens contradict each other, or presolve alone settles the problem.
    """
    faults = problem.faults()
    if faults:
        raise ValueError(f"nothing to trace, the givens clash: {'; '.join(faults)}")
    left = problem.landscape.presolve(type(problem).masks([problem]), settings.presolve)
    if left.contradiction[0]:
        raise ValueError("nothing to trace: presolve finds that some group is left without a value")
    if (left.mask.sum(axis=2) == 1).all():
        raise ValueError("nothing to trace: presolve settles every cell; add --no-presolve")
    dynamics = plan(settings.dynamics, settings.bridge, kind=problem.kind)[0].dynamics
    place = Place(settings.backend, settings.device, settings.seed)
    state = dynamics.init(problem.landscape, left.mask, place)
    steps: list[NDArray[np.int16]] = []
    limit = 5_000 if settings.max_steps is None else settings.max_steps
    for _ in range(limit):
        dynamics.advance(state, 1)
        if state.progress.finished[0]:
            break
        steps.append(dynamics.candidates(state, 0))
    final = state.progress.values[:1]
    solved = bool(state.progress.finished[0])
    if not steps:
        values = final
    else:
        values = np.stack(steps)[:, _nearest(problem, steps[-1], final if solved else None)]
        values = np.concatenate([values, final]) if solved else values
    return Trace(_energies(problem, values), values, solved, dynamics.name)


def _nearest(problem: Problem, chains: NDArray[np.int16], final: NDArray[np.int16] | None) -> int:
    """The chain that became the solution; without one, the chain of least energy."""
    if final is not None:
        return int((chains != final).sum(axis=1).argmin())
    return int(np.sum(list(_energies(problem, chains).values()), axis=0).argmin())


def _energies(problem: Problem, values: NDArray[np.int16]) -> dict[str, NDArray[np.float32]]:
    import torch

    landscape = problem.landscape
    terms = landscape.energies(torch.from_numpy(landscape.space.one_hot(values)))
    return {name: energy.sum(dim=1).numpy() for name, energy in terms.items()}
