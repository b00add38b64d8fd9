"""The best candidate so far of each element that no chain has solved yet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Dynamics, Progress
from latent_ebm.energies.landscape import Landscape


class Best:
    """Of the candidates looked at, the one of each element that violates the fewest hard factors.

    Looking costs as much as some sweeps, so the loop does it at step counts that double, and
    when it gives an element up. These do not depend on the batch or on the clock, so the same
    seed keeps giving the same candidate as long as no time limit cuts in.

    Parameters
    ----------
    landscape
        The hard factors.
    values
        [B, N], where the best candidates are kept.
    """

    def __init__(self, landscape: Landscape, values: NDArray[np.int16]) -> None:
        self.landscape = landscape
        self.values = values
        self.fewest = np.full(len(values), np.iinfo(np.int64).max)

    def look(
        self, dynamics: Dynamics[Any], state: Any, element: int, number: int, progress: Progress
    ) -> None:
        """Compare what all chains of a run's ``element`` decode to; its ``number`` is the batch's.

        A candidate that violates nothing finishes the element: a chain's point satisfies the
        problem before the dynamics have come to rest.
        """
        candidates = dynamics.candidates(state, element)
        violated = violation_counts(self.landscape, candidates)
        chain = int(violated.argmin())
        if violated[chain] < self.fewest[number]:
            self.fewest[number] = violated[chain]
            self.values[number] = candidates[chain]
        if violated[chain] == 0:
            progress.values[element] = candidates[chain]
            progress.finished[element], progress.open[element] = True, False


def violation_counts(landscape: Landscape, values: NDArray[np.int16]) -> NDArray[np.int64]:
    """How many hard factors each of values [B, N] breaks, [B].

    Examples
    --------
    >>> from latent_ebm.puzzles.sudoku import Shape, sudoku_landscape
    >>> violation_counts(sudoku_landscape(Shape(2, 2)), np.zeros((1, 16), np.int16)).tolist()
    [12]
    """
    broken = np.zeros(len(values), np.int64)
    for domain in landscape.hard:
        for family in domain.families:
            broken += np.count_nonzero(~family.check(values), axis=1)
    return broken
