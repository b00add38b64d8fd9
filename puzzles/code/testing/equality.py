"""Equality of outputs as a tester expects it of JSON data."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["equal"]

RELATIVE = 1e-9
"""Two floats closer than this, relative to the larger, are equal."""


def equal(actual: Any, expected: Any) -> bool:
    """Whether plain data `actual` is what a test expects.

    Tuples equal lists and a set equals a list of its members in any order, numbers are equal
    by value (floats to 1e-9, relative), NaN equals NaN, a bool equals only a bool, and keys
    of a dict may be the strings that JSON would make of them.

    >>> equal((1, 2.0), [1, 2])
    True
    >>> equal(True, 1)
    False
    >>> equal({1: "a"}, {"1": "a"})
    True
    """
    if isinstance(expected, bool) or isinstance(actual, bool):
        return isinstance(expected, bool) and isinstance(actual, bool) and actual == expected
    if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
        return _equal_numbers(actual, expected)
    if isinstance(expected, (list, tuple)):
        if isinstance(actual, (set, frozenset)):
            return len(actual) == len(expected) and _same_members(actual, expected)
        return (
            isinstance(actual, (list, tuple))
            and len(actual) == len(expected)
            and all(equal(a, b) for a, b in zip(actual, expected, strict=True))
        )
    if isinstance(expected, dict):
        return isinstance(actual, dict) and _equal_dicts(actual, expected)
    if isinstance(expected, (set, frozenset)):
        return (
            isinstance(actual, (set, frozenset))
            and len(actual) == len(expected)
            and _same_members(actual, expected)
        )
    if isinstance(expected, complex) or isinstance(actual, complex):
        return _equal_complex(actual, expected)
    return type(actual) is type(expected) and bool(actual == expected)


def _equal_numbers(a: float, b: float) -> bool:
    if a == b:
        return True
    if isinstance(a, int) and isinstance(b, int):
        return False
    if a != a or b != b:
        return a != a and b != b
    try:
        return math.isclose(a, b, rel_tol=RELATIVE)
    except OverflowError:  # an int beyond the floats
        return False


def _equal_complex(a: Any, b: Any) -> bool:
    if not (isinstance(a, (int, float, complex)) and isinstance(b, (int, float, complex))):
        return False
    a, b = complex(a), complex(b)
    return _equal_numbers(a.real, b.real) and _equal_numbers(a.imag, b.imag)


def _same_members(actual: Any, expected: Any) -> bool:
    """Each expected item takes one member that equals it; small sets only need this."""
    try:
        if set(expected) == set(actual) and not any(
            isinstance(item, (bool, float)) for item in actual
        ):
            return len(set(expected)) == len(expected) and not any(
                isinstance(item, bool) for item in expected
            )
    except TypeError:  # an unhashable expected item, compared one by one
        pass
    left = list(actual)
    for item in expected:
        for position, candidate in enumerate(left):
            if equal(candidate, item):
                del left[position]
                break
        else:
            return False
    return True


def _equal_dicts(actual: dict[Any, Any], expected: dict[Any, Any]) -> bool:
    if len(actual) != len(expected):
        return False
    missing = object()
    for key, value in expected.items():
        found = actual.get(key, missing)
        if found is missing:
            return _equal_dicts_by_json_keys(actual, expected)
        if not equal(found, value):
            return False
    return True


def _equal_dicts_by_json_keys(actual: dict[Any, Any], expected: dict[Any, Any]) -> bool:
    renamed = {_json_key(key): value for key, value in actual.items()}
    if len(renamed) != len(expected) or renamed.keys() != expected.keys():
        return False
    return all(equal(renamed[key], value) for key, value in expected.items())


def _json_key(key: Any) -> Any:
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return repr(key) if isinstance(key, (int, float)) else key
