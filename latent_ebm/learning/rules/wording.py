"""What rules were found, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from latent_ebm.learning.rules.reading import Pairs, Reading

_CELL = re.compile(r"r(\d+)c(\d+)")
SHOWN = 12
"""Pairs that are named; of the others only the number is told."""


def describe(reading: Reading, variables: Sequence[str], num_values: int) -> str:
    """All that was found, a line each.

    Groups are found as cliques; that one *looks like* a row is said for people, from the names
    of its cells, and nothing depends on it.
    """
    lines = list(_lines(reading, variables, num_values))
    return "\n".join(lines) if lines else "no rules: no pair of variables stands out"


def _lines(reading: Reading, variables: Sequence[str], num_values: int) -> Iterator[str]:
    if len(reading.unequal):
        groups = len(reading.groups)
        within = f", {groups} groups of {num_values} among them" if groups else ""
        yield f"{len(reading.unequal)} pairs of {len(variables)} cells differ{within}"
    by_look: dict[str, list[str]] = {}
    for group in reading.groups:
        cells = [variables[v] for v in group]
        kind, name = look(cells)
        text = f"  {_span(cells)} all different"
        by_look.setdefault(kind, []).append(f"{text}: looks like {name}" if name else text)
    for kind, texts in by_look.items():
        yield f"{len(texts)} groups that look like {kind}:" if kind else "other groups:"
        yield from texts
    yield from _pair_lines(reading.rest, "!=", "more pairs that differ", variables)
    yield from _pair_lines(reading.less, "<", "pairs in order", variables)
    yield from _pair_lines(reading.equal, "==", "pairs that are equal", variables)
    for i, j, allowed in reading.tables[:SHOWN]:
        yield f"{variables[i]} and {variables[j]} take {len(allowed)} of {num_values**2} pairs"
    if len(reading.tables) > SHOWN:
        yield f"  ... and {len(reading.tables) - SHOWN} more"


def _pair_lines(pairs: Pairs, sign: str, what: str, variables: Sequence[str]) -> Iterator[str]:
    if not len(pairs):
        return
    named = [f"{variables[i]} {sign} {variables[j]}" for i, j in pairs[:SHOWN].tolist()]
    yield f"{len(pairs)} {what}: {', '.join(named)}{', ...' if len(pairs) > SHOWN else ''}"


def look(cells: Sequence[str]) -> tuple[str, str]:
    """The kind of figure that cells make, and its name; empty if they make none.

    >>> look(["r1c1", "r1c2", "r2c1", "r2c2"])
    ('boxes', 'the box r1c1..r2c2')
    """
    matches = [_CELL.fullmatch(cell) for cell in cells]
    if not all(matches):
        return "", ""
    places = np.array([[int(m[1]), int(m[2])] for m in matches if m])
    rows, columns = places.T
    if len(set(rows.tolist())) == 1:
        return "rows", f"row {rows[0]}"
    if len(set(columns.tolist())) == 1:
        return "columns", f"column {columns[0]}"
    if len(set((rows - columns).tolist())) == 1:
        return "diagonals", "the falling diagonal"
    if len(set((rows + columns).tolist())) == 1:
        return "diagonals", "the rising diagonal"
    height, width = np.ptp(places, axis=0) + 1
    if height * width == len(cells):
        return "boxes", f"the box {cells[0]}..{cells[-1]}"
    return "", ""


def _span(cells: Sequence[str]) -> str:
    return ", ".join(cells) if len(cells) <= 4 else f"{cells[0]}, {cells[1]}..{cells[-1]}"
