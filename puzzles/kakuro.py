"""Kakuro: runs of different digits that add up to the clues before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.grid import GridView, cell_name, draw_axes, draw_html
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, read_blocks, shown
from latent_ebm.puzzles.sums import sums

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST = 60
OPEN = -1
"""What ``down`` and ``across`` have at an open cell; 0 is a black cell without a clue."""


class Run(NamedTuple):
    """Open cells (row, column) in a line, and their sum."""

    name: str
    cells: tuple[tuple[int, int], ...]
    total: int


@dataclass(frozen=True, eq=False)
class Kakuro(Puzzle):
    r"""A grid of open and black cells.

    Attributes
    ----------
    down, across
        [H, W] the sum of the run below, or to the right, of a black cell; 0 for none; -1 at
        open cells, which are the variables, row by row.

    Examples
    --------
    >>> puzzle = Kakuro.parse("x 4\\ 3\\\n\\3 . .\n\\4 . .")
    >>> print(puzzle.render(np.array([0, 1, 2, 0])))
      x  4\  3\
     \3   1   2
     \4   3   1
    """

    NAME: ClassVar[str] = "kakuro"

    down: NDArray[np.int32]
    across: NDArray[np.int32]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        r"""Read puzzles: rows of ``.`` (open), ``x`` (black) and ``DOWN\ACROSS`` clues."""
        return read_blocks(source, name, cls._from_lines)

    @classmethod
    def _from_lines(cls, lines: list[Line], source: str) -> Self:
        width = len(lines[0].text.split())
        if max(width, len(lines)) > LARGEST:
            raise fail(f"a grid of {len(lines)}x{width}; the largest side is {LARGEST}", lines[0])
        table = np.zeros((2, len(lines), width), np.int32)
        for r, line in enumerate(lines):
            words = line.text.split()
            if len(words) != width:
                raise fail(f"row {r + 1} has {len(words)} cells, the first has {width}", line)
            for c, word in enumerate(words):
                table[:, r, c] = _cell(word, line, cell_name(r, c))
        puzzle = cls(table[0], table[1], source=source)
        if not puzzle.is_open.any():
            raise fail("no cell is open", lines[0])
        puzzle.runs  # noqa: B018 - raises where a clue lacks its run or a run its clue
        return puzzle

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """[H, W]."""
        return self.down == OPEN

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """All runs; cells of no run are free.

        Raises
        ------
        ParseError
            If a run of two cells and more has no clue, a clue no run, or a run over 9 cells.
        """
        return (*_runs(self.across, "across"), *_runs(self.down.T, "down"))

    @cached_property
    def _number(self) -> NDArray[np.int64]:
        """[H, W] the variable of each open cell."""
        return np.cumsum(self.is_open.ravel()).reshape(self.is_open.shape) - 1

    @cached_property
    def landscape(self) -> Landscape:
        """Every run all different, with its sum."""
        names = tuple(cell_name(int(r), int(c)) for r, c in np.argwhere(self.is_open))
        space = Space.full(names, tuple("123456789"))
        if not self.runs:
            return Landscape(space, ())
        cells = [[int(self._number[at]) for at in run.cells] for run in self.runs]
        labels = tuple(f"{run.name} ({run.total})" for run in self.runs)
        alone = (HardDomain("run", (AllDifferent(Csr.from_rows(cells), 9, labels),)),)
        family = sums(cells, [run.total for run in self.runs], 9, labels)
        hard = (*alone, HardDomain("sum", (family,))) if family.count else alone
        return Landscape(space, hard, (), standard_couplings(hard, len(names), 9))

    def text(self) -> str:
        """Rows of cells."""
        return "\n".join(" ".join(row) for row in self._words(None))

    def _words(self, values: Values | None) -> list[list[str]]:
        words = []
        for r in range(len(self.down)):
            row = []
            for c in range(self.down.shape[1]):
                down, across = int(self.down[r, c]), int(self.across[r, c])
                if down == OPEN:
                    row.append("." if values is None else str(values[self._number[r, c]] + 1))
                else:
                    clue = f"{down or ''}\\{across or ''}"
                    row.append("x" if clue == "\\" else clue)
            words.append(row)
        return words

    def encode(self, values: Values) -> str:
        """Rows of cells, digits in the open ones."""
        return "\n".join(" ".join(row) for row in self._words(values))

    def solves(self, values: Values) -> bool:
        """Whether the digits of every run differ and add up."""
        for run in self.runs:
            digits = [int(values[self._number[at]]) + 1 for at in run.cells]
            if len(set(digits)) < len(digits) or sum(digits) != run.total:
                return False
        return True

    def faults(self) -> tuple[str, ...]:
        """Sums that so many different digits cannot have."""
        found = []
        for run in self.runs:
            m = len(run.cells)
            least, most = m * (m + 1) // 2, m * (19 - m) // 2
            if not least <= run.total <= most:
                what = f"{m} different digits add up to {least} to {most}"
                found.append(f"{run.name}: {what}, not {run.total}")
        return tuple(found)

    def render(self, values: Values | None = None) -> str:
        """The grid for a terminal."""
        words = self._words(values)
        width = max(len(word) for row in words for word in row) + 1
        return "\n".join("".join(f"{word:>{width}}" for word in row) for row in words)

    def view(self, values: Values | None = None) -> GridView:
        """The grid with its clues."""
        words = self._words(values)
        texts = [["" if word == "x" else word for word in row] for row in words]
        return GridView.of(texts, shades=np.where(self.is_open, 0.0, 0.25))

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The grid as a picture."""
        draw_axes(axes, self.view(values))

    def to_html(self, values: Values | None = None) -> str:
        """The grid as a table."""
        return draw_html(self.view(values), self.source)


def _cell(word: str, line: Line, cell: str) -> tuple[int, int]:
    if word in (".", "0", "_"):
        return OPEN, OPEN
    if word in ("x", "X", "#"):
        return 0, 0
    found = re.fullmatch(r"([0-9]{0,2})\\([0-9]{0,2})", word)
    if found is None:
        raise fail(f"{shown(word)} is neither '.', 'x' nor a clue DOWN\\ACROSS", line, cell)
    return int(found[1] or 0), int(found[2] or 0)


def _runs(table: NDArray[np.int32], direction: str) -> Iterator[Run]:
    """The runs of each row; of a transposed table, of each column."""
    for r, row in enumerate(table.tolist()):
        c = 0
        while c < len(row):
            end = c + 1
            while end < len(row) and row[end] == OPEN:
                end += 1
            start = c if row[c] == OPEN else c + 1
            at = (r, c) if direction == "across" else (c, r)
            name = f"run {direction} from {cell_name(*at)}"
            total, length = max(row[c], 0), end - start
            if total and not length:
                raise fail(f"the clue {total} {direction} has no cells", cell=cell_name(*at))
            if length > 1 and not total:
                raise fail(f"{length} cells {direction} have no clue", cell=cell_name(*at))
            if length > 9:
                raise fail(f"{length} cells {direction}; nine digits differ", cell=cell_name(*at))
            if total:
                cells = [(r, i) if direction == "across" else (i, r) for i in range(start, end)]
                yield Run(name, tuple(cells), total)
            c = end


def generate(rng: np.random.Generator, side: int = 7, share: float = 0.3) -> Kakuro:
    """Random black cells, and clues for a random filling of the others.

    >>> puzzle = generate(np.random.default_rng(0), 6)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 2 <= side <= LARGEST:
        raise ValueError(f"kakuro grids have side 2 to {LARGEST}; {side} was asked for")
    black = rng.random((side, side)) < share
    black[0] = black[:, 0] = True
    black[1, 1] = False
    digits = np.zeros((side, side), np.int32)
    for r, c in np.argwhere(~black).tolist():
        taken = {*_before(digits[r, :c]), *_before(digits[:r, c])}
        free = sorted(set(range(1, 10)) - taken)
        if free:
            digits[r, c] = rng.choice(free)
        else:
            black[r, c] = True
    across, down = _clues(digits), _clues(digits.T).T
    opened = digits > 0
    expected = (digits[opened] - 1).astype(np.int16)
    return Kakuro(np.where(opened, OPEN, down), np.where(opened, OPEN, across), expected=expected)


def _before(line: NDArray[np.int32]) -> list[int]:
    """The digits of the run that ends a line."""
    found: list[int] = []
    for digit in reversed(line.tolist()):
        if digit == 0:
            break
        found.append(digit)
    return found


def _clues(digits: NDArray[np.int32]) -> NDArray[np.int32]:
    """At each cell without a digit the sum of the run to its right."""
    clues = np.zeros_like(digits)
    for r in range(len(digits)):
        total = 0
        for c in range(digits.shape[1] - 1, -1, -1):
            if digits[r, c]:
                total += int(digits[r, c])
            else:
                clues[r, c], total = total, 0
    return clues
