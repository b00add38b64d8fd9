"""The verdicts of one execution as they come in, and what tells its behaviour apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from latent_ebm.puzzles.code.execution.outcomes import Verdict

__all__ = ["Tally", "behaviour_of"]

_NOT_RUN = int(Verdict.NOT_RUN)


def behaviour_of(pieces: Sequence[bytes]) -> int:
    """A digest, 64 bits, of what was seen in each case that was run.

    >>> behaviour_of([b"1", b"2"]) == behaviour_of([b"12"])
    False
    """
    return int.from_bytes(blake2b(b"\0".join(pieces), digest_size=8).digest(), "little")


class Tally:
    """What came of T cases so far.

    Attributes
    ----------
    verdicts, energies
        [T], NOT_RUN and NaN where nothing came.
    pieces
        What was seen, in the order of the run.
    hole
        The first open hole that was reached, -1 for none.
    error
        The first exception's type and message.
    """

    __slots__ = ("energies", "error", "hole", "pieces", "verdicts")

    def __init__(self, count: int) -> None:
        self.verdicts = bytearray([_NOT_RUN]) * count
        self.energies = [math.nan] * count
        self.pieces: list[bytes] = []
        self.hole = -1
        self.error = ""

    def add(self, index: int, verdict: int, energy: float, piece: bytes) -> None:
        """One case."""
        self.verdicts[index] = verdict
        self.energies[index] = energy
        self.pieces.append(piece)

    def fill(self, order: Iterable[int], verdict: int, energy: float, piece: bytes) -> None:
        """All cases of `order` that nothing came of."""
        for index in order:
            if self.verdicts[index] == _NOT_RUN:
                self.add(index, verdict, energy, piece)

    @property
    def behaviour(self) -> int:
        """The digest of the pieces."""
        return behaviour_of(self.pieces)
