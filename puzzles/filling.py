"""Filling a grid at random so that the numbers of every area differ, for generators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NODES = 20_000


def random_filling(
    side: int, areas: Sequence[NDArray[np.bool_]], rng: np.random.Generator
) -> NDArray[np.int32] | None:
    """A grid [n, n] of 1 to n; None if none is found soon.

    Depth-first search on the cell with the fewest candidates, which are tried in random order.

    >>> rows = [np.arange(9).reshape(3, 3) // 3 == i for i in range(3)]
    >>> grid = random_filling(3, [*rows, *(row.T for row in rows)], np.random.default_rng(0))
    >>> sorted(grid[0].tolist())
    [1, 2, 3]
    """
    cells = side * side
    sees = np.zeros((cells, cells), np.bool_)
    for area in areas:
        at = np.flatnonzero(area)
        sees[np.ix_(at, at)] = True
    peers = [set(np.flatnonzero(row).tolist()) - {i} for i, row in enumerate(sees)]
    grid = [0] * cells
    candidates = [set(range(1, side + 1)) for _ in range(cells)]
    nodes = 0

    def descend() -> bool:
        nonlocal nodes
        nodes += 1
        blank = [i for i in range(cells) if not grid[i]]
        if not blank or nodes > _NODES:
            return not blank
        cell = min(blank, key=lambda i: (len(candidates[i]), i))
        for number in rng.permutation(sorted(candidates[cell])).tolist():
            grid[cell] = number
            taken = [p for p in peers[cell] if not grid[p] and number in candidates[p]]
            for p in taken:
                candidates[p].remove(number)
            if descend():
                return True
            for p in taken:
                candidates[p].add(number)
            grid[cell] = 0
        return False

    return np.array(grid, np.int32).reshape(side, side) if descend() else None
