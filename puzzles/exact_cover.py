"""Exact cover: options of items, chosen so that every item is in exactly one (Knuth's format)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from latent_ebm.energies.cardinality import AtMostOne, ExactlyOne
from latent_ebm.energies.coupling import GroupInclusion
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Line, Source, fail, read_lines, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ITEMS, MOST_OPTIONS, MOST_MEMBERS = 100_000, 1_000_000, 10_000_000


@dataclass(frozen=True, eq=False)
class ExactCover(Puzzle):
    r"""Choose options so that primary items are covered once, and secondary ones at most once.

    Attributes
    ----------
    items
        Their names, the ``primary`` first ones primary.
    primary
        How many.
    options
        The items of each option, by number.

    Examples
    --------
    >>> puzzle = ExactCover.parse("a b c\na b\nc\nb c\n")
    >>> print(puzzle.render(np.array([1, 1, 0])))
    3 items, 3 options
    a b
    c
    """

    NAME: ClassVar[str] = "exact-cover"

    items: tuple[str, ...]
    primary: int
    options: tuple[tuple[int, ...], ...]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read a file of Knuth's DLX1: items, ``|``, secondary items; then an option a line."""
        return read_lines(source, name, cls._from_lines)

    @classmethod
    def _from_lines(cls, lines: Iterator[Line], source: str) -> Self:
        said = (line for line in lines if line.text.strip() and not line.text.startswith("|"))
        first = next(said, None)
        if first is None:
            raise fail("there are no items")
        items, primary = _items(first)
        number = {item: i for i, item in enumerate(items)}
        options, members = [], 0
        for line in said:
            option = []
            for word in line.text.split():
                if word not in number:
                    raise fail(f"{shown(word)} is no item of the first line", line)
                option.append(number[word])
            if len(set(option)) < len(option):
                raise fail("an option has an item twice", line)
            options.append(tuple(option))
            members += len(option)
            if len(options) > MOST_OPTIONS or members > MOST_MEMBERS:
                raise fail(
                    f"more than {MOST_OPTIONS} options or {MOST_MEMBERS} items in them", line
                )
        if not options:
            raise fail("there are no options")
        return cls(tuple(items), primary, tuple(options), source=source)

    @cached_property
    def _covering(self) -> list[list[int]]:
        """The options of each item."""
        rows: list[list[int]] = [[] for _ in self.items]
        for i, option in enumerate(self.options):
            for item in option:
                rows[item].append(i)
        return rows

    @cached_property
    def landscape(self) -> Landscape:
        """A variable per option, left out or chosen; a factor per item."""
        names = tuple(self.option_name(i) for i in range(len(self.options)))
        space = Space.full(names, ("left out", "chosen"))
        domains = []
        for word, family, numbers in (
            ("item", ExactlyOne, range(self.primary)),
            ("optional item", AtMostOne, range(self.primary, len(self.items))),
        ):
            kept = [i for i in numbers if self._covering[i]]
            rows = Csr.from_rows([[2 * o + 1 for o in self._covering[i]] for i in kept])
            if kept:
                labels = tuple(f"{word} {self.items[i]}" for i in kept)
                domains.append(HardDomain(word, (family(rows, 2, labels),)))
        hard = tuple(domains)
        return Landscape(space, hard, (), (GroupInclusion(hard, len(names), 2),))

    def option_name(self, index: int) -> str:
        """An option for people."""
        items = [self.items[i] for i in self.options[index]]
        return f"option {index + 1} ({' '.join(items[:6])}{' ...' if len(items) > 6 else ''})"

    def text(self) -> str:
        """Knuth's format."""
        second = self.items[self.primary :]
        head = [*self.items[: self.primary], *(["|", *second] if second else [])]
        rows = [" ".join(self.items[i] for i in option) for option in self.options]
        return "\n".join([" ".join(head), *rows])

    def encode(self, values: Values) -> str:
        """The numbers of the chosen options, from 1."""
        return " ".join(str(i + 1) for i in np.flatnonzero(np.asarray(values) == 1))

    def solves(self, values: Values) -> bool:
        """Whether the chosen options cover as they must."""
        count = [0] * len(self.items)
        for i in np.flatnonzero(np.asarray(values) == 1):
            for item in self.options[int(i)]:
                count[item] += 1
        return set(count[: self.primary]) <= {1} and max(count, default=0) <= 1

    def faults(self) -> tuple[str, ...]:
        """Items that no option covers."""
        return tuple(
            f"item {item} is in no option"
            for item, options in zip(
                self.items[: self.primary], self._covering[: self.primary], strict=True
            )
            if not options
        )

    def render(self, values: Values | None = None) -> str:
        """The size, or the chosen options."""
        head = f"{len(self.items)} items, {len(self.options)} options"
        if values is None:
            return head
        chosen = np.flatnonzero(np.asarray(values) == 1)
        rows = [" ".join(self.items[i] for i in self.options[int(o)]) for o in chosen]
        return "\n".join([head, *rows])

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """A matrix of options and items; the chosen ones dark."""
        matrix = np.zeros((len(self.options), len(self.items)))
        for i, option in enumerate(self.options):
            chosen = values is None or values[i] == 1
            matrix[i, list(option)] = 1.0 if chosen else 0.3
        axes.imshow(matrix, cmap="Greys", vmin=0, vmax=1.2, aspect="auto")
        axes.set(xlabel="item", ylabel="option")


def _items(line: Line) -> tuple[list[str], int]:
    """The items of the first line, and how many of them are primary."""
    words = line.text.split()
    items = [word for word in words if word != "|"]
    if words.count("|") > 1 or not items:
        raise fail("the first line has the items, with one '|' before optional ones", line)
    if len(set(items)) < len(items):
        again = next(item for item, count in Counter(items).items() if count > 1)
        raise fail(f"item {shown(again)} stands there twice", line)
    if len(items) > MOST_ITEMS:
        raise fail(f"more than {MOST_ITEMS} items", line)
    return items, words.index("|") if "|" in words else len(items)


def generate(rng: np.random.Generator, items: int = 30, decoys: int = 60) -> ExactCover:
    """A random partition of the items among options of one to five, and decoys beside it.

    >>> puzzle = generate(np.random.default_rng(0), 12)
    >>> puzzle.verify(puzzle.expected)
    True
    """
    if not 1 <= items <= MOST_ITEMS:
        raise ValueError(f"1 to {MOST_ITEMS} items are made; {items} were asked for")
    order, cuts = rng.permutation(items), [0]
    while cuts[-1] < items:
        cuts.append(min(items, cuts[-1] + int(rng.integers(1, 6))))
    options = [sorted(order[a:b].tolist()) for a, b in pairwise(cuts)]
    right = len(options)
    for _ in range(decoys):
        size = int(rng.integers(1, min(items, 5) + 1))
        options.append(sorted(rng.choice(items, size, replace=False).tolist()))
    place = rng.permutation(len(options))
    names = tuple(f"i{i + 1}" for i in range(items))
    shuffled = tuple(tuple(options[i]) for i in place)
    return ExactCover(names, items, shuffled, expected=(place < right).astype(np.int16))
