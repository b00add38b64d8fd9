"""n queens on an n x n board, none of which attacks another; some may be given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.cardinality import AtMostOne
from latent_ebm.energies.coupling import GroupInclusion
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.grid import GridView, cell_name, draw_axes, draw_text
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, integer, read_blocks, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 1_000
"""The largest board; its landscape has a million entries."""

_WIDEST_DRAWN = 40


@dataclass(frozen=True, eq=False)
class Queens(Puzzle):
    """One queen in every row; variable r is the column of the queen in row r.

    Attributes
    ----------
    side
        n.
    fixed
        (row, column) of the queens that are given, from 0.

    Examples
    --------
    >>> puzzle = Queens.parse("4 r1c2")
    >>> print(puzzle.render(np.array([1, 3, 0, 2])))
    ┌─────────┐
    │ . Q . . │
    │ . . . Q │
    │ Q . . . │
    │ . . Q . │
    └─────────┘
    """

    NAME: ClassVar[str] = "queens"

    side: int
    fixed: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read boards, one a line: how many queens, then given ones' cells (``8 r1c5 r3c2``)."""
        return read_blocks(source, name, cls._from_line, each_line=True)

    @classmethod
    def _from_line(cls, lines: list[Line], source: str) -> Self:
        [line] = lines
        first, *cells = line.text.split()
        side = integer(first, 1, MOST, "a number of queens", line)
        if len(cells) > side:
            raise fail(f"{len(cells)} queens are given for a board of {side}", line)
        fixed = [_cell(cell, side, line) for cell in cells]
        return cls(side, tuple(fixed), source=source)

    @property
    def landscape(self) -> Landscape:
        """The constraints, shared by all boards of the size."""
        return queens_landscape(self.side)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """[N, N] the columns that the given queens leave to each row's queen."""
        mask = np.ones((self.side, self.side), np.bool_)
        for row, column in self.fixed:
            mask[row] = np.arange(self.side) == column
        return mask

    def text(self) -> str:
        """The number of queens and the given ones."""
        return " ".join([str(self.side), *(cell_name(r, c) for r, c in self.fixed)])

    def encode(self, values: Values) -> str:
        """The columns of the queens, row by row, from 1."""
        return " ".join(str(column + 1) for column in np.asarray(values).tolist())

    def solves(self, values: Values) -> bool:
        """Whether given queens stay and all columns, sums and differences differ."""
        columns = np.asarray(values).astype(int)
        rows = np.arange(self.side)
        return all(columns[row] == column for row, column in self.fixed) and all(
            len(np.unique(line)) == self.side for line in (columns, rows + columns, rows - columns)
        )

    def faults(self) -> tuple[str, ...]:
        """Every two given queens that attack each other.

        >>> Queens.parse("8 r1c1 r3c3").faults()
        ('the queens at r1c1 and r3c3 attack each other',)
        """
        cells = np.array(self.fixed, np.int64).reshape(-1, 2)
        lines = (cells[:, 0], cells[:, 1], cells.sum(axis=1), cells[:, 0] - cells[:, 1])
        if all(len(np.unique(line)) == len(cells) for line in lines):
            return ()
        i, j = np.triu_indices(len(cells), 1)
        attack = np.any([line[i] == line[j] for line in lines], axis=0)
        pairs = zip(cells[i[attack]].tolist(), cells[j[attack]].tolist(), strict=True)
        return tuple(
            f"the queens at {cell_name(*one)} and {cell_name(*other)} attack each other"
            for one, other in pairs
        )

    def view(self, values: Values | None = None) -> GridView:
        """The board."""
        board = np.full((self.side, self.side), ".")
        bold = np.zeros(board.shape, np.bool_)
        places = list(self.fixed) if values is None else list(enumerate(np.asarray(values)))
        for row, column in places:
            board[row, column] = "Q"
        for row, column in self.fixed:
            bold[row, column] = True
        return GridView.of(board.tolist(), bold=bold)

    def render(self, values: Values | None = None) -> str:
        """The board for a terminal; a large one as the columns of its queens."""
        if self.side <= _WIDEST_DRAWN:
            return draw_text(self.view(values))
        return self.text() if values is None else f"{self.side} queens: {self.encode(values)}"

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The board as a picture; a large one as dots."""
        if self.side <= _WIDEST_DRAWN:
            draw_axes(axes, self.view(values))
            return
        columns = [c for _, c in self.fixed] if values is None else np.asarray(values).tolist()
        rows = [r for r, _ in self.fixed] if values is None else list(range(self.side))
        axes.scatter(columns, rows, s=2, color="0.1")
        axes.set(xlim=(-1, self.side), ylim=(self.side, -1), aspect="equal")


def _cell(text: str, side: int, line: Line) -> tuple[int, int]:
    found = re.fullmatch(r"r([0-9]{1,4})c([0-9]{1,4})", text)
    if found is None:
        raise fail(f"{shown(text)} is not a cell; cells are written r1c1", line)
    row, column = int(found[1]), int(found[2])
    if not (1 <= row <= side and 1 <= column <= side):
        raise fail(f"there is no such cell on a board of {side}x{side}", line, text)
    return row - 1, column - 1


@lru_cache(maxsize=8)
def queens_landscape(side: int) -> Landscape:
    """Columns all different; at most one queen on each diagonal of two cells and more.

    >>> [(domain.name, domain.count) for domain in queens_landscape(4).hard]
    [('column', 1), ('diagonal', 10)]
    """
    names = tuple(f"row {r + 1}" for r in range(side))
    space = Space.full(names, tuple(f"column {c + 1}" for c in range(side)))
    row = Csr.rectangle(np.arange(side, dtype=np.int32)[None])
    domains = [HardDomain("column", (AllDifferent(row, side, ("all columns",)),))]
    if side > 1:
        domains.append(HardDomain("diagonal", (_diagonals(side),)))
    hard = tuple(domains)
    return Landscape(space, hard, (), (GroupInclusion(hard, side, side),))


def _diagonals(side: int) -> AtMostOne:
    """The entries of each diagonal, falling ones first; entry r * n + c is cell (r, c)."""
    rows, columns = np.divmod(np.arange(side * side), side)
    parts, labels = [], []
    for word, line in (("falling", columns - rows + side - 1), ("rising", columns + rows)):
        order = np.argsort(line, kind="stable")
        widths = np.bincount(line)
        long = widths[line[order]] > 1
        offsets = np.concatenate([[0], np.cumsum(widths[widths > 1])])
        parts.append(Csr(offsets.astype(np.int32), order[long].astype(np.int32)))
        starts = order[long][offsets[:-1]]
        labels += [
            f"diagonal {word} from {cell_name(int(rows[s]), int(columns[s]))}" for s in starts
        ]
    return AtMostOne(Csr.joined(parts), side, tuple(labels))


def standard_placement(side: int) -> NDArray[np.int64]:
    """The columns [n] of a known solution, for every n but 2 and 3.

    >>> standard_placement(8).tolist()
    [1, 3, 5, 7, 2, 0, 6, 4]
    """
    evens, odds = list(range(2, side + 1, 2)), list(range(1, side + 1, 2))
    if side % 6 == 2:
        odds = [3, 1, *odds[3:], 5]
    elif side % 6 == 3:
        evens = [*evens[1:], 2]
        odds = [*odds[2:], 1, 3]
    return np.array([*evens, *odds]) - 1


def generate(rng: np.random.Generator, side: int = 8, share: float = 0.25) -> Queens:
    """A board with ``share`` of its queens given, taken from a known placement, mirrored at random.

    >>> puzzle = generate(np.random.default_rng(0), 10)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if side in (2, 3) or not 1 <= side <= MOST:
        raise ValueError(f"boards with a solution have side 1 or 4 to {MOST}; found {side}")
    columns = standard_placement(side)
    if rng.random() < 0.5:
        columns = columns[::-1]
    if rng.random() < 0.5:
        columns = side - 1 - columns
    if rng.random() < 0.5:
        columns = np.argsort(columns)
    given = np.flatnonzero(rng.random(side) < share)
    fixed = tuple((int(row), int(columns[row])) for row in given)
    return Queens(side, fixed, expected=columns.astype(np.int16))
