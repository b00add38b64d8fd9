"""Reading puzzles from files and streams, one at a time and in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np

from latent_ebm.puzzles.sudoku.assembly import Grid, assemble
from latent_ebm.puzzles.sudoku.puzzle import Sudoku
from latent_ebm.puzzles.sudoku.shape import Shape
from latent_ebm.puzzles.sudoku.text import Fault, Givens

LONGEST_LINE = 64 * 1024
"""Longer lines are stepped over; no puzzle needs so many bytes."""

PUZZLE_COLUMNS = ("quizzes", "quiz", "puzzle", "puzzles", "question", "sudoku", "givens")
SOLUTION_COLUMNS = ("solutions", "solution", "answer", "answers", "solved")

Lines = Iterator[tuple[int, bytes | Fault]]


class ReadError(ValueError):
    """A file cannot be read as puzzles, or, where all were asked for, one of them is faulty."""


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


def read_puzzles(
    source: str | Path | BinaryIO, shape: Shape | None = None, *, name: str = ""
) -> Iterator[Sudoku | BadPuzzle]:
    r"""Read the puzzles of a file, or of a binary stream such as ``sys.stdin.buffer``.

    The forms are told apart by what stands in the file: a puzzle a line (also .sdm), with
    comments after it; grids of n rows, drawn or plain (also .ss and Project Euler's); .sdk;
    rows of numbers; CSV with a column of puzzles and perhaps one of solutions. A blank cell
    is one of ``. 0 _ * -``. Lines that start with ``#`` are comments.

    Parameters
    ----------
    source
        A path, or a stream that is read forward only.
    shape
        The shape of all puzzles; by default each puzzle's size tells.
    name
        What messages call the source; by default its file name.

    Yields
    ------
    Sudoku or BadPuzzle
        In the order of the file. A faulty puzzle does not stop the ones after it.

    Raises
    ------
    ReadError
        If there is no such file, it is a folder or no text, or nothing that looks like a
        puzzle is in it. It is raised when the first puzzle is asked for.

    Examples
    --------
    >>> import io
    >>> stream = io.BytesIO(b"1...............\n12345678........\n")
    >>> for found in read_puzzles(stream, name="demo"):
    ...     print(found)
    Sudoku('1...............', source='demo:1')
    demo:2: cell r1c5: '5' is not a digit from 1 to 4 or a blank ('.', '0')
    """
    with ExitStack() as stack:
        if isinstance(source, (str, Path)):
            name = name or str(source)
            stream = stack.enter_context(_opened(Path(source), name))
        else:
            stream = source
            name = name or str(getattr(stream, "name", "<stream>"))
        lines = _without_mark(_bounded_lines(stream))
        head = list(_until_text(lines))
        if any(isinstance(line, bytes) and b"\0" in line for _, line in head):
            raise ReadError(
                f"{name}: not a text file: a NUL byte on line {head[-1][0]}; "
                "puzzles are read from UTF-8 text"
            )
        lines = chain(head, lines)
        columns = _csv_columns(head)
        empty = True
        for found in assemble(lines, shape) if columns is None else _read_csv(lines, shape):
            empty = False
            if isinstance(found, Fault):
                yield BadPuzzle(name, found.line, found.cell, found.message)
            elif isinstance(found, Grid):
                yield Sudoku(found.givens, found.shape, f"{name}:{found.line}")
        if empty:
            raise ReadError(f"{name}: no puzzle in it; a 9x9 puzzle is a line of 81 characters")
