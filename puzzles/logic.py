"""Logic grids in the manner of the zebra puzzle: categories, positions and clues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.relation import Relation
from latent_ebm.energies.space import Space
from latent_ebm.energies.table import Table
from latent_ebm.kernels.factors import Operator
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.grid import GridView, draw_axes, draw_html
from latent_ebm.puzzles.logic_clues import (
    MOST_CLUES,
    RELATIONS,
    Clue,
    Items,
    quoted,
    read_categories,
)
from latent_ebm.puzzles.number_grid import different
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Source, fail, read_json

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Logic(Puzzle):
    r"""Each item of each category has a position; items of one category different ones.

    Attributes
    ----------
    categories
        Name -> items; the items of all categories, in order, are the variables.
    clues
        What is known.

    Examples
    --------
    >>> puzzle = Logic.parse('''{"categories": {"house": ["red", "blue"], "pet": ["cat", "dog"]},
    ...     "clues": [["same", "red", "dog"], ["at", "cat", 2]]}''')
    >>> print(puzzle.render(np.array([0, 1, 1, 0])))
    position     1     2
    house      red  blue
    pet        dog   cat
    """

    NAME: ClassVar[str] = "logic"

    categories: dict[str, tuple[str, ...]]
    clues: tuple[Clue, ...]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read JSON objects with ``categories`` and ``clues``."""
        return read_json(source, name, cls._from_json)

    @classmethod
    def _from_json(cls, data: dict[str, Any], source: str) -> Self:
        categories = read_categories(data.get("categories"))
        clues = data.get("clues")
        if not isinstance(clues, list) or len(clues) > MOST_CLUES:
            raise fail(f'"clues" is a list of at most {MOST_CLUES} clues; found {quoted(clues)}')
        items = Items(categories)
        return cls(
            categories, tuple(items.clue(i, c) for i, c in enumerate(clues, 1)), source=source
        )

    @property
    def items(self) -> list[tuple[str, str]]:
        """(category, item) of every variable."""
        return [(name, item) for name, items in self.categories.items() for item in items]

    @property
    def positions(self) -> int:
        """How many."""
        return len(next(iter(self.categories.values())))

    def say(self, clue: Clue) -> str:
        """A clue in words."""
        first = self.items[clue.first][1]
        if clue.relation in ("at", "not-at"):
            return f"{first} {clue.relation.replace('-', ' ')} position {clue.second}"
        return f"{first} {clue.relation.replace('-', ' ')} {self.items[clue.second][1]}"

    @cached_property
    def landscape(self) -> Landscape:
        """Categories all different, a relation or a table for each clue."""
        k, n = self.positions, len(self.items)
        names = tuple(f"{item} ({category})" for category, item in self.items)
        space = Space.full(names, tuple(f"position {p + 1}" for p in range(k)))
        cells = np.arange(n, dtype=np.int32).reshape(-1, k)
        alone = (different("category", cells, k),)
        related = [c for c in self.clues if c.relation in _OPERATORS and c.first != c.second]
        related = [c for c in related if k > 1 or c.relation == "same"]
        families: list[Relation | Table] = []
        if related:
            # first + offset = second is second = first + offset: the second comes first
            families.append(
                Relation(
                    np.array([c.first for c in related], np.int32),
                    np.array([c.second for c in related], np.int32),
                    np.array([_OPERATORS[c.relation][0] for c in related], np.int8),
                    np.array([_OPERATORS[c.relation][1] for c in related], np.int32),
                    k,
                    tuple(self.say(c) for c in related),
                )
            )
        near = [c for c in self.clues if c.relation == "next-to" and c.first != c.second]
        if near and k > 1:
            p = np.arange(k - 1)
            steps = np.stack([p, p + 1], axis=1)
            pairs = np.concatenate([steps, steps[:, ::-1]])
            rows = Csr.from_rows([[c.first, c.second] for c in near])
            families.append(Table(rows, [pairs] * len(near), k, tuple(map(self.say, near))))
        hard = (*alone, HardDomain("clue", tuple(families))) if families else alone
        return Landscape(space, hard, (), standard_couplings(hard, n, k))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """[N, K] the positions that clues of single items leave."""
        mask = np.ones((len(self.items), self.positions), np.bool_)
        numbers = np.arange(1, self.positions + 1)
        for clue in self.clues:
            if clue.relation in ("at", "not-at"):
                mask[clue.first] &= (numbers == clue.second) == (clue.relation == "at")
        return mask

    def text(self) -> str:
        """JSON."""
        own = [f"{category}:{item}" for category, item in self.items]
        clues = [
            [c.relation, own[c.first], c.second if c.relation.endswith("at") else own[c.second]]
            for c in self.clues
        ]
        return json.dumps({"categories": self.categories, "clues": clues}, ensure_ascii=False)

    def encode(self, values: Values) -> str:
        """JSON: the items of each category by position."""
        rows = dict(zip(self.categories, self._rows(values), strict=True))
        return json.dumps(rows, ensure_ascii=False)

    def _rows(self, values: Values) -> list[list[str]]:
        rows = []
        at = 0
        for items in self.categories.values():
            row = [""] * len(items)
            for item in items:
                row[int(values[at])] = item
                at += 1
            rows.append(row)
        return rows

    def solves(self, values: Values) -> bool:
        """Whether each category fills all positions and every clue is true."""
        table = np.asarray(values).reshape(-1, self.positions)
        every = np.arange(self.positions)
        return all(np.array_equal(np.sort(row), every) for row in table) and all(
            clue.holds(values) for clue in self.clues
        )

    def faults(self) -> tuple[str, ...]:
        """Items without a position, and clues of an item and itself that cannot be."""
        alone = [
            f"{self.say(c)}: an item and itself"
            for c in self.clues
            if c.first == c.second and c.relation not in ("same", "at", "not-at")
        ]
        if self.positions == 1:
            alone += [
                f"{self.say(c)}: there is one position"
                for c in self.clues
                if not c.holds(np.zeros(len(self.items), int))
            ]
        nowhere = np.flatnonzero(~self.mask.any(axis=1))
        return (*alone, *(f"{self.items[i][1]} has no position left" for i in nowhere))

    def view(self, values: Values | None = None) -> GridView:
        """A row per category."""
        rows = [[""] * self.positions] * len(self.categories)
        return GridView.of(rows if values is None else self._rows(values))

    def render(self, values: Values | None = None) -> str:
        """The clues, or a table of items by position."""
        if values is None:
            return "\n".join([*self._heads(), *map(self.say, self.clues)])
        rows = [[*map(str, range(1, self.positions + 1))], *self._rows(values)]
        names = ["position", *self.categories]
        first = max(map(len, names))
        width = max(len(item) for row in rows for item in row) + 2
        return "\n".join(
            f"{name:{first}}" + "".join(f"{item:>{width}}" for item in row)
            for name, row in zip(names, rows, strict=True)
        )

    def _heads(self) -> list[str]:
        return [f"{name}: {', '.join(items)}" for name, items in self.categories.items()]

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The table as a picture."""
        draw_axes(axes, self.view(values))
        for r, name in enumerate(self.categories):
            axes.text(-0.15, r + 0.5, name, ha="right", va="center")

    def to_html(self, values: Values | None = None) -> str:
        """The table."""
        return draw_html(self.view(values), self.source)


_OPERATORS = {
    "same": (Operator.EQUAL, 0),
    "not-same": (Operator.NOT_EQUAL, 0),
    "left-of": (Operator.LESS, 0),
    "directly-left-of": (Operator.EQUAL, -1),
}
"""first operator second + offset."""


def generate(rng: np.random.Generator, side: int = 5, categories: int = 4) -> Logic:
    """True clues about a random arrangement, added until only it is left to singles and pairs.

    >>> puzzle = generate(np.random.default_rng(0), 4)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 2 <= side <= 26:
        raise ValueError(f"logic grids are made with 2 to 26 positions; {side} were asked for")
    names = {
        f"category {chr(65 + c)}": tuple(f"{chr(97 + i)}{c + 1}" for i in range(side))
        for c in range(categories)
    }
    position = np.concatenate([rng.permutation(side) for _ in range(categories)])
    total = side * categories
    clues: list[Clue] = [Clue("at", 0, int(position[0]) + 1)]
    while len(clues) < 3 * total:
        relation = RELATIONS[int(rng.integers(5))]
        first, second = (int(i) for i in rng.choice(total, 2, replace=False))
        clue = Clue(relation, first, second)
        if first // side != second // side and clue not in clues and clue.holds(position):
            clues.append(clue)
    return Logic(names, tuple(clues), expected=position.astype(np.int16))
