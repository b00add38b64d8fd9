"""Digits as text: from symbols and numbers to givens, and what to say when that fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.sudoku.shape import Shape

Givens = NDArray[np.int8]

SYMBOLS = "123456789ABCDEFGHIJKLMNOP"
"""The symbol of each number from 1 to 25, where a cell is one character."""

BLANKS = ".0_*-"
"""The symbols of a blank cell."""

_BAD = 0xFF


@dataclass(frozen=True)
class Fault:
    """What is wrong with a text, and where: a line (from 1; 0 if unknown) and perhaps a cell."""

    message: str
    line: int = 0
    cell: str = ""

    def __str__(self) -> str:
        line = f"line {self.line}: " if self.line else ""
        cell = f"cell {self.cell}: " if self.cell else ""
        return f"{line}{cell}{self.message}"


class ParseError(ValueError):
    """A text is no Sudoku; ``fault`` says why and where."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@lru_cache(maxsize=32)
def symbol_table(side: int) -> bytes:
    """256 bytes that ``bytes.translate`` turns symbols into numbers with; 255 is no symbol."""
    table = bytearray([_BAD] * 256)
    for blank in BLANKS:
        table[ord(blank)] = 0
    for number, symbol in enumerate(SYMBOLS[:side], start=1):
        table[ord(symbol)] = table[ord(symbol.lower())] = number
    return bytes(table)


def try_symbols(text: bytes, side: int) -> Givens | None:
    """Read one character a cell; None if a character is no symbol. The array is read-only."""
    numbers = text.translate(symbol_table(side))
    if b"\xff" in numbers:
        return None
    return np.frombuffer(numbers, np.int8)


def read_symbols(text: str, shape: Shape, *, first_cell: int = 0) -> Givens:
    """Read one character a cell.

    Raises
    ------
    ParseError
        If a character is no symbol; the fault names the cell, counted from ``first_cell``.

    Examples
    --------
    >>> read_symbols("3..1", Shape(2, 2)).tolist()
    [3, 0, 0, 1]
    >>> read_symbols("3..7", Shape(2, 2), first_cell=4)
    Traceback (most recent call last):
    ...
    latent_ebm.puzzles.sudoku.text.ParseError: cell r2c4: '7' is not a digit from 1 to 4 \
or a blank ('.', '0')
    """
    givens = try_symbols(text.encode("latin-1", errors="replace"), shape.side)
    if givens is None or not text.isascii():
        table = symbol_table(shape.side)
        at = next(i for i, c in enumerate(text) if ord(c) > 0x7F or table[ord(c)] == _BAD)
        raise ParseError(_bad_cell(text[at], shape, first_cell + at))
    return givens


def read_numbers(tokens: Sequence[str], shape: Shape, *, first_cell: int = 0) -> Givens:
    """Read one token a cell: a number, a symbol or a blank.

    Raises
    ------
    ParseError
        If a token is none of these; the fault names the cell, counted from ``first_cell``.

    Examples
    --------
    >>> read_numbers(["16", ".", "3", "A"], Shape(4, 4)).tolist()
    [16, 0, 3, 10]
    """
    table = symbol_table(shape.side)
    givens = np.zeros(len(tokens), np.int8)
    for i, token in enumerate(tokens):
        number = _BAD
        if token.isascii() and len(token) == 1:
            number = table[ord(token)]
        elif token.isascii() and token.isdigit() and len(token) == 2:
            number = int(token)
        if number > shape.side:
            raise ParseError(_bad_cell(token, shape, first_cell + i))
        givens[i] = number
    return givens


def parse_block(block: bytes, shape: Shape | None = None) -> Givens:
    r"""Read many puzzles of one shape, one a line of n * n characters, as givens [B, N].

    This is the fast way for large and regular data; ``read_puzzles`` is the patient one.

    Raises
    ------
    ParseError
        If a line is too long or too short or holds another character than symbols.

    Examples
    --------
    >>> parse_block(b"12..34......1...\n................\n", Shape(2, 2)).shape
    (2, 16)
    """
    shape = shape or Shape(3, 3)
    if not block:
        return np.zeros((0, shape.cells), np.int8)
    ending = b"\r\n" if block[shape.cells : shape.cells + 1] == b"\r" else b"\n"
    if not block.endswith(b"\n"):
        block += ending
    width = shape.cells + len(ending)
    if len(block) % width == 0:
        table = np.frombuffer(block.translate(symbol_table(shape.side)), np.uint8)
        lines = table.reshape(-1, width)
        ends = np.frombuffer(block, np.uint8).reshape(-1, width)[:, shape.cells :]
        givens = lines[:, : shape.cells]
        if (ends == np.frombuffer(ending, np.uint8)).all() and givens.max() <= shape.side:
            return np.ascontiguousarray(givens).view(np.int8)
    return _parse_irregular(block, shape)


def _parse_irregular(block: bytes, shape: Shape) -> Givens:
    """Line by line: mixed line ends, or an error that knows its line."""
    found = []
    for number, line in enumerate(block.splitlines(), start=1):
        text = line.decode("latin-1")
        if len(text) != shape.cells:
            message = f"{len(text)} characters; a puzzle of {shape.grid} has {shape.cells}"
            raise ParseError(Fault(message, number))
        try:
            found.append(read_symbols(text, shape))
        except ParseError as error:
            raise ParseError(Fault(error.fault.message, number, error.fault.cell)) from None
    return np.stack(found)


def shown(text: str, limit: int = 30) -> str:
    r"""Quote a piece of a file: short, and with control characters escaped.

    Examples
    --------
    >>> shown("a\tb"), shown("x" * 100, limit=3)
    ("'a\\tb'", "'xxx'...")
    """
    return ascii(text[:limit]) + ("..." if len(text) > limit else "")


def _bad_cell(found: str, shape: Shape, cell: int) -> Fault:
    kind = "digit" if shape.side <= 9 else "number"
    message = f"{shown(found)} is not a {kind} from 1 to {shape.side} or a blank ('.', '0')"
    return Fault(message, cell=shape.cell_name(cell))
