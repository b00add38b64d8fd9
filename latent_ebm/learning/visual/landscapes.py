"""Reading by the rules of any landscape, such as learned ones, instead of those of Sudoku."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.coupling import Rule
from latent_ebm.energies.landscape import Landscape
from latent_ebm.exact.hybrid import is_only_solution, settle
from latent_ebm.exact.outcome import Verdict
from latent_ebm.learning.visual.search import Accepted, Found, Reading, Refused, most_probable

SECONDS = 5.0
"""For the exact engine, on one reading."""


@dataclass(frozen=True, eq=False)
class LandscapeJudge:
    """Accepts readings (0 a blank, else state + 1) of which the hard domains leave one solution.

    What presolve does not decide goes to CaDiCaL or CP-SAT. Where presolve finds a
    contradiction, clues are left out as long as it still finds one, doubtful ones first.

    Attributes
    ----------
    landscape
        What must hold; nothing else is known of the puzzle.
    doubt
        [N] how cheaply each cell could be read otherwise.
    """

    landscape: Landscape
    doubt: NDArray[np.floating]

    def __call__(self, reading: Reading) -> Accepted | Refused:
        """Accept or refuse a reading [N]; one that takes too long to decide is refused."""
        given = self._masks(reading[None])
        left = self.landscape.presolve(given, Rule.SUBSETS)
        if left.contradiction[0]:
            return Refused(self._agreeing(reading, self._core(reading)))
        mask = left.mask[0]
        values = mask.argmax(axis=1).astype(np.int16)
        if (mask.sum(axis=1) == 1).all():
            if self.landscape.check(values[None])[0]:
                return Accepted(values)
            return Refused(self._agreeing(reading, reading > 0))
        found = settle(
            self.landscape, given[0], mask, values, exact="auto", time_limit=SECONDS, seed=0
        )
        if found.verdict is Verdict.UNSATISFIABLE:
            return Refused(self._agreeing(reading, reading > 0))
        if found.values is not None and is_only_solution(
            self.landscape, mask, found.values, exact="auto", time_limit=SECONDS, seed=0
        ):
            return Accepted(found.values)
        return Refused(self._agreeing(reading, np.ones(len(reading), np.bool_)))

    def _masks(self, readings: Reading) -> NDArray[np.bool_]:
        """[B, N, K] the states that readings [B, N] leave."""
        labels = np.eye(self.landscape.space.shape[1] + 1, dtype=np.bool_)[:, 1:]
        labels[0] = True
        allowed: NDArray[np.bool_] = labels[readings] & self.landscape.space.mask
        return allowed

    def _agreeing(self, reading: Reading, on: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The box of all readings that agree on some cells [N]."""
        labels = np.eye(self.landscape.space.shape[1] + 1, dtype=np.bool_)
        return np.where(on[:, None], labels[reading], True)

    def _core(self, reading: Reading) -> NDArray[np.bool_]:
        """[N] clues from which presolve still finds a contradiction, but without any of them."""
        kept = reading.copy()
        clues = np.flatnonzero(kept)
        for cell in clues[np.argsort(self.doubt[clues], kind="stable")]:
            clue, kept[cell] = kept[cell], 0
            if not self.landscape.presolve(self._masks(kept[None]), Rule.SUBSETS).contradiction[0]:
                kept[cell] = clue
        return kept > 0


def read_by(
    landscape: Landscape, log_probabilities: NDArray[np.floating], *, limit: int = 500
) -> Found:
    """The most probable reading of one board [N, K + 1] that has one solution in a landscape."""
    best = np.partition(log_probabilities, -2, axis=1)
    judge = LandscapeJudge(landscape, best[:, -1] - best[:, -2])
    return most_probable(log_probabilities, judge, limit=limit)
