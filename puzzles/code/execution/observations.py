"""What a program did in one case, as an untrusted process reports it.

status u8 of the process, then for each case that was run:
kind u8, case u32, length u32, body: a value, an exception's lineage and text, a hole ...
"""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.testing.codec import DataError, decoded

__all__ = ["HEAD", "Kind", "Observation", "parsed"]

HEAD = struct.Struct("<BII")


class Kind(IntEnum):
    """How a case ended."""

    VALUE = 0
    RAISED = 1
    TICKS = 2
    TIME = 3
    HOLE = 4
    JUDGED = 5
    TICKS_USED = 6
    PROFILE = 7


class Observation(NamedTuple):
    """How one case ended.

    Attributes
    ----------
    case
        Its index.
    kind
        The kind of end.
    value
        Plain data for a value; (lineage, text) for an exception; the hole's number; for a test
        that judges itself its energy, text and trace.
    """

    case: int
    kind: Kind
    value: Any


def parsed(message: bytes, cases: int) -> list[Observation]:
    """The whole observations at the start of a message, at most one of a kind for each case.

    What follows the first one that is malformed is left out: the process that wrote it was
    killed, or lies.
    """
    found: list[Observation] = []
    seen: set[tuple[int, int]] = set()
    position = 0
    while position + HEAD.size <= len(message):
        kind, case, length = HEAD.unpack_from(message, position)
        start = position + HEAD.size
        body = message[start : start + length]
        position = start + length
        key = (case, kind if kind in (Kind.TICKS_USED, Kind.PROFILE) else Kind.VALUE)
        if len(body) < length or kind > max(Kind) or case >= cases or key in seen:
            break
        try:
            value = _value(Kind(kind), body)
        except (DataError, ValueError, TypeError, RecursionError):
            break
        seen.add(key)
        found.append(Observation(case, Kind(kind), value))
    return found


def _value(kind: Kind, body: bytes) -> Any:
    text = body.decode("utf-8", "surrogatepass")
    if kind is Kind.VALUE:
        return decoded(text)
    if kind is Kind.RAISED:
        lineage, described = json.loads(text)
        return tuple(str(name) for name in lineage)[:50], str(described)[:200]
    if kind is Kind.JUDGED:
        energy, described, trace = json.loads(text)
        return min(max(float(energy), 0.0), 2.0), str(described)[:200], str(trace)[:64]
    if kind is Kind.PROFILE:
        return json.loads(text)
    if kind in (Kind.HOLE, Kind.TICKS_USED):
        return int(text)
    return None
