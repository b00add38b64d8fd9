"""Runs of one test as a tree over the values that a hole gave."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.execution.exploring.values import paths
from latent_ebm.puzzles.code.execution.outcomes import Verdict

__all__ = ["Node", "Reach", "Terminal", "ValueTree"]

MOST_NODES = 4000
MOST_HELD = 1 << 25
"""Bytes of all states of a tree."""


class Terminal(NamedTuple):
    """How a test ended: its verdict, a trace that tells ends apart, the budget that it had."""

    verdict: int
    trace: bytes
    ticks: int


class State:
    """What was bound where a hole was reached."""

    __slots__ = ("_data", "_names", "_paths")

    def __init__(self, data: bytes | dict[str, Any]) -> None:
        self._data = data
        self._names: dict[str, Any] | None = None
        self._paths: dict[int, str] | None = None

    @property
    def names(self) -> dict[str, Any]:
        """What was bound; to be read, not changed."""
        if self._names is None:
            data = self._data
            self._names = marshal.loads(data) if isinstance(data, bytes) else data  # noqa: S302
        return self._names

    @property
    def paths(self) -> dict[int, str]:
        """Where which object is."""
        if self._paths is None:
            self._paths = paths(self.names)
        return self._paths


class Node:
    """A moment of runs in which the hole was reached; its edges are values given there."""

    __slots__ = ("edges", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self.edges: dict[Hashable, Node | Terminal] = {}


class Reach(NamedTuple):
    """One moment of a run: the state, and the value that the hole gave."""

    state: bytes | dict[str, Any]
    value: Hashable


class ValueTree:
    """What is known of every case.

    Parameters
    ----------
    states
        Those that were kept so far, by their bytes: trees may share them.

    Examples
    --------
    >>> tree = ValueTree({})
    >>> tree.add(0, [Reach(marshal.dumps({"n": 1}), 5)], Terminal(1, b"wrong", 400))
    >>> tree.outcome(0, lambda state: state.names["n"] + 4)
    Terminal(verdict=1, trace=b'wrong', ticks=400)
    >>> tree.outcome(0, lambda state: 0) is None
    True
    """

    def __init__(self, states: dict[bytes, State]) -> None:
        self.roots: dict[int, Node | Terminal] = {}
        self.nodes: list[Node] = []
        self._states = states
        self._held = 0

    def outcome(self, case: int, value: Callable[[State], Hashable]) -> Terminal | None:
        """How a case ends with these values; None where no run has shown it."""
        at = self.roots.get(case)
        while type(at) is Node:
            at = at.edges.get(value(at.state))
        return at  # type: ignore[return-value]

    def begin_as(self, other: ValueTree) -> None:
        """Let every case come to the hole as in another tree, until a run shows otherwise."""
        for case, root in other.roots.items():
            self.roots[case] = root if type(root) is Terminal else self._kept(root.state)  # type: ignore[union-attr]

    def begin(self, case: int, state: bytes | dict[str, Any]) -> None:
        """The state in which a case reaches the hole first."""
        self.roots[case] = self._node(state)

    def add(self, case: int, run: Sequence[Reach], end: Terminal | None) -> None:
        """Keep a run; without its end where some of its states could not be kept."""
        if not run and end is not None and end.verdict != Verdict.TIMEOUT:
            self.roots[case] = end
            return
        edges: dict[Any, Node | Terminal] = self.roots
        place: Hashable = case
        for state, value in run:
            node = edges.get(place)
            if node is None or (type(node) is Terminal and node.verdict == Verdict.TIMEOUT):
                if len(self.nodes) >= MOST_NODES or self._held >= MOST_HELD:
                    return
                node = edges[place] = self._node(state)
            elif type(node) is not Node:
                return  # the test does not depend on the values alone: what came first stands
            edges, place = node.edges, value
        if end is not None and type(edges.get(place)) is not Node:
            edges[place] = end

    def _node(self, state: bytes | dict[str, Any]) -> Node:
        found = self._states.get(state) if isinstance(state, bytes) else None
        if found is None:
            self._held += len(state)
            found = State(state)
            if isinstance(state, bytes):
                self._states[state] = found
        return self._kept(found)

    def _kept(self, state: State) -> Node:
        node = Node(state)
        self.nodes.append(node)
        return node

    def sample(self, count: int, cases: Sequence[int]) -> list[State]:
        """The first states of the cases, and others from all over the tree."""
        first = [root for case in cases if type(root := self.roots.get(case)) is Node]
        chosen = list(dict.fromkeys(first))[:count]
        others = [node for node in self.nodes if node not in chosen]
        left = count - len(chosen)
        if left > 0 and others:
            step = max(len(others) / left, 1.0)
            chosen += [others[int(i * step)] for i in range(min(left, len(others)))]
        return [node.state for node in chosen]
