"""What explorations are asked and what they answer, checked."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from latent_ebm.puzzles.code.execution.exploring.exploration import (
    GOING,
    HEAD,
    LOST,
    OVER,
    REFUSED,
    SURVIVOR,
)
from latent_ebm.puzzles.code.execution.records import RecordError

__all__ = ["ForgottenError", "Found", "Hole", "SymbolRow", "unpacked"]

SymbolRow = tuple[str, tuple[int, ...], tuple[int, ...], int, int, int, bool, bool]
"""Text or template, operands, bindings, result, binding, layer, distinct, symmetric; types are
numbers."""


@dataclass(frozen=True)
class Hole:
    """A hole to explore.

    Attributes
    ----------
    variants
        (text, roots): programs, their open holes calls of ``__hole_0__()``, ``__hole_1__()``, ...,
        with an expression to come in the same place of all; and for each type the layers to add
        where it comes there, below 0 for never.
    hole, holes
        The number of the one to fill, and how many there are.
    order
        The cases.
    symbols
        Atoms, without operands, and productions. What a production gives must follow from the
        values of its operands, and it must not change them.
    highest
        The last layer.
    loops
        Whether the function goes on for ever once its names have the same values again.
    """

    variants: tuple[tuple[str, tuple[int, ...]], ...]
    hole: int
    holes: int
    order: tuple[int, ...]
    symbols: tuple[SymbolRow, ...]
    highest: int
    loops: bool


class Found(NamedTuple):
    """What came of a stretch of an exploration.

    Attributes
    ----------
    over
        Whether nothing is left.
    runs
        Expressions for which cases were run.
    expressions
        Expressions judged.
    layer
        The layer reached.
    survivors
        (variant, rank, derivation): expressions that may pass, with how many come to the same
        before them, and the numbers of their symbols, the outermost first; those of rank
        `HOPELESS` cannot pass, but pass more cases than others that cannot.
    """

    over: bool
    runs: int
    expressions: int
    layer: int
    survivors: tuple[tuple[int, int, tuple[int, ...]], ...]


class ForgottenError(Exception):
    """The worker has forgotten an exploration for others."""


def unpacked(body: bytes, hole: Hole) -> Found | None:
    """A worker's answer, checked.

    Raises
    ------
    RecordError
        For what no worker sends.
    ForgottenError
        If the worker does not know the exploration any more.
    """
    if len(body) < HEAD.size:
        raise RecordError("an exploration's answer without its head")
    state, runs, expressions, layer, count = HEAD.unpack_from(body)
    if state == REFUSED:
        return None
    if state == LOST:
        raise ForgottenError
    if state not in (GOING, OVER):
        raise RecordError(f"an exploration in state {state}")
    position, survivors = HEAD.size, []
    for _ in range(count):
        if len(body) - position < SURVIVOR.size:
            raise RecordError("a survivor is cut short")
        variant, rank, length = SURVIVOR.unpack_from(body, position)
        position += SURVIVOR.size
        if len(body) - position < 2 * length:
            raise RecordError("a derivation is cut short")
        numbers = struct.unpack_from(f"<{length}H", body, position)
        position += 2 * length
        if variant >= len(hole.variants) or not _is_derivation(numbers, hole):
            raise RecordError("a survivor of what was not sent")
        survivors.append((variant, rank, numbers))
    if position != len(body):
        raise RecordError("an exploration's answer goes on behind its survivors")
    return Found(state == OVER, runs, expressions, layer, tuple(survivors))


def _is_derivation(numbers: Sequence[int], hole: Hole) -> bool:
    """Whether numbers of symbols, the outermost first, are one expression of the grammar."""
    made: list[tuple[int, int]] = []  # types and depths
    for number in reversed(numbers):
        if number >= len(hole.symbols):
            return False
        _, operands, _, result, *_ = hole.symbols[number]
        parts = [made.pop() for _ in operands[: len(made)]]
        if tuple(kind for kind, _ in parts) != operands:
            return False
        depth = 1 + max((below for _, below in parts), default=0)
        if depth > hole.highest + 1:  # what is put together comes in a later layer than its parts
            return False
        made.append((result, depth))
    return len(made) == 1
