"""Whether a reading is a puzzle with one solution; and if not, which others are none either."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.learning.visual.search import Accepted, Reading, Refused
from latent_ebm.puzzles.sudoku import Shape
from latent_ebm.puzzles.sudoku.batch import clashing

NINE = Shape(3, 3)


@dataclass(frozen=True)
class SudokuJudge:
    """Accepts readings (0 for a blank, else the digit) that have exactly one solution.

    Exact, by propagation and depth-first search. Of a contradiction, a smallest part is found by
    leaving out one clue after the other, doubtful ones first: what remains is as certain as can
    be, so that changing any of it costs much. Of two solutions, every reading that fits both
    is refused.

    Attributes
    ----------
    doubt
        [N] how cheaply each cell could be read otherwise; what is low is left out first.
    shape
        Of the grid.
    """

    doubt: NDArray[np.floating]
    shape: Shape = NINE

    def __call__(self, reading: Reading) -> Accepted | Refused:
        """Accept or refuse a reading [N].

        Examples
        --------
        >>> judge = SudokuJudge(np.arange(16.0), Shape(2, 2))
        >>> judge(np.array([1, 0, 0, 1, 2] + [0] * 11)).box.sum(axis=1).tolist()[:5]
        [1, 5, 5, 1, 5]
        """
        from latent_ebm.puzzles.sudoku.counting import two_solutions

        found = two_solutions(reading.astype(np.int8), self.shape)
        if found is None:
            return Refused(np.eye(self.shape.side + 1, dtype=np.bool_)[reading])
        if len(found) == 1:
            return Accepted(found[0].astype(np.int16) - 1)
        if len(found) == 2:
            return Refused(self._fitting(*found))
        return Refused(self._whatever_else(reading, self._core(reading)))

    @cached_property
    def _labels(self) -> NDArray[np.bool_]:
        return np.eye(self.shape.side + 1, dtype=np.bool_)

    def _fitting(self, one: NDArray[np.int8], other: NDArray[np.int8]) -> NDArray[np.bool_]:
        """The box of all readings that leave both solutions."""
        box = self._labels[one] & self._labels[other]
        box[:, 0] = True
        return box

    def _whatever_else(self, reading: Reading, core: NDArray[np.intp]) -> NDArray[np.bool_]:
        """The box of all readings that agree on the core."""
        box = np.ones((len(reading), self.shape.side + 1), np.bool_)
        box[core] = self._labels[reading[core]]
        return box

    def _core(self, reading: Reading) -> NDArray[np.intp]:
        """The cells of clues that have no solution, and would have one without any of them."""
        from latent_ebm.puzzles.sudoku.counting import count_solutions

        kept = reading.astype(np.int8)
        clash = clashing(kept[None], self.shape)[0]
        clues = np.flatnonzero(kept)
        for cell in clues[np.argsort(self.doubt[clues], kind="stable")]:
            clue, kept[cell] = kept[cell], 0
            if clash:
                needed = not clashing(kept[None], self.shape)[0]
            else:
                needed = count_solutions(kept, self.shape, limit=1) != 0
            if needed:
                kept[cell] = clue
        return np.flatnonzero(kept)
