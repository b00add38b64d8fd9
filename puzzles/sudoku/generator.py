"""Making puzzles: a random full grid, dug out while what is asked for still holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.coupling import Rule
from latent_ebm.puzzles.sudoku.batch import masks_of
from latent_ebm.puzzles.sudoku.landscape import sudoku_landscape
from latent_ebm.puzzles.sudoku.puzzle import Sudoku
from latent_ebm.puzzles.sudoku.shape import Shape
from latent_ebm.puzzles.sudoku.text import Givens

ATTEMPTS = 600
"""How many times a grid is dug out unless another number is asked for."""

_NODES = 3_000  # a uniqueness check that takes more counts as failed; matters above side 9
_PASSES = 150  # on one full grid, before another is taken; measured to reach 20 clues soonest
_REFILLED = 0.1  # the share of holes that a pass fills before it digs
_FEWEST_OF_9 = 17  # no 9x9 puzzle with fewer clues has one solution (McGuire et al., 2012)


class Difficulty(StrEnum):
    """How far presolve gets: all the way by singles, by subsets as well, or by neither."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class GenerationError(RuntimeError):
    """No such puzzle was found in the attempts allowed."""


def rate(puzzle: Sudoku) -> Difficulty:
    """Tell the difficulty of a puzzle that has one solution.

    Examples
    --------
    >>> rate(Sudoku.parse("12..34....4....1")).value
    'easy'
    """
    return _rate(puzzle.givens, puzzle.shape)


def generate(
    shape: Shape | None = None,
    *,
    rng: np.random.Generator | int,
    clues: int | None = None,
    difficulty: Difficulty | str | None = None,
    symmetric: bool = False,
    attempts: int = ATTEMPTS,
) -> Sudoku:
    """Make a puzzle with exactly one solution, which comes with it as ``expected``.

    Parameters
    ----------
    shape
        By default 9x9.
    rng
        A generator or a seed; the same seed makes the same puzzle.
    clues
        How many cells are given. By default, up to side 9, as few as one digging leaves; half of
        the cells above.
    difficulty
        ``easy``, ``medium`` or ``hard``; by default any.
    symmetric
        Whether the pattern of clues looks the same upside down.
    attempts
        How many times a grid is dug out before giving up.

    Raises
    ------
    ValueError
        If there can be no such puzzle.
    GenerationError
        If none was found.

    Examples
    --------
    >>> puzzle = generate(Shape(2, 3), rng=1, clues=12, symmetric=True)
    >>> puzzle.clues, puzzle.verify(puzzle.expected)
    (12, True)
    """
    shape = shape or Shape(3, 3)
    rng = np.random.default_rng(rng)
    wanted = None if difficulty is None else _difficulty(difficulty)
    _refuse_impossible(shape, clues, symmetric=symmetric, attempts=attempts)
    target = clues
    if target is None:
        big = shape.side > 9 and wanted is not Difficulty.HARD
        target = shape.cells // 2 // 2 * 2 if big else 0
    fewest, ratings = shape.cells, Counter[Difficulty]()
    for grid, givens in _diggings(shape, target, wanted, rng, symmetric, attempts):
        found = int(np.count_nonzero(givens))
        fewest = min(fewest, found)
        if clues is not None and found != clues:
            continue
        if wanted is not None:
            rating = _rate(givens, shape)
            ratings[rating] += 1
            if rating is not wanted:
                continue
        expected = grid - np.int8(1)
        expected.flags.writeable = False
        return Sudoku(givens, shape, expected=expected)
    if clues is not None and not ratings:
        raise GenerationError(
            f"reached {fewest} clues, not {clues}, in {attempts} attempts; "
            "ask for more clues or raise attempts"
        )
    others = ", ".join(f"{count} {rating}" for rating, count in ratings.items())
    raise GenerationError(
        f"no {wanted} {shape.grid} puzzle in {attempts} attempts (found: {others}); "
        "ask for another number of clues or raise attempts"
    )


def random_grid(shape: Shape, rng: np.random.Generator) -> Givens:
    """Draw a full grid [N] of digits 1 to n.

    A shuffled pattern has some of its cells cleared and filled anew by a random search; up to
    side 9 all of them, above as many as the search can fill.

    Examples
    --------
    >>> sorted(random_grid(Shape(2, 2), np.random.default_rng(0)).tolist()[:4])
    [1, 2, 3, 4]
    """
    from latent_ebm.puzzles.sudoku.counting import random_completion

    grid = _shuffled_pattern(shape, rng)
    for share in (1.0,) if shape.side <= 9 else (0.5, 0.5, 0.5, 0.5):
        cleared = np.where(rng.random(shape.cells) < share, np.int8(0), grid)
        filled = random_completion(cleared, shape, rng, max_nodes=_NODES)
        grid = grid if filled is None else filled
    return grid


def _difficulty(name: str) -> Difficulty:
    try:
        return Difficulty(name)
    except ValueError:
        names = ", ".join(Difficulty)
        raise ValueError(f"no difficulty {name!r}; choose from {names}") from None


def _refuse_impossible(shape: Shape, clues: int | None, *, symmetric: bool, attempts: int) -> None:
    if attempts < 1:
        raise ValueError(f"attempts is at least 1; found {attempts}")
    if clues is None:
        return
    # of two digits that both lack a clue, each solution gives another by swapping them
    least = _FEWEST_OF_9 if shape == Shape(3, 3) else shape.side - 1
    if not least <= clues <= shape.cells:
        raise ValueError(
            f"a {shape.grid} puzzle with one solution has {least} to {shape.cells} clues; "
            f"{clues} were asked for"
        )
    if symmetric and shape.side % 2 == 0 and clues % 2:
        raise ValueError(
            f"a symmetric {shape.grid} puzzle has an even number of clues, as the grid has no "
            f"cell in the middle; {clues} were asked for"
        )


def _diggings(
    shape: Shape,
    target: int,
    wanted: Difficulty | None,
    rng: np.random.Generator,
    symmetric: bool,
    attempts: int,
) -> Iterator[tuple[Givens, Givens]]:
    """Full grids, each with what is left of it after digging.

    One grid is dug out several times: some of its holes are filled again and it is dug in
    another order, and the outcome is kept if it has no more clues than before.
    """
    may_stay = _condition(shape, wanted)
    orbits = _orbits(shape, symmetric=symmetric)
    grid = givens = random_grid(shape, rng)
    for attempt in range(attempts):
        if attempt % _PASSES == 0:
            grid = givens = random_grid(shape, rng)
        start = givens.copy()
        for i in np.flatnonzero(rng.random(len(orbits)) < _REFILLED):
            start[orbits[i]] = grid[orbits[i]]
        order = [orbits[i] for i in rng.permutation(len(orbits))]
        dug = _dig(start, order, target, may_stay)
        yield grid, dug
        if np.count_nonzero(dug) <= np.count_nonzero(givens):
            givens = dug


def _dig(
    givens: Givens,
    order: list[NDArray[np.int64]],
    target: int,
    may_stay: Callable[[Givens], bool],
) -> Givens:
    """Blank the orbits in order where that keeps the condition, down to ``target`` clues."""
    givens = givens.copy()
    left = int(np.count_nonzero(givens))
    for orbit in order:
        if givens[orbit[0]] == 0 or left - len(orbit) < target:
            continue
        kept = givens[orbit]
        givens[orbit] = 0
        if may_stay(givens):
            left -= len(orbit)
        else:
            givens[orbit] = kept
    return givens


def _condition(shape: Shape, wanted: Difficulty | None) -> Callable[[Givens], bool]:
    """What must hold while digging; to be solved by presolve is to have one solution."""
    from latent_ebm.puzzles.sudoku.counting import is_unique

    if wanted is Difficulty.EASY:
        return lambda givens: _presolved(givens, shape, Rule.SINGLES)
    if wanted is Difficulty.MEDIUM:
        return lambda givens: _presolved(givens, shape, Rule.SUBSETS)
    return lambda givens: is_unique(givens, shape, max_nodes=_NODES) is True


def _presolved(givens: Givens, shape: Shape, rule: Rule) -> bool:
    left = sudoku_landscape(shape).presolve(masks_of(givens[None], shape), rule)
    return not left.contradiction[0] and int(left.mask.sum()) == shape.cells


def _rate(givens: Givens, shape: Shape) -> Difficulty:
    if _presolved(givens, shape, Rule.SINGLES):
        return Difficulty.EASY
    return Difficulty.MEDIUM if _presolved(givens, shape, Rule.SUBSETS) else Difficulty.HARD


def _orbits(shape: Shape, *, symmetric: bool) -> list[NDArray[np.int64]]:
    """The cells that are dug together: each its own, or with the one half a turn away."""
    if not symmetric:
        return list(np.arange(shape.cells)[:, None])
    last = shape.cells - 1
    return [np.unique([cell, last - cell]) for cell in range((shape.cells + 1) // 2)]


def _shuffled_pattern(shape: Shape, rng: np.random.Generator) -> Givens:
    n, h, w = shape.side, shape.box_height, shape.box_width
    rows, columns = np.arange(n)[:, None], np.arange(n)[None, :]
    pattern = (w * (rows % h) + rows // h + columns) % n
    pattern = pattern[_shuffled_lines(w, h, rng)][:, _shuffled_lines(h, w, rng)]
    return (rng.permutation(n)[pattern].reshape(-1) + 1).astype(np.int8)


def _shuffled_lines(bands: int, height: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Permute the bands, and the lines within each."""
    within = rng.permuted(np.tile(np.arange(height), (bands, 1)), axis=1)
    return (rng.permutation(bands)[:, None] * height + within).reshape(-1)
