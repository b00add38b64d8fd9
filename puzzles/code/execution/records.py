"""What a worker writes back: outcomes and observations in a fixed binary layout.

A worker is not trusted: nothing that it sends is unpickled or evaluated; every length is
checked, every number comes from a fixed place.

    outcome   job u32, filling u32, flags u8, hole i16, behaviour u64, error length u16,
              T verdicts u8, T energies f64, error (UTF-8)
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from latent_ebm.puzzles.code.execution.outcomes import Outcome, Verdict

__all__ = ["Record", "RecordError", "packed", "unpacked"]

_HEAD = struct.Struct("<IIBhQH")
_BODIES: dict[int, struct.Struct] = {}
_HIGHEST = max(Verdict)

SUSPICIOUS = 1
"""The flag of a program that was not run because it needs a process of its own."""

LONGEST_ERROR = 400
"""In bytes."""


class RecordError(ValueError):
    """A worker sent what no worker sends."""


class Record(NamedTuple):
    """An outcome and which job and filling it belongs to."""

    job: int
    filling: int
    suspicious: bool
    outcome: Outcome


def _body(cases: int) -> struct.Struct:
    found = _BODIES.get(cases)
    if found is None:
        found = _BODIES[cases] = struct.Struct(f"<{cases}s{cases}d")
    return found


def packed(
    job: int,
    filling: int,
    flags: int,
    hole: int,
    behaviour: int,
    error: str,
    verdicts: bytes | bytearray,
    energies: list[float],
) -> bytes:
    """One outcome as bytes."""
    text = error.encode("utf-8", "backslashreplace")[:LONGEST_ERROR]
    return (
        _HEAD.pack(job, filling, flags, hole, behaviour, len(text))
        + _body(len(verdicts)).pack(bytes(verdicts), *energies)
        + text
    )


def unpacked(message: bytes, cases: int) -> list[Record]:
    """The outcomes in one message, for a suite of `cases` cases.

    Raises
    ------
    RecordError
        For a message that is not made of whole records with known verdicts.
    """
    records = []
    body = _body(cases)
    position, end = 0, len(message)
    least = _HEAD.size + body.size
    while position < end:
        if end - position < least:
            raise RecordError(f"{end - position} bytes left over")
        job, filling, flags, hole, behaviour, length = _HEAD.unpack_from(message, position)
        verdicts, *energies = body.unpack_from(message, position + _HEAD.size)
        position += least
        if length > end - position or (verdicts and max(verdicts) > _HIGHEST):
            raise RecordError("a length or a verdict out of range")
        error = message[position : position + length].decode("utf-8", "replace") if length else ""
        position += length
        outcome = Outcome(verdicts, tuple(energies), hole, behaviour, error)
        records.append(Record(job, filling, flags == SUSPICIOUS, outcome))
    return records
