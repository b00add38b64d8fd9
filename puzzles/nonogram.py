"""Nonograms: a picture of filled and empty cells, from the lengths of the runs in each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.automaton import Automaton
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.regular import Regular
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.grid import GridView, cell_names, draw_axes
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import (
    Line,
    Source,
    fail,
    integer,
    read_json,
    read_lines,
    shown,
    source_of,
    stream_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 200
"""The most rows and columns."""

Runs = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Nonogram(Puzzle):
    """Every row and column has runs of filled cells of the given lengths, in order, with gaps.

    Attributes
    ----------
    rows, columns
        The lengths of the runs of each line; none for an empty line.

    Examples
    --------
    >>> puzzle = Nonogram.parse('{"rows": [[1, 1], [3]], "columns": [[2], [1], [2]]}')
    >>> print(puzzle.render(np.array([1, 0, 1, 1, 1, 1])))
         2 1 2
    1 1  █ · █
      3  █ █ █
    """

    NAME: ClassVar[str] = "nonogram"

    rows: Runs
    columns: Runs

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read JSON with ``rows`` and ``columns``, or the .non format, whichever it is."""
        name = source_of(source, name)
        with stream_of(source) as stream:
            head = stream.read(1024)
            rest = BytesIO(head + stream.read(16 * 1024 * 1024))
        if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            return read_json(rest, name, cls._from_json)
        return read_lines(rest, name, cls._from_non)

    @classmethod
    def _from_json(cls, data: dict[str, Any], source: str) -> Self:
        lines = []
        for key in ("rows", "columns"):
            runs = data.get(key)
            if not (isinstance(runs, list) and all(isinstance(row, list) for row in runs)):
                raise fail(f'"{key}" is a list of lists of run lengths; found {shown(repr(runs))}')
            for i, row in enumerate(runs):
                for run in row:
                    if type(run) is not int or not 0 <= run <= LONGEST:
                        what = f"is not a run length from 0 to {LONGEST}"
                        raise fail(f'"{key}", line {i + 1}: {shown(repr(run))} {what}')
            lines.append(tuple(_without_zeros(row) for row in runs))
        return cls._sized(lines[0], lines[1], source)

    @classmethod
    def _from_non(cls, lines: Iterator[Line], source: str) -> Self:
        found: dict[str, list[tuple[int, ...]]] = {"rows": [], "columns": []}
        sizes: dict[str, int] = {}
        section = ""
        goal: Line | None = None
        for line in lines:
            word, _, rest = line.text.strip().partition(" ")
            if word in found:
                section = word
            elif word in ("width", "height"):
                sizes[word] = integer(rest.strip(), 1, LONGEST, f"a {word}", line)
            elif word == "goal":
                goal, section = Line(line.number, rest.strip().strip('"')), ""
            elif line.text.strip()[:1].isdigit() and section:
                runs = line.text.replace(",", " ").split()
                numbers = [integer(run, 0, LONGEST, "a run length", line) for run in runs]
                found[section].append(_without_zeros(numbers))
                if len(found[section]) > LONGEST:
                    raise fail(f"more than {LONGEST} {section}", line)
            elif section and word and word[0].isdigit() is False and word[0] not in "#\"'":
                section = "" if word.isalpha() else section
        for word, key in (("width", "columns"), ("height", "rows")):
            if sizes.get(word, len(found[key])) != len(found[key]):
                raise fail(f"{word} {sizes[word]}, but {len(found[key])} {key}")
        puzzle = cls._sized(tuple(found["rows"]), tuple(found["columns"]), source)
        return puzzle if goal is None else puzzle._with_goal(goal)

    @classmethod
    def _sized(cls, rows: Runs, columns: Runs, source: str) -> Self:
        for word, lines in (("rows", rows), ("columns", columns)):
            if not 1 <= len(lines) <= LONGEST:
                raise fail(f"a nonogram has 1 to {LONGEST} {word}; found {len(lines)}")
        return cls(rows, columns, source=source)

    def _with_goal(self, goal: Line) -> Self:
        cells = np.array([c == "1" for c in goal.text], np.int16)
        if len(cells) != len(self.rows) * len(self.columns) or set(goal.text) - {"0", "1"}:
            size = len(self.rows) * len(self.columns)
            raise fail(f"a goal is {size} characters 0 or 1; found {shown(goal.text)}", goal)
        return type(self)(self.rows, self.columns, source=self.source, expected=cells)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.columns)

    @cached_property
    def landscape(self) -> Landscape:
        """An automaton per line, over the variables of its cells."""
        height, width = self.size
        cells = np.arange(height * width, dtype=np.int32).reshape(height, width)
        domains = tuple(
            HardDomain(f"{word}s", (family,))
            for word, table, lines in (("row", cells, self.rows), ("column", cells.T, self.columns))
            if (family := _regular(word, table, lines)).count
        )
        space = Space.full(cell_names(height, width), ("empty", "filled"))
        return Landscape(space, domains, (), standard_couplings(domains, *space.shape))

    def text(self) -> str:
        """JSON with ``rows`` and ``columns``."""
        import json

        return json.dumps({"rows": self.rows, "columns": self.columns})

    def encode(self, values: Values) -> str:
        """Rows of ``#`` (filled) and ``.`` (empty)."""
        grid = np.asarray(values).reshape(self.size)
        return "\n".join("".join("#" if v else "." for v in row) for row in grid.tolist())

    def solves(self, values: Values) -> bool:
        """Whether the runs of every line are those given."""
        grid = np.asarray(values).reshape(self.size)
        return runs_of(grid) == self.rows and runs_of(grid.T) == self.columns

    def faults(self) -> tuple[str, ...]:
        """Lines whose runs do not fit, and sums that differ.

        >>> Nonogram((((2, 1)),), ((1,), (1,), (1,))).faults()
        ('row 1 needs 4 cells for its runs 2 1; there are 3',)
        """
        height, width = self.size
        found = []
        for word, lines, length in (("row", self.rows, width), ("column", self.columns, height)):
            for i, runs in enumerate(lines):
                needed = sum(runs) + len(runs) - 1
                if needed > length:
                    told = " ".join(map(str, runs))
                    found.append(
                        f"{word} {i + 1} needs {needed} cells for its runs {told}; "
                        f"there are {length}"
                    )
        across, down = (sum(map(sum, lines)) for lines in (self.rows, self.columns))
        if across != down and not found:
            found.append(f"the rows have {across} filled cells, the columns {down}")
        return tuple(found)

    def render(self, values: Values | None = None) -> str:
        """The picture with its clues, for a terminal."""
        height, width = self.size
        marks = [[" "] * width] * height
        if values is not None:
            grid = np.asarray(values).reshape(self.size)
            marks = [["█" if v else "·" for v in row] for row in grid.tolist()]
        left = [" ".join(map(str, runs)) or "0" for runs in self.rows]
        margin = max(map(len, left))
        digits = max(len(str(run)) for runs in (*self.columns, (0,)) for run in (*runs, 0))
        depth = max(1, *(len(runs) for runs in self.columns))
        top = [
            [""] * (depth - len(runs or (0,))) + [str(r) for r in runs or (0,)]
            for runs in self.columns
        ]
        lines = [
            " " * (margin + 1) + "".join(f" {column[d]:>{digits}}" for column in top)
            for d in range(depth)
        ]
        for clue, row in zip(left, marks, strict=True):
            lines.append(f"{clue:>{margin}} " + "".join(f" {mark * digits}" for mark in row))
        return "\n".join(line.rstrip() for line in lines)

    def view(self, values: Values | None = None) -> GridView:
        """The picture without its clues."""
        filled = np.zeros(self.size) if values is None else np.asarray(values).reshape(self.size)
        return GridView.of([[""] * self.size[1]] * self.size[0], shades=filled.astype(float))

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The picture, its clues around it."""
        draw_axes(axes, self.view(values))
        size = max(3.0, min(10.0, 90 / max(self.size)))
        for r, runs in enumerate(self.rows):
            clue = " ".join(map(str, runs)) or "0"
            axes.text(-0.2, r + 0.5, clue, ha="right", va="center", fontsize=size)
        for c, runs in enumerate(self.columns):
            clue = "\n".join(map(str, runs)) or "0"
            axes.text(c + 0.5, -0.2, clue, ha="center", va="bottom", fontsize=size)


def _without_zeros(runs: Sequence[int]) -> tuple[int, ...]:
    return tuple(run for run in runs if run)


def runs_of(grid: NDArray[np.integer]) -> Runs:
    """The lengths of the runs of filled cells in each row.

    >>> runs_of(np.array([[1, 1, 0, 1], [0, 0, 0, 0]]))
    ((2, 1), ())
    """
    return tuple(
        tuple(len(list(run)) for filled, run in groupby(row) if filled) for row in grid.tolist()
    )


@lru_cache(maxsize=10_000)
def line_automaton(runs: tuple[int, ...]) -> Automaton:
    """The automaton of the lines with these runs: states are the cells read of runs and gaps.

    >>> line_automaton((2,)).transitions.tolist()
    [[0, 1], [-1, 2], [2, -1]]
    """
    transitions = [[0, -1]]
    for i, run in enumerate(runs):
        for _ in range(run):  # the next cell of the run is filled
            transitions[-1][1] = len(transitions)
            transitions.append([-1, -1])
        if i + 1 < len(runs):  # a gap of one cell and more
            transitions[-1][0] = len(transitions)
            transitions.append([len(transitions), -1])
    transitions[-1][0] = len(transitions) - 1
    accepting = np.zeros(len(transitions), np.bool_)
    accepting[-1] = True
    return Automaton(0, accepting, np.array(transitions, np.int32))


def _regular(word: str, table: NDArray[np.integer], lines: Runs) -> Regular:
    """The automata of the lines that are long enough for their runs; ``faults`` has the others."""
    fitting = [i for i, runs in enumerate(lines) if sum(runs) + len(runs) - 1 <= table.shape[1]]
    labels = tuple(f"{word} {i + 1} ({' '.join(map(str, lines[i])) or 'empty'})" for i in fitting)
    automata = [line_automaton(lines[i]) for i in fitting]
    return Regular(Csr.rectangle(table[fitting]), automata, 2, labels)


def generate(rng: np.random.Generator, side: int = 15, share: float = 0.55) -> Nonogram:
    """The clues of a random picture of blots.

    >>> puzzle = generate(np.random.default_rng(0), 8)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    from scipy.ndimage import gaussian_filter

    if not 1 <= side <= LONGEST:
        raise ValueError(f"nonograms have side 1 to {LONGEST}; {side} was asked for")
    blots = gaussian_filter(rng.random((side, side)), 0.8)
    filled = (blots <= np.quantile(blots, share)).astype(np.int16)
    return Nonogram(runs_of(filled), runs_of(filled.T), expected=filled.ravel())
