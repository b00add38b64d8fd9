"""How to solve, checked before any work."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from latent_ebm.energies.coupling import Rule
from latent_ebm.exact.hybrid import require_engine
from latent_ebm.kernels.dispatch import resolve
from latent_ebm.plan import plan

if TYPE_CHECKING:
    from latent_ebm.dynamics.protocol import Dynamics

STRATEGIES = ("energy", "hybrid")


@dataclass(frozen=True)
class Settings:
    """How to solve; the defaults suit most.

    Attributes
    ----------
    strategy
        ``energy``: presolve, then descent. ``hybrid``: what these leave open then goes to an
        exact engine, which can also prove that there is no solution; see docs/hybrid.md.
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
    exact
        The exact engine of the hybrid strategy: ``cpsat``, ``cadical``, or ``auto``, CaDiCaL for
        clauses, exactly-one and at-most-one groups and not-equal, CP-SAT for all else.
    unique
        Under the hybrid strategy, also find out whether a solution is the only one.

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
    exact: str = "auto"
    unique: bool = False

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise ValueError(f"no strategy {self.strategy!r}; choose from {', '.join(STRATEGIES)}")
        if self.strategy == "hybrid":
            require_engine(self.exact)
        elif self.exact != "auto" or self.unique:
            raise ValueError(
                f"exact and unique are for strategy='hybrid'; found strategy={self.strategy!r}"
            )
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
