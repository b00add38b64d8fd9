"""Reading puzzles from files and streams, one at a time and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.sudoku.assembly import assemble
from latent_ebm.puzzles.sudoku.puzzle import Sudoku
from latent_ebm.puzzles.sudoku.shape import Shape
from latent_ebm.puzzles.sudoku.streams import ReadError, bounded_lines, opened
from latent_ebm.puzzles.sudoku.table import columns_of, read_table
from latent_ebm.puzzles.sudoku.text import Fault

__all__ = ["BadPuzzle", "ReadError", "read_puzzles"]


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
    demo:2: cell r2c1: '5' is not a digit from 1 to 4 or a blank ('.', '0')
    """
    with ExitStack() as stack:
        if isinstance(source, (str, Path)):
            name = name or str(source)
            stream = stack.enter_context(opened(Path(source)))
        else:
            name = name or str(getattr(source, "name", "<stream>"))
            stream = source
        lines = bounded_lines(stream, name)
        first = next((item for item in lines if _says_something(item[1])), None)
        if first is None:
            raise ReadError(f"{name}: no puzzle in it, only blank lines and comments")
        columns = columns_of(first[1]) if isinstance(first[1], bytes) else None
        if columns is None:
            found = assemble(chain([first], lines), shape)
        else:
            found = read_table(lines, columns, shape)
        empty = True
        for grid in found:
            empty = False
            if isinstance(grid, Fault):
                yield BadPuzzle(name, grid.line, grid.cell, grid.message)
            else:
                at = f"{name}:{grid.line}"
                yield Sudoku(grid.givens, grid.shape, at, grid.expected)
        if empty:
            raise ReadError(f"{name}: no puzzle in it")


def _says_something(line: bytes | Fault) -> bool:
    if isinstance(line, Fault):
        return True
    text = line.strip()
    return bool(text) and not text.startswith(b"#")
