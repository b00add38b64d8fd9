"""The cases of a suite as a worker holds them, and how right their outputs are."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.testing.judging import value_energy
from latent_ebm.puzzles.code.testing.plain import TooLargeError, plain

__all__ = ["FORMAT", "CallCase", "Grades", "constant_arguments"]

FORMAT = 2  # of marshal: without references, so that equal data give equal bytes
_MOST_GRADES = 50_000
_SIMPLE = frozenset({int, float, str, bytes, bool, type(None)})


class CallCase(NamedTuple):
    """A case as the worker holds it."""

    args: bytes
    kwargs: bytes
    raises: str
    expected: Any


class Grades:
    """The energies of outputs: bytes are compared first, and graded once where they differ."""

    def __init__(self, cases: Sequence[CallCase]) -> None:
        self._cases = cases
        self._expected = [
            b"" if case.raises else marshal.dumps(case.expected, FORMAT) for case in cases
        ]
        self._known: dict[tuple[int, bytes], float] = {}

    def energy(self, index: int, data: bytes, value: Any) -> float:
        """How wrong a case's output is, 0 for right.

        Parameters
        ----------
        data, value
            The output as marshal writes it, and itself.
        """
        if data == self._expected[index]:
            return 0.0
        key = (index, data)
        energy = self._known.get(key)
        if energy is None:
            if len(self._known) >= _MOST_GRADES:
                self._known.clear()
            case = self._cases[index]
            try:
                # marshal takes exact types only, but for buffers, which it writes as bytes ("s")
                copy = plain(value) if b"s" in data else marshal.loads(data)  # noqa: S302
                energy = value_energy(copy, case.expected, case.raises)
            except TooLargeError:
                energy = 1.0
            self._known[key] = energy
        return energy


def constant_arguments(case: CallCase) -> tuple[Any, ...] | None:
    """The arguments themselves if nothing can change them."""
    if case.kwargs or not case.args:
        return None
    args: tuple[Any, ...] = marshal.loads(case.args)  # noqa: S302 - the suite's own
    return args if all(type(value) in _SIMPLE for value in args) else None
