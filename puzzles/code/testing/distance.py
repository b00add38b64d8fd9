"""The graded distance of an output from the expected one, the energy of a test case.

numbers      x / (1 + x),  x = |asinh a - asinh b|   (differences near 0, ratios far from it)
strings      edit distance / longer length
sequences    alignment with the distance of items as substitution cost / longer length
sets         1 - |a & b| / |a | b|
dicts        mean over the union of keys, 1 where a key is missing
other types  0.95 to 1
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from latent_ebm.puzzles.code.testing.equality import equal

__all__ = [
    "CRASH_ENERGY",
    "EXCEPTION_ENERGY",
    "HOLE_ENERGY",
    "TIMEOUT_ENERGY",
    "WRONG_EXCEPTION_ENERGY",
    "distance",
]

WRONG_EXCEPTION_ENERGY = 0.75
HOLE_ENERGY = 1.1
EXCEPTION_ENERGY = 1.25
TIMEOUT_ENERGY = 1.5
CRASH_ENERGY = 1.75

LEAST = 1e-6
"""Unequal values are at least this far apart."""

_TEXT_CELLS = 4_096
_ITEM_CELLS = 400
_DEEPEST = 4
_BOOLS = 0.8
_RELATED = 0.9
_UNRELATED = 0.97


def distance(actual: Any, expected: Any) -> float:
    """How far plain data `actual` is from `expected`: in [0, 1], 0 exactly where they are equal.

    >>> distance([1, 2, 3], (1, 2, 3))
    0.0
    >>> distance(11, 10) < distance(20, 10) < distance("10", 10) <= 1
    True
    """
    if equal(actual, expected):
        return 0.0
    return min(1.0, max(LEAST, _distance(actual, expected, 0)))


def _distance(actual: Any, expected: Any, depth: int) -> float:
    if isinstance(expected, bool) or isinstance(actual, bool):
        if isinstance(expected, bool) and isinstance(actual, bool):
            return 0.0 if actual == expected else _BOOLS
        return (
            _RELATED
            if isinstance(actual, (bool, int)) and isinstance(expected, (bool, int))
            else _UNRELATED
        )
    if isinstance(actual, (int, float)) and isinstance(expected, (int, float)):
        return _numbers(actual, expected)
    if isinstance(actual, str) and isinstance(expected, str):
        return _texts(actual, expected)
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        return _sequences(actual, expected, depth)
    if isinstance(actual, dict) and isinstance(expected, dict):
        return _dicts(actual, expected, depth)
    if isinstance(actual, (set, frozenset)) and isinstance(expected, (set, frozenset, list, tuple)):
        return _sets(actual, expected)
    if actual is None or expected is None:
        return 1.0 if actual is not expected else 0.0
    return _RELATED if _printed_alike(actual, expected) else _UNRELATED


def _printed_alike(a: Any, b: Any) -> bool:
    return (
        isinstance(a, (str, int, float)) and isinstance(b, (str, int, float)) and str(a) == str(b)
    )


def _asinh(value: float) -> float:
    try:
        return math.asinh(value)
    except OverflowError:  # an int beyond the floats: asinh x = log 2x there
        return math.copysign(math.log(2) + math.log(abs(value)), 1 if value > 0 else -1)


def _numbers(a: float, b: float) -> float:
    if a == b:
        return 0.0
    if a != a or b != b or math.isinf(_asinh(a)) or math.isinf(_asinh(b)):
        return 0.0 if a != a and b != b else _BOOLS
    x = abs(_asinh(a) - _asinh(b))
    return x / (1.0 + x)


def _stripped(a: Sequence[Any], b: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Both without what they begin and end with in common."""
    shorter = min(len(a), len(b))
    start = 0
    while start < shorter and _same(a[start], b[start]):
        start += 1
    end = 0
    while end < shorter - start and _same(a[-1 - end], b[-1 - end]):
        end += 1
    return a[start : len(a) - end], b[start : len(b) - end]


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _texts(a: str, b: str) -> float:
    longest = max(len(a), len(b), 1)
    left, right = _stripped(a, b)
    if len(left) * len(right) <= _TEXT_CELLS:
        return _edits(left, right) / longest
    return _bags(left, right) / longest


def _edits(a: Sequence[Any], b: Sequence[Any]) -> int:
    row = list(range(len(b) + 1))
    for i, item in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            cost = diagonal if item == other else diagonal + 1
            diagonal = row[j]
            above = (diagonal if diagonal < row[j - 1] else row[j - 1]) + 1
            row[j] = cost if cost < above else above
    return row[-1]


def _bags(a: Sequence[Any], b: Sequence[Any]) -> float:
    """A lower bound of the edit distance, from the counts of characters."""
    difference = Counter(a)
    difference.subtract(b)
    more = sum(count for count in difference.values() if count > 0)
    fewer = -sum(count for count in difference.values() if count < 0)
    return max(more, fewer, 1)


def _sequences(a: Sequence[Any], b: Sequence[Any], depth: int) -> float:
    longest = max(len(a), len(b), 1)
    left, right = _stripped(a, b)
    if depth >= _DEEPEST:
        return max(len(left), len(right)) / longest
    if len(left) * len(right) <= _ITEM_CELLS:
        return _alignment(left, right, depth + 1) / longest
    sampled = min(len(left), len(right), _ITEM_CELLS)
    common = sum(_distance(left[i], right[i], depth + 1) for i in range(sampled))
    scaled = common / sampled * min(len(left), len(right))
    return (scaled + abs(len(left) - len(right))) / longest


def _alignment(a: Sequence[Any], b: Sequence[Any], depth: int) -> float:
    """The least cost of turning one sequence into the other, an item more or less costing 1."""
    scaled = _scaled(a)
    others = _scaled(b) if scaled is not None else None
    row: list[float] = [float(j) for j in range(len(b) + 1)]
    for i, item in enumerate(a, 1):
        diagonal, row[0] = row[0], float(i)
        for j, other in enumerate(b, 1):
            if others is not None and scaled is not None:
                x = abs(scaled[i - 1] - others[j - 1])
                cost = diagonal + x / (1.0 + x)
            else:
                cost = diagonal + _distance(item, other, depth)
            diagonal = row[j]
            changed = (diagonal if diagonal < row[j - 1] else row[j - 1]) + 1.0
            row[j] = cost if cost < changed else changed
    return row[-1]


def _scaled(items: Sequence[Any]) -> list[float] | None:
    """The numbers on their scale, where all are plain and finite."""
    if not all(type(item) is int or type(item) is float for item in items):
        return None
    try:
        scaled = [math.asinh(item) for item in items]
    except OverflowError:
        return None
    return scaled if all(map(math.isfinite, scaled)) else None


def _dicts(a: dict[Any, Any], b: dict[Any, Any], depth: int) -> float:
    keys = a.keys() | b.keys()
    if depth >= _DEEPEST:
        return len([key for key in keys if key not in a or key not in b]) / len(keys)
    total = sum(
        _distance(a[key], b[key], depth + 1) if key in a and key in b else 1.0 for key in keys
    )
    return total / max(len(keys), 1)


def _sets(a: Any, b: Any) -> float:
    left, right = Counter(map(repr, a)), Counter(map(repr, b))
    union = sum((left | right).values())
    return 1.0 - sum((left & right).values()) / max(union, 1)
