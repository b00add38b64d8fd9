"""Many grids at once: their masks, their clashes, and the exact check of their solutions.

Nothing here knows of energies; it is what their results are checked against.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.sudoku.shape import Shape

Bits = NDArray[np.int32]


def masks_of(givens: NDArray[np.integer], shape: Shape) -> NDArray[np.bool_]:
    """[B, N, K] what givens [B, N] leave: the one state of a clue, all states of a blank.

    Examples
    --------
    >>> masks_of(np.array([[3] + [0] * 15]), Shape(2, 2))[0, :2].astype(int).tolist()
    [[0, 0, 1, 0], [1, 1, 1, 1]]
    """
    allowed = np.eye(shape.side + 1, dtype=np.bool_)[:, 1:]
    allowed[0] = True
    return allowed[givens]


def clashing(givens: NDArray[np.integer], shape: Shape) -> NDArray[np.bool_]:
    """[B] whether a row, column or box of givens [B, N] has a clue twice.

    Examples
    --------
    >>> clashing(np.array([[3] + [0] * 15, [3, 0, 3] + [0] * 13]), Shape(2, 2)).tolist()
    [False, True]
    """
    # powers of two add up to their union exactly if they are distinct; 25 * 2**25 fits
    bits = np.where(givens > 0, np.int32(1) << givens.astype(np.int32), 0)
    clash = np.zeros(len(bits), np.bool_)
    for grid, axes in _unit_axes(bits, shape):
        differ = grid.sum(axis=axes) != np.bitwise_or.reduce(grid, axis=axes)
        clash |= differ.reshape(len(bits), -1).any(axis=1)
    return clash


def verify_batch(
    givens: NDArray[np.integer], values: NDArray[np.integer], shape: Shape
) -> NDArray[np.bool_]:
    """[B] whether values [B, N], states 0 to n - 1, solve givens [B, N].

    They do if they keep every clue, and every row, column and box has every state.

    Examples
    --------
    >>> solved = np.array([[0, 1, 2, 3, 2, 3, 0, 1, 1, 0, 3, 2, 3, 2, 1, 0]])
    >>> clues = np.array([[0] * 15 + [1]])
    >>> verify_batch(clues, solved, Shape(2, 2)).tolist()
    [True]
    >>> verify_batch(clues, 3 - solved, Shape(2, 2)).tolist()
    [False]
    """
    if givens.shape != values.shape or values.ndim != 2 or values.shape[1] != shape.cells:
        raise ValueError(
            f"a {shape.grid} Sudoku needs givens and values of shape [B, {shape.cells}]; "
            f"found {list(givens.shape)} and {list(values.shape)}"
        )
    solved = ((values >= 0) & (values < shape.side)).all(axis=1)
    solved &= ((givens == 0) | (givens == values + 1)).all(axis=1)
    bits = np.int32(1) << np.clip(values, 0, shape.side).astype(np.int32)
    every = (1 << shape.side) - 1
    for grid, axes in _unit_axes(bits, shape):
        full = np.bitwise_or.reduce(grid, axis=axes) == every
        solved &= full.reshape(len(bits), -1).all(axis=1)
    return solved


def _unit_axes(bits: Bits, shape: Shape) -> list[tuple[Bits, tuple[int, ...]]]:
    """Views of bits [B, N] with the axes that run over the cells of a unit."""
    n, h, w = shape.side, shape.box_height, shape.box_width
    grid = bits.reshape(-1, n, n)
    return [(grid, (2,)), (grid, (1,)), (bits.reshape(-1, w, h, h, w), (2, 4))]
