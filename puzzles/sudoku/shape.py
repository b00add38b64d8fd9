"""The shape of a grid: how high and wide a box is, and everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

SHORTEST, LONGEST = 2, 5
"""The least and the greatest height and width of a box."""


@dataclass(frozen=True)
class Shape:
    """Boxes of ``box_height`` x ``box_width`` cells; a grid has side n = height * width.

    Cells are numbered row by row, 0 to n * n - 1, and named ``r1c1`` to ``r{n}c{n}``.

    Raises
    ------
    ValueError
        If a box is less than 2 or more than 5 cells high or wide.

    Examples
    --------
    >>> shape = Shape(3, 3)
    >>> shape.side, shape.cells, shape.cell_name(12)
    (9, 81, 'r2c4')
    >>> Shape.of_side(12)
    Shape(box_height=3, box_width=4)
    """

    box_height: int
    box_width: int

    def __post_init__(self) -> None:
        for name, length in (("high", self.box_height), ("wide", self.box_width)):
            if not SHORTEST <= length <= LONGEST:
                raise ValueError(
                    f"a box of {self.box_height} x {self.box_width} is {length} cells {name}; "
                    f"boxes are {SHORTEST} to {LONGEST} cells high and wide"
                )

    @classmethod
    def parse(cls, text: str) -> Shape:
        """A shape as people write it: the box's height, an x, its width.

        Examples
        --------
        >>> Shape.parse("2x3").side
        6
        """
        height, _, width = text.lower().partition("x")
        if not (height.isascii() and height.isdigit() and width.isascii() and width.isdigit()):
            raise ValueError(f"a box is written HEIGHTxWIDTH, as in 2x3; found {text[:20]!r}")
        return cls(int(height), int(width))

    @classmethod
    def of_side(cls, side: int) -> Shape:
        """Take the shape of a side whose box is nearest to a square, and no higher than wide.

        Raises
        ------
        ValueError
            If no box fits the side.

        Examples
        --------
        >>> Shape.of_side(7)
        Traceback (most recent call last):
        ...
        ValueError: no Sudoku has side 7; the sides are 4, 6, 8, 9, 10, 12, 15, 16, 20, 25
        """
        shape = shapes_by_side().get(side)
        if shape is None:
            sides = ", ".join(map(str, shapes_by_side()))
            raise ValueError(f"no Sudoku has side {side}; the sides are {sides}")
        return shape

    @property
    def side(self) -> int:
        """n, the number of rows, columns, boxes and digits."""
        return self.box_height * self.box_width

    @property
    def cells(self) -> int:
        """N = n * n."""
        return self.side**2

    @property
    def grid(self) -> str:
        """The size in words, as in ``9x9``."""
        return f"{self.side}x{self.side}"

    @cached_property
    def rows(self) -> NDArray[np.int32]:
        """[n, n] the cells of each row."""
        return _frozen(np.arange(self.cells, dtype=np.int32).reshape(self.side, self.side))

    @cached_property
    def columns(self) -> NDArray[np.int32]:
        """[n, n] the cells of each column."""
        return _frozen(self.rows.T)

    @cached_property
    def boxes(self) -> NDArray[np.int32]:
        """[n, n] the cells of each box; boxes are numbered row by row."""
        h, w = self.box_height, self.box_width
        tiles = self.rows.reshape(w, h, h, w).transpose(0, 2, 1, 3)
        return _frozen(tiles.reshape(self.side, self.side))

    @cached_property
    def units(self) -> NDArray[np.int32]:
        """[3n, n] the cells of the rows, then of the columns, then of the boxes."""
        return _frozen(np.concatenate([self.rows, self.columns, self.boxes]))

    @cached_property
    def unit_names(self) -> tuple[str, ...]:
        """3n names, such as ``row 3``, in the order of :attr:`units`."""
        return tuple(
            f"{kind} {i + 1}" for kind in ("row", "column", "box") for i in range(self.side)
        )

    @cached_property
    def peers(self) -> NDArray[np.int32]:
        """[N, P] for each cell the others that share a unit with it."""
        sees = np.zeros((self.cells, self.cells), np.bool_)
        for unit in self.units:
            sees[np.ix_(unit, unit)] = True
        np.fill_diagonal(sees, val=False)
        return _frozen(np.nonzero(sees)[1].astype(np.int32).reshape(self.cells, -1))

    def cell_name(self, cell: int) -> str:
        """``r2c4`` for a cell's number."""
        row, column = divmod(int(cell), self.side)
        return f"r{row + 1}c{column + 1}"


@lru_cache(maxsize=1)
def shapes_by_side() -> dict[int, Shape]:
    """The shape that each side has unless another is asked for.

    Examples
    --------
    >>> list(shapes_by_side())
    [4, 6, 8, 9, 10, 12, 15, 16, 20, 25]
    """
    lengths = range(SHORTEST, LONGEST + 1)
    flat = [Shape(h, w) for h in lengths for w in lengths if h <= w]
    # a later, more square box of the same side replaces an earlier one
    flat.sort(key=lambda shape: (shape.side, shape.box_height))
    return {shape.side: shape for shape in flat}


def _frozen(table: NDArray[np.int32]) -> NDArray[np.int32]:
    table = np.ascontiguousarray(table)
    table.flags.writeable = False
    return table
