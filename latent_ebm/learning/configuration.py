"""Configurations of models: frozen dataclasses of plain values, written as JSON."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

LARGEST = 1 << 20
"""Bytes of the largest config.json that is read."""

C = TypeVar("C")


class BadConfigError(ValueError):
    """A configuration that cannot be used; the message names the file and the key."""


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises
    ------
    BadConfigError
        If there is no such file, or it holds something else or too much.
    """
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise BadConfigError(f"{path}: has more than {LARGEST} bytes")
        found = json.loads(text)
    except OSError as error:
        raise BadConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadConfigError):
            raise
        raise BadConfigError(f"{path}: is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadConfigError(f"{path}: holds {type(found).__name__}; expected a JSON object")
    return found


def from_mapping(kind: type[C], values: dict[str, Any], where: str) -> C:
    """A dataclass from plain values: every key known, none without a default missing, all typed.

    Raises
    ------
    BadConfigError
        Naming ``where``, the key, what was expected and what was found.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Size:
    ...     width: int
    >>> from_mapping(Size, {"width": 3, "depth": 1}, "config.json")
    Traceback (most recent call last):
    ...
    latent_ebm.learning.configuration.BadConfigError: config.json: unknown key 'depth'; the keys \
are width
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in values:
        if key not in fields:
            raise BadConfigError(f"{where}: unknown key {key!r}; the keys are {', '.join(fields)}")
    types = get_type_hints(kind)
    chosen = {}
    for name, field in fields.items():
        if name in values:
            chosen[name] = _typed(values[name], types[name], f"{where}: {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise BadConfigError(f"{where}: lacks the key {name!r} ({_shown(types[name])})")
    try:
        return kind(**chosen)
    except BadConfigError:
        raise
    except ValueError as error:
        raise BadConfigError(f"{where}: {error}") from None


_NO = object()
"""What a value that is not of a type becomes."""


def _typed(value: Any, kind: Any, where: str) -> Any:
    """The value as one of a type: a plain one, or a container of such."""
    origin = get_origin(kind)
    if origin is Literal:
        found = value if value in get_args(kind) else _NO
    elif origin in _CONTAINERS:
        found = _CONTAINERS[origin](value, get_args(kind), where)
    elif isinstance(value, dict) and isinstance(kind, type) and dataclasses.is_dataclass(kind):
        found = from_mapping(kind, value, where)
    elif kind is float and type(value) is int:
        found = float(value)
    else:
        found = value if kind is Any or type(value) is kind else _NO
    if found is _NO:
        raise BadConfigError(f"{where} is {value!r}; expected {_shown(kind)}")
    return found


def _of_union(value: Any, options: tuple[Any, ...], where: str) -> Any:
    for option in options:
        try:
            return _typed(value, option, where)
        except BadConfigError:
            continue
    return _NO


def _of_tuple(value: Any, kinds: tuple[Any, ...], where: str) -> Any:
    if not isinstance(value, list | tuple):
        return _NO
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        return _NO
    return tuple(_typed(item, kind, where) for item, kind in zip(value, kinds, strict=True))


def _of_dict(value: Any, kinds: tuple[Any, ...], where: str) -> Any:
    if not isinstance(value, dict):
        return _NO
    return {_typed(k, kinds[0], where): _typed(v, kinds[1], where) for k, v in value.items()}


_CONTAINERS = {Union: _of_union, UnionType: _of_union, tuple: _of_tuple, dict: _of_dict}


def _shown(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind).replace("typing.", "")
