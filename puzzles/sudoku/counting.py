"""How many solutions a puzzle has, exactly: propagation and depth-first search.

This verifies; it says whether a puzzle is a proper one, and the generator digs by it. The
solver does not use it.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from latent_ebm.puzzles.sudoku.shape import Shape

Cells = NDArray[np.int32]

MAX_NODES = 1_000_000
"""How many positions are searched unless another number is asked for."""


def count_solutions(
    givens: NDArray[np.integer], shape: Shape, *, limit: int = 2, max_nodes: int = MAX_NODES
) -> int | None:
    """Count the solutions of givens [N], up to ``limit``.

    Returns
    -------
    int or None
        The number, or ``limit`` if there are at least as many; None if ``max_nodes`` positions
        were searched before either was certain.

    Examples
    --------
    >>> blank = np.zeros(16, np.int8)
    >>> count_solutions(blank, Shape(2, 2)), count_solutions(blank, Shape(2, 2), limit=1000)
    (2, 288)
    """
    if limit < 1 or max_nodes < 1:
        raise ValueError(f"limit and max_nodes are at least 1; found {limit} and {max_nodes}")
    if givens.shape != (shape.cells,):
        raise ValueError(
            f"a {shape.grid} Sudoku has {shape.cells} givens; found shape {list(givens.shape)}"
        )
    count, complete, _ = _run(givens, shape, _in_order(shape), limit, max_nodes)
    return count if complete else None


def is_unique(
    givens: NDArray[np.integer], shape: Shape, *, max_nodes: int = MAX_NODES
) -> bool | None:
    """Whether givens [N] have exactly one solution; None if ``max_nodes`` did not suffice.

    Examples
    --------
    >>> is_unique(np.zeros(16, np.int8), Shape(2, 2))
    False
    """
    count = count_solutions(givens, shape, limit=2, max_nodes=max_nodes)
    return None if count is None else count == 1


def two_solutions(
    givens: NDArray[np.integer], shape: Shape, *, max_nodes: int = MAX_NODES
) -> tuple[NDArray[np.int8], ...] | None:
    """The solutions of givens [N] if there are fewer than two, else two of them.

    They are the first that a search finds which tries digits upwards, and the first of one
    which tries them downwards: at the first cell with several digits that can be completed
    these part, so they are the same only if there is no other.

    Returns
    -------
    tuple of arrays, or None
        None, one or two grids of digits 1 to n, [N]; None if ``max_nodes`` did not suffice.

    Examples
    --------
    >>> low, high = two_solutions(np.zeros(16, np.int8), Shape(2, 2))
    >>> low[:4].tolist(), high[:4].tolist()
    ([1, 2, 3, 4], [4, 3, 2, 1])
    """
    found = []
    upwards = _in_order(shape)
    for order in (upwards, np.ascontiguousarray(upwards[:, ::-1])):
        count, complete, solution = _run(givens, shape, order, 1, max_nodes)
        if not complete:
            return None
        if not count:
            return ()
        found.append(solution)
    return (found[0],) if np.array_equal(found[0], found[1]) else tuple(found)


def random_completion(
    givens: NDArray[np.integer], shape: Shape, rng: np.random.Generator, *, max_nodes: int
) -> NDArray[np.int8] | None:
    """Fill givens [N] up to a full grid, trying each cell's digits in random order.

    Returns
    -------
    array or None
        Digits 1 to n, [N]; None if there is no solution or ``max_nodes`` did not suffice.

    Examples
    --------
    >>> grid = random_completion(
    ...     np.zeros(16, np.int8), Shape(2, 2), np.random.default_rng(0), max_nodes=1000
    ... )
    >>> sorted(grid[:4].tolist())
    [1, 2, 3, 4]
    """
    order = np.tile(np.arange(shape.side, dtype=np.int32), (shape.cells, 1))
    count, _, solution = _run(givens, shape, rng.permuted(order, axis=1), 1, max_nodes)
    return solution if count else None


def _in_order(shape: Shape) -> Cells:
    return np.tile(np.arange(shape.side, dtype=np.int32), (shape.cells, 1))


def _run(
    givens: NDArray[np.integer], shape: Shape, order: Cells, limit: int, max_nodes: int
) -> tuple[int, bool, NDArray[np.int8]]:
    solution = np.zeros(shape.cells, np.int8)
    count, complete = _search(
        givens.astype(np.int8), shape.units, shape.peers, order, limit, max_nodes, solution
    )
    return int(count), bool(complete), solution


@njit(nogil=True, cache=True)
def _search(
    givens: NDArray[np.int8],
    units: Cells,
    peers: Cells,
    order: Cells,
    limit: int,
    max_nodes: int,
    solution: NDArray[np.int8],
) -> tuple[int, bool]:
    """Count up to ``limit``; the flag says whether the count is certain.

    Level d of the stack is a position whose branch is being searched one level up; coming
    back, the digit tried is taken out there and the position propagated again.
    """
    cells = len(givens)
    stack = np.empty((cells + 1, cells), np.int32)
    branch = np.empty(cells + 1, np.int32)
    queue = np.empty(cells, np.int32)
    size = _place(givens, order.shape[1], stack[0], queue)
    count, nodes, depth = 0, 1, 0
    possible = _propagate(stack[0], queue, size, units, peers)
    while True:
        cell = _fewest(stack[depth]) if possible else -1
        if possible and cell < 0:
            count += 1
            if count == 1:
                _write_digits(stack[depth], solution)
            if count >= limit:
                return count, True
        if cell < 0:
            depth -= 1
            if depth < 0:
                return count, True
            queue[0] = branch[depth]
            certain = not _several(stack[depth, branch[depth]])
            possible = _propagate(stack[depth], queue, 1 if certain else 0, units, peers)
            continue
        nodes += 1
        if nodes > max_nodes:
            return count, False
        bit = _first(stack[depth, cell], order[cell])
        stack[depth + 1] = stack[depth]
        stack[depth + 1, cell] = bit
        stack[depth, cell] ^= bit
        branch[depth] = cell
        depth += 1
        queue[0] = cell
        possible = _propagate(stack[depth], queue, 1, units, peers)


@njit(nogil=True, cache=True)
def _propagate(live: Cells, queue: Cells, size: int, units: Cells, peers: Cells) -> bool:
    """Naked and hidden singles to their fixpoint; False if a digit or a cell has no place.

    ``queue`` holds the cells that have just become certain.
    """
    while True:
        if not _settle(live, queue, size, peers):
            return False
        size = _hidden_singles(live, queue, units)
        if size <= 0:
            return size == 0


@njit(nogil=True, cache=True)
def _settle(live: Cells, queue: Cells, size: int, peers: Cells) -> bool:
    """Take the digits of certain cells from their peers."""
    while size > 0:
        size -= 1
        bit = live[queue[size]]
        for other in peers[queue[size]]:
            if live[other] & bit:
                left = live[other] & ~bit
                live[other] = left
                if left == 0:
                    return False
                if not _several(left):
                    queue[size] = other
                    size += 1
    return True


@njit(nogil=True, cache=True)
def _hidden_singles(live: Cells, queue: Cells, units: Cells) -> int:
    """Queue the cells that alone can take a digit; -1 if a digit has no place."""
    full = np.int32((1 << units.shape[1]) - 1)
    size = 0
    for unit in units:
        once, twice, certain = np.int32(0), np.int32(0), np.int32(0)
        for cell in unit:
            bits = live[cell]
            twice |= once & bits
            once |= bits
            if not _several(bits):
                certain |= bits
        if once != full:
            return -1
        hidden = once & ~twice & ~certain
        if not hidden:
            continue
        for cell in unit:
            bits = live[cell] & hidden
            if _several(bits):
                return -1
            if bits:
                live[cell] = bits
                queue[size] = cell
                size += 1
    return size


@njit(nogil=True, cache=True)
def _place(givens: NDArray[np.int8], n: int, live: Cells, queue: Cells) -> int:
    """Write the clues and queue their cells."""
    size = 0
    for cell in range(len(givens)):
        live[cell] = (1 << n) - 1
        if givens[cell] > 0:
            live[cell] = 1 << (givens[cell] - 1)
            queue[size] = cell
            size += 1
    return size


@njit(nogil=True, cache=True)
def _write_digits(live: Cells, solution: NDArray[np.int8]) -> None:
    for cell in range(len(live)):
        digit = 1
        while live[cell] >> digit:
            digit += 1
        solution[cell] = digit


@njit(nogil=True, cache=True)
def _first(bits: int, order: Cells) -> np.int32:
    """The bit that comes first in the order."""
    position = 0
    while not bits >> order[position] & 1:
        position += 1
    return np.int32(1 << order[position])


@njit(nogil=True, cache=True)
def _fewest(live: Cells) -> int:
    """The undecided cell with the fewest digits; -1 if all are decided."""
    best, fewest = -1, 99
    for cell in range(len(live)):
        bits = live[cell]
        count = 0
        while bits:
            bits &= bits - 1
            count += 1
        if 1 < count < fewest:
            best, fewest = cell, count
            if count == 2:
                break
    return best


@njit(nogil=True, cache=True)
def _several(bits: int) -> bool:
    return bits & (bits - 1) != 0
