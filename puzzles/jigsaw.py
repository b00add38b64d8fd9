"""Sudoku with regions of any form in place of boxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.coupling import GroupInclusion
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.puzzles.base import Values
from latent_ebm.puzzles.cages import around, cage_names, read_cages, write_cages
from latent_ebm.puzzles.filling import random_filling
from latent_ebm.puzzles.grid import (
    GridView,
    cell_names,
    cells_of,
    numbers_view,
    read_numbers,
    write_numbers,
)
from latent_ebm.puzzles.number_grid import Area, NumberGrid, different, line_domains, lines
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, read_blocks

LARGEST = 36


@dataclass(frozen=True, eq=False)
class Jigsaw(NumberGrid):
    r"""A Latin square whose regions have every number, too.

    Attributes
    ----------
    regions
        [n, n] the region of each cell, 0 to n - 1, each of n cells.

    Examples
    --------
    >>> puzzle = Jigsaw.parse("1..\n...\n...\naab\nabb\nccc")
    >>> print(puzzle.render(np.array([0, 1, 2, 2, 0, 1, 1, 2, 0])))
    ┌───────┬───┐
    │ 1   2 │ 3 │
    │   ┌───┘   │
    │ 3 │ 1   2 │
    ├───┴───────┤
    │ 2   3   1 │
    └───────────┘
    """

    NAME: ClassVar[str] = "jigsaw"

    regions: NDArray[np.int32]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read puzzles: n rows of cells, n rows of region letters, a blank line between them."""
        return read_blocks(source, name, cls._from_lines)

    @classmethod
    def _from_lines(cls, lines: list[Line], source: str) -> Self:
        side = len(cells_of(lines[0].text))
        if side > LARGEST:
            raise fail(f"a square of side {side}; the largest has {LARGEST}", lines[0])
        if len(lines) != 2 * side:
            raise fail(
                f"{len(lines)} lines; a puzzle of side {side} has {side} rows of cells and as many "
                "of region letters",
                lines[0],
            )
        givens = read_numbers(lines[:side], side, side)
        regions, names = read_cages(lines[side:], side)
        for i, name in enumerate(names):
            size = int((regions == i).sum())
            if size != side:
                raise fail(f"region {name} has {size} cells, where {side} are needed", lines[side])
        return cls(givens, regions, source=source)

    @cached_property
    def landscape(self) -> Landscape:
        """Rows, columns and regions."""
        n = self.side
        space = Space.full(cell_names(n, n), tuple(map(str, range(1, n + 1))))
        units = np.argsort(self.regions.ravel(), kind="stable").reshape(n, n)
        hard = (*line_domains(n, n), different("region", units, n))
        return Landscape(space, hard, (), (GroupInclusion(hard, n * n, n),))

    def areas(self) -> Iterator[Area]:
        """Rows, columns and regions."""
        yield from lines(self.side)
        for i in range(self.side):
            yield f"region {i + 1}", self.regions == i

    def view(self, values: Values | None = None) -> GridView:
        """The grid with its regions."""
        return numbers_view(self.givens, values, regions=self.regions)

    def text(self) -> str:
        """Rows of cells, then of region letters."""
        return f"{write_numbers(self.givens)}\n{write_cages(self.regions, cage_names(self.side))}"


def random_regions(side: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Connected regions [n, n] of n cells each: rows whose cells are exchanged across borders."""
    table = np.repeat(np.arange(side, dtype=np.int32)[:, None], side, axis=1)
    for r, c in rng.integers(0, side, (20 * side * side, 2)).tolist():
        a = int(table[r, c])
        others = [int(table[at]) for at in around([(r, c)], side) if table[at] != a]
        if not others:
            continue
        b = others[int(rng.integers(len(others)))]
        back = [at for at in around(_cells(table, a), side) if table[at] == b]
        trial = table.copy()
        trial[r, c], trial[back[int(rng.integers(len(back)))]] = b, a
        if all(_connected(_cells(trial, i), side) for i in (a, b)):
            table = trial
    return table


def _cells(table: NDArray[np.integer], region: int) -> list[tuple[int, int]]:
    return [(int(r), int(c)) for r, c in np.argwhere(table == region)]


def _connected(cells: list[tuple[int, int]], side: int) -> bool:
    within, reached, edge = set(cells), {cells[0]}, [cells[0]]
    while edge:
        edge = [at for at in around(edge, side) if at in within and at not in reached]
        reached.update(edge)
    return len(reached) == len(cells)


def generate(rng: np.random.Generator, side: int = 9, share: float = 0.6) -> Jigsaw:
    """Random regions and a random full grid with ``share`` of its cells blank.

    >>> puzzle = generate(np.random.default_rng(0), 5)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 1 <= side <= 12:
        raise ValueError(f"jigsaws are made from side 1 to 12; {side} was asked for")
    while True:
        regions = random_regions(side, rng)
        _, first = np.unique(regions, return_index=True)
        rank = np.empty(side, np.int32)
        rank[np.argsort(first)] = np.arange(side)
        blank = Jigsaw(np.zeros((side, side), np.int32), rank[regions])
        grid = random_filling(side, [area for _, area in blank.areas()], rng)
        if grid is not None:
            givens = np.where(rng.random(grid.shape) < share, 0, grid).astype(np.int32)
            expected = (grid.ravel() - 1).astype(np.int16)
            return Jigsaw(givens, blank.regions, expected=expected)
