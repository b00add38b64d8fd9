"""Automata and sums as layered graphs: a path from the source to the sink is an assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Arc = tuple[int, int, int]
"""(node, position, node of the next layer)."""


@dataclass(frozen=True)
class LayeredGraph:
    """Arcs of each layer; each node lies on some path. No layers' arcs: nothing is allowed."""

    layers: tuple[tuple[Arc, ...], ...]
    start: int
    feasible: bool

    @property
    def num_arcs(self) -> int:
        """Of all layers."""
        return sum(map(len, self.layers))


def automaton_graph(parameters: NDArray[np.integer], live: NDArray[np.bool_]) -> LayeredGraph:
    """Unroll a REGULAR factor's automaton over its blocks, live positions [blocks, K] only."""
    states, start = int(parameters[0]), int(parameters[1])
    accepting = set(np.flatnonzero(parameters[2 : 2 + states] > 0).tolist())
    transitions = parameters[2 + states :].reshape(states, live.shape[1]).tolist()
    layers, front = [], {start}
    for block in live:
        positions = np.flatnonzero(block).tolist()
        arcs = [
            (state, a, transitions[state][a])
            for state in sorted(front)
            for a in positions
            if transitions[state][a] >= 0
        ]
        layers.append(arcs)
        front = {to for _, _, to in arcs}
    return _pruned(layers, start, front & accepting)


def sum_graph(
    weights: NDArray[np.integer], live: NDArray[np.bool_], low: int, high: int, max_arcs: int
) -> LayeredGraph | None:
    """A LINEAR factor's partial sums, over weights and live positions [blocks, K].

    Returns
    -------
    LayeredGraph or None
        None if there are more than ``max_arcs`` arcs.

    Examples
    --------
    >>> graph = sum_graph(np.array([[0, 3], [0, 5]]), np.ones((2, 2), bool), 5, 7, 100)
    >>> graph.layers
    (((0, 0, 0),), ((0, 1, 5),))
    """
    if not live.any(axis=1).all():
        return LayeredGraph((), 0, False)
    least = np.where(live, weights, np.iinfo(np.int64).max).min(axis=1)
    most = np.where(live, weights, np.iinfo(np.int64).min).max(axis=1)
    # what the blocks after each one can still add
    below = np.append(np.cumsum(least[::-1])[::-1], 0).tolist()
    above = np.append(np.cumsum(most[::-1])[::-1], 0).tolist()
    layers, front, count = [], {0}, 0
    for t, block in enumerate(live):
        steps = [(a, int(weights[t, a])) for a in np.flatnonzero(block).tolist()]
        arcs = [
            (total, a, total + step)
            for total in sorted(front)
            for a, step in steps
            if total + step + below[t + 1] <= high and total + step + above[t + 1] >= low
        ]
        count += len(arcs)
        if count > max_arcs:
            return None
        layers.append(arcs)
        front = {to for _, _, to in arcs}
    return _pruned(layers, 0, {total for total in front if low <= total <= high})


def _pruned(layers: list[list[Arc]], start: int, ends: set[int]) -> LayeredGraph:
    """Keep the arcs from which some end can be reached."""
    kept: list[tuple[Arc, ...]] = []
    useful = ends
    for arcs in reversed(layers):
        kept.append(tuple(arc for arc in arcs if arc[2] in useful))
        useful = {arc[0] for arc in kept[-1]}
    return LayeredGraph(tuple(reversed(kept)), start, start in useful)
