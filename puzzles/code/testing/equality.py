"""Equality of outputs as a tester expects it of JSON data."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["equal"]

MOST_PAIRED = 1_000
"""Members of a set, or keys of a dict, that are compared one by one."""

RELATIVE = 1e-5
"""Two floats closer than this, relative to the larger, are equal, as for ``numpy.isclose``."""

# what may equal another value that hashes differently, or not although it hashes alike
_LOOSE = (bool, float, complex, list, tuple, dict, set, frozenset)


def equal(actual: Any, expected: Any) -> bool:
    """Whether plain data `actual` is what a test expects.

    Tuples equal lists and a set equals a list of its members in any order, numbers are equal
    by value (floats to 1e-5, relative), NaN equals NaN, a bool equals only a bool, and keys
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
    """Whether each expected item can be given one member that equals it."""
    members = list(actual)
    if not any(isinstance(item, _LOOSE) for item in (*members, *expected)):
        try:
            return len(set(expected)) == len(expected) and set(expected) == set(members)
        except TypeError:  # an unhashable expected item
            pass
    if len(members) > MOST_PAIRED:
        return False
    for item in expected:
        for position, member in enumerate(members):
            if equal(member, item):
                del members[position]
                break
        else:
            return False
    return True


def _equal_dicts(actual: dict[Any, Any], expected: dict[Any, Any]) -> bool:
    if len(actual) != len(expected):
        return False
    for key, value in expected.items():
        if key not in actual:
            return _equal_dicts_in_pairs(actual, expected)
        if not equal(actual[key], value):
            return False
    return True


def _equal_dicts_in_pairs(actual: dict[Any, Any], expected: dict[Any, Any]) -> bool:
    """With keys that equal, or that JSON would write so."""
    if len(actual) > MOST_PAIRED:
        return False
    left = dict(actual)
    for key, value in expected.items():
        for other in left:
            if equal(other, key) or (isinstance(key, str) and _json_key(other) == key):
                break
        else:
            return False
        if not equal(left.pop(other), value):
            return False
    return True


def _json_key(key: Any) -> Any:
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return repr(key) if isinstance(key, (int, float)) else key
