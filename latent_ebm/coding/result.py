"""What repair answers: patches, their energies, and where two of them differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.solution import Solution

__all__ = ["Difference", "Energies", "Patch", "Repair"]


@dataclass(frozen=True)
class Energies:
    """The energy of a program by domain.

    Attributes
    ----------
    tests
        Mean graded energy of the test cases; 0 where all pass.
    prior, types, flow
        Of what was changed, in nats; 0 for the program as given.
    """

    tests: float
    prior: float = 0.0
    types: float = 0.0
    flow: float = 0.0

    @property
    def total(self) -> float:
        """Their sum."""
        return self.tests + self.prior + self.types + self.flow

    def as_json(self) -> dict[str, float]:
        """By name, rounded."""
        names = ("tests", "prior", "types", "flow")
        return {name: round(getattr(self, name), 6) for name in names}


@dataclass(frozen=True)
class Patch:
    """A changed program.

    Attributes
    ----------
    text
        The whole module, with its own line breaks.
    diff
        The change as a unified diff.
    energies
        By domain.
    executions
        After how many executions it was found.
    mass
        The share of the posterior that patches of its behaviour have, of those that passed.
    """

    text: str
    diff: str
    energies: Energies
    executions: int
    mass: float = 1.0


@dataclass(frozen=True)
class Difference:
    """An input on which two patches differ that pass all tests.

    Attributes
    ----------
    call
        The call, as Python writes it.
    chosen, other
        What the first patch and another one give for it.
    rival
        The other one.
    """

    call: str
    chosen: str
    other: str
    rival: Patch


@dataclass(frozen=True, eq=False, kw_only=True)
class Repair(Solution):
    """The answer to a :class:`CodeProblem`.

    ``steps`` counts executions, ``engine`` is the strategy and ``backend`` the isolation;
    ``violations`` are the tests that fail still. There are no ``values``.

    Attributes
    ----------
    patches
        Verified patches, the most natural first; none where no test failed. All pass every test
        in a fresh sandbox.
    closest
        Where there is none, the candidate that came nearest.
    undecided
        Where ``closest`` passes all tests but some that do not end within an ample budget: their
        names. It is no verified patch; the tests may be out of any program's reach.
    before
        The energies of the program as given.
    fixed
        The tests that failed and now pass.
    difference
        Where the tests do not determine the patch.
    interrupted
        Whether it was stopped before its time.
    error
        The first exception of the program as given, where it raises one in a test.
    """

    problem: CodeProblem
    patches: tuple[Patch, ...] = ()
    closest: Patch | None = None
    undecided: tuple[str, ...] = ()
    before: Energies = field(default_factory=lambda: Energies(0.0))
    fixed: tuple[str, ...] = ()
    difference: Difference | None = None
    interrupted: bool = False
    error: str = ""

    @property
    def text(self) -> str:
        """The module with the best patch; as given, where there is none."""
        return self.patches[0].text if self.patches else self.problem.original.text

    @property
    def diff(self) -> str:
        """The best patch as a unified diff; empty where there is none."""
        return self.patches[0].diff if self.patches else ""

    @property
    def after(self) -> Energies:
        """The energies of the best patch, or of the closest candidate."""
        best = self.patches[0] if self.patches else self.closest
        return best.energies if best else self.before

    @property
    def executions(self) -> int:
        """Programs run in all."""
        return self.steps

    def as_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        found: dict[str, Any] = {
            "file": self.problem.source,
            "status": self.status.label,
            "diff": self.diff,
            "energy": {"before": self.before.as_json(), "after": self.after.as_json()},
            "fixed": list(self.fixed),
            "failing": list(self.violations),
            "executions": self.patches[0].executions if self.patches else self.steps,
            "executions_in_all": self.steps,
            "error": self.error,
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "strategy": self.engine,
            "isolation": self.backend,
            "patches": [
                {
                    "diff": patch.diff,
                    "energy": patch.energies.as_json(),
                    "mass": round(patch.mass, 4),
                    "executions": patch.executions,
                }
                for patch in self.patches
            ],
        }
        if self.difference is not None:
            found["difference"] = {
                "call": self.difference.call,
                "chosen": self.difference.chosen,
                "other": self.difference.other,
                "rival": self.difference.rival.diff,
            }
        if not self.patches and self.closest is not None:
            found["closest"] = self.closest.diff
            found["undecided"] = list(self.undecided)
        return found

    def __str__(self) -> str:
        spent = f"{self.steps} executions, {self.seconds:.2f} s, {self.engine} in {self.backend}"
        return "\n".join(filter(None, (self.diff.rstrip("\n"), self.status.value, spent)))

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.diff)}</pre><p>{escape(self.status.value)}</p>"
