"""Graph colouring: neighbours differ, with a given number of colours (DIMACS .col)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.cardinality import AtMostOne
from latent_ebm.energies.coupling import GroupInclusion
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.family import Numbered
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.relation import Relation
from latent_ebm.energies.space import Space
from latent_ebm.kernels.factors import Operator
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.cliques import clique_cover
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import (
    Line,
    ReadError,
    Source,
    fail,
    integer,
    read_lines,
    shown,
    source_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_VERTICES, MOST_EDGES, MOST_COLORS = 100_000, 2_000_000, 10_000
MOST_ENTRIES = 50_000_000

BEST_KNOWN = "best_known_colors.json"
"""The file beside graphs that says with how many colours each can be coloured."""


@dataclass(frozen=True, eq=False)
class Coloring(Puzzle):
    r"""A graph whose vertices take one of ``colors`` colours, neighbours different ones.

    Attributes
    ----------
    num_vertices
        Vertices are numbered from 0 here, from 1 in files.
    edges
        [E, 2] distinct pairs, the lower vertex first, sorted.
    colors
        How many.

    Examples
    --------
    >>> triangle = Coloring.parse("p edge 3 3\ne 1 2\ne 2 3\ne 1 3\n", colors=3)
    >>> triangle.verify(np.array([0, 1, 2])), triangle.verify(np.array([0, 1, 0]))
    (True, False)
    """

    NAME: ClassVar[str] = "coloring"

    num_vertices: int
    edges: NDArray[np.int32]
    colors: int

    @classmethod
    def read(
        cls, source: Source, *, name: str = "", colors: int | None = None
    ) -> Iterator[Self | BadPuzzle]:
        """Read a graph; without ``colors``, the number that the file or the one beside it says.

        A comment line ``c colors 4`` says it, else ``best_known_colors.json`` in the same folder.
        """
        name = source_of(source, name)
        if colors is None and isinstance(source, (str, Path)):
            colors = best_known(Path(source))
        return read_lines(source, name, lambda lines, at: cls._from_lines(lines, at, colors))

    @classmethod
    def parse(cls, text: str, *, source: str = "", colors: int | None = None) -> Self:
        """Read the graph in a text.

        Raises
        ------
        ParseError
            If the text is no graph, or nothing says how many colours there are.
        """
        if colors is not None:
            text = f"c colors {colors}\n{text}"
        return super().parse(text, source=source)

    @classmethod
    def _from_lines(cls, lines: Iterator[Line], source: str, colors: int | None) -> Self:
        graph = _Reading(colors)
        for line in lines:
            graph.take(line)
        size, ends, colors = graph.size, graph.ends, graph.colors
        if size is None:
            raise fail("there is no line 'p edge VERTICES EDGES'")
        edges = np.unique(np.array(ends, np.int32).reshape(-1, 2), axis=0)
        # headers count the lines, or the edges where lines have both directions
        if size[1] not in (len(ends), len(edges)):
            raise fail(f"the 'p' line announces {size[1]} edges; there are {len(ends)} 'e' lines")
        if colors is None:
            raise fail(
                "nothing says how many colours there are: give --colors, a line 'c colors N', or "
                f"a {BEST_KNOWN} beside the file"
            )
        if size[0] * colors > MOST_ENTRIES:
            raise fail(f"{size[0]} vertices of {colors} colours are more than {MOST_ENTRIES} pairs")
        return cls(size[0], edges, colors, source=source)

    @cached_property
    def landscape(self) -> Landscape:
        """Edges, each between vertices that differ; presolve knows the cliques among them."""
        names = tuple(f"vertex {v + 1}" for v in range(self.num_vertices))
        space = Space.full(names, tuple(f"colour {a + 1}" for a in range(self.colors)))
        if not len(self.edges):
            return Landscape(space, ())
        labels = tuple(f"edge {u + 1}-{v + 1}" for u, v in self.edges.tolist())
        edges: Relation | AtMostOne
        if self.colors == 1:  # no pair of colours differs, which a relation refuses to say
            edges = AtMostOne(Csr.rectangle(self.edges), 1, labels)
        else:
            first, second = np.ascontiguousarray(self.edges.T, np.int32)
            different = np.full(len(first), Operator.NOT_EQUAL, np.int8)
            edges = Relation(first, second, different, np.zeros_like(first), self.colors, labels)
        domains = (HardDomain("edges", (edges,)),)
        return Landscape(space, domains, (), (self._cliques_include(),))

    def _cliques_include(self) -> GroupInclusion:
        """The edges once more, as cliques: what these imply is found by counting."""
        cliques = clique_cover(self.num_vertices, self.edges)
        k = self.colors
        rows = Csr.from_rows(cliques)
        entries = (rows.items[None, :] * k + np.arange(k)[:, None]).ravel()
        offsets = np.concatenate([rows.offsets[:-1] + a * len(rows.items) for a in range(k)])
        members = Csr(
            np.append(offsets, k * len(rows.items)).astype(np.int32), entries.astype(np.int32)
        )
        groups = AtMostOne(members, k, Numbered("clique", members.count))
        implied = HardDomain("cliques", (groups,))
        return GroupInclusion((implied,), self.num_vertices, k)

    def text(self) -> str:
        """DIMACS, each edge once."""
        lines = [f"c colors {self.colors}", f"p edge {self.num_vertices} {len(self.edges)}"]
        return "\n".join([*lines, *(f"e {u + 1} {v + 1}" for u, v in self.edges.tolist())])

    def encode(self, values: Values) -> str:
        """The colour of each vertex, from 1."""
        return " ".join(str(value + 1) for value in np.asarray(values).tolist())

    def solves(self, values: Values) -> bool:
        """Whether the ends of every edge differ."""
        return bool((values[self.edges[:, 0]] != values[self.edges[:, 1]]).all())

    def render(self, values: Values | None = None) -> str:
        r"""The graph's size, or the vertices of each colour.

        >>> path = Coloring.parse("p edge 3 2\ne 1 2\ne 2 3\n", colors=2)
        >>> print(path.render(np.array([0, 1, 0])))
        3 vertices, 2 edges, 2 colours
        colour 1: 1 3
        colour 2: 2
        """
        head = f"{self.num_vertices} vertices, {len(self.edges)} edges, {self.colors} colours"
        if values is None:
            return head
        classes = [np.flatnonzero(np.asarray(values) == a) + 1 for a in range(self.colors)]
        lines = [f"colour {a + 1}: {' '.join(map(str, c))}" for a, c in enumerate(classes)]
        return "\n".join([head, *lines])

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The vertices on a circle, those of one colour side by side."""
        from matplotlib.collections import LineCollection

        colors = np.zeros(self.num_vertices) if values is None else np.asarray(values)
        angle = np.empty(self.num_vertices)
        angle[np.argsort(colors, kind="stable")] = np.linspace(
            0, 2 * np.pi, self.num_vertices, endpoint=False
        )
        places = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lines = LineCollection(list(places[self.edges]), colors="0.6", linewidths=0.2)
        axes.add_collection(lines)
        axes.scatter(
            places[:, 0],
            places[:, 1],
            c=colors,
            cmap="tab20",
            vmin=0,
            vmax=max(self.colors - 1, 1),
            s=30,
        )
        axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
        axes.axis("off")


@dataclass
class _Reading:
    """What the lines of a .col file have said so far."""

    colors: int | None
    size: tuple[int, int] | None = None
    ends: list[tuple[int, int]] = field(default_factory=list)

    def take(self, line: Line) -> None:
        """One more line; node lines and geometry (n, d, v, x) are of no concern."""
        words = line.text.split()
        key = words[0] if words else "c"
        if key == "e":
            self._edge(words, line)
        elif key == "p":
            self._header(words, line)
        elif key == "c":
            if words[1:2] == ["colors"] and len(words) == 3 and self.colors is None:
                self.colors = integer(words[2], 1, MOST_COLORS, "a number of colours", line)
        elif key not in ("n", "d", "v", "x"):
            raise fail(f"a line starts with c, p or e; found {shown(line.text)}", line)

    def _header(self, words: list[str], line: Line) -> None:
        if self.size is not None:
            raise fail("a second 'p' line", line)
        if len(words) != 4 or words[1] not in ("edge", "edges", "col"):
            raise fail(f"the 'p' line is 'p edge VERTICES EDGES'; found {shown(line.text)}", line)
        self.size = (
            integer(words[2], 1, MOST_VERTICES, "a number of vertices", line),
            integer(words[3], 0, 2 * MOST_EDGES, "a number of edges", line),
        )

    def _edge(self, words: list[str], line: Line) -> None:
        if self.size is None:
            raise fail("an edge before the line 'p edge VERTICES EDGES'", line)
        if len(words) != 3:
            raise fail(f"an edge is 'e U V'; found {len(words) - 1} words after 'e'", line)
        u, v = (integer(word, 1, self.size[0], "a vertex", line) for word in words[1:])
        if u == v:
            raise fail(f"vertex {u} is joined to itself; no colouring can be", line)
        self.ends.append((min(u, v) - 1, max(u, v) - 1))
        if len(self.ends) > 2 * MOST_EDGES:
            raise fail(f"more than {2 * MOST_EDGES} edge lines", line)


def best_known(graph: Path) -> int | None:
    """What ``best_known_colors.json`` beside a graph says of it; None if it says nothing."""
    path = graph.parent / BEST_KNOWN
    if not path.is_file():
        return None
    try:
        known = json.loads(path.read_bytes())
        colors = known.get(graph.stem) if isinstance(known, dict) else None
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{path}: no JSON: {error}") from None
    if colors is None:
        return None
    if not (isinstance(colors, int) and 1 <= colors <= MOST_COLORS):
        raise ReadError(f"{path}: {graph.stem} has {colors!r}, not a number of colours")
    return colors


def generate(
    rng: np.random.Generator, vertices: int = 60, colors: int = 4, density: float = 0.15
) -> Coloring:
    """A random graph whose edges join vertices of different classes of a hidden colouring.

    >>> puzzle = generate(np.random.default_rng(0), 20, 3)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not (1 <= vertices <= 5_000 and 1 <= colors <= MOST_COLORS):
        raise ValueError(f"1 to 5000 vertices are made; {vertices} of {colors} colours were asked")
    hidden = rng.permutation(np.arange(vertices) % colors)
    u, v = np.triu_indices(vertices, 1)
    kept = (hidden[u] != hidden[v]) & (rng.random(len(u)) < density)
    edges = np.stack([u[kept], v[kept]], axis=1).astype(np.int32)
    return Coloring(vertices, edges, colors, expected=hidden.astype(np.int16))
