"""Plain data as JSON text and back, exactly, for what comes out of an untrusted process.

JSON has no tuples, sets, bytes, complex numbers, long integers, NaN or keys other than
strings; these are written as objects with one short key. `decoded` builds exact builtin
types only and never evaluates anything.
"""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["DataError", "decoded", "encoded"]

_SAFE_INTEGER = 1 << 53


class DataError(ValueError):
    """Text that `encoded` never makes."""


def encoded(value: Any) -> str:
    """The text of plain data.

    >>> encoded((1, {2: b"a"}))
    '{"t":[1,{"d":[[2,{"y":"61"}]]}]}'
    """
    return json.dumps(_tagged(value), separators=(",", ":"), check_circular=False)


def decoded(text: str) -> Any:
    """The plain data of a text.

    Raises
    ------
    DataError
        For a text that `encoded` never makes, or that is nested too deeply.

    >>> decoded(encoded({1.5, 2})) == {1.5, 2}
    True
    """
    try:
        return _untagged(json.loads(text))
    except DataError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise DataError(f"not plain data: {error}") from error


def _tagged(value: Any) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -_SAFE_INTEGER < value < _SAFE_INTEGER else {"i": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"f": repr(value)}
    if kind is list:
        return [_tagged(item) for item in value]
    if kind is tuple:
        return {"t": [_tagged(item) for item in value]}
    if kind is dict:
        return {"d": [[_tagged(key), _tagged(item)] for key, item in value.items()]}
    if kind is set or kind is frozenset:
        return {"s" if kind is set else "z": [_tagged(item) for item in value]}
    if kind is bytes:
        return {"y": value.hex()}
    if kind is complex:
        return {"c": [_tagged(value.real), _tagged(value.imag)]}
    raise TypeError(f"{kind.__name__} is no plain data")


def _untagged(value: Any) -> Any:  # noqa: C901 - one branch a tag
    if type(value) is list:
        return [_untagged(item) for item in value]
    if type(value) is not dict:
        return value
    if len(value) != 1:
        raise DataError(f"an object with {len(value)} keys")
    ((tag, content),) = value.items()
    if tag == "i":
        return int(content, 16)
    if tag == "f":
        return float(content)
    if tag == "y":
        return bytes.fromhex(content)
    if tag == "c":
        real, imaginary = map(_untagged, content)
        return complex(real, imaginary)
    if tag == "t":
        return tuple(_untagged(item) for item in content)
    if tag == "d":
        return {_untagged(key): _untagged(item) for key, item in content}
    if tag in ("s", "z"):
        return (set if tag == "s" else frozenset)(_untagged(item) for item in content)
    raise DataError(f"an object tagged {tag!r}")
