"""Futoshiki: a Latin square with signs between neighbours, less on their narrow side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.relation import Relation
from latent_ebm.kernels.factors import Operator
from latent_ebm.puzzles.base import Values
from latent_ebm.puzzles.grid import GridView, cell_name, numbers_view, read_numbers
from latent_ebm.puzzles.latin import latin_landscape, random_square
from latent_ebm.puzzles.number_grid import NumberGrid
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, read_blocks, shown

LARGEST = 25

Less = tuple[int, int]
"""Two cells by number, the first less than the second."""


@dataclass(frozen=True, eq=False)
class Futoshiki(NumberGrid):
    r"""A Latin square with some neighbours compared.

    Attributes
    ----------
    less
        Pairs of cells, the lesser first, sorted.

    Examples
    --------
    >>> puzzle = Futoshiki.parse(". < .   .\n^\n.   .   2\n. > .   .")
    >>> print(puzzle.render())
    ┌───────────┐
    │ . < .   . │
    │ ^         │
    │ .   .   2 │
    │ . > .   . │
    └───────────┘
    """

    NAME: ClassVar[str] = "futoshiki"

    less: tuple[Less, ...]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read puzzles as drawn: cells four characters apart, signs in the middle between them."""
        return read_blocks(source, name, cls._from_lines)

    @classmethod
    def _from_lines(cls, lines: list[Line], source: str) -> Self:
        rows = [line for line in lines if not _is_between(line.text)]
        if not rows or _is_between(lines[0].text):
            raise fail("a puzzle starts with a row of cells", lines[0])
        side = len(rows)
        if side > LARGEST:
            raise fail(f"a square of side {side}; the largest has {LARGEST}", lines[0])
        plain = [Line(n, text.replace("<", " ").replace(">", " ")) for n, text in rows]
        givens = read_numbers([Line(n, " ".join(_split(t, side))) for n, t in plain], side, side)
        less: list[Less] = []
        for r, line in enumerate(rows):
            less += _across(line, r, side)
        r = -1
        for i, line in enumerate(lines):
            if not _is_between(line.text):
                r += 1
            elif i + 1 == len(lines) or _is_between(lines[i + 1].text):
                raise fail("signs stand between two rows of cells", line)
            else:
                less += _down(line, r, side)
        return cls(givens, tuple(sorted(less)), source=source)

    @cached_property
    def landscape(self) -> Landscape:
        """Rows, columns, and a relation per sign."""
        plain, n = latin_landscape(self.side), self.side
        if not self.less or n == 1:
            return plain
        pairs = np.array(self.less, np.int32)
        names = plain.space.variables
        labels = tuple(f"{names[a]} < {names[b]}" for a, b in self.less)
        operators = np.full(len(pairs), Operator.LESS, np.int8)
        none = np.zeros(len(pairs), np.int32)
        family = Relation(pairs[:, 0], pairs[:, 1], operators, none, n, labels)
        hard = (*plain.hard, HardDomain("sign", (family,)))
        return Landscape(plain.space, hard, (), standard_couplings(hard, n * n, n))

    def holds(self, grid: NDArray[np.integer]) -> bool:
        """Whether every sign is right."""
        flat = grid.ravel()
        return all(flat[a] < flat[b] for a, b in self.less)

    def faults(self) -> tuple[str, ...]:
        """Clues twice in a line, or against a sign."""
        flat, n = self.givens.ravel().tolist(), self.side
        wrong = [
            f"{cell_name(*divmod(a, n))} = {flat[a]} is not less than "
            f"{cell_name(*divmod(b, n))} = {flat[b]}"
            for a, b in self.less
            if flat[a] and flat[b] and flat[a] >= flat[b]
        ]
        return (*super().faults(), *wrong)

    def view(self, values: Values | None = None) -> GridView:
        """The grid with its signs."""
        signs = {}
        for a, b in self.less:
            first, second = divmod(min(a, b), self.side), divmod(max(a, b), self.side)
            signs[(*first, *second)] = "<" if a < b else ">"
        return numbers_view(self.givens, values, signs=signs)

    def text(self) -> str:
        """As drawn, without a frame."""
        n = self.side
        less = set(self.less)
        width = len(str(n))
        lines = []
        for r in range(n):
            row, under = "", ""
            for c in range(n):
                a = r * n + c
                row += str(self.givens[r, c] or ".").rjust(width)
                if c + 1 < n:
                    row += " < " if (a, a + 1) in less else " > " if (a + 1, a) in less else "   "
                down = "^" if (a, a + n) in less else "v" if (a + n, a) in less else " "
                under += f"{down:>{width}}   "
            lines.append(row)
            if under.strip():
                lines.append(under.rstrip())
        return "\n".join(lines)


def _is_between(text: str) -> bool:
    return bool(text.strip()) and not set(text) - set(" ^v\t")


def _split(text: str, side: int) -> list[str]:
    """The cells of a row whose signs are blanked; without spaces every character is a cell."""
    words = text.split()
    return list(words[0]) if len(words) == 1 and side > 1 else words


def _across(line: Line, r: int, side: int) -> list[Less]:
    """The signs within a row, by how many cells stand before them."""
    found: list[Less] = []
    cells, inside = 0, False
    for c in line.text:
        if c in "<>":
            if not 0 < cells < side or (found and max(found[-1]) == r * side + cells):
                raise fail(f"{shown(c)} does not stand between two cells", line)
            a, b = r * side + cells - 1, r * side + cells
            found.append((a, b) if c == "<" else (b, a))
            inside = False
        elif c.isspace():
            inside = False
        elif not inside:
            cells, inside = cells + 1, True
    return found


def _down(line: Line, r: int, side: int) -> list[Less]:
    """The signs between row r and the next, by the columns of characters they stand in."""
    pitch = 3 + len(str(side))
    found: list[Less] = []
    for at, c in enumerate(line.text):
        if c in "^v":
            column, rest = divmod(at, pitch)
            if rest >= len(str(side)) or column >= side:
                raise fail(
                    f"{shown(c)} at column {at + 1} is not below a cell; cells are {pitch} "
                    "characters apart",
                    line,
                )
            a, b = r * side + column, (r + 1) * side + column
            found.append((a, b) if c == "^" else (b, a))
    return found


def generate(rng: np.random.Generator, side: int = 6, share: float = 0.35) -> Futoshiki:
    """Signs at ``share`` of the neighbours of a random Latin square, and a few clues.

    >>> puzzle = generate(np.random.default_rng(0), 5)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 1 <= side <= LARGEST:
        raise ValueError(f"futoshiki squares have side 1 to {LARGEST}; {side} was asked for")
    grid = random_square(side, rng)
    cells = np.arange(side * side).reshape(side, side)
    pairs = [
        *zip(cells[:, :-1].ravel().tolist(), cells[:, 1:].ravel().tolist(), strict=True),
        *zip(cells[:-1].ravel().tolist(), cells[1:].ravel().tolist(), strict=True),
    ]
    flat = grid.ravel()
    less = sorted((a, b) if flat[a] < flat[b] else (b, a) for a, b in pairs if rng.random() < share)
    givens = np.where(rng.random(grid.shape) < 0.1, grid, 0).astype(np.int32)
    return Futoshiki(givens, tuple(less), expected=(flat - 1).astype(np.int16))
