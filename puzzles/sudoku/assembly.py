"""From lines of text to grids: lines, drawn grids and rows of numbers, told apart as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from latent_ebm.puzzles.sudoku.lines import (
    Cells,
    Kind,
    classify,
    has_dash_blanks,
    split_cells,
)
from latent_ebm.puzzles.sudoku.shape import Shape, shapes_by_side
from latent_ebm.puzzles.sudoku.text import Fault, Givens, ParseError, shown, try_symbols

_AMBIGUOUS = 16
"""Sixteen cells are a whole 4x4 puzzle, or a row of a 16x16 one."""

_LONGEST_ROW = 30
"""A line with more cells than this cannot be a row, so it is judged on its own."""

_MOST_ROWS = 75
"""More lines than any grid has rows and rules: a block that long is no grid."""


class Grid(NamedTuple):
    """A grid that was read, the line (from 1) on which it starts, and perhaps its solution."""

    givens: Givens
    shape: Shape
    line: int
    expected: Givens | None = None


class Row(NamedTuple):
    """A line of cells and its number."""

    line: int
    cells: Cells


def assemble(
    lines: Iterable[tuple[int, bytes | Fault]], shape: Shape | None = None
) -> Iterator[Grid | Fault]:
    """Read numbered lines; a faulty grid becomes a fault, and the next one is read.

    A line that could not be read at all may come as a fault itself; it is passed on.

    Examples
    --------
    >>> text = [b"1.3.|...2", b"Grid 2", b"12..34.......1..", b"9.....99........"]
    >>> for found in assemble(enumerate(text, start=1)):
    ...     print(found if isinstance(found, Fault) else found.givens)
    line 1: '1.3.|...2' is no puzzle: it is 1 row of 8 cells, where a grid needs 8 rows
    [1 2 0 0 3 4 0 0 0 0 0 0 0 1 0 0]
    line 4: cell r1c1: '9' is not a digit from 1 to 4 or a blank ('.', '0')
    """
    block = _Block(shape)
    skipping = False  # in a section that holds no puzzle
    for number, line in lines:
        if isinstance(line, Fault):
            yield from block.close()
            yield line
            continue
        if not block.rows and not skipping:
            whole = block.whole_line(number, line)
            if whole is not None:
                yield whole
                continue
        text = decode(number, line)
        if isinstance(text, Fault):
            yield from block.close()
            yield text
            continue
        kind = classify(text)
        if kind in (Kind.BLANK, Kind.HEADER, Kind.OTHER_SECTION):
            yield from block.close()
            if kind is not Kind.BLANK:
                skipping = kind is Kind.OTHER_SECTION
        elif kind is Kind.CELLS and not skipping:
            yield from block.add(Row(number, split_cells(text)))
    yield from block.close()


class _Block:
    """The rows since the last separator."""

    def __init__(self, shape: Shape | None) -> None:
        self.by_side, self.by_cells = _sizes(shape)
        self.may_be_either = shape is None
        self.rows: list[Row] = []

    def whole_line(self, number: int, line: bytes) -> Grid | None:
        """The short cut for the most frequent line: one puzzle and nothing else."""
        line = line.strip()
        shape = self.by_cells.get(len(line))
        if shape is None or (len(line) == _AMBIGUOUS and self.may_be_either):
            return None
        givens = try_symbols(line, shape.side)
        return None if givens is None else Grid(givens, shape, number)

    def add(self, row: Row) -> Iterator[Grid | Fault]:
        """Take one more line of cells."""
        first = row.cells.first_token()
        if len(row.cells.tokens) > 1 and self._is_whole(first):
            row = Row(row.line, first)  # what follows a whole puzzle is a comment
        if self._is_whole(row.cells):
            yield from self.close()
            yield self._read([row], self.by_cells[row.cells.width])
            return
        if row.cells.width > _LONGEST_ROW:
            yield from self.close()
            yield Fault(self._wrong_width(row.cells), row.line)
            return
        self.rows.append(row)
        if self._is_complete() or len(self.rows) > _MOST_ROWS:
            yield from self.close()

    def close(self) -> Iterator[Grid | Fault]:
        """Read the rows as one grid, and start anew."""
        rows, self.rows = self.rows, []
        rows = self._without_rulers(rows)
        if not rows:
            return
        each = [self._small(row) for row in rows] if self.may_be_either else []
        if self._are_small(rows, each):
            yield from each
        else:
            yield self._grid(rows)

    def _small(self, row: Row) -> Grid | Fault:
        """A line as a 4x4 puzzle of its own."""
        shape = self.by_cells[_AMBIGUOUS]
        if row.cells.width == shape.cells:
            return self._read([row], shape)
        width = _counted(row.cells.width, "cell")
        return Fault(f"{width} in a line; a puzzle of {shape.grid} has {shape.cells}", row.line)

    @staticmethod
    def _are_small(rows: list[Row], each: list[Grid | Fault]) -> bool:
        """Whether most lines are 4x4 puzzles, rather than rows of a larger one."""
        sixteen = sum(row.cells.width == _AMBIGUOUS for row in rows)
        if not each or 2 * sixteen < len(rows):
            return False
        if len(rows) == _AMBIGUOUS and all(row.cells.symbols is None for row in rows):
            return False
        # most rows of a 16x16 grid have numbers above 4
        fitting = sum(isinstance(found, Grid) for found in each)
        return 2 * fitting >= sixteen or sixteen < 4

    def _is_whole(self, cells: Cells) -> bool:
        if cells.width == _AMBIGUOUS and self.may_be_either:
            return False
        return cells.width in self.by_cells

    def _is_complete(self) -> bool:
        rows = self._without_rulers(self.rows)
        widths = (row.cells.width for row in rows)
        side = next((width for width in widths if width in self.by_side), None)
        return len(rows) == side

    @staticmethod
    def _without_rulers(rows: list[Row]) -> list[Row]:
        """A line of dashes is a row only where dashes are blanks, and of a row's width."""
        sure = [row for row in rows if not row.cells.may_be_ruler]
        if len(sure) == len(rows):
            return rows
        if not sure:
            width = rows[0].cells.width
            same = all(row.cells.width == width for row in rows)
            return rows if same and len(rows) == width else []
        if not any(has_dash_blanks(row.cells) for row in sure):
            return sure
        widths = {row.cells.width for row in sure}
        return [r for r in rows if not r.cells.may_be_ruler or r.cells.width in widths]

    def _grid(self, rows: list[Row]) -> Grid | Fault:
        widths = Counter(row.cells.width for row in rows if row.cells.width in self.by_side)
        if not widths:
            return Fault(self._wrong_width(rows[0].cells), rows[0].line)
        side = widths.most_common(1)[0][0]
        shape = self.by_side[side]
        for index, row in enumerate(rows, start=1):
            if row.cells.width != side:
                width = _counted(row.cells.width, "cell")
                return Fault(f"row {index} has {width}; the others have {side}", row.line)
        if len(rows) != side:
            found = f"{_counted(len(rows), 'row')} of {side} cells, where a grid needs {side} rows"
            if len(rows) == 1:
                found = f"{shown(rows[0].cells.text.strip())} is no puzzle: it is {found}"
            return Fault(found, rows[0].line)
        return self._read(rows, shape)

    @staticmethod
    def _read(rows: list[Row], shape: Shape) -> Grid | Fault:
        parts, first_cell = [], 0
        for row in rows:
            try:
                parts.append(row.cells.read(shape, first_cell))
            except ParseError as error:
                return Fault(error.fault.message, row.line, error.fault.cell)
            first_cell += row.cells.width
        return Grid(np.concatenate(parts), shape, rows[0].line)

    def _wrong_width(self, cells: Cells) -> str:
        """Say how many cells were found, and how many the nearest kind of puzzle has."""
        width = cells.width
        nearest = min(self.by_cells.values(), key=lambda s: (abs(s.cells - width), s.side))
        if width > _LONGEST_ROW:
            return f"{width} cells in a line; a puzzle of {nearest.grid} has {nearest.cells}"
        sides = ", ".join(map(str, self.by_side))
        return (
            f"{shown(cells.text.strip())} is neither a puzzle nor a row of a grid: it has "
            f"{_counted(width, 'cell')}, a row has {sides}"
        )


@lru_cache(maxsize=32)
def _sizes(shape: Shape | None) -> tuple[dict[int, Shape], dict[int, Shape]]:
    """The shapes that may occur, by side and by number of cells."""
    shapes = [shape] if shape else list(shapes_by_side().values())
    return {s.side: s for s in shapes}, {s.cells: s for s in shapes}


def decode(number: int, line: bytes) -> str | Fault:
    """The line as text, or what keeps it from being text."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        if line.lstrip().startswith(b"#"):  # names in old files are often in Latin-1
            return "#"
        byte = line[error.start]
        message = f"byte 0x{byte:02x} at column {error.start + 1} is not UTF-8 text"
        return Fault(message, number)
    if "\0" in text:
        return Fault(f"a NUL byte at column {text.index(chr(0)) + 1}; this is no text", number)
    return text


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
