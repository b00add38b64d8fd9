"""From what a program did in a test case to a verdict's energy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from latent_ebm.puzzles.code.testing.distance import (
    EXCEPTION_ENERGY,
    WRONG_EXCEPTION_ENERGY,
    distance,
)

__all__ = ["exception_energy", "value_energy"]


def value_energy(actual: Any, expected: Any, raises: str) -> float:
    """The energy of a returned value, plain data: its distance, 1 where an exception was due."""
    return 1.0 if raises else distance(actual, expected)


def exception_energy(lineage: Sequence[str], raises: str) -> float:
    """The energy of an exception whose type and bases are named `lineage`.

    >>> exception_energy(("KeyError", "LookupError", "Exception"), "LookupError")
    0.0
    """
    if not raises:
        return EXCEPTION_ENERGY
    return 0.0 if raises.rpartition(".")[2] in lineage else WRONG_EXCEPTION_ENERGY
