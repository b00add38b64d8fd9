"""What runner and observer share: finding the function, naming exceptions, driving coroutines."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

from latent_ebm.puzzles.code.execution.ticks import HoleReached, OutOfTicks, OutOfTime

__all__ = ["described", "driven", "found", "lineage"]

LONGEST_DESCRIPTION = 200

_type_name = type.__dict__["__qualname__"].__get__
_mro = type.__dict__["__mro__"].__get__


def lineage(kind: type) -> list[str]:
    """The names of a type and its bases, as the interpreter holds them.

    >>> lineage(KeyError)[:2]
    ['KeyError', 'LookupError']
    """
    return [_type_name(base) for base in _mro(kind)]


def found(namespace: Mapping[str, Any], path: str) -> Callable[..., Any]:
    """The function under test; a method is called on a new instance, made without arguments.

    Raises
    ------
    NameError
        If the program has no such name.
    """
    first, *rest = path.split(".")
    if first not in namespace:
        raise NameError(f"the program has no {first!r}")
    value = namespace[first]
    for name in rest:
        if isinstance(value, type) and _is_instance_method(value, name):
            value = _on_new_instances(value, name)
        else:
            value = getattr(value, name)
    return value


def _on_new_instances(owner: type, name: str) -> Callable[..., Any]:
    def method(*args: Any, **kwargs: Any) -> Any:
        return getattr(owner(), name)(*args, **kwargs)

    return method


def _is_instance_method(owner: type, name: str) -> bool:
    for base in _mro(owner):
        if name in vars(base):
            member = vars(base)[name]
            # a decorator may have put another descriptor in the function's place
            return not isinstance(member, staticmethod | classmethod) and hasattr(
                type(member), "__get__"
            )
    return False


def driven(value: Any) -> Any:
    """A coroutine's result or an asynchronous generator's items, as far as no event loop is needed.

    >>> async def evens():
    ...     for number in range(0, 4, 2):
    ...         yield number
    >>> driven(evens())
    [0, 2]
    """
    if type(value) is types.AsyncGeneratorType:
        value = _items(value)
    if type(value) is not types.CoroutineType:
        return value
    try:
        value.send(None)
    except StopIteration as stopped:
        return stopped.value
    value.close()
    raise RuntimeError("the coroutine waits for an event loop")


async def _items(generator: types.AsyncGeneratorType[Any, Any]) -> list[Any]:
    return [item async for item in generator]


def described(raised: BaseException) -> str:
    """An exception's type and message, bounded; "" for an open hole."""
    kind = type(raised)
    name = str(_type_name(kind))
    if kind is OutOfTicks:
        return "more loop rounds and calls than the budget allows"
    if kind is OutOfTime:
        return "more time than the limit allows"
    if kind is HoleReached:
        return ""
    try:
        text = str(raised)
    except BaseException:
        return name
    return f"{name}: {text}"[:LONGEST_DESCRIPTION] if text else name
