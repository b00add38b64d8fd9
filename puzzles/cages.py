"""Grids cut into regions that files show by letters."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.grid import cell_name, cells_of
from latent_ebm.puzzles.reading import Line, fail, shown

NO_CAGE = -1

_LETTERS = string.ascii_lowercase + string.ascii_uppercase


def read_cages(
    rows: Sequence[Line], side: int, *, blanks: bool = False
) -> tuple[NDArray[np.int32], list[str]]:
    """The region of each cell [n, n] and the regions' names, in the order of their first cells.

    >>> read_cages([Line(1, "aab"), Line(2, "cbb"), Line(3, "ccc")], 3)[1]
    ['a', 'b', 'c']
    """
    table = np.full((side, side), NO_CAGE, np.int32)
    names: dict[str, int] = {}
    if len(rows) != side:
        raise fail(f"{len(rows)} rows of region letters, where {side} are needed", rows[0])
    for r, line in enumerate(rows):
        cells = cells_of(line.text)
        if len(cells) != side:
            raise fail(f"row {r + 1} has {len(cells)} cells, where {side} were expected", line)
        for c, cell in enumerate(cells):
            if cell == "." and blanks:
                continue
            if len(cell) > 8 or cell == ".":
                raise fail(f"{shown(cell)} is not the letter of a region", line, cell_name(r, c))
            table[r, c] = names.setdefault(cell, len(names))
    return table, list(names)


def cage_names(count: int) -> list[str]:
    """Letters, or numbered ones where there are many.

    >>> cage_names(2)
    ['a', 'b']
    """
    if count <= len(_LETTERS):
        return list(_LETTERS[:count])
    return [f"c{i + 1}" for i in range(count)]


def write_cages(table: NDArray[np.integer], names: Sequence[str]) -> str:
    """Rows of region letters."""
    gap = "" if all(len(name) == 1 for name in names) else " "
    return "\n".join(gap.join(names[i] if i >= 0 else "." for i in row) for row in table.tolist())


def clues_by_cage(rows: Sequence[Line], names: Sequence[str]) -> dict[int, tuple[str, Line]]:
    """Lines ``letter clue`` by the number of the cage; each cage has one.

    >>> clues_by_cage([Line(4, "a 6+")], ["a"])
    {0: ('6+', Line(number=4, text='a 6+'))}
    """
    number = {name: i for i, name in enumerate(names)}
    found: dict[int, tuple[str, Line]] = {}
    for line in rows:
        words = line.text.replace("=", " ").replace(":", " ").split()
        if len(words) != 2:
            raise fail(f"a clue is 'letter clue', as in 'a 12'; found {shown(line.text)}", line)
        if words[0] not in number:
            raise fail(f"no cell is in cage {shown(words[0])}", line)
        if number[words[0]] in found:
            raise fail(f"cage {words[0]} has two clues", line)
        found[number[words[0]]] = (words[1], line)
    for name, i in number.items():
        if i not in found:
            raise fail(f"cage {name} has no clue", rows[-1] if rows else 0)
    return found


def random_cages(side: int, sizes: Sequence[int], rng: np.random.Generator) -> NDArray[np.int32]:
    """Cut a square into connected cages, each grown to a size drawn from ``sizes`` or less."""
    table = np.full((side, side), NO_CAGE, np.int32)
    count = 0
    for cell in rng.permutation(side * side).tolist():
        r, c = divmod(cell, side)
        if table[r, c] != NO_CAGE:
            continue
        size, cage = int(rng.choice(sizes)), [(r, c)]
        table[r, c] = count
        while len(cage) < size:
            free = [at for at in around(cage, side) if table[at] == NO_CAGE]
            if not free:
                break
            at = free[int(rng.integers(len(free)))]
            table[at] = count
            cage.append(at)
        count += 1
    _, first = np.unique(table, return_index=True)
    rank = np.empty(count, np.int32)  # numbered by first cells, as readers number them
    rank[np.argsort(first)] = np.arange(count)
    return rank[table]


def around(cells: Sequence[tuple[int, int]], side: int) -> list[tuple[int, int]]:
    """The neighbours of cells, in order, within a square."""
    steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
    near = {(r + dr, c + dc) for r, c in cells for dr, dc in steps} - set(cells)
    return sorted((r, c) for r, c in near if 0 <= r < side and 0 <= c < side)


def cage_notes(table: NDArray[np.integer], clues: Sequence[str]) -> dict[tuple[int, int], str]:
    """Each cage's clue at its first cell."""
    side = table.shape[1]
    return {
        divmod(int(np.flatnonzero(table.ravel() == i)[0]), side): clue
        for i, clue in enumerate(clues)
    }
