"""Values of expressions at the states where a hole was reached: bounded, comparable, kept apart."""

from __future__ import annotations

import copy
import marshal
from collections.abc import Callable, Hashable, Iterable, Mapping, Sized
from contextlib import suppress
from itertools import chain, islice
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.testing.plain import plain

__all__ = [
    "MOST_BITS",
    "MOST_ITEMS",
    "SCALARS",
    "Drawn",
    "Raised",
    "UnboundedError",
    "bounded",
    "key_of",
    "paths",
    "snapshot",
    "strict",
]

MOST_ITEMS = 2000
"""Longer values are not computed with."""
MOST_BITS = 2048
MOST_BYTES = 1 << 16
"""Larger states are not kept."""
SCALARS: frozenset[type] = frozenset({int, float, bool, str, bytes, type(None)})
_ALIKE = (0, -2)
"""0.0 equals -0.0, which is another value, and -2 has the hash of -1."""
_SIZED = frozenset({str, bytes, list, tuple, dict, set, frozenset, range})
_ONE_SHOT: tuple[type, ...] = (
    enumerate,
    map,
    filter,
    zip,
    reversed,
    type(iter([])),
    type(iter("")),
    type(iter(())),
)


class UnboundedError(Exception):
    """A value that is too large to be kept."""


class Raised(NamedTuple):
    """An expression that raises at a state."""

    kind: str


class Drawn(NamedTuple):
    """What an iterator gives that can be read once: its items, for any number of readers."""

    kind: str
    items: tuple[Any, ...]


def bounded(value: Any, names: Mapping[str, Any] | None = None) -> Any:
    """The value, if it is small; an iterator is drawn.

    Parameters
    ----------
    names
        Of the state or the frame: an iterator that a name holds is the program's, and not drawn.

    Raises
    ------
    UnboundedError
        If it is not small, or an iterator of the program's.

    >>> bounded(enumerate("ab"))
    Drawn(kind='enumerate', items=((0, 'a'), (1, 'b')))
    """
    kind = type(value)
    if kind is int:
        if value.bit_length() > MOST_BITS:
            raise UnboundedError
    elif kind in _SIZED:
        if len(value) > MOST_ITEMS:
            raise UnboundedError
    elif isinstance(value, _ONE_SHOT):
        if names and any(held is value for held in names.values()):
            raise UnboundedError
        iterator: Any = value
        items = tuple(islice(iterator, MOST_ITEMS + 1))
        if len(items) > MOST_ITEMS:
            raise UnboundedError
        return Drawn(kind.__name__, items)
    return value


def strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operation that raises where an operand does, and fails for what grows too large."""

    def applied(*operands: Any) -> Any:
        drawn = False
        for operand in operands:
            kind = type(operand)
            if kind is Raised:
                return operand
            drawn = drawn or kind is Drawn
        try:
            if drawn:
                operands = tuple(iter(o.items) if type(o) is Drawn else o for o in operands)
            return bounded(function(*operands))
        except (UnboundedError, MemoryError):
            raise UnboundedError from None
        except Exception as raised:
            return Raised(type(raised).__name__)

    return applied


def key_of(value: Any, known: Mapping[int, str]) -> Hashable:
    """What tells values apart: equal keys go on alike.

    Parameters
    ----------
    known
        Where a state holds which object, by its id: the same list and an equal one are different.

    Raises
    ------
    UnboundedError
        If it is too large to be compared.
    """
    kind = type(value)
    if kind in SCALARS:
        return (kind, repr(value)) if value in _ALIKE else (kind, value)
    if kind is range:
        return (range, value.start, value.stop, value.step)
    if kind is Raised:
        return (Raised, value.kind)
    where = known.get(id(value), "")
    if kind is Drawn:
        return (value.kind, key_of(list(value.items), known))
    # lists that hold one another may be exponentially large when written out
    flat = kind in _SIZED and SCALARS.issuperset(map(type, _held(value)))
    try:
        data = value if flat else plain(value)
    except Exception:  # it is too large, or its own iterator raises anything
        raise UnboundedError from None
    return (kind, where, marshal.dumps(data, 2))


def _held(value: Any) -> Iterable[Any]:
    return chain(value, value.values()) if type(value) is dict else value


def paths(names: Mapping[str, Any]) -> dict[int, str]:
    """Where the objects of a state are that can change: names, and items of them."""
    found: dict[int, str] = {}
    for name, value in names.items():
        kind = type(value)
        if kind in SCALARS:
            continue
        found.setdefault(id(value), name)
        if kind is list or kind is tuple:
            inner = enumerate(value)
        elif kind is dict:
            inner = value.items()
        else:
            continue
        for at, item in islice(inner, 64):
            if type(item) not in SCALARS:
                found.setdefault(id(item), f"{name}[{at!r}]")
    return found


def snapshot(names: Mapping[str, Any]) -> bytes | dict[str, Any]:
    """A copy of a state: marshalled where it is plain data, else copied name by name.

    Raises
    ------
    UnboundedError
        If it is large.
    """
    try:
        data = marshal.dumps(dict(names))
    except ValueError:
        return _copied(names)
    if len(data) > MOST_BYTES:
        raise UnboundedError
    return data


def _copied(names: Mapping[str, Any]) -> dict[str, Any]:
    """What can be copied; generators, for one, cannot."""
    memo: dict[int, Any] = {}
    made = {}
    for name, value in names.items():
        if isinstance(value, Sized) and not isinstance(value, type) and _size(value) > MOST_BYTES:
            raise UnboundedError
        with suppress(Exception):  # an object's own copying may raise anything: it is no name then
            made[name] = copy.deepcopy(value, memo)
    return made


def _size(value: Sized) -> int:
    """How many items a value says that it has."""
    try:
        return len(value)
    except Exception:  # what cannot tell is copied as well as can be
        return 0
