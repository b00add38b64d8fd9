"""Solutions that break as little of the soft domains as time allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.dynamics.protocol import Place
from latent_ebm.exact import cpsat
from latent_ebm.exact.hybrid import ENGINES
from latent_ebm.exact.outcome import Clock
from latent_ebm.loop import Budget, descend
from latent_ebm.moving import Allowance, move_downhill
from latent_ebm.plan import plan
from latent_ebm.relaxation import Relaxation

if TYPE_CHECKING:
    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.settings import Settings

State = NDArray[np.int16]

ROUND = 2_000
"""Sweeps of a descent that asks for a cheaper solution, before it begins anew."""


@dataclass(eq=False)
class SoftGoal:
    """The price of the soft factors that break, for :func:`latent_ebm.improving.improve`.

    Attributes
    ----------
    landscape, mask
        What must hold, what should, and the states [N, K] that presolve left.
    settings
        How to search.
    clock
        The time for all of it.
    steps
        Sweeps taken, those before included.
    """

    landscape: Landscape
    mask: NDArray[np.bool_]
    settings: Settings
    clock: Clock
    steps: int = 0
    least: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.relaxation = Relaxation(self.landscape)
        self._rounds = 0

    @property
    def is_exact(self) -> bool:
        """Whether CP-SAT can take over."""
        return self.settings.strategy == "hybrid" and self.relaxation.fits

    @property
    def engine(self) -> str:
        """Which engine finds what is better than the first solution."""
        if self.is_exact:
            return ENGINES["cpsat"]
        if self.moves:
            return "moves"
        stages = plan(self.settings.dynamics, self.settings.bridge, self.relaxation.landscape)
        return stages[0].dynamics.name

    @property
    def moves(self) -> bool:
        """Whether all hard factors are sums."""
        return self.relaxation.sums is not None

    def descend(self, incumbent: State, found: Callable[[State], None]) -> None:
        """Single moves, from a solution; before an exact engine only while that pays."""
        problem = self.relaxation.sums
        if problem is None:
            raise ValueError("some hard factor is no sum; see moves")
        n = len(self.mask)
        switched = problem.num_variables > n
        start = self.relaxation.extended(incumbent) if switched else incumbent
        mask = self.relaxation.mask(self.mask) if switched else self.mask

        def report(values: State, _: int) -> None:
            if not self.landscape.check(values[None, :n])[0]:
                broken = "; ".join(self.landscape.violations(values[:n]))
                raise AssertionError(
                    f"single moves called a candidate a solution that breaks {broken}; "
                    "please report this as a bug with the problem and the seed"
                )
            found(values[:n].copy())

        most = self.settings.max_steps
        self.steps += move_downhill(
            problem, mask, start, report,
            Allowance.of(self.settings, self.clock, None if most is None else most - self.steps),
            seed=self.settings.seed, backend=self.settings.backend,
        )  # fmt: skip

    def cost(self, solution: State) -> int:
        """The price of what a solution breaks."""
        return self.relaxation.price(solution)

    def below(self, cost: int) -> tuple[State | None, bool]:
        """Descend under a bound on the price, with ever new seeds."""
        n = len(self.mask)
        bounded = self.relaxation.at_most(cost - 1)
        mask = self.relaxation.mask(self.mask)[None]
        stages = plan(self.settings.dynamics, self.settings.bridge, bounded)
        while not self.clock.out:
            most = self.settings.max_steps
            left = ROUND if most is None else min(ROUND, most - self.steps)
            if left <= 0:
                break
            self._rounds += 1
            seed = (self.settings.seed + self._rounds) % 2**64
            place = Place(self.settings.backend, self.settings.device, seed)
            descent = descend(
                bounded, mask, stages, place=place, budget=Budget(left, self.clock.left)
            )
            self.steps += int(descent.steps[0])
            values = descent.values[0, :n].copy()
            # prices may have been rounded, and a candidate may hold without its switches
            if self.landscape.check(values[None])[0] and self.cost(values) < cost:
                return values, False
        return None, False

    def optimum(self, incumbent: State, found: Callable[[State], None]) -> bool:
        """Let CP-SAT minimise, from a solution."""
        n = len(self.mask)

        def report(states: State, _: int) -> None:
            if not self.landscape.check(states[None, :n])[0]:
                broken = "; ".join(self.landscape.violations(states[:n]))
                raise AssertionError(
                    f"cp-sat returned a solution that breaks {broken}; "
                    "please report this as a bug with the problem and the seed"
                )
            found(states[:n].copy())

        outcome = cpsat.solve(
            self.relaxation.landscape.factors,
            self.relaxation.mask(self.mask),
            time_limit=self.clock.left,
            seed=self.settings.seed,
            scores=self.relaxation.extended(incumbent),
            weights=self.relaxation.weights,
            on_solution=report,
        )
        if outcome.values is not None:
            report(outcome.values, 0)
        return outcome.objective is not None and outcome.objective == outcome.bound
