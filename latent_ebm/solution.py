"""What a solver answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.problem import Question


class Status(Enum):
    """How a run ended; the values are sentences for people, the names go into files."""

    SOLVED = "solved: every constraint holds, checked exactly on the discrete values"
    UNKNOWN = "unknown: no candidate passed the exact check within the budget"
    INFEASIBLE = "infeasible: an exact engine proved that there is no solution"
    INVALID = "invalid: the problem as given contradicts itself"

    @property
    def label(self) -> str:
        """The short form, as in JSON output."""
        return self.name.lower()


@dataclass(frozen=True, eq=False)
class Solution:
    """The answer to one problem.

    Attributes
    ----------
    problem
        What was asked.
    status
        SOLVED only after both ``landscape.check`` and ``problem.verify`` passed.
    values
        [N] states: the solution, or, of the candidates looked at, the one that violates the
        fewest hard factors, or None where none was formed or none can be.
    energy
        The number of hard factors that ``values`` violate plus the weights of the soft factors
        that they break; hence 0 when solved without soft domains; infinite where no candidate
        can be right.
    violations
        The violated hard factors by name; or what is wrong with the givens; or, where
        INFEASIBLE, hard factors that cannot hold together, as few as the time allowed.
    steps, restarts
        Sweeps over the latent and fresh starts, until the answer.
    seconds
        Wall time spent on this problem, presolve and checks included.
    seed
        What the run was seeded with; the same seed gives the same answer.
    engine
        Which dynamics or exact engine, or ``presolve``, gave the answer.
    backend
        Which kernels ran it.
    unique
        Whether it was proved the only solution, or that there are others; None if neither, or
        not asked.
    optimal
        Of a problem with soft domains that is solved: whether it was proved that no solution
        weighs less (by an exact engine, or because nothing is broken). None otherwise.
    """

    problem: Question
    status: Status
    values: NDArray[np.integer] | None
    energy: float
    violations: tuple[str, ...]
    steps: int
    restarts: int
    seconds: float
    seed: int
    engine: str
    backend: str
    unique: bool | None = None
    optimal: bool | None = None

    @property
    def solved(self) -> bool:
        """Whether the status is SOLVED."""
        return self.status is Status.SOLVED

    def __str__(self) -> str:
        head = (
            f"{self.status.value}\n"
            f"{self.steps} steps, {self.restarts} restarts, {self.seconds * 1e3:.2f} ms, "
            f"{self.engine} on {self.backend}"
        )
        body = self.problem.render(self.values) if self.solved else self.problem.render()
        if self.unique is not None:
            head += "\nthe only solution" if self.unique else "\nnot the only solution"
        if self.optimal is not None:
            proved = "proved the least" if self.optimal else "not proved the least"
            head += f"\nbroken soft factors weigh {self.energy:.10g}, {proved}"
        faults = "".join(f"\n  {violation}" for violation in self.violations)
        return f"{body}\n{head}{faults}"

    def _repr_html_(self) -> str:
        from html import escape

        grid = getattr(self.problem, "to_html", None)
        shown = self.values if self.solved else None
        body = grid(shown) if grid else f"<pre>{escape(self.problem.render(shown))}</pre>"
        return f"{body}<p>{escape(self.status.value)}</p>"
