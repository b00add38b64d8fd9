"""Solved grids to learn from: made by the generators of the puzzles, or by the solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.problem import Problem
from latent_ebm.puzzles.sudoku import Shape
from latent_ebm.settings import Settings
from latent_ebm.solving import solve_block

Grids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Examples:
    """Solved grids of one world, and that world without any givens.

    Attributes
    ----------
    world
        A problem without givens: its rules are those to be found, and never shown to a learner.
    values
        [B, N] states.
    columns
        Of the grid; the number of variables where there is no grid.
    """

    world: Problem
    values: Grids
    columns: int

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the N variables."""
        return self.world.landscape.space.variables

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the K states."""
        return self.world.landscape.space.states


def make_examples(kind: str, count: int, seed: int, size: int | None = None) -> Examples:
    """``count`` different solved grids of a kind.

    Parameters
    ----------
    kind
        ``sudoku``, ``latin``, ``diagonal``, ``futoshiki`` or ``coloring``; of the last two the
        signs and the graph are the same in all grids, and drawn from ``size`` alone.
    count
        How many.
    seed
        Of the grids.
    size
        Side, or number of vertices; by default 9, for futoshiki 6 and for colouring 40.

    Raises
    ------
    ValueError
        If the kind is none of these, or too few different grids exist.

    Examples
    --------
    >>> examples = make_examples("latin", 3, seed=0, size=4)
    >>> examples.values.shape, examples.columns
    ((3, 16), 4)
    """
    if kind not in _WORLDS:
        raise ValueError(f"no grids of kind {kind!r} are made; choose from {', '.join(_WORLDS)}")
    if count < 1:
        raise ValueError(f"at least one grid is learned from; {count} were asked for")
    world, columns, draw = _WORLDS[kind](size)
    seeds = np.random.SeedSequence(seed)
    found: dict[bytes, Grids] = {}
    for child in seeds.spawn(4 * count + 20):
        grid = draw(np.random.default_rng(child))
        if grid is not None:
            found.setdefault(grid.tobytes(), grid)
        if len(found) == count:
            return Examples(world, np.stack(list(found.values())), columns)
    raise ValueError(f"{count} different grids of kind {kind} were asked for; found {len(found)}")


Draw = Callable[[np.random.Generator], Grids | None]
World = tuple[Any, int, Draw]


def _sudoku(size: int | None) -> World:
    from latent_ebm.puzzles.sudoku import Sudoku
    from latent_ebm.puzzles.sudoku.generator import random_grid

    shape = Shape.of_side(size or 9)
    blank = Sudoku(np.zeros(shape.cells, np.int8), shape)
    return blank, shape.side, lambda rng: random_grid(shape, rng).astype(np.int64) - 1


def _latin(size: int | None) -> World:
    from latent_ebm.puzzles.latin import Latin, random_square

    side = size or 9
    blank = Latin(np.zeros((side, side), np.int32))
    return blank, side, lambda rng: random_square(side, rng).ravel().astype(np.int64) - 1


def _diagonal(size: int | None) -> World:
    from latent_ebm.puzzles.diagonal import Diagonal

    side = size or 9
    blank = Diagonal(np.zeros((side, side), np.int32), Shape.of_side(side))
    return blank, side, _solver(blank)


def _futoshiki(size: int | None) -> World:
    from latent_ebm.puzzles.futoshiki import Futoshiki, generate

    side = size or 6
    signs = generate(np.random.default_rng(side), side, 0.15).less
    blank = Futoshiki(np.zeros((side, side), np.int32), signs)
    return blank, side, _solver(blank)


def _coloring(size: int | None) -> World:
    from latent_ebm.puzzles.coloring import generate

    graph = generate(np.random.default_rng(size or 40), size or 40, 4, 0.15)
    return graph, graph.num_vertices, _solver(graph)


_WORLDS: dict[str, Callable[[int | None], World]] = {
    "sudoku": _sudoku,
    "latin": _latin,
    "diagonal": _diagonal,
    "futoshiki": _futoshiki,
    "coloring": _coloring,
}


def _solver(blank: Problem) -> Draw:
    """What the solver makes of no givens at all, from a random start."""

    def draw(rng: np.random.Generator) -> Grids | None:
        settings = Settings(seed=int(rng.integers(1 << 31)), time_limit=10.0)
        answer = solve_block([blank], settings)[0]
        return (
            answer.values.astype(np.int64) if answer.solved and answer.values is not None else None
        )

    return draw
