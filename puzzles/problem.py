"""What a problem is to the solver."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape


@runtime_checkable
class Problem(Protocol):
    """A landscape together with what is given, and the ways in and out.

    To add a kind of puzzle: a frozen dataclass with these members in a module (or folder)
    beside this one. Problems of one shape should share their landscape object, so that they
    can be solved as one batch.
    """

    @property
    def kind(self) -> str:
        """The kind's name, as in ``sudoku``."""
        ...

    @property
    def landscape(self) -> Landscape:
        """The constraints."""
        ...

    @property
    def mask(self) -> NDArray[np.bool_]:
        """[N, K] the states that are left by what is given."""
        ...

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the givens themselves, in words; empty if nothing is."""
        ...

    def verify(self, values: NDArray[np.integer]) -> bool:
        """Whether values [N] solve the problem: exact, and independent of the energies."""
        ...

    def render(self, values: NDArray[np.integer] | None = None) -> str:
        """The problem, or its solution, for a terminal."""
        ...

    def encode(self, values: NDArray[np.integer]) -> str:
        """A solution on one line (or rows), as files of the kind have it."""
        ...
