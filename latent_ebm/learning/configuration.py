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


def _typed(value: Any, kind: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        for option in arguments:
            try:
                return _typed(value, option, where)
            except BadConfigError:
                continue
    elif origin is Literal:
        if value in arguments:
            return value
    elif origin is tuple:
        if isinstance(value, list | tuple):
            if len(arguments) == 2 and arguments[1] is Ellipsis:
                return tuple(_typed(item, arguments[0], where) for item in value)
            if len(arguments) == len(value):
                pairs = zip(value, arguments, strict=True)
                return tuple(_typed(item, option, where) for item, option in pairs)
    elif origin is dict:
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return {key: _typed(item, arguments[1], where) for key, item in value.items()}
    elif dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if isinstance(value, dict):
            return from_mapping(kind, value, where)
    elif kind is Any or (value is None and kind is type(None)):
        return value
    elif kind is float and type(value) in (int, float):
        return float(value)
    elif type(value) is kind:
        return value
    raise BadConfigError(f"{where} is {value!r}; expected {_shown(kind)}")


def _shown(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind).replace("typing.", "")
