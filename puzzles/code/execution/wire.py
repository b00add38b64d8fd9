"""Frames over pipes: a length, a kind and a body, nothing longer than the limit."""

from __future__ import annotations

import os
import struct

__all__ = ["LARGEST_FRAME", "FrameError", "Frames", "framed", "read_exactly", "write_all"]

HEAD = struct.Struct("<IB")
LARGEST_FRAME = 64 << 20
"""In bytes; a worker that announces more is killed."""


class FrameError(ValueError):
    """A frame that is too long."""


def framed(kind: int, body: bytes) -> bytes:
    """A frame as bytes."""
    return HEAD.pack(len(body), kind) + body


class Frames:
    """Cuts a stream of bytes into frames.

    >>> frames = Frames()
    >>> frames.feed(framed(7, b"abc")[:6])
    []
    >>> frames.feed(b"bc")
    [(7, b'abc')]
    """

    def __init__(self, limit: int = LARGEST_FRAME) -> None:
        self._limit = limit
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that are whole once `data` has come.

        Raises
        ------
        FrameError
            For a frame longer than the limit.
        """
        held = self._held
        held += data
        found = []
        position = 0
        while len(held) - position >= HEAD.size:
            length, kind = HEAD.unpack_from(held, position)
            if length > self._limit:
                raise FrameError(f"a frame of {length} bytes")
            start = position + HEAD.size
            if len(held) < start + length:
                break
            found.append((kind, bytes(held[start : start + length])))
            position = start + length
        if position:
            del held[:position]
        return found


def read_exactly(descriptor: int, count: int) -> bytes:
    """That many bytes; fewer only where the stream ends."""
    pieces = []
    while count:
        piece = os.read(descriptor, min(count, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def write_all(descriptor: int, data: bytes) -> None:
    """Write it all, waiting as needed."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
