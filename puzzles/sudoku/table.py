"""CSV files with a column of puzzles and perhaps one of solutions."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from latent_ebm.puzzles.sudoku.assembly import Grid, decode
from latent_ebm.puzzles.sudoku.lines import split_cells
from latent_ebm.puzzles.sudoku.shape import Shape, shapes_by_side
from latent_ebm.puzzles.sudoku.text import Fault, Givens, ParseError, try_symbols

PUZZLE_COLUMNS = frozenset(("quizzes", "quiz", "puzzle", "puzzles", "question", "sudoku", "givens"))
SOLUTION_COLUMNS = frozenset(("solutions", "solution", "answer", "answers", "solved"))


class Columns(NamedTuple):
    """Which columns hold the puzzles and, if any does, the solutions."""

    puzzle: int
    solution: int | None


def columns_of(line: bytes) -> Columns | None:
    """Find the columns in a header; None if the line is no header.

    Examples
    --------
    >>> columns_of(b"id,Quizzes,Solutions")
    Columns(puzzle=1, solution=2)
    >>> columns_of(b"1.3..2..........") is None
    True
    """
    if b"," not in line:
        return None
    names = [n.strip().strip('"').lower() for n in line.decode("utf-8", "replace").split(",")]
    puzzles = [i for i, n in enumerate(names) if n in PUZZLE_COLUMNS]
    solutions = [i for i, n in enumerate(names) if n in SOLUTION_COLUMNS]
    if not puzzles:
        return None
    return Columns(puzzles[0], solutions[0] if solutions else None)


def read_table(
    lines: Iterable[tuple[int, bytes | Fault]], columns: Columns, shape: Shape | None = None
) -> Iterator[Grid | Fault]:
    """Read the rows below the header.

    Examples
    --------
    >>> rows = [(2, b"1...............,1234341221434321"), (3, b"7")]
    >>> for found in read_table(rows, Columns(0, 1)):
    ...     print(found if isinstance(found, Fault) else found.expected[:4])
    [0 1 2 3]
    line 3: puzzle of 1 cell; puzzles have 16, 36, 64, 81, 100, 144, 225, 256, 400, 625
    """
    for number, line in lines:
        if isinstance(line, Fault):
            yield line
            continue
        if not line.strip():
            continue
        text = decode(number, line)
        if isinstance(text, Fault):
            yield text
            continue
        try:
            yield _read_row(number, _fields(text), columns, shape)
        except ParseError as error:
            yield Fault(error.fault.message, number, error.fault.cell)


def _fields(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text.rstrip("\r")]))
    except csv.Error as error:
        raise ParseError(Fault(f"not a row of CSV: {error}")) from error


def _read_row(number: int, fields: list[str], columns: Columns, shape: Shape | None) -> Grid:
    if len(fields) <= columns.puzzle:
        raise ParseError(
            Fault(f"{len(fields)} fields; the puzzle is in column {columns.puzzle + 1}")
        )
    givens, found = _read_field("puzzle", fields[columns.puzzle].strip(), shape)
    expected = None
    if columns.solution is not None and len(fields) > columns.solution:
        text = fields[columns.solution].strip()
        if text:
            digits, _ = _read_field("solution", text, found)
            if not digits.all():
                cell = found.cell_name(int(np.argmin(digits)))
                raise ParseError(Fault("the solution is blank here", cell=cell))
            expected = digits - np.int8(1)
            expected.flags.writeable = False
    return Grid(givens, found, number, expected)


def _read_field(what: str, text: str, shape: Shape | None) -> tuple[Givens, Shape]:
    by_cells = {s.cells: s for s in ([shape] if shape else shapes_by_side().values())}
    found = by_cells.get(len(text))
    if found is not None and text.isascii():
        givens = try_symbols(text.encode("ascii"), found.side)
        if givens is not None:
            return givens, found
    cells = split_cells(text)
    found = by_cells.get(cells.width)
    if found is None:
        sizes = ", ".join(map(str, by_cells))
        cell = "cell" if cells.width == 1 else "cells"
        raise ParseError(Fault(f"{what} of {cells.width} {cell}; puzzles have {sizes}"))
    try:
        return cells.read(found, 0), found
    except ParseError as error:
        fault = error.fault
        at = "" if what == "puzzle" else "in the solution, "
        raise ParseError(Fault(at + fault.message, cell=fault.cell)) from None
