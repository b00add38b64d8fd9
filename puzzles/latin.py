"""Latin squares with some cells given: quasigroup completion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.coupling import GroupInclusion
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.puzzles.grid import cell_names
from latent_ebm.puzzles.number_grid import LARGEST, PlainGrid, line_domains
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Source, read_blocks


@dataclass(frozen=True, eq=False)
class Latin(PlainGrid):
    r"""An n x n grid in which every row and column has each of 1 to n once.

    Examples
    --------
    >>> puzzle = Latin.parse("1 . .\n. . 2\n. . .")
    >>> print(puzzle.render(np.array([0, 1, 2, 2, 0, 1, 1, 2, 0])))
    ┌───────┐
    │ 1 2 3 │
    │ 3 1 2 │
    │ 2 3 1 │
    └───────┘
    >>> Latin.parse("1 1\n. .").faults()
    ('row 1 has 1 twice, at r1c1 and r1c2',)
    """

    NAME: ClassVar[str] = "latin"

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read squares: rows of numbers or blanks (``.`` or 0), a blank line between squares."""
        return read_blocks(source, name, cls._from_lines)

    @property
    def landscape(self) -> Landscape:
        """The constraints, shared by all squares of the order."""
        return latin_landscape(self.side)


@lru_cache(maxsize=16)
def latin_landscape(side: int) -> Landscape:
    """Rows and columns of a square, each a hard domain of all-different factors.

    >>> [(domain.name, domain.count) for domain in latin_landscape(5).hard]
    [('row', 5), ('column', 5)]
    """
    space = Space.full(cell_names(side, side), tuple(map(str, range(1, side + 1))))
    domains = line_domains(side, side)
    return Landscape(space, domains, (), (GroupInclusion(domains, side * side, side),))


def random_square(side: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """A Latin square [n, n] of numbers from 1: rows one by one, by a random matching each.

    >>> np.sort(random_square(4, np.random.default_rng(0)), axis=0)[:, 2].tolist()
    [1, 2, 3, 4]
    """
    from scipy.optimize import linear_sum_assignment

    grid = np.zeros((side, side), np.int32)
    free = np.ones((side, side), np.bool_)  # column, value; always regular, so it has a matching
    for r in range(side):
        _, values = linear_sum_assignment(np.where(free, rng.random((side, side)), 1e6))
        free[np.arange(side), values] = False
        grid[r] = values + 1
    return grid


def generate(rng: np.random.Generator, side: int = 9, share: float = 0.42) -> Latin:
    """A random square with ``share`` of its cells blank; 0.42 is where completion is hardest.

    >>> puzzle = generate(np.random.default_rng(0), 5)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 1 <= side <= LARGEST:
        raise ValueError(f"a Latin square has order 1 to {LARGEST}; {side} was asked for")
    grid = random_square(side, rng)
    holes = rng.random(grid.shape) < share
    expected = (grid.ravel() - 1).astype(np.int16)
    return Latin(np.where(holes, 0, grid).astype(np.int32), expected=expected)
