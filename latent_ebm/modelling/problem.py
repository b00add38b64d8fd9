"""A translated CPMpy model as a problem for the solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Self

import numpy as np
from cpmpy.expressions.core import Expression
from cpmpy.expressions.utils import argval
from cpmpy.expressions.variables import _NumVarImpl
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape
from latent_ebm.modelling.translation import Translation

_LOCK = Lock()
"""CPMpy keeps values inside its variables, so only one evaluation can run at a time."""


def assign(solution: Mapping[_NumVarImpl, int | bool | None]) -> None:
    """Give CPMpy variables these values."""
    for variable, value in solution.items():
        variable._value = value


@contextmanager
def assigned(solution: Mapping[_NumVarImpl, int | bool]) -> Iterator[None]:
    """Give CPMpy variables these values, and their old ones back at the end."""
    with _LOCK:
        before = {variable: variable._value for variable in solution}
        assign(solution)
        try:
            yield
        finally:
            assign(before)


def _truth(constraint: Expression) -> bool | None:
    try:
        return bool(argval(constraint))
    except NotImplementedError:
        return None


@dataclass(frozen=True, eq=False)
class ModelProblem:
    """CPMpy constraints with their landscape.

    ``verified`` asks CPMpy for the value of every original constraint; it never looks at the
    landscape. Where a user's own constraint has no ``value()``, only the landscape's check of its
    decomposition speaks for it.
    """

    translation: Translation
    constraints: tuple[Expression, ...]
    source: str = ""

    @property
    def kind(self) -> str:
        """``cpmpy``."""
        return "cpmpy"

    @property
    def landscape(self) -> Landscape:
        """The constraints as factors."""
        return self.translation.landscape

    @classmethod
    def masks(cls, problems: Sequence[Self]) -> NDArray[np.bool_]:
        """[B, N, K] the states that single variables may take."""
        return np.stack([problem.landscape.space.mask for problem in problems])

    @classmethod
    def clashing(cls, problems: Sequence[Self]) -> NDArray[np.bool_]:
        """[B] whether translating found a constraint that can never hold."""
        return np.array([bool(problem.translation.contradiction) for problem in problems])

    @classmethod
    def verified(cls, problems: Sequence[Self], values: NDArray[np.integer]) -> NDArray[np.bool_]:
        """[B] whether CPMpy finds no original constraint false."""
        return np.array(
            [p.holds(p.translation.values(v)) for p, v in zip(problems, values, strict=True)]
        )

    def holds(self, solution: Mapping[_NumVarImpl, int | bool]) -> bool:
        """Whether CPMpy finds no original constraint false."""
        return False not in self.truths(solution)

    def truths(self, solution: Mapping[_NumVarImpl, int | bool]) -> list[bool | None]:
        """The value of every original constraint; None for one that has no ``value()``."""
        with assigned(solution):
            return [_truth(constraint) for constraint in self.constraints]

    def faults(self) -> tuple[str, ...]:
        """Which constraint can never hold."""
        return tuple(filter(None, [self.translation.contradiction]))

    def render(self, values: NDArray[np.integer] | None = None) -> str:
        """The variables with their values, or with their domains."""
        if values is None:
            return "\n".join(f"{v.name} in {v.lb}..{v.ub}" for v in self.translation.user)
        solution = self.translation.values(values)
        return "\n".join(f"{variable.name} = {value}" for variable, value in solution.items())

    def encode(self, values: NDArray[np.integer]) -> str:
        """A solution in one line, as ``x=1 y=True``."""
        solution = self.translation.values(values)
        return " ".join(f"{variable.name}={value}" for variable, value in solution.items())
