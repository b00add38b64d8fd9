"""Magic squares: 1 to n * n, once each; rows, columns and diagonals have one sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.space import Space
from latent_ebm.puzzles.grid import cell_names
from latent_ebm.puzzles.number_grid import Area, PlainGrid, different
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, read_blocks
from latent_ebm.puzzles.sums import sums

LARGEST = 20


@dataclass(frozen=True, eq=False)
class MagicSquare(PlainGrid):
    r"""An n x n magic square with some numbers given.

    Examples
    --------
    >>> MagicSquare.parse("2 . .\n. 5 .\n. . 8").verify(np.array([1, 6, 5, 8, 4, 0, 3, 2, 7]))
    True
    """

    NAME: ClassVar[str] = "magic-square"

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read squares: rows of numbers or blanks (``.`` or 0), a blank line between squares."""
        return read_blocks(source, name, cls._from_lines)

    @classmethod
    def _check_side(cls, side: int, line: Line) -> None:
        if side > LARGEST:
            raise fail(f"a square of side {side}; the largest has {LARGEST}", line)

    @classmethod
    def _largest_number(cls, side: int) -> int:
        return side * side

    @property
    def landscape(self) -> Landscape:
        """The constraints, shared by all squares of the side."""
        return magic_landscape(self.side)

    def areas(self) -> Iterator[Area]:
        """The whole square."""
        yield "the square", np.ones((self.side, self.side), np.bool_)

    def holds(self, grid: NDArray[np.integer]) -> bool:
        """Whether all sums are equal."""
        totals = [*grid.sum(axis=0), *grid.sum(axis=1), grid.trace(), grid[:, ::-1].trace()]
        return len(set(map(int, totals))) == 1


@lru_cache(maxsize=8)
def magic_landscape(side: int) -> Landscape:
    """All different, and equal sums as linear factors.

    >>> [(domain.name, domain.count) for domain in magic_landscape(3).hard]
    [('different', 1), ('sum', 8)]
    """
    n = side * side
    cells = np.arange(n, dtype=np.int32).reshape(side, side)
    units = [*cells, *cells.T, cells.diagonal(), cells[:, ::-1].diagonal()]
    labels = [f"{word} {i + 1}" for word in ("row", "column") for i in range(side)]
    labels += ["falling diagonal", "rising diagonal"]
    total = side * (n + 1) // 2
    family = sums([unit.tolist() for unit in units], [total] * len(units), n, labels)
    alone = (different("different", cells.reshape(1, -1), n),)
    hard = (*alone, HardDomain("sum", (family,)))
    space = Space.full(cell_names(side, side), tuple(map(str, range(1, n + 1))))
    return Landscape(space, hard, (), standard_couplings(hard, n, n))


def magic(side: int) -> NDArray[np.int32]:
    """A magic square of any side but 2: by the Siamese, the doubly even or Conway's LUX method.

    >>> magic(3).tolist()
    [[8, 1, 6], [3, 5, 7], [4, 9, 2]]
    """
    rows, columns = np.indices((side, side))
    if side % 2:
        return _siamese(side)
    if side % 4 == 0:
        number = rows * side + columns + 1
        kept = (rows % 4 == columns % 4) | ((rows + columns) % 4 == 3)
        return np.where(kept, side * side + 1 - number, number).astype(np.int32)
    return _lux(side)


def _siamese(side: int) -> NDArray[np.int32]:
    grid = np.zeros((side, side), np.int32)
    r, c = 0, side // 2
    for number in range(1, side * side + 1):
        grid[r, c] = number
        up, right = (r - 1) % side, (c + 1) % side
        r, c = ((r + 1) % side, c) if grid[up, right] else (up, right)
    return grid


def _lux(side: int) -> NDArray[np.int32]:
    """Four numbers for each of an odd square's, in the order that the letter writes."""
    k = side // 2
    small = _siamese(k)
    letters = np.full((k, k), "L")
    letters[k // 2 + 1] = "U"
    letters[k // 2 + 2 :] = "X"
    letters[k // 2, k // 2], letters[k // 2 + 1, k // 2] = "U", "L"
    orders = {"L": [[4, 1], [2, 3]], "U": [[1, 4], [2, 3]], "X": [[1, 4], [3, 2]]}
    blocks = [
        [4 * (small[r, c] - 1) + np.array(orders[letters[r, c]]) for c in range(k)]
        for r in range(k)
    ]
    return np.block(blocks).astype(np.int32)


def generate(rng: np.random.Generator, side: int = 4, share: float = 0.6) -> MagicSquare:
    """A known square, turned and mirrored at random, with ``share`` of its cells blank.

    >>> puzzle = generate(np.random.default_rng(0), 6)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if side == 2 or not 1 <= side <= LARGEST:
        raise ValueError(f"magic squares have side 1 or 3 to {LARGEST}; {side} was asked for")
    grid = np.rot90(magic(side), int(rng.integers(4)))
    grid = grid.T if rng.random() < 0.5 else grid
    givens = np.where(rng.random(grid.shape) < share, 0, grid).astype(np.int32)
    return MagicSquare(givens, expected=(grid.ravel() - 1).astype(np.int16))
