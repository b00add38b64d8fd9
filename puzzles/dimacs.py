"""DIMACS CNF: from bytes to arrays of literals, fast and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.reading import Fault, ParseError, fail, integer, shown

MOST_VARIABLES, MOST_CLAUSES, MOST_LITERALS = 2_000_000, 10_000_000, 30_000_000

_CHUNK = 4 * 1024 * 1024
_LONGEST_LINE = 16 * 1024 * 1024
_LONGEST_TOKEN = 32


@dataclass(frozen=True, eq=False)
class Formula:
    """Clauses as flat arrays.

    Attributes
    ----------
    num_variables
        As the header says.
    offsets
        [C + 1] int64, where each clause begins in ``literals``.
    literals
        int32: v or -v for variables v from 1.
    """

    num_variables: int
    offsets: NDArray[np.int64]
    literals: NDArray[np.int32]

    @property
    def num_clauses(self) -> int:
        """C."""
        return len(self.offsets) - 1

    def clause(self, index: int) -> NDArray[np.int32]:
        """The literals of one clause."""
        return self.literals[self.offsets[index] : self.offsets[index + 1]]

    def satisfied(self, values: NDArray[np.integer]) -> NDArray[np.bool_]:
        """[C] whether each clause has a true literal at values [N] of 0 and 1."""
        true = (np.asarray(values)[np.abs(self.literals) - 1] == 1) == (self.literals > 0)
        count = np.concatenate([[0], np.cumsum(true)])
        return count[self.offsets[1:]] > count[self.offsets[:-1]]


def read_formula(stream: BinaryIO) -> Formula:
    r"""Read a .cnf file.

    Comment lines start with ``c``; the header is ``p cnf VARIABLES CLAUSES``; a clause ends
    with 0 and may take several lines; a line ``%`` ends the file, as in SATLIB's.

    Raises
    ------
    ParseError
        If the header is missing, wrong or too large, a token is no literal of a declared
        variable, the last clause lacks its 0, or the number of clauses is not the announced one.

    Examples
    --------
    >>> from io import BytesIO
    >>> read_formula(BytesIO(b"p cnf 2 2\n1 -2 0\n2 0\n")).literals.tolist()
    [1, -2, 2]
    """
    header: tuple[int, int] | None = None
    parts: list[NDArray[np.int32]] = []
    total = ends = 0
    for first_line, chunk in chunks_of_lines(stream):
        lines, finished = without_comments(chunk)
        start = first_line
        if header is None:
            header, lines, start = _header(lines, first_line)
            if header is None:
                continue
        complaint = f"but the header announces {header[0]} variables"
        numbers = numbers_of(lines, start, -header[0], header[0], complaint).astype(np.int32)
        total += len(numbers)
        ends += int((numbers == 0).sum())
        if total > MOST_LITERALS:
            raise fail(f"more than {MOST_LITERALS} literals", start)
        if ends > header[1]:
            raise fail(f"the header announces {header[1]} clauses; there are more", start)
        parts.append(numbers)
        if finished:
            break
    if header is None:
        raise fail("no header 'p cnf VARIABLES CLAUSES'")
    return packed(header, np.concatenate([np.zeros(0, np.int32), *parts]))


def packed(header: tuple[int, int], numbers: NDArray[np.int32]) -> Formula:
    """Cut numbers at their zeros; there must be as many clauses as announced."""
    if len(numbers) and numbers[-1] != 0:
        raise fail("the last clause does not end with 0; the file may be cut off")
    zeros = np.flatnonzero(numbers == 0)
    if len(zeros) != header[1]:
        raise fail(f"the header announces {header[1]} clauses; there are {len(zeros)}")
    offsets = np.zeros(len(zeros) + 1, np.int64)
    offsets[1:] = zeros - np.arange(len(zeros))
    return Formula(header[0], offsets, numbers[numbers != 0])


def chunks_of_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Whole lines, about 4 MiB at once, each chunk with the number of its first line."""
    rest, line = b"", 1
    while True:
        data = stream.read(_CHUNK)
        if b"\0" in data:
            raise fail("a NUL byte; this is no text", line)
        if not data:
            break
        whole, end, tail = data.rpartition(b"\n")
        if not end:
            rest += tail
            if len(rest) > _LONGEST_LINE:
                raise fail(f"a line of more than {_LONGEST_LINE} bytes", line)
            continue
        chunk = rest + whole + end
        yield line, chunk
        line += chunk.count(b"\n")
        rest = tail
    if rest:
        yield line, rest


def without_comments(chunk: bytes) -> tuple[bytes, bool]:
    """Comment lines made blank, and whether a line ``%`` ended the file."""
    if b"c" not in chunk and b"%" not in chunk:
        return chunk, False
    kept: list[bytes] = []
    for line in chunk.split(b"\n"):
        if line.startswith(b"%"):
            return b"\n".join(kept), True
        kept.append(b"" if line.lstrip()[:1] == b"c" else line)
    return b"\n".join(kept), False


def _header(lines: bytes, first: int) -> tuple[tuple[int, int] | None, bytes, int]:
    """The header's numbers, and what follows it."""
    at = 0
    while at < len(lines):
        end = lines.find(b"\n", at)
        end = len(lines) if end < 0 else end
        words = lines[at:end].decode("latin-1").split()
        if words:
            if words[0] != "p" or len(words) != 4 or words[1] != "cnf":
                found = shown(" ".join(words))
                raise fail(f"the header is 'p cnf VARIABLES CLAUSES'; found {found}", first)
            sizes = (
                integer(words[2], 0, MOST_VARIABLES, "a number of variables", first),
                integer(words[3], 0, MOST_CLAUSES, "a number of clauses", first),
            )
            return sizes, lines[end + 1 :], first + 1
        at, first = end + 1, first + 1
    return None, b"", first


def numbers_of(lines: bytes, first: int, low: int, high: int, complaint: str) -> NDArray[np.int64]:
    """All whole numbers in lines, each from ``low`` to ``high``; the faulty one is named."""
    words = lines.split()
    if not words:
        return np.zeros(0, np.int64)
    try:
        if max(map(len, words)) > _LONGEST_TOKEN:
            raise ValueError
        numbers = np.array(words).astype(np.int64)
    except (ValueError, OverflowError):
        raise ParseError(_fault(lines, first, low, high, complaint)) from None
    if int(numbers.min()) < low or int(numbers.max()) > high or b"_" in lines or b"+" in lines:
        raise ParseError(_fault(lines, first, low, high, complaint))
    return numbers


def _fault(lines: bytes, first: int, low: int, high: int, complaint: str) -> Fault:
    for number, line in enumerate(lines.split(b"\n"), start=first):
        for word in line.split():
            digits = word.removeprefix(b"-")
            if not digits.isdigit():
                return Fault(f"{shown(word.decode('latin-1'))} is not a literal", number)
            if len(digits) > 18 or not low <= int(word) <= high:
                return Fault(f"literal {shown(word.decode())[1:-1]}, {complaint}", number)
    return Fault("not literals", first)
