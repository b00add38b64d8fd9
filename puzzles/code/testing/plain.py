r"""Outputs as plain data: exact builtin types only, iterators drained, nothing of the program's.

What a program returns may lie: an `__eq__` that is always true, a subclass of int that
compares as it likes. So outputs are first copied into exact builtin types through the
methods of the builtin types themselves, and everything else becomes an opaque tuple
`("\0object", class name, attributes)` that equals no test's expected value.
"""

from __future__ import annotations

import collections
import types
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

__all__ = ["EXACT", "OPAQUE", "TooLargeError", "plain"]

OPAQUE = "\0object"
"""The first item of the tuple that stands for a value which is not plain data."""

MOST_ITEMS = 10_000
"""Of one output, over all its levels."""

DEEPEST = 60

EXACT = frozenset({int, float, complex, str, bytes, bool, type(None)})
"""Types whose values are their own copies."""
_USUAL = frozenset({list, tuple})
_ITERATORS: tuple[type, ...] = (
    range,
    collections.deque,
    types.GeneratorType,
    map,
    filter,
    zip,
    enumerate,
    reversed,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
    type(iter([])),
    type(iter(())),
    type(iter("")),
    type(iter({})),
    type(iter(set())),
    type(iter(range(0))),
)
_SCALARS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (bool, bool),
    (int, lambda value: int.__add__(value, 0)),
    (float, lambda value: float.__add__(value, 0.0)),
    (complex, lambda value: complex.__add__(value, 0j)),
    (
        str,
        lambda value: (
            str.__str__(value) if type(value) is str else str.join("", str.__iter__(value))
        ),
    ),
    (bytes, lambda value: bytes.join(b"", [bytes.__getitem__(value, slice(None))])),
    (bytearray, lambda value: b"".join([bytearray.__getitem__(value, slice(None))])),
)


class TooLargeError(Exception):
    """An output with too many items, or nested too deeply, to be compared."""


class _Allowance:
    def __init__(self) -> None:
        self.left = MOST_ITEMS

    def spend(self, iterator: Iterator[Any]) -> list[Any]:
        items = list(islice(iterator, self.left + 1))
        self.left -= len(items)
        if self.left < 0:
            raise TooLargeError(f"more than {MOST_ITEMS} items")
        return items


def plain(value: Any) -> Any:
    r"""A copy of `value` in exact builtin types.

    Subclasses become their builtin base (a named tuple a tuple, a Counter a dict), iterators,
    ranges, deques and objects that can be iterated become lists; anything else becomes
    `(OPAQUE, class name, attributes)`.

    Raises
    ------
    TooLargeError
        For more than 10,000 items or 60 levels.
    Exception
        Whatever the value's own iterator raises.

    >>> plain(map(abs, (-1, 2)))
    [1, 2]
    >>> plain({"a": range(2)})
    {'a': [0, 1]}
    >>> plain(object())
    ('\x00object', 'object', {})
    """
    return _plain(value, _Allowance(), 0)


def _plain(value: Any, allowance: _Allowance, depth: int) -> Any:
    kind = type(value)
    if kind in EXACT:
        return value
    if depth > DEEPEST:
        raise TooLargeError(f"nested more than {DEEPEST} levels deep")
    if kind in _USUAL:
        return kind(_items(iter(value), allowance, depth + 1))
    return _other(value, kind, allowance, depth + 1)


def _other(value: Any, kind: type, allowance: _Allowance, below: int) -> Any:
    mro: list[type] = type.mro(kind) if kind is not type else [type]
    for base, copied in _SCALARS:
        if base in mro:
            return copied(value)
    if list in mro:
        return _items(list.__iter__(value), allowance, below)
    if tuple in mro:
        return tuple(_items(tuple.__iter__(value), allowance, below))
    if dict in mro:
        pairs = allowance.spend(iter(dict.items(value)))
        return {_key(key, allowance, below): _plain(item, allowance, below) for key, item in pairs}
    if set in mro or frozenset in mro:
        base = set if set in mro else frozenset
        items = [_key(item, allowance, below) for item in allowance.spend(base.__iter__(value))]
        return base(items)
    if kind in _ITERATORS or (_iterates(mro) and not isinstance(value, type)):
        return _items(iter(value), allowance, below)
    return _opaque(value, mro, allowance, below)


def _items(iterator: Iterator[Any], allowance: _Allowance, depth: int) -> list[Any]:
    """Copies of items, most of which are exact already."""
    items = allowance.spend(iterator)
    if EXACT.issuperset(map(type, items)):
        return items
    return [_plain(item, allowance, depth) for item in items]


def _iterates(mro: list[type]) -> bool:
    return any("__iter__" in type.__dict__["__dict__"].__get__(base) for base in mro)


def _key(value: Any, allowance: _Allowance, depth: int) -> Any:
    """A hashable copy: keys and members are hashable, so lists in them come from iterators."""
    return _frozen(_plain(value, allowance, depth))


def _frozen(value: Any) -> Any:
    if type(value) is list or type(value) is tuple:
        return tuple(_frozen(item) for item in value)
    if type(value) is dict:
        return tuple((key, _frozen(item)) for key, item in value.items())
    return frozenset(value) if type(value) is set else value


def _opaque(value: Any, mro: list[type], allowance: _Allowance, depth: int) -> tuple[Any, ...]:
    name = type.__dict__["__qualname__"].__get__(mro[0])
    if type in mro or isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
        return (OPAQUE, name, {"name": str(getattr(value, "__qualname__", ""))})
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return (OPAQUE, name, {})
    if type(attributes) is not dict:
        return (OPAQUE, name, {})
    pairs = allowance.spend(iter(dict.items(attributes)))
    return (OPAQUE, name, {str(k): _plain(item, allowance, depth) for k, item in pairs})
