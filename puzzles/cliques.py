"""Cliques that cover all edges of a graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def clique_cover(num_vertices: int, edges: NDArray[np.integer]) -> list[list[int]]:
    """Maximal cliques such that both ends of every edge are in one of them.

    Greedy: an edge that no clique covers yet is grown by the common neighbour with the most
    uncovered edges into the clique, until there is no common neighbour. Each clique is a row of
    vertices in ascending order; the result is the same in every run.

    Examples
    --------
    >>> clique_cover(4, np.array([[0, 1], [0, 2], [1, 2], [2, 3]]))
    [[0, 1, 2], [2, 3]]
    """
    near: list[set[int]] = [set() for _ in range(num_vertices)]
    for u, v in edges.tolist():
        near[u].add(v)
        near[v].add(u)
    bare = [set(row) for row in near]  # neighbours over uncovered edges
    # vertices of high degree first: their cliques are the large ones
    order = sorted(range(num_vertices), key=lambda v: (-len(near[v]), v))
    cliques = []
    for u in order:
        while bare[u]:
            clique = _grown(u, near, bare)
            for v in clique:
                bare[v].difference_update(clique)
            cliques.append(sorted(clique))
    return cliques


def _grown(u: int, near: list[set[int]], bare: list[set[int]]) -> list[int]:
    clique = [u]
    common = near[u]
    # how many edges into the clique would be covered anew, of each common neighbour
    gain = dict.fromkeys(common, 0)
    for w in bare[u]:
        gain[w] = 1
    while common:
        v = max(common, key=lambda w: (gain[w], len(near[w]), -w))
        clique.append(v)
        common = common & near[v]
        for w in common & bare[v]:
            gain[w] += 1
    return clique


def large_clique(num_vertices: int, edges: NDArray[np.integer]) -> list[int]:
    """A clique, the largest that growing from each vertex by degree finds.

    >>> large_clique(4, np.array([[0, 1], [0, 2], [1, 2], [2, 3]]))
    [0, 1, 2]
    """
    near: list[set[int]] = [set() for _ in range(num_vertices)]
    for u, v in edges.tolist():
        near[u].add(v)
        near[v].add(u)
    best: list[int] = [0] if num_vertices else []
    for u in range(num_vertices):
        if len(near[u]) < len(best):
            continue
        clique, common = [u], near[u]
        while common and len(clique) + len(common) > len(best):
            v = max(common, key=lambda w: (len(near[w]), -w))
            clique.append(v)
            common = common & near[v]
        if not common and len(clique) > len(best):
            best = clique
    return sorted(best)
