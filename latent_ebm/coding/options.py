"""How to repair, checked before any work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from math import isfinite

from latent_ebm.coding.descent import Descent
from latent_ebm.coding.greedy import Greedy
from latent_ebm.coding.strategies import Enumeration, Sampling, Strategy
from latent_ebm.coding.trials import Trials
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.isolation.backends import BACKENDS
from latent_ebm.puzzles.code.grammar.context import Terms

__all__ = ["STRATEGIES", "RepairSettings"]

STRATEGIES: dict[str, Callable[[Workspace, Trials, int], Strategy]] = {
    "descent": lambda workspace, trials, _: Descent(workspace, trials),
    "enumerate": lambda workspace, trials, _: Enumeration(workspace, trials),
    "greedy": lambda workspace, trials, _: Greedy(workspace, trials),
    "random": Sampling,
    "landscape": lambda workspace, trials, seed: _on_landscape(workspace, trials, seed),
}
"""By name: what makes a strategy of (workspace, trials, seed)."""


def _on_landscape(workspace: Workspace, trials: Trials, seed: int) -> Strategy:
    """Descent on the landscape of one change of the workspace's program."""
    from latent_ebm.coding.on_landscape import LandscapeDescent
    from latent_ebm.puzzles.code.relaxed.landscape import RelaxedProgram
    from latent_ebm.puzzles.code.relaxed.looking import Look

    context = workspace.context
    relaxed = RelaxedProgram.seen(Look(context.program, (), context, ()))
    return LandscapeDescent(relaxed, trials.energy, seed)


@dataclass(frozen=True)
class RepairSettings:
    """How to repair; the defaults suit most.

    Attributes
    ----------
    strategy
        ``descent``, or a baseline: ``enumerate``, ``greedy``, ``random``; ``landscape`` descends
        the problem's own landscape and knows nothing else.
    time_limit
        Seconds.
    max_executions
        Programs that the search may run; None for as many as there is time for. A batch that was
        begun is finished. With this and ample time, the same seed runs the same programs on any
        machine.
    seed
        Of all noise.
    all
        How many patches to give, the most natural first.
    types
        Whether to refuse patches with which mypy finds more errors (``pip install
        'latent-ebm[types]'``).
    isolation
        ``auto``, ``bubblewrap``, ``landlock``, or ``none`` with ``allow_unsandboxed``.
    workers
        Processes that run candidates; None for one per processor.
    terms
        Which energies steer.
    rank
        Whether patches that pass are compared by what they do on other inputs.

    Raises
    ------
    ValueError
        For a value that does not fit.
    """

    strategy: str = "descent"
    time_limit: float = 60.0
    max_executions: int | None = None
    seed: int = 0
    all: int = 1
    types: bool = False
    isolation: str = "auto"
    allow_unsandboxed: bool = False
    workers: int | None = None
    terms: Terms = field(default_factory=Terms)
    rank: bool = True

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            known = ", ".join(STRATEGIES)
            raise ValueError(f"no strategy {self.strategy!r} for programs; choose from {known}")
        if not isinstance(self.time_limit, int | float) or not self.time_limit > 0:
            raise ValueError(f"time_limit must be above 0 seconds; found {self.time_limit!r}")
        if not isfinite(self.time_limit):
            raise ValueError("time_limit must be finite")
        self._check_number("max_executions", 1, self.max_executions)
        self._check_number("seed", 0, self.seed)
        self._check_number("all", 1, self.all)
        self._check_number("workers", 1, self.workers)
        if not isinstance(self.terms, Terms):
            raise ValueError(f"terms must be Terms(...); found {self.terms!r}")
        if self.isolation != "auto" and self.isolation not in BACKENDS:
            known = ", ".join(("auto", *BACKENDS))
            raise ValueError(f"no isolation {self.isolation!r}; choose from {known}")

    @staticmethod
    def _check_number(name: str, least: int, value: object) -> None:
        if value is None and name in ("max_executions", "workers"):
            return
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name} must be a whole number, at least {least}; found {value!r}")

    @classmethod
    def of(cls, **settings: object) -> RepairSettings:
        """The settings by name.

        Raises
        ------
        ValueError
            For a name that is none, or a value that does not fit.
        """
        known = [one.name for one in fields(cls)]
        unknown = sorted(settings.keys() - set(known))
        if unknown:
            raise ValueError(
                f"{unknown[0]!r} is no setting of programs; they have {', '.join(known)}"
            )
        return cls(**settings)  # type: ignore[arg-type]
