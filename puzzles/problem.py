"""What a problem is to the solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape


@dataclass(frozen=True)
class BadPuzzle:
    """A puzzle that could not be read; the ones after it still are.

    Attributes
    ----------
    source
        The file's name.
    line
        The line, from 1, at which the trouble starts.
    cell
        The cell's name, as ``r1c9``; empty if it is not one cell's fault.
    message
        What is wrong.

    Examples
    --------
    >>> print(BadPuzzle("puzzles.txt", 3, "r1c9", "'x' is not a digit"))
    puzzles.txt:3: cell r1c9: 'x' is not a digit
    """

    source: str
    line: int
    cell: str
    message: str

    def __str__(self) -> str:
        cell = f"cell {self.cell}: " if self.cell else ""
        return f"{self.source}:{self.line}: {cell}{self.message}"


class Question(Protocol):
    """What every problem has, whoever searches for its answer."""

    @property
    def kind(self) -> str:
        """The kind's name, as in ``sudoku``."""
        ...

    @property
    def source(self) -> str:
        """Where it was read, as in ``puzzles.txt:3``; empty if nowhere."""
        ...

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the givens themselves, in words; empty if nothing is."""
        ...

    def render(self, values: NDArray[np.integer] | None = None) -> str:
        """The problem, or its solution, for a terminal."""
        ...

    def encode(self, values: NDArray[np.integer]) -> str:
        """A solution as files of the kind have it."""
        ...


@runtime_checkable
class Problem(Question, Protocol):
    """A landscape together with what is given, and the ways in and out.

    To add a kind of puzzle: a frozen dataclass with these members in a module (or folder)
    beside this one. Problems of one shape share their landscape object, and so are solved as
    one batch; the class methods work on such a batch.
    """

    @property
    def landscape(self) -> Landscape:
        """The constraints."""
        ...

    @classmethod
    def masks(cls, problems: Sequence[Self]) -> NDArray[np.bool_]:
        """[B, N, K] the states that are left by what is given."""
        ...

    @classmethod
    def clashing(cls, problems: Sequence[Self]) -> NDArray[np.bool_]:
        """[B] whether the givens contradict each other; ``faults`` says how."""
        ...

    @classmethod
    def verified(cls, problems: Sequence[Self], values: NDArray[np.integer]) -> NDArray[np.bool_]:
        """[B] whether values [B, N] solve them: exact, and independent of the energies."""
        ...
