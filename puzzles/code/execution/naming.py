"""What values are called: their types with those of their items, and short texts of them."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from itertools import islice
from typing import Any

__all__ = ["LONGEST_SAMPLE", "sample_of", "type_name"]

LONGEST_SAMPLE = 80
_MOST_ITEMS = 16
_MOST_INNER = 4
"""Items of an item whose types are looked at."""
_COLLECTIONS = (list, set, frozenset, deque)
_MAPPINGS = (dict, Counter, defaultdict, OrderedDict)
_SCALARS = (bool, int, float, complex, str, bytes, type(None))


def type_name(value: object, depth: int = 2) -> str:
    """The name of a value's type, with the types of its items two levels down.

    >>> type_name([1, 2]), type_name({"a": 1.0}), type_name((1, "b")), type_name(None)
    ('list[int]', 'dict[str,float]', 'tuple[int,str]', 'NoneType')
    >>> type_name([(1, "b"), (2, "c")]), type_name([[], [[1]]])
    ('list[tuple[int,str]]', 'list[list[list]]')
    """
    kind = type(value)
    name = str(type.__dict__["__name__"].__get__(kind))
    if kind is type:
        return f"type[{type.__dict__['__name__'].__get__(value)}]"
    if not depth or kind in _SCALARS:
        return name
    most = _MOST_ITEMS if depth == 2 else _MOST_INNER
    if kind in _COLLECTIONS:
        items = _first(value, most)
        return f"{name}[{_union(items, depth - 1)}]" if items else name
    if kind is tuple:
        items = list(tuple.__iter__(value))  # type: ignore[arg-type]
        if not items:
            return name
        if len(items) <= 4:
            return f"{name}[{','.join(type_name(item, depth - 1) for item in items)}]"
        return f"{name}[{_union(items[:most], depth - 1)},...]"
    if kind in _MAPPINGS:
        pairs = _first(dict.items(value), most)  # type: ignore[arg-type]
        if not pairs:
            return name
        keys, values = [k for k, _ in pairs], [v for _, v in pairs]
        return f"{name}[{_union(keys, depth - 1)},{_union(values, depth - 1)}]"
    return name


def _first(items: Any, most: int = _MOST_ITEMS) -> list[Any]:
    return list(islice(iter(items), most))


def _name(value: object) -> str:
    return str(type.__dict__["__name__"].__get__(type(value)))


def _union(values: list[Any], depth: int) -> str:
    """The types of values; an empty container's says nothing beside a full one's."""
    names = {type_name(value, depth) for value in values}
    full = {name.partition("[")[0] for name in names if "[" in name}
    return "|".join(sorted(names - full))


def sample_of(value: object, depth: int = 0) -> str:
    """A short text of a value, which runs nothing of the program's.

    >>> sample_of({"a": [1, 2]})
    "{'a': [1, 2]}"
    """
    kind = type(value)
    if kind is int and int.bit_length(value) > 256:  # type: ignore[arg-type]
        return "<a long int>"
    if kind is str or kind is bytes:
        return repr(value[:LONGEST_SAMPLE])  # type: ignore[index]
    if kind in _SCALARS:
        return repr(value)
    if depth < 3 and kind in (list, tuple, set, frozenset):
        items = _first(value)
        inner = ", ".join(sample_of(item, depth + 1) for item in items)
        if len(items) == _MOST_ITEMS:
            inner += ", ..."
        if kind is tuple:
            return f"({inner}{',' if len(items) == 1 else ''})"
        return (
            f"[{inner}]"
            if kind is list
            else f"{_name(value)}({{{inner}}})"
            if inner
            else f"{_name(value)}()"
        )
    if depth < 3 and kind is dict:
        pairs = _first(dict.items(value))  # type: ignore[arg-type]
        inner = ", ".join(
            f"{sample_of(key, depth + 1)}: {sample_of(item, depth + 1)}" for key, item in pairs
        )
        return f"{{{inner}}}"
    return f"<{_name(value)}>"
