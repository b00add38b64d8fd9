"""The space of candidates: N categorical variables over at most K states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Space:
    """N categorical variables, each over those of K states that its mask allows.

    A relaxed assignment x [B, N, K] lies on the product of the N simplices, a discrete one
    is ``values`` [B, N] of states. Names are for people: errors and violations use them.

    Attributes
    ----------
    mask
        [N, K] bool, the states that each variable may take.
    variables
        N names.
    states
        K names.

    Raises
    ------
    ValueError
        If the mask is not a matrix, the names do not fit it, or a variable has no state.

    Examples
    --------
    >>> space = Space.full(["x", "y"], ["red", "green", "blue"])
    >>> space.shape
    (2, 3)
    """

    mask: NDArray[np.bool_]
    variables: tuple[str, ...]
    states: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.mask.dtype != np.bool_ or self.mask.ndim != 2:
            raise ValueError(
                f"a space needs a boolean mask [N, K]; found {self.mask.dtype} "
                f"of shape {self.mask.shape}"
            )
        expected = (len(self.variables), len(self.states))
        if self.mask.shape != expected:
            raise ValueError(
                f"mask of shape {self.mask.shape} does not fit {expected[0]} variable names "
                f"and {expected[1]} state names"
            )
        empty = np.flatnonzero(~self.mask.any(axis=1))
        if len(empty):
            raise ValueError(
                f"variable {self.variables[empty[0]]} has no allowed state; "
                "leave it out or allow one"
            )

    @classmethod
    def full(
        cls, variables: list[str] | tuple[str, ...], states: list[str] | tuple[str, ...]
    ) -> Space:
        """All states allowed everywhere."""
        return cls(
            np.ones((len(variables), len(states)), np.bool_), tuple(variables), tuple(states)
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(N, K)."""
        return len(self.variables), len(self.states)

    def one_hot(self, values: NDArray[np.integer]) -> NDArray[np.float32]:
        """Discrete values [B, N] as a corner x [B, N, K] of the product of simplices."""
        return np.eye(self.shape[1], dtype=np.float32)[values]
