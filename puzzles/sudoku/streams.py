"""Lines of a file or a stream, in bounded memory whatever the file holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from latent_ebm.puzzles.sudoku.text import Fault

LONGEST_LINE = 64 * 1024
"""In bytes. Longer lines are stepped over; no puzzle needs so many."""

_CHUNK = 64 * 1024
_LOOKED_AT = 8 * 1024
_UTF8_MARK = b"\xef\xbb\xbf"


class ReadError(ValueError):
    """A file cannot be read as puzzles, or, where all were asked for, one of them is faulty."""


def opened(path: Path) -> BinaryIO:
    """Open a file.

    Raises
    ------
    ReadError
        If that fails, with the file's name and the reason.

    Examples
    --------
    >>> opened(Path("nowhere.txt"))
    Traceback (most recent call last):
    ...
    latent_ebm.puzzles.sudoku.streams.ReadError: nowhere.txt: no such file
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise ReadError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ReadError(f"{path}: this is a folder; give a file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReadError(f"{str(path)!r}: cannot be opened: {reason}") from error


def bounded_lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes | Fault]]:
    r"""Number the lines of a binary stream from 1; ends of lines may be left as a ``\r``.

    A line of more than :data:`LONGEST_LINE` bytes is not kept; a fault stands for it.

    Raises
    ------
    ReadError
        If the stream is empty, is binary, gives text, or fails.

    Examples
    --------
    >>> import io
    >>> list(bounded_lines(io.BytesIO(b"1.3.\n..2."), "demo"))
    [(1, b'1.3.'), (2, b'..2.')]
    """
    number, rest, overlong = 0, b"", False
    for chunk in _chunks(stream, name):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            number += 1
            if overlong:
                overlong = False  # that was its end
            elif len(line) > LONGEST_LINE:
                yield number, _overlong(number)
            else:
                yield number, line.removeprefix(_UTF8_MARK) if number == 1 else line
        if len(rest) > LONGEST_LINE and not overlong:
            overlong = True
            yield number + 1, _overlong(number + 1)
        if overlong:
            rest = b""
    if rest:
        yield number + 1, rest.removeprefix(_UTF8_MARK) if number == 0 else rest


def _chunks(stream: BinaryIO, name: str) -> Iterator[bytes]:
    # read1 gives what a pipe has by now instead of waiting for a full chunk
    read = getattr(stream, "read1", stream.read)
    first = True
    while True:
        try:
            chunk = read(_CHUNK)
        except OSError as error:
            raise ReadError(f"{name}: cannot be read: {error.strerror or error}") from error
        if isinstance(chunk, str):
            raise ReadError(f"{name}: needs a binary stream, such as sys.stdin.buffer; got text")
        if first and not chunk:
            raise ReadError(f"{name}: the file is empty")
        if first and b"\0" in chunk[:_LOOKED_AT]:
            at = chunk.index(b"\0")
            raise ReadError(
                f"{name}: not a text file: a NUL byte at offset {at}; "
                "puzzles are read from UTF-8 text"
            )
        if not chunk:
            return
        first = False
        yield chunk


def _overlong(number: int) -> Fault:
    return Fault(f"the line is longer than {LONGEST_LINE} bytes; it is left out", number)
