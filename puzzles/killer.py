"""Killer Sudoku: cages whose numbers differ and add up to given sums."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import permutations
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
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
from latent_ebm.puzzles.number_grid import Area, NumberGrid, lines
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, integer, read_blocks
from latent_ebm.puzzles.sudoku import Shape, sudoku_landscape
from latent_ebm.puzzles.sums import sums

MOST_TUPLES = 600
"""Rows of different numbers with a cage's sum up to which these are a table."""

MOST_ROWS = 20_000
"""Rows of different numbers to go through for that: all those of up to five cells of a 9x9 grid."""


@dataclass(frozen=True, eq=False)
class Killer(NumberGrid):
    """A Sudoku (its clues mostly none) with cages.

    Attributes
    ----------
    cages
        [n, n] the cage of each cell, or -1.
    totals
        The sum of each cage.
    """

    NAME: ClassVar[str] = "killer"

    cages: NDArray[np.int32]
    totals: tuple[int, ...]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read puzzles: n rows of cage letters, then a line ``letter sum`` for each cage."""
        return read_blocks(source, name, cls._from_lines)

    @classmethod
    def _from_lines(cls, lines: list[Line], source: str) -> Self:
        side = len(cells_of(lines[0].text))
        try:
            Shape.of_side(side)
        except ValueError as error:
            raise fail(str(error), lines[0]) from None
        cages, names = read_cages(lines[:side], side, blanks=True)
        for i, name in enumerate(names):
            size = int((cages == i).sum())
            if size > side:
                raise fail(f"cage {name} has {size} cells; its numbers cannot differ", lines[0])
        clues = clues_by_cage(lines[side:], names)
        most = side * (side + 1) // 2
        totals = [integer(clues[i][0], 1, most, "a sum", clues[i][1]) for i in range(len(names))]
        return cls(np.zeros((side, side), np.int32), cages, tuple(totals), source=source)

    @property
    def shape(self) -> Shape:
        """The boxes."""
        return Shape.of_side(self.side)

    @cached_property
    def landscape(self) -> Landscape:
        """The Sudoku's domains, the cages' differences and their sums.

        A sum that few different numbers have is a table of these: it leaves half as many live
        entries to presolve as the sum and the differences apart, and descent takes half as long.
        """
        plain, n = sudoku_landscape(self.shape), self.side
        names = cage_names(len(self.totals))
        cells = [np.flatnonzero(self.cages.ravel() == i).tolist() for i in range(len(names))]
        labels = [f"cage {a} ({t})" for a, t in zip(names, self.totals, strict=True)]
        alone = tuple(plain.hard)
        if cells:
            family = AllDifferent(Csr.from_rows(cells), n, tuple(labels))
            alone = (*alone, HardDomain("cage", (family,)))
        listed = [different_numbers(n, len(c), t) for c, t in zip(cells, self.totals, strict=True)]
        short = [i for i, tuples in enumerate(listed) if 0 < len(tuples) <= MOST_TUPLES]
        long = [i for i in range(len(cells)) if i not in set(short)]
        table = Table(
            Csr.from_rows([cells[i] for i in short]),
            [listed[i] for i in short],
            n,
            tuple(labels[i] for i in short),
        )
        added = sums(
            [cells[i] for i in long], [self.totals[i] for i in long], n, [labels[i] for i in long]
        )
        families = tuple(family for family in (table, added) if family.count)
        hard = (*alone, HardDomain("sum", families)) if families else alone
        return Landscape(plain.space, hard, (), standard_couplings(hard, n * n, n))

    def areas(self) -> Iterator[Area]:
        """Rows, columns, boxes and cages."""
        yield from lines(self.side)
        rows, columns = np.indices(self.givens.shape)
        h, w = self.shape.box_height, self.shape.box_width
        box = rows // h * h + columns // w
        for i in range(self.side):
            yield f"box {i + 1}", box == i
        for i, name in enumerate(cage_names(len(self.totals))):
            yield f"cage {name}", self.cages == i

    def holds(self, grid: NDArray[np.integer]) -> bool:
        """Whether every cage has its sum."""
        return all(int(grid[self.cages == i].sum()) == t for i, t in enumerate(self.totals))

    def faults(self) -> tuple[str, ...]:
        """Cages whose sums no different numbers have."""
        found = list(super().faults())
        for i, (name, total) in enumerate(
            zip(cage_names(len(self.totals)), self.totals, strict=True)
        ):
            m = int((self.cages == i).sum())
            least, most = m * (m + 1) // 2, m * (2 * self.side - m + 1) // 2
            if not least <= total <= most:
                found.append(
                    f"cage {name}: {m} different numbers add up to {least} to {most}, not {total}"
                )
        return tuple(found)

    def view(self, values: Values | None = None) -> GridView:
        """The grid with its cages."""
        notes = cage_notes(self.cages, [str(total) for total in self.totals])
        return numbers_view(self.givens, values, regions=self.cages, notes=notes)

    def render(self, values: Values | None = None) -> str:
        """The cages with their sums, or the grid."""
        return self.text() if values is None else super().render(values)

    def text(self) -> str:
        """Rows of cage letters, then the sums."""
        names = cage_names(len(self.totals))
        clues = [f"{name} {total}" for name, total in zip(names, self.totals, strict=True)]
        return "\n".join([write_cages(self.cages, names), *clues])


@lru_cache(maxsize=4096)
def different_numbers(side: int, count: int, total: int) -> NDArray[np.int32]:
    """All rows [T, count] of different states whose numbers, from 1, add up to a total.

    None are listed (T = 0) where there are more than ``MOST_ROWS`` rows to go through.

    >>> different_numbers(4, 2, 4).tolist()
    [[0, 2], [2, 0]]
    """
    if math.perm(side, count) > MOST_ROWS:
        return np.zeros((0, count), np.int32)
    rows = np.array([*permutations(range(side), count)], np.int32).reshape(-1, count)
    return rows[rows.sum(axis=1) + count == total]


def generate(rng: np.random.Generator, side: int = 9) -> Killer:
    """Cages of up to five cells around a random Sudoku.

    >>> puzzle = generate(np.random.default_rng(0), 4)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    from latent_ebm.puzzles.sudoku.generator import random_grid

    grid = random_grid(Shape.of_side(side), rng).reshape(side, side).astype(np.int32)
    cages = _without_repeats(random_cages(side, range(2, min(side, 5) + 1), rng), grid)
    totals = tuple(int(grid[cages == i].sum()) for i in range(int(cages.max()) + 1))
    expected = (grid.ravel() - 1).astype(np.int16)
    return Killer(np.zeros_like(grid), cages, totals, expected=expected)


def _without_repeats(cages: NDArray[np.int32], grid: NDArray[np.int32]) -> NDArray[np.int32]:
    """Cages that hold a number twice are cut into their cells."""
    flat, numbers = cages.ravel().copy(), grid.ravel()
    count = int(flat.max()) + 1
    for i in range(count):
        at = np.flatnonzero(flat == i)
        if len(np.unique(numbers[at])) < len(at):
            flat[at[1:]] = count + np.arange(len(at) - 1)
            count += len(at) - 1
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse].reshape(cages.shape)
