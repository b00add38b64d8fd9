"""Presolve, descend, verify: from problems to solutions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place
from latent_ebm.energies.coupling import Rule
from latent_ebm.kernels.dispatch import resolve
from latent_ebm.loop import Budget, Descent, OnProgress, descend
from latent_ebm.plan import plan
from latent_ebm.solution import Solution, Status

if TYPE_CHECKING:
    from latent_ebm.dynamics.protocol import Dynamics
    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.puzzles.problem import Problem

STRATEGIES = ("energy",)


@dataclass(frozen=True)
class Settings:
    """How to solve; the defaults suit most.

    Attributes
    ----------
    strategy
        ``energy``: presolve, then descent.
    dynamics
        ``auto`` (chosen by kind and size, see docs/dynamics.md), a name, or an object.
    bridge
        For gradient flow: ``softmax``, ``gumbel-softmax`` or ``straight-through``.
    presolve
        How far to propagate the givens before the descent.
    max_steps
        Sweeps per problem, a whole number; None is no limit.
    time_limit
        Seconds per problem; None is no limit.
    seed
        Of all noise, from 0 to 2**64 - 1.
    backend, device
        Where the kernels run.

    Raises
    ------
    ValueError
        For a value that does not fit; what was asked for is used or refused, never ignored.
    """

    strategy: str = "energy"
    dynamics: str | Dynamics[Any] = "auto"
    bridge: str | None = None
    presolve: Rule = Rule.SUBSETS
    max_steps: int | None = None
    time_limit: float | None = 60.0
    seed: int = 0
    backend: str = "auto"
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise ValueError(f"no strategy {self.strategy!r}; choose from {', '.join(STRATEGIES)}")
        object.__setattr__(self, "presolve", Rule(self.presolve))
        plan(self.dynamics, self.bridge)  # refuse unknown names before any work
        resolve("set_sums", self.backend, self.device)
        if self.max_steps is not None and not _is_whole(self.max_steps):
            raise ValueError(f"max_steps must be a whole number; found {self.max_steps!r}")
        if self.max_steps is not None and self.max_steps < 0:
            raise ValueError(f"max_steps must be 0 or more; found {self.max_steps}")
        if self.time_limit is not None and not _is_number(self.time_limit):
            raise ValueError(f"time_limit must be a number of seconds; found {self.time_limit!r}")
        if self.time_limit is not None and not self.time_limit > 0:
            raise ValueError(f"time_limit must be above 0 seconds; found {self.time_limit}")
        if not _is_whole(self.seed) or not 0 <= self.seed < 2**64:
            raise ValueError(
                f"seed must be a whole number from 0 to 2**64 - 1; found {self.seed!r}"
            )
        object.__setattr__(self, "seed", int(self.seed))  # torch takes no other integers


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


@dataclass(eq=False)
class _Ledger:
    """What becomes known of B problems, filled in as the work goes on."""

    status: NDArray[np.object_]
    values: NDArray[np.int16]
    steps: NDArray[np.int64]
    restarts: NDArray[np.int64]
    seconds: NDArray[np.float64]
    engine: NDArray[np.object_]
    backend: NDArray[np.object_]

    @classmethod
    def blank(cls, values: NDArray[np.int16]) -> _Ledger:
        batch = len(values)
        return cls(
            np.full(batch, Status.UNKNOWN, np.object_),
            values,
            np.zeros(batch, np.int64),
            np.zeros(batch, np.int64),
            np.zeros(batch, np.float64),
            np.full(batch, "presolve", np.object_),
            np.full(batch, "cpu", np.object_),
        )

    def enter(self, at: NDArray[np.intp], descent: Descent) -> None:
        """Take over how the descent of problems ``at`` ended."""
        self.status[at[descent.solved]] = Status.SOLVED
        self.values[at] = descent.values
        self.steps[at], self.restarts[at] = descent.steps, descent.restarts
        self.seconds[at] += descent.seconds
        self.engine[at], self.backend[at] = descent.engine, descent.backend


def solve_block(
    problems: Sequence[Problem], settings: Settings, on_progress: OnProgress | None = None
) -> list[Solution]:
    """Solve problems that share a landscape as one batch; answers in order."""
    begun = time.perf_counter()
    kind, landscape = type(problems[0]), problems[0].landscape
    clashing = kind.clashing(problems)
    # where nothing is sound there is nothing to propagate, nor a kernel to compile for it
    rule = Rule.NONE if clashing.all() else settings.presolve
    left = landscape.presolve(kind.masks(problems), rule)
    ledger = _Ledger.blank(left.mask.argmax(axis=2).astype(np.int16))
    ledger.status[clashing] = Status.INVALID

    alive = ~clashing & ~left.contradiction
    live = np.count_nonzero(left.mask.reshape(len(problems), -1), axis=1)
    fixed = alive & (live == left.mask.shape[1])
    holds = np.zeros_like(fixed)
    holds[fixed] = landscape.check(ledger.values[fixed])
    ledger.status[holds] = Status.SOLVED
    ledger.seconds[:] = (time.perf_counter() - begun) / len(problems)

    rest = np.flatnonzero(alive & ~fixed)
    if len(rest):
        ledger.enter(rest, _descend(landscape, left.mask[rest], settings, on_progress))
    _verify(problems, ledger)
    return [
        _solution(problem, settings, ledger, b, bool(left.contradiction[b]))
        for b, problem in enumerate(problems)
    ]


def _descend(
    landscape: Landscape,
    mask: NDArray[np.bool_],
    settings: Settings,
    on_progress: OnProgress | None,
) -> Descent:
    return descend(
        landscape,
        mask,
        plan(settings.dynamics, settings.bridge),
        place=Place(settings.backend, settings.device, settings.seed),
        budget=Budget(settings.max_steps, settings.time_limit),
        on_progress=on_progress,
    )


def _verify(problems: Sequence[Problem], ledger: _Ledger) -> None:
    """The problem's own exact check of every answer that the landscape let pass."""
    solved = [b for b, status in enumerate(ledger.status) if status is Status.SOLVED]
    if not solved:
        return
    right = type(problems[0]).verified([problems[b] for b in solved], ledger.values[solved])
    if not right.all():
        problem = problems[solved[int(right.argmin())]]
        raise AssertionError(
            f"the energies of {problem.kind} accept what its own check refuses "
            f"({problem.source or problem.render()}); please report this as a bug"
        )


def _solution(
    problem: Problem, settings: Settings, ledger: _Ledger, b: int, contradiction: bool
) -> Solution:
    status: Status = ledger.status[b]
    energy = 0.0
    violations: tuple[str, ...] = ()
    if status is Status.INVALID:
        energy, violations = float("inf"), problem.faults()
    elif status is Status.UNKNOWN or problem.landscape.soft:
        energy, violations = _residue(problem.landscape, ledger.values[b])
    if contradiction and status is Status.UNKNOWN:
        violations = (
            "presolve: the givens leave some variable or group without a value",
            *violations,
        )
    return Solution(
        problem=problem,
        status=status,
        values=None if status is Status.INVALID else ledger.values[b],
        energy=energy,
        violations=violations,
        steps=int(ledger.steps[b]),
        restarts=int(ledger.restarts[b]),
        seconds=float(ledger.seconds[b]),
        seed=settings.seed,
        engine=ledger.engine[b],
        backend=ledger.backend[b],
    )


def _residue(landscape: Landscape, values: NDArray[np.int16]) -> tuple[float, tuple[str, ...]]:
    """Energy and violations of a candidate [N]."""
    import torch

    x = torch.from_numpy(landscape.space.one_hot(values[None]))
    return float(landscape.energy(x)), landscape.violations(values)
