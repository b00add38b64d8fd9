"""Square grids of the numbers 1 to n, with some given, in whose areas numbers differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.domain import HardDomain
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.grid import (
    GridView,
    cell_names,
    cells_of,
    draw_axes,
    draw_html,
    draw_text,
    numbers_view,
    read_numbers,
    write_numbers,
)
from latent_ebm.puzzles.reading import Line, fail

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST = 100
"""The greatest side that is read."""

Area = tuple[str, NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class NumberGrid(Puzzle):
    """What Latin squares, Sudoku variants and the like share.

    Attributes
    ----------
    givens
        [n, n] numbers from 1, 0 where a cell is blank.
    """

    givens: NDArray[np.int32]

    @property
    def side(self) -> int:
        """The number of rows, columns and numbers."""
        return len(self.givens)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """[N, K] the states that the givens leave."""
        return givens_mask(self.givens, self.landscape.space.shape[1])

    def areas(self) -> Iterator[Area]:
        """The name and the cells [n, n] of every set of cells whose numbers differ."""
        yield from lines(self.side)

    def holds(self, grid: NDArray[np.integer]) -> bool:  # noqa: ARG002
        """What else must hold of a full grid of numbers."""
        return True

    def view(self, values: Values | None = None) -> GridView:
        """What the grid looks like."""
        return numbers_view(self.givens, values)

    def text(self) -> str:
        """Rows of numbers, blanks as dots."""
        return write_numbers(self.givens)

    def encode(self, values: Values) -> str:
        """Rows of numbers."""
        return write_numbers(np.asarray(values).reshape(self.givens.shape) + 1)

    def solves(self, values: Values) -> bool:
        """Whether clues are kept, the numbers of every area differ, and what else must holds."""
        grid = np.asarray(values).reshape(self.givens.shape).astype(np.int64) + 1
        return (
            keeps(self.givens, grid)
            and all(len(np.unique(grid[area])) == area.sum() for _, area in self.areas())
            and self.holds(grid)
        )

    def faults(self) -> tuple[str, ...]:
        """Every number that is given more than once in an area."""
        names = np.array(cell_names(*self.givens.shape)).reshape(self.givens.shape)
        return tuple(
            fault
            for word, area in self.areas()
            for fault in repeated(word, self.givens[area], names[area])
        )

    def render(self, values: Values | None = None) -> str:
        """The grid for a terminal."""
        return draw_text(self.view(values))

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The grid as a picture."""
        draw_axes(axes, self.view(values))

    def to_html(self, values: Values | None = None) -> str:
        """The grid as a table."""
        return draw_html(self.view(values), self.source)


@dataclass(frozen=True, eq=False)
class PlainGrid(NumberGrid):
    """A grid whose file has its givens and nothing else."""

    @classmethod
    def _from_lines(cls, lines: list[Line], source: str) -> Self:
        side = len(cells_of(lines[0].text))
        cls._check_side(side, lines[0])
        if len(lines) != side:
            raise fail(f"{len(lines)} rows of {side} cells; a square has as many of both", lines[0])
        return cls(read_numbers(lines, side, cls._largest_number(side)), source=source)

    @classmethod
    def _check_side(cls, side: int, line: Line) -> None:
        if side > LARGEST:
            raise fail(f"a square of side {side}; the largest has {LARGEST}", line)

    @classmethod
    def _largest_number(cls, side: int) -> int:
        return side


def lines(side: int) -> Iterator[Area]:
    """The rows and the columns of a square.

    >>> [name for name, _ in lines(2)]
    ['row 1', 'row 2', 'column 1', 'column 2']
    """
    number = np.arange(side)
    for i in range(side):
        yield f"row {i + 1}", np.broadcast_to(number[:, None] == i, (side, side))
    for i in range(side):
        yield f"column {i + 1}", np.broadcast_to(number[None, :] == i, (side, side))


def line_domains(side: int, num_values: int) -> tuple[HardDomain, HardDomain]:
    """The rows and the columns of a square as hard domains of all-different factors."""
    cells = np.arange(side * side, dtype=np.int32).reshape(side, side)
    return (different("row", cells, num_values), different("column", cells.T, num_values))


def different(name: str, units: NDArray[np.integer], num_values: int) -> HardDomain:
    """A hard domain: the cells of each unit [F, W] differ."""
    labels = tuple(f"{name} {i + 1}" for i in range(len(units)))
    return HardDomain(name, (AllDifferent(Csr.rectangle(units), num_values, labels),))


def givens_mask(givens: NDArray[np.integer], num_values: int) -> NDArray[np.bool_]:
    """[N, K]: the one state of a clue, all states of a blank (0).

    >>> givens_mask(np.array([2, 0]), 2).astype(int).tolist()
    [[0, 1], [1, 1]]
    """
    allowed = np.eye(num_values + 1, dtype=np.bool_)[:, 1:]
    allowed[0] = True
    return allowed[givens.ravel()]


def keeps(givens: NDArray[np.integer], grid: NDArray[np.integer]) -> bool:
    """Whether a grid of numbers agrees with the clues."""
    return bool(((givens == 0) | (givens == grid)).all())


def repeated(unit: str, clues: NDArray[np.integer], names: NDArray[np.str_]) -> Iterator[str]:
    """Say which clues stand in a unit more than once."""
    numbers, counts = np.unique(clues[clues > 0], return_counts=True)
    for number in numbers[counts > 1]:
        at = names[clues == number].tolist()
        times = "twice" if len(at) == 2 else f"{len(at)} times"
        yield f"{unit} has {number} {times}, at {', '.join(at[:-1])} and {at[-1]}"
