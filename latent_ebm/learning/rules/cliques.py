"""Cliques of pairs: the groups in which every two variables differ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_NODES = 200_000
"""Nodes of the search tree; the graphs of 25x25 Sudokus take a few thousand."""


def cliques_of(num_vertices: int, edges: NDArray[np.integer], size: int) -> list[list[int]]:
    """All maximal cliques of at least ``size`` vertices, each in ascending order.

    Bron and Kerbosch 1973 with pivots (Tomita et al. 2006), without branches that are too small.

    Raises
    ------
    ValueError
        If there are too many to search.

    Examples
    --------
    >>> cliques_of(4, np.array([[0, 1], [0, 2], [1, 2], [2, 3]]), 3)
    [[0, 1, 2]]
    """
    near: list[set[int]] = [set() for _ in range(num_vertices)]
    for u, v in np.asarray(edges).tolist():
        near[u].add(v)
        near[v].add(u)
    found: list[list[int]] = []
    nodes = 0
    stack: list[tuple[list[int], set[int], set[int]]] = [([], set(range(num_vertices)), set())]
    while stack:
        clique, open_, closed = stack.pop()
        nodes += 1
        if nodes > MOST_NODES:
            raise ValueError(
                f"the {len(edges)} pairs have too many cliques of {size} to list; they are not "
                "those of groups of variables that all differ"
            )
        if not open_ and not closed and len(clique) >= size:
            found.append(sorted(clique))
        if len(clique) + len(open_) < size or not open_:
            continue
        pivot = max(open_ | closed, key=lambda v: (len(near[v] & open_), -v))
        for v in sorted(open_ - near[pivot]):
            stack.append(([*clique, v], open_ & near[v], closed & near[v]))
            open_ = open_ - {v}
            closed = closed | {v}
    return sorted(found)
