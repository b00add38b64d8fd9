"""Sudoku whose two diagonals have every number, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np

from latent_ebm.energies.coupling import GroupInclusion
from latent_ebm.energies.landscape import Landscape
from latent_ebm.puzzles.base import Values
from latent_ebm.puzzles.filling import random_filling
from latent_ebm.puzzles.grid import GridView, numbers_view
from latent_ebm.puzzles.number_grid import Area, NumberGrid, different, lines
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Source
from latent_ebm.puzzles.sudoku import Shape, Sudoku, read_puzzles, sudoku_landscape


@dataclass(frozen=True, eq=False)
class Diagonal(NumberGrid):
    """A Sudoku with diagonals, of any shape of boxes.

    Examples
    --------
    >>> puzzle = Diagonal.parse("12.. .... .... ....")
    >>> solution = np.array([1, 2, 3, 4, 4, 3, 2, 1, 2, 1, 4, 3, 3, 4, 1, 2]) - 1
    >>> puzzle.verify(solution)
    True
    """

    NAME: ClassVar[str] = "diagonal"

    shape: Shape

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read puzzles in the forms of Sudoku."""
        for found in read_puzzles(source, name=name):
            if isinstance(found, BadPuzzle):
                yield found
            else:
                side = found.shape.side
                givens = found.givens.reshape(side, side).astype(np.int32)
                yield cls(givens, found.shape, source=found.source)

    @property
    def landscape(self) -> Landscape:
        """The constraints, shared by all puzzles of the shape."""
        return diagonal_landscape(self.shape)

    def areas(self) -> Iterator[Area]:
        """Rows, columns, boxes and the two diagonals."""
        yield from lines(self.side)
        rows, columns = np.indices(self.givens.shape)
        h, w = self.shape.box_height, self.shape.box_width
        box = rows // h * h + columns // w
        for i in range(self.side):
            yield f"box {i + 1}", box == i
        yield "falling diagonal", rows == columns
        yield "rising diagonal", rows + columns == self.side - 1

    def view(self, values: Values | None = None) -> GridView:
        """The grid with its boxes, its diagonals shaded."""
        rows, columns = np.indices(self.givens.shape)
        h, w = self.shape.box_height, self.shape.box_width
        diagonal = (rows == columns) | (rows + columns == self.side - 1)
        boxes = rows // h * h + columns // w
        return numbers_view(self.givens, values, regions=boxes, shades=0.2 * diagonal)

    def text(self) -> str:
        """As Sudokus are written."""
        return self.encode(self.givens.ravel() - 1)

    def encode(self, values: Values) -> str:
        """As Sudokus are written."""
        return Sudoku(self.givens.ravel().astype(np.int8), self.shape).encode(np.asarray(values))


@lru_cache(maxsize=16)
def diagonal_landscape(shape: Shape) -> Landscape:
    """The Sudoku's domains and one of the two diagonals.

    >>> [(domain.name, domain.count) for domain in diagonal_landscape(Shape(3, 3)).hard]
    [('row', 9), ('column', 9), ('box', 9), ('diagonal', 2)]
    """
    plain, n = sudoku_landscape(shape), shape.side
    cells = shape.rows
    both = np.stack([cells.diagonal(), cells[:, ::-1].diagonal()])
    hard = (*plain.hard, different("diagonal", both, n))
    return Landscape(plain.space, hard, (), (GroupInclusion(hard, shape.cells, n),))


def generate(rng: np.random.Generator, side: int = 9, share: float = 0.6) -> Diagonal:
    """A random full grid with ``share`` of its cells blank.

    >>> puzzle = generate(np.random.default_rng(0), 6)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    shape = Shape.of_side(side)
    if side > 12:
        raise ValueError(f"diagonal Sudokus are made up to side 12; {side} was asked for")
    blank = Diagonal(np.zeros((side, side), np.int32), shape)
    grid = None
    while grid is None:
        grid = random_filling(side, [area for _, area in blank.areas()], rng)
    givens = np.where(rng.random(grid.shape) < share, 0, grid).astype(np.int32)
    return Diagonal(givens, shape, expected=(grid.ravel() - 1).astype(np.int16))
