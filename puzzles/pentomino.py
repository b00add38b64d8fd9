"""Pentomino tilings: each of the twelve pieces at most once, every open cell covered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.exact_cover import ExactCover
from latent_ebm.puzzles.grid import GridView, cell_name, draw_axes, draw_html, draw_text
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, read_blocks, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST = 60

PIECES = {
    "F": ".##/##./.#.",
    "I": "#####",
    "L": "#./#./#./##",
    "N": ".#/.#/##/#.",
    "P": "##/##/#.",
    "T": "###/.#./.#.",
    "U": "#.#/###",
    "V": "#../#../###",
    "W": "#../##./.##",
    "X": ".#./###/.#.",
    "Y": ".#/##/.#/.#",
    "Z": "##./.#./.##",
}

Cells = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Pentomino(Puzzle):
    r"""A board to tile.

    Attributes
    ----------
    board
        [H, W] whether a cell is to be covered.

    Examples
    --------
    >>> puzzle = Pentomino.parse(".....\n.xxxx\n.xxxx\n.xxxx\n.xxxx\nxxxxx".replace("x", "x"))
    >>> puzzle.faults()
    ('9 cells are no multiple of 5',)
    """

    NAME: ClassVar[str] = "pentomino"

    board: NDArray[np.bool_]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read boards: rows of ``.`` (to cover) and ``x`` (not), a blank line between boards."""
        return read_blocks(source, name, cls._from_lines)

    @classmethod
    def _from_lines(cls, lines: list[Line], source: str) -> Self:
        width = max(len(line.text) for line in lines)
        if max(width, len(lines)) > LARGEST:
            raise fail(f"a board of {len(lines)}x{width}; the largest side is {LARGEST}", lines[0])
        board = np.zeros((len(lines), width), np.bool_)
        for r, line in enumerate(lines):
            for c, mark in enumerate(line.text):
                if mark not in ".xX ":
                    raise fail(f"{shown(mark)} is neither '.' nor 'x'", line, cell_name(r, c))
                board[r, c] = mark == "."
        if not board.any():
            raise fail("no cell is to be covered", lines[0])
        if board.sum() > 60:
            raise fail(f"{board.sum()} cells; twelve pieces cover 60", lines[0])
        return cls(board, source=source)

    @cached_property
    def placements(self) -> tuple[tuple[str, Cells], ...]:
        """Every way to place a piece: its name and cells."""
        height, width = self.board.shape
        return tuple(
            (piece, cells)
            for piece in PIECES
            for form in forms(piece)
            for r in range(height)
            for c in range(width)
            if all(r + i < height and c + j < width and self.board[r + i, c + j] for i, j in form)
            for cells in [tuple((r + i, c + j) for i, j in form)]
        )

    @cached_property
    def cover(self) -> ExactCover:
        """The exact cover: cells are items, pieces too, optional ones where some are left over."""
        cells = [(int(r), int(c)) for r, c in np.argwhere(self.board)]
        names = [*(cell_name(*at) for at in cells), *PIECES]
        number = {name: i for i, name in enumerate(names)}
        options = tuple(
            (*(number[cell_name(*at)] for at in placed), number[piece])
            for piece, placed in self.placements
        )
        primary = len(names) if len(cells) == 60 else len(cells)
        return ExactCover(tuple(names), primary, options or ((),), source=self.source)

    @property
    def landscape(self) -> Landscape:
        """That of the exact cover."""
        return self.cover.landscape

    def text(self) -> str:
        """Rows of ``.`` and ``x``."""
        return "\n".join("".join("." if open_ else "x" for open_ in row) for row in self.board)

    def encode(self, values: Values) -> str:
        """Rows of the pieces' letters."""
        return "\n".join("".join(row) for row in self._letters(values))

    def _letters(self, values: Values | None) -> list[list[str]]:
        letters = np.where(self.board, ".", "x")
        for i in np.flatnonzero(np.asarray(values) == 1) if values is not None else ():
            piece, cells = self.placements[int(i)]
            for at in cells:
                letters[at] = piece
        return letters.tolist()

    def solves(self, values: Values) -> bool:
        """Whether pieces are distinct and cover every open cell once, counted on the board."""
        count = np.zeros(self.board.shape, int)
        used = []
        for i in np.flatnonzero(np.asarray(values) == 1):
            piece, cells = self.placements[int(i)]
            used.append(piece)
            for at in cells:
                count[at] += 1
        return len(set(used)) == len(used) and bool((count == self.board).all())

    def faults(self) -> tuple[str, ...]:
        """Boards that no pieces fill."""
        if self.board.sum() % 5:
            return (f"{self.board.sum()} cells are no multiple of 5",)
        return self.cover.faults()

    def view(self, values: Values | None = None) -> GridView:
        """The board with its pieces."""
        letters = self._letters(values)
        names = ["x", ".", *PIECES]
        regions = np.array([[names.index(mark) - 1 for mark in row] for row in letters])
        texts = [["" if mark in "x." else mark for mark in row] for row in letters]
        outside = np.array([[0.4 if mark == "x" else 0.0 for mark in row] for row in letters])
        return GridView.of(texts, regions=regions, shades=outside)

    def render(self, values: Values | None = None) -> str:
        """The board for a terminal."""
        return draw_text(self.view(values))

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The board as a picture."""
        draw_axes(axes, self.view(values))

    def to_html(self, values: Values | None = None) -> str:
        """The board as a table."""
        return draw_html(self.view(values), self.source)


@lru_cache(maxsize=12)
def forms(piece: str) -> tuple[Cells, ...]:
    """All ways to turn and mirror a piece, each at the corner.

    >>> len(forms("X")), len(forms("F"))
    (1, 8)
    """
    rows = PIECES[piece].split("/")
    grid = np.array([[mark == "#" for mark in row] for row in rows])
    turned = [np.rot90(side, k) for side in (grid, grid.T) for k in range(4)]
    found = {tuple((int(r), int(c)) for r, c in np.argwhere(form)) for form in turned}
    return tuple(sorted(found))


def generate(rng: np.random.Generator, pieces: int = 8) -> Pentomino:
    """A board grown by laying down ``pieces`` different pieces side by side.

    >>> puzzle = generate(np.random.default_rng(0), 4)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 1 <= pieces <= 12:
        raise ValueError(f"there are 1 to 12 pieces; {pieces} were asked for")
    names = rng.permutation(list(PIECES))[:pieces].tolist()
    laid: list[tuple[str, set[tuple[int, int]]]] = []
    taken: set[tuple[int, int]] = set()
    for name in names:
        options = []
        for form in forms(name):
            for r0, c0 in {
                (r + dr, c + dc) for r, c in taken for dr in (-1, 0, 1) for dc in (-1, 0, 1)
            } or {(0, 0)}:
                cells = {(r0 + i, c0 + j) for i, j in form}
                touching = {
                    (r + dr, c + dc)
                    for r, c in cells
                    for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0))
                }
                if not cells & taken and (touching & taken or not taken):
                    spread = np.ptp(np.array([*cells, *taken]), axis=0).max()
                    options.append((int(spread), sorted(cells)))
        least = min(spread for spread, _ in options)
        best = [cells for spread, cells in options if spread == least]
        chosen = set(best[int(rng.integers(len(best)))])
        laid.append((name, chosen))
        taken |= chosen
    corner = np.array(sorted(taken)).min(axis=0)
    size = np.array(sorted(taken)).max(axis=0) - corner + 1
    board = np.zeros(tuple(size), np.bool_)
    for r, c in taken:
        board[r - corner[0], c - corner[1]] = True
    puzzle = Pentomino(board)
    moved = {
        (name, tuple(sorted((r - int(corner[0]), c - int(corner[1])) for r, c in cells)))
        for name, cells in laid
    }
    expected = np.array([(name, tuple(sorted(at))) in moved for name, at in puzzle.placements])
    return Pentomino(board, expected=expected.astype(np.int16))
