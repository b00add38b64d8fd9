"""Categories and clues of logic grids, read from JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.reading import fail, shown

MOST_POSITIONS, MOST_CATEGORIES, MOST_CLUES = 50, 50, 10_000

RELATIONS = ("same", "not-same", "next-to", "left-of", "directly-left-of", "at", "not-at")


class Clue(NamedTuple):
    """``same``, ``not-same``, ``next-to``, ``left-of`` or ``directly-left-of`` of two items.

    With ``at`` and ``not-at`` the second is a position, from 1.
    """

    relation: str
    first: int
    second: int

    def holds(self, position: NDArray[np.integer]) -> bool:
        """Whether it is true of the positions [N] of all items, from 0."""
        a = int(position[self.first])
        if self.relation in ("at", "not-at"):
            return (a + 1 == self.second) == (self.relation == "at")
        b = int(position[self.second])
        return {
            "same": a == b,
            "not-same": a != b,
            "next-to": abs(a - b) == 1,
            "left-of": a < b,
            "directly-left-of": a + 1 == b,
        }[self.relation]


@dataclass(frozen=True)
class Items:
    """Finding items by name, or by ``category:item`` where a name is in several categories."""

    categories: dict[str, tuple[str, ...]]

    def clue(self, index: int, data: Any) -> Clue:
        """Read one clue."""
        if not (isinstance(data, list) and len(data) == 3 and data[0] in RELATIONS):
            what = f"a clue is [relation, item, item], with {', '.join(RELATIONS)}"
            raise fail(f"clue {index}: {what}; found {quoted(data)}")
        relation = data[0]
        first = self.number(index, data[1])
        if relation not in ("at", "not-at"):
            return Clue(relation, first, self.number(index, data[2]))
        most = len(next(iter(self.categories.values())))
        if type(data[2]) is not int or not 1 <= data[2] <= most:
            raise fail(f"clue {index}: {quoted(data[2])} is no position from 1 to {most}")
        return Clue(relation, first, data[2])

    def number(self, index: int, name: Any) -> int:
        """The variable of an item."""
        items = [(c, item) for c, row in self.categories.items() for item in row]
        found = [i for i, (c, item) in enumerate(items) if name in (item, f"{c}:{item}")]
        exact = [i for i in found if f"{items[i][0]}:{items[i][1]}" == name]
        found = exact or found
        if len(found) != 1:
            what = "no item" if not found else "an item of several categories; write category:item"
            raise fail(f"clue {index}: {quoted(name)} is {what}")
        return found[0]


def read_categories(data: Any) -> dict[str, tuple[str, ...]]:
    """Categories of as many different items each."""
    if not (isinstance(data, dict) and 0 < len(data) <= MOST_CATEGORIES):
        raise fail(
            f'"categories" is an object of 1 to {MOST_CATEGORIES} lists; found {quoted(data)}'
        )
    size = None
    for name, items in data.items():
        if not (isinstance(items, list) and all(isinstance(item, str) for item in items)):
            raise fail(f"category {shown(name)} is a list of names; found {quoted(items)}")
        if not 0 < len(items) <= MOST_POSITIONS or len(set(items)) < len(items):
            raise fail(f"category {shown(name)} has 1 to {MOST_POSITIONS} different items")
        if size not in (None, len(items)):
            raise fail(f"category {shown(name)} has {len(items)} items, the first has {size}")
        size = len(items)
    return {name: tuple(items) for name, items in data.items()}


def quoted(data: Any) -> str:
    """A piece of JSON, short."""
    return shown(json.dumps(data), limit=60)
