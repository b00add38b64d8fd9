"""KenKen: a Latin square with cages of sums, differences, products and quotients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.linear import Linear
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.table import Table
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Values
from latent_ebm.puzzles.cages import (
    cage_names,
    cage_notes,
    clues_by_cage,
    random_cages,
    read_cages,
    write_cages,
)
from latent_ebm.puzzles.grid import GridView, cells_of, numbers_view
from latent_ebm.puzzles.latin import latin_landscape, random_square
from latent_ebm.puzzles.number_grid import NumberGrid
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, read_blocks, shown
from latent_ebm.puzzles.sums import sums

LARGEST = 25
LARGEST_TOTAL = 10**15

_MOST_TUPLES = 20_000
"""A product of more combinations than this becomes linear, a factor for each prime."""


class Clue(NamedTuple):
    """A cage's target and how its numbers make it: one of ``+ - * /``, or ``=`` for one cell."""

    target: int
    operation: str

    def __str__(self) -> str:
        return f"{self.target}{self.operation.replace('=', '')}"

    def holds(self, numbers: list[int]) -> bool:
        """Whether numbers make the target.

        >>> Clue(2, "/").holds([3, 6]), Clue(2, "-").holds([3, 6])
        (True, False)
        """
        if self.operation == "+":
            return sum(numbers) == self.target
        if self.operation == "*":
            return prod(numbers) == self.target
        low, high = min(numbers), max(numbers)
        if self.operation == "-":
            return high - low == self.target
        return high == (low * self.target if self.operation == "/" else self.target)


@dataclass(frozen=True, eq=False)
class Kenken(NumberGrid):
    r"""A Latin square with cages.

    Attributes
    ----------
    cages
        [n, n] the cage of each cell.
    clues
        The clue of each cage.

    Examples
    --------
    >>> puzzle = Kenken.parse("aab\ncab\ncdd\na 4+\nb 6*\nc 1-\nd 4+")
    >>> puzzle.verify(np.array([0, 1, 2, 1, 2, 0, 2, 0, 1]))
    False
    """

    NAME: ClassVar[str] = "kenken"

    cages: NDArray[np.int32]
    clues: tuple[Clue, ...]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read puzzles: n rows of cage letters, then a line ``letter 12*`` for each cage."""
        return read_blocks(source, name, cls._from_lines)

    @classmethod
    def _from_lines(cls, lines: list[Line], source: str) -> Self:
        side = len(cells_of(lines[0].text))
        if side > LARGEST:
            raise fail(f"a square of side {side}; the largest has {LARGEST}", lines[0])
        cages, names = read_cages(lines[:side], side)
        found = clues_by_cage(lines[side:], names)
        clues = [_clue(*found[i], name, int((cages == i).sum())) for i, name in enumerate(names)]
        return cls(np.zeros((side, side), np.int32), cages, tuple(clues), source=source)

    @property
    def names(self) -> list[str]:
        """The cages' names, in order."""
        return cage_names(len(self.clues))

    def _cells(self, cage: int) -> list[int]:
        return np.flatnonzero(self.cages.ravel() == cage).tolist()

    @cached_property
    def landscape(self) -> Landscape:
        """Rows and columns; sums as linear factors, the rest as tables of what is allowed."""
        plain, n = latin_landscape(self.side), self.side
        labels = [f"cage {a} ({clue})" for a, clue in zip(self.names, self.clues, strict=True)]
        added = [i for i, clue in enumerate(self.clues) if clue.operation == "+"]
        families: list[Linear | Table] = [
            sums(
                [self._cells(i) for i in added],
                [self.clues[i].target for i in added],
                n,
                [labels[i] for i in added],
            )
        ]
        rows, tables, names = [], [], []
        for i, clue in enumerate(self.clues):
            cells = self._cells(i)
            if clue.operation == "+":
                continue
            if n ** len(cells) > _MOST_TUPLES:
                families.append(_powers(cells, clue.target, n, labels[i]))
                continue
            allowed = [t for t in product(range(1, n + 1), repeat=len(cells)) if clue.holds([*t])]
            if allowed:
                rows.append(cells)
                tables.append(np.array(allowed) - 1)
                names.append(labels[i])
        families.append(Table(Csr.from_rows(rows), tables, n, tuple(names)))
        kept = tuple(family for family in families if family.count)
        hard = (*plain.hard, HardDomain("cage", kept)) if kept else plain.hard
        return Landscape(plain.space, hard, (), standard_couplings(hard, n * n, n))

    def holds(self, grid: NDArray[np.integer]) -> bool:
        """Whether every cage makes its target."""
        return all(clue.holds(grid[self.cages == i].tolist()) for i, clue in enumerate(self.clues))

    def faults(self) -> tuple[str, ...]:
        """Cages that no numbers can make."""
        found = []
        for i, (name, clue) in enumerate(zip(self.names, self.clues, strict=True)):
            cells = len(self._cells(i))
            if not _possible(clue, cells, self.side):
                found.append(f"cage {name}: no {cells} numbers of 1 to {self.side} make {clue}")
        return tuple(found)

    def view(self, values: Values | None = None) -> GridView:
        """The grid with its cages."""
        notes = cage_notes(self.cages, [str(clue) for clue in self.clues])
        return numbers_view(self.givens, values, regions=self.cages, notes=notes)

    def render(self, values: Values | None = None) -> str:
        """The cages with their clues, or the grid."""
        return self.text() if values is None else super().render(values)

    def text(self) -> str:
        """Rows of cage letters, then the clues."""
        clues = [f"{name} {clue}" for name, clue in zip(self.names, self.clues, strict=True)]
        return "\n".join([write_cages(self.cages, self.names), *clues])


def _clue(text: str, line: Line, name: str, cells: int) -> Clue:
    found = re.fullmatch(r"([0-9]{1,15})([-+*/x\u00d7\u00f7]?)", text)
    if found is None:
        raise fail(f"cage {name}: {shown(text)} is not a clue such as 6+, 3-, 12*, 2/ or 5", line)
    operation = {"x": "*", "\u00d7": "*", "\u00f7": "/", "": "="}.get(found[2], found[2])
    if operation in "-/" and cells != 2:
        raise fail(f"cage {name} has {cells} cells; '{operation}' is for two", line)
    if operation == "=" and cells != 1:
        raise fail(f"cage {name} has {cells} cells, so its clue needs one of + - * /", line)
    return Clue(int(found[1]), operation)


def _powers(cells: list[int], target: int, n: int, label: str) -> Linear:
    """A product of many cells: of each prime the exponents add up, if the primes do it at all."""
    primes = [p for p in range(2, n + 1) if all(p % q for q in range(2, p))]
    exponents = np.array([[_exponent(v, p) for v in range(1, n + 1)] for p in primes], np.int64)
    wanted = np.array([_exponent(target, p) for p in primes], np.int64)
    kept = wanted <= len(cells) * exponents.max(axis=1)
    rows = Csr.from_rows([cells] * int(kept.sum()))
    weights = np.repeat(exponents[kept], len(cells), axis=0)
    labels = tuple(f"{label}, powers of {p}" for p, k in zip(primes, kept, strict=True) if k)
    return Linear(rows, weights, wanted[kept], wanted[kept], n, labels)


def _exponent(number: int, prime: int) -> int:
    count = 0
    while number and number % prime == 0:
        number //= prime
        count += 1
    return count


def _possible(clue: Clue, cells: int, n: int) -> bool:
    """Whether numbers of 1 to n make a clue; of many cells, whether sums or powers can fit."""
    if clue.operation == "+":
        return cells <= clue.target <= cells * n
    if n**cells <= _MOST_TUPLES:
        return any(clue.holds([*t]) for t in product(range(1, n + 1), repeat=cells))
    left = clue.target
    for p in range(2, n + 1):
        most = cells * max(_exponent(v, p) for v in range(1, n + 1))
        while left and left % p == 0 and most:
            left, most = left // p, most - 1
    return left == 1


def generate(rng: np.random.Generator, side: int = 6) -> Kenken:
    """Cages of up to four cells on a random Latin square.

    >>> puzzle = generate(np.random.default_rng(0), 5)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 1 <= side <= LARGEST:
        raise ValueError(f"KenKen squares have side 1 to {LARGEST}; {side} was asked for")
    grid = random_square(side, rng)
    cages = random_cages(side, (1, 2, 2, 3, 3, 4), rng)
    clues = []
    for i in range(int(cages.max()) + 1):
        numbers = sorted(grid[cages == i].tolist())
        low, high = numbers[0], numbers[-1]
        options = [Clue(sum(numbers), "+"), Clue(prod(numbers), "*")]
        if len(numbers) == 2:
            options += [Clue(high - low, "-")] * 2
            options += [Clue(high // low, "/")] * 4 if high % low == 0 else []
        single = [Clue(low, "=")] if len(numbers) == 1 else options
        clues.append(single[int(rng.integers(len(single)))])
    expected = (grid.ravel() - 1).astype(np.int16)
    return Kenken(np.zeros_like(grid), cages, tuple(clues), expected=expected)
