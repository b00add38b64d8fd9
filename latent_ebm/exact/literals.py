"""Literals for the entries of a mask.

A literal is a number as in DIMACS: v > 0 stands for Boolean v, -v for its negation. Boolean 1
is the constant truth, so that what a mask has settled needs no case of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRUE, FALSE = 1, -1


@dataclass(frozen=True, eq=False)
class Literals:
    """One literal for each entry of N variables of K values.

    A variable with two live states takes one Boolean and its negation; one that is fixed takes
    none.

    Attributes
    ----------
    of_entry
        [N * K] int64; FALSE where the mask forbids the entry.
    shape
        (N, K).
    count
        How many Booleans are in use, the constant included.

    Examples
    --------
    >>> mask = np.array([[True, True, True], [True, False, True], [False, True, False]])
    >>> Literals.of_mask(mask).of_entry.reshape(3, 3).tolist()
    [[2, 3, 4], [5, -1, -5], [-1, 1, -1]]
    """

    of_entry: NDArray[np.int64]
    shape: tuple[int, int]
    count: int

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_]) -> Literals:
        """Number the live entries of mask [N, K]."""
        live = mask.sum(axis=1)
        first = np.cumsum(mask, axis=1) == 1
        # of two live entries only the first takes a Boolean, of one none
        owns = mask & ((live > 2)[:, None] | ((live == 2)[:, None] & first))
        number = np.cumsum(owns.ravel()).reshape(mask.shape) + TRUE
        of_entry = np.where(owns, number, FALSE)
        partner = mask & ~owns & (live == 2)[:, None]
        of_entry[partner] = -of_entry[owns & (live == 2)[:, None]]
        of_entry[mask & (live == 1)[:, None]] = TRUE
        return cls(of_entry.ravel().astype(np.int64), mask.shape, int(owns.sum()) + TRUE)

    @property
    def table(self) -> NDArray[np.int64]:
        """[N, K], variable by variable."""
        return self.of_entry.reshape(self.shape)

    def wide(self) -> list[list[int]]:
        """The literals of each variable with more than two live states; one of each holds."""
        rows = [row[row != FALSE].tolist() for row in self.table]
        return [row for row in rows if len(row) > 2]

    def decode(self, holds: NDArray[np.bool_]) -> NDArray[np.int16]:
        """The states [N] at which the Booleans, ``holds[v]`` for Boolean v, choose."""
        value = holds[np.abs(self.table)] == (self.table > 0)
        return value.argmax(axis=1).astype(np.int16)

    def other_than(self, values: NDArray[np.integer]) -> list[int]:
        """The clause that some variable takes another state than at ``values`` [N]."""
        at = self.table[np.arange(len(values)), values]
        return [-literal for literal in at.tolist() if literal != TRUE]

    def wishes(self, scores: NDArray[np.number]) -> list[int]:
        """The literals that hold where each variable takes its best live state.

        Parameters
        ----------
        scores
            [N] states, of which those that are not live say nothing; or [N, K] with the higher
            the better, as marginals are.
        """
        best = np.asarray(scores)
        if scores.ndim == 2:
            best = np.where(self.table == FALSE, -np.inf, scores).argmax(axis=1)
        state = np.arange(self.shape[1])
        # a state that the mask forbids, such as that of a blocked solution, is no wish
        possible = self.table[np.arange(len(best)), best] != FALSE
        signed = np.where(state == best[:, None], self.table, -self.table)
        return np.unique(signed[(np.abs(self.table) != TRUE) & possible[:, None]]).tolist()
