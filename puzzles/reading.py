"""From files and streams to blocks of lines or JSON, in bounded memory, for all kinds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.sudoku.assembly import decode
from latent_ebm.puzzles.sudoku.streams import ReadError, bounded_lines, opened
from latent_ebm.puzzles.sudoku.text import Fault, ParseError, shown

__all__ = [
    "Fault",
    "Line",
    "ParseError",
    "ReadError",
    "Source",
    "fail",
    "integer",
    "read_blocks",
    "read_json",
    "read_lines",
    "shown",
    "source_of",
    "stream_of",
]

Source = str | Path | BinaryIO
P = TypeVar("P")

MOST_LINES = 10_000
"""Of one puzzle in a file of blocks."""

LARGEST_JSON = 16 * 1024 * 1024
"""In bytes."""

_LONGEST_NUMBER = 18


class Line(NamedTuple):
    """A line of a file and its number, from 1."""

    number: int
    text: str


def fail(message: str, line: int | Line = 0, cell: str = "") -> ParseError:
    """The error that says what is wrong with a puzzle, and where.

    >>> str(fail("there is no row 9", Line(3, "..."), "r9c1"))
    'line 3: cell r9c1: there is no row 9'
    """
    return ParseError(Fault(message, line.number if isinstance(line, Line) else line, cell))


def integer(token: str, low: int, high: int, what: str, line: int | Line = 0) -> int:
    """The whole number that a token is, from low to high.

    >>> integer("12", 1, 9, "a colour", 3)
    Traceback (most recent call last):
    ...
    latent_ebm.puzzles.sudoku.text.ParseError: line 3: '12' is not a colour from 1 to 9
    """
    sign = 1
    digits = token
    if token.startswith("-"):
        sign, digits = -1, token[1:]
    if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER:
        number = sign * int(digits)
        if low <= number <= high:
            return number
    raise fail(f"{shown(token)} is not {what} from {low} to {high}", line)


@contextmanager
def stream_of(source: Source) -> Iterator[BinaryIO]:
    """Open a path, or take a binary stream as it is."""
    if isinstance(source, (str, Path)):
        with opened(Path(source)) as stream:
            yield stream
    else:
        yield source


def source_of(source: Source, name: str) -> str:
    """What messages call a source; by default its file name."""
    if name:
        return name
    return str(source if isinstance(source, (str, Path)) else getattr(source, "name", "<stream>"))


def read_blocks(
    source: Source, name: str, make: Callable[[list[Line], str], P], *, each_line: bool = False
) -> Iterator[P | BadPuzzle]:
    r"""Read puzzles that are blocks of lines between blank lines; ``#`` starts a comment line.

    With ``each_line`` every line is a block of its own.

    ``make`` gets the lines of a block and where it stands; a block of which it raises a
    ``ParseError`` becomes a bad puzzle, and the next one is read.

    >>> from io import BytesIO
    >>> file = BytesIO(b"1 2\n2 1\n\n# one more\n1\n")
    >>> list(read_blocks(file, "demo", lambda block, source: (len(block), source)))
    [(2, 'demo:1'), (1, 'demo:5')]
    """
    name, empty = source_of(source, name), True
    with stream_of(source) as stream:
        for block in _blocks(bounded_lines(stream, name), each_line):
            empty = False
            yield _made(block, name, make)
    if empty:
        raise ReadError(f"{name}: no puzzle in it, only blank lines and comments")


def read_lines(
    source: Source, name: str, make: Callable[[Iterator[Line], str], P]
) -> Iterator[P | BadPuzzle]:
    """Read a file that is one puzzle, line by line."""
    name = source_of(source, name)
    with stream_of(source) as stream:
        try:
            yield make(_texts(bounded_lines(stream, name)), name)
        except ParseError as error:
            yield _bad(error.fault, name)


def read_json(
    source: Source, name: str, make: Callable[[dict[str, Any], str], P]
) -> Iterator[P | BadPuzzle]:
    """Read a file that is one JSON object, or a list of them, each a puzzle."""
    name = source_of(source, name)
    with stream_of(source) as stream:
        data = stream.read(LARGEST_JSON + 1)
    if len(data) > LARGEST_JSON:
        raise ReadError(f"{name}: larger than {LARGEST_JSON} bytes; no puzzle needs so many")
    found = _document(data, name)
    for index, item in enumerate(found if isinstance(found, list) else [found], start=1):
        where = f"{name}:{index}" if isinstance(found, list) else name
        try:
            if not isinstance(item, dict):
                raise fail(f"a puzzle is an object, {{...}}; found {shown(json.dumps(item))}")
            yield make(item, where)
        except ParseError as error:
            yield _bad(error.fault, where)


def _document(data: bytes, name: str) -> Any:
    if not data.strip():
        raise ReadError(f"{name}: the file is empty")
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        more = error.msg == "Extra data"
        hint = "; several puzzles of a file stand in a list, [{...}, {...}]" if more else ""
        raise ReadError(f"{name}:{error.lineno}: no JSON: {error.msg}{hint}") from None
    except RecursionError:
        raise ReadError(f"{name}: lists and objects are nested too deeply") from None
    except ValueError as error:
        raise ReadError(f"{name}: no JSON: {error}") from None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{shown(text)} is too large")
    return number


def _made(
    block: list[Line] | Fault, name: str, make: Callable[[list[Line], str], P]
) -> P | BadPuzzle:
    if isinstance(block, Fault):
        return _bad(block, name)
    try:
        return make(block, f"{name}:{block[0].number}")
    except ParseError as error:
        fault = error.fault
        return _bad(Fault(fault.message, fault.line or block[0].number, fault.cell), name)


def _bad(fault: Fault, name: str) -> BadPuzzle:
    return BadPuzzle(name, max(fault.line, 1), fault.cell, fault.message)


def _blocks(
    lines: Iterator[tuple[int, bytes | Fault]], each_line: bool
) -> Iterator[list[Line] | Fault]:
    block: list[Line] = []
    fault: Fault | None = None
    for number, raw in lines:
        text = raw if isinstance(raw, Fault) else decode(number, raw)
        if isinstance(text, Fault):
            fault = fault or text
        elif text.strip() and not text.startswith("#"):
            block.append(Line(number, text.rstrip()))
            if len(block) > MOST_LINES:
                fault = fault or Fault(f"more than {MOST_LINES} lines for one puzzle", number)
                block.clear()
        ends = each_line or (isinstance(text, str) and not text.strip())
        if ends and (fault or block):
            yield fault or block
            block, fault = [], None
    if fault or block:
        yield fault or block


def _texts(lines: Iterator[tuple[int, bytes | Fault]]) -> Iterator[Line]:
    for number, raw in lines:
        text = raw if isinstance(raw, Fault) else decode(number, raw)
        if isinstance(text, Fault):
            raise ParseError(Fault(text.message, number))
        yield Line(number, text)
