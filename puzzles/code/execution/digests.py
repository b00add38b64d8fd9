"""Digests of states: what tells apart in which one an open hole was reached."""

from __future__ import annotations

from hashlib import blake2b
from types import FrameType
from typing import Any

from latent_ebm.puzzles.code.testing.plain import EXACT, plain

__all__ = ["state_digest"]


def state_digest(frame: FrameType) -> bytes:
    """A digest of the locals where an open hole was reached.

    Programs that reach a hole in the same state go on alike, whatever fills it. What cannot be
    copied as plain data counts by the name of its type.
    """
    names = {name: _digestible(value) for name, value in frame.f_locals.items()}
    return blake2b(repr(names).encode("utf-8", "replace"), digest_size=8).digest()


def _digestible(value: Any) -> Any:
    if type(value) in EXACT:
        return value
    try:
        return plain(value)
    except Exception:  # a value's own iterator may raise anything
        return type.__dict__["__name__"].__get__(type(value))
