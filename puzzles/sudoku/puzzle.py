"""A Sudoku: its givens, and the ways in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape
from latent_ebm.puzzles.sudoku.assembly import Grid, assemble
from latent_ebm.puzzles.sudoku.batch import clashing, masks_of, verify_batch
from latent_ebm.puzzles.sudoku.display import draw, to_html
from latent_ebm.puzzles.sudoku.landscape import sudoku_landscape
from latent_ebm.puzzles.sudoku.shape import Shape
from latent_ebm.puzzles.sudoku.text import Fault, Givens, ParseError


@dataclass(frozen=True, eq=False, repr=False)
class Sudoku:
    """A Sudoku puzzle.

    Attributes
    ----------
    givens
        [N] the clues, row by row; 0 is a blank cell. Kept as a read-only int8 array.
    shape
        The size of the grid and of its boxes.
    source
        Where it was read, as in ``puzzles.txt:3``; empty if nowhere.
    expected
        [N] the solution that came with it, as states 0 to n - 1; None if none did.

    Raises
    ------
    ValueError
        If the givens are not N numbers from 0 to n. Clues that contradict each other are no
        error; :meth:`faults` names them.

    Examples
    --------
    >>> puzzle = Sudoku.parse("12.. 34.. ..4. ...1")
    >>> puzzle
    Sudoku('12..34....4....1')
    >>> print(puzzle.encode(np.array([0, 1, 2, 3, 2, 3, 0, 1, 1, 0, 3, 2, 3, 2, 1, 0])))
    1234341221434321
    """

    givens: Givens
    shape: Shape
    source: str = ""
    expected: Givens | None = None

    def __post_init__(self) -> None:
        given = self.givens
        if given.shape != (self.shape.cells,) or given.dtype.kind not in "iu":
            raise ValueError(
                f"a {self.shape.grid} Sudoku needs {self.shape.cells} whole numbers as givens; "
                f"found {given.dtype} of shape {list(given.shape)}"
            )
        if given.dtype == np.int8:  # several times faster than comparing
            wrong = bool(given.tobytes().translate(None, _numbers(self.shape.side)))
        else:
            wrong = bool(given.min() < 0 or given.max() > self.shape.side)
        if wrong:
            cell = int(np.flatnonzero((given < 0) | (given > self.shape.side))[0])
            raise ValueError(
                f"cell {self.shape.cell_name(cell)} has {given[cell]}; givens are numbers from "
                f"1 to {self.shape.side}, or 0 for a blank"
            )
        if given.dtype != np.int8 or given.flags.writeable:
            given = given.astype(np.int8)
            given.flags.writeable = False
            object.__setattr__(self, "givens", given)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sudoku):
            return NotImplemented
        return self.shape == other.shape and np.array_equal(self.givens, other.givens)

    def __hash__(self) -> int:
        return hash((self.shape, self.givens.tobytes()))

    def __repr__(self) -> str:
        text = self.encode(self.givens.astype(int) - 1).replace("\n", " / ")
        return f"Sudoku({text!r}{f', source={self.source!r}' if self.source else ''})"

    @classmethod
    def parse(cls, text: str, shape: Shape | None = None, *, source: str = "") -> Sudoku:
        """Read the one puzzle in a text, in any of the forms of ``read_puzzles`` but CSV.

        Raises
        ------
        ParseError
            If the text holds no puzzle, more than one, or a faulty one.

        Examples
        --------
        >>> Sudoku.parse("1... .... ..5. ...4")
        Traceback (most recent call last):
        ...
        latent_ebm.puzzles.sudoku.text.ParseError: line 1: cell r3c3: '5' is not a \
digit from 1 to 4 or a blank ('.', '0')
        """
        lines = text.encode("utf-8", errors="backslashreplace").splitlines()
        found = list(assemble(enumerate(lines, start=1), shape))
        for fault in found:
            if isinstance(fault, Fault):
                raise ParseError(fault)
        grids = [grid for grid in found if isinstance(grid, Grid)]
        if len(grids) != 1:
            count = len(grids) or "no"
            raise ParseError(Fault(f"one puzzle was asked for; the text holds {count}"))
        return cls(grids[0].givens, grids[0].shape, source)

    @classmethod
    def read(cls, path: str | Path, shape: Shape | None = None) -> list[Sudoku]:
        """Read all puzzles of a file; ``read_puzzles`` streams them, and steps over faulty ones.

        Raises
        ------
        ReadError
            If the file cannot be read, or a puzzle in it is faulty.
        """
        from latent_ebm.puzzles.problem import BadPuzzle
        from latent_ebm.puzzles.sudoku.readers import ReadError, read_puzzles

        puzzles = []
        for found in read_puzzles(path, shape):
            if isinstance(found, BadPuzzle):
                raise ReadError(str(found))
            puzzles.append(found)
        return puzzles

    @property
    def kind(self) -> str:
        """``sudoku``."""
        return "sudoku"

    @property
    def clues(self) -> int:
        """The number of cells that are given."""
        return int(np.count_nonzero(self.givens))

    @property
    def landscape(self) -> Landscape:
        """The constraints, shared by all puzzles of the shape."""
        return sudoku_landscape(self.shape)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """[N, K] the states that the givens leave."""
        return masks_of(self.givens[None], self.shape)[0]

    @classmethod
    def masks(cls, problems: Sequence[Sudoku]) -> NDArray[np.bool_]:
        """[B, N, K] the states that the givens leave."""
        givens, shape = stacked(problems)
        return masks_of(givens, shape)

    @classmethod
    def clashing(cls, problems: Sequence[Sudoku]) -> NDArray[np.bool_]:
        """[B] whether two clues contradict each other."""
        return clashing(*stacked(problems))

    @classmethod
    def verified(cls, problems: Sequence[Sudoku], values: NDArray[np.integer]) -> NDArray[np.bool_]:
        """[B] whether values [B, N] solve them; see :func:`verify_batch`."""
        givens, shape = stacked(problems)
        return verify_batch(givens, values, shape)

    def verify(self, values: NDArray[np.integer]) -> bool:
        """Whether values [N], states 0 to n - 1, solve it."""
        return bool(verify_batch(self.givens[None], np.asarray(values)[None], self.shape)[0])

    def faults(self) -> tuple[str, ...]:
        """Every clue that a row, column or box has more than once.

        Examples
        --------
        >>> Sudoku.parse("1..1 .... .... ....").faults()
        ('row 1 has 1 twice, at r1c1 and r1c4',)
        """
        if not clashing(self.givens[None], self.shape)[0]:
            return ()
        found = []
        for name, unit in zip(self.shape.unit_names, self.shape.units, strict=True):
            clues = self.givens[unit]
            for digit, count in enumerate(np.bincount(clues)[1:], start=1):
                if count > 1:
                    cells = [self.shape.cell_name(cell) for cell in unit[clues == digit]]
                    times = "twice" if count == 2 else f"{count} times"
                    at = f"{', '.join(cells[:-1])} and {cells[-1]}"
                    found.append(f"{name} has {digit} {times}, at {at}")
        return tuple(found)

    def ambiguity(self, *, exact: bool = False) -> str:
        """Why it must have several solutions (or none), in words; empty if nothing says so.

        Two digits without a clue can always be swapped, and no 9x9 puzzle of fewer than 17
        clues has one solution (McGuire, Tugemann and Civario 2014). With ``exact``, solutions
        are counted.

        Examples
        --------
        >>> Sudoku.parse("1... .... .... ....").ambiguity()
        'several solutions: 3 digits have no clue, and could be swapped'
        """
        absent = self.shape.side - len(np.unique(self.givens[self.givens > 0]))
        if absent > 1:
            return f"several solutions: {absent} digits have no clue, and could be swapped"
        if self.shape == Shape(3, 3) and self.clues < 17:
            return f"several solutions: {self.clues} clues never make a solution unique"
        if exact:
            from latent_ebm.puzzles.sudoku.counting import count_solutions

            count = count_solutions(self.givens, self.shape, limit=2)
            if count is None:
                return "perhaps several solutions: counting them takes too long"
            return "several solutions" if count > 1 else ""
        return ""

    def render(self, values: NDArray[np.integer] | None = None, *, color: bool = False) -> str:
        """The grid for a terminal; with ``color`` clues are bold, so that they stand out."""
        return draw(self.givens, self.shape, values, color=color)

    def encode(self, values: NDArray[np.integer]) -> str:
        """A solution as n * n digits, or above side 9 as n rows of numbers; -1 is a blank."""
        n = self.shape.side
        if len(values) != self.shape.cells:
            raise ValueError(
                f"a {self.shape.grid} grid has {self.shape.cells} cells; found {len(values)}"
            )
        digits = [str(value + 1) if value >= 0 else "." for value in np.asarray(values).tolist()]
        if n <= 9:
            return "".join(digits)
        return "\n".join(" ".join(digits[row : row + n]) for row in range(0, n * n, n))

    def to_html(self, values: NDArray[np.integer] | None = None) -> str:
        """The grid as an HTML table, clues bold."""
        return to_html(self.givens, self.shape, values, title=self.source)

    def _repr_html_(self) -> str:
        return self.to_html()


@lru_cache(maxsize=32)
def _numbers(side: int) -> bytes:
    return bytes(range(side + 1))


def stacked(puzzles: Sequence[Sudoku]) -> tuple[Givens, Shape]:
    """The givens [B, N] of puzzles of one shape.

    Raises
    ------
    ValueError
        If there are none, or their shapes differ.
    """
    if not puzzles:
        raise ValueError("a batch needs at least one puzzle; found none")
    shape = puzzles[0].shape
    for index, puzzle in enumerate(puzzles):
        if puzzle.shape != shape:
            raise ValueError(
                f"the puzzles of a batch have one shape; the first is {shape}, "
                f"number {index + 1} is {puzzle.shape}"
            )
    return np.stack([puzzle.givens for puzzle in puzzles]), shape


def masks(puzzles: Sequence[Sudoku]) -> NDArray[np.bool_]:
    """[B, N, K] the states that the givens of puzzles of one shape leave."""
    return Sudoku.masks(puzzles)
