"""The hybrid strategy's second half: what descent left open goes to an exact engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape
from latent_ebm.exact import cadical, cpsat
from latent_ebm.exact.core import explain_infeasible
from latent_ebm.exact.outcome import (
    Clock,
    MissingEngineError,
    Outcome,
    Verdict,
    installed,
    missing,
)
from latent_ebm.kernels.factors import FactorTable
from latent_ebm.kernels.multipliers import expressible

ENGINES = {"cpsat": "cp-sat", "cadical": "cadical"}
"""Engine -> its name in a solution."""

ENERGY_SHARE = 0.1
"""The part of the time limit that descent gets before the exact engine."""

LONGEST_DESCENT = 5.0
"""Seconds after which descent hands over, however much time there is."""

LEAST_CORE = 2.0
"""Seconds for naming what is infeasible, even where proving it took all the time."""

CORE_SHARE = 0.25
"""The part of what is left of the time limit that naming may take: the verdict stands already."""


@dataclass(frozen=True, eq=False)
class Settled:
    """What an exact engine found out about one problem.

    Attributes
    ----------
    verdict, values
        As in :class:`Outcome`.
    engine
        Which engine it was, as solutions name it.
    core
        Hard factors that cannot hold together, where UNSATISFIABLE; a remark is among them if
        time ran out before they were shrunk, or found.
    """

    verdict: Verdict
    values: NDArray[np.int16] | None
    engine: str
    core: tuple[str, ...] = ()


def require_engine(exact: str) -> None:
    """Refuse the name of an engine that does not exist, or cannot run here.

    Raises
    ------
    ValueError
        If there is no such engine.
    MissingEngineError
        If its package is not installed; ``auto`` needs CP-SAT, which takes every problem.
    """
    if exact != "auto" and exact not in ENGINES:
        raise ValueError(f"no exact engine {exact!r}; choose from auto, {', '.join(ENGINES)}")
    engine = "cpsat" if exact == "auto" else exact
    if not installed(engine):
        raise MissingEngineError(missing(engine))


def descent_limit(time_limit: float | None) -> float:
    """Seconds per problem that descent gets of a time limit.

    >>> descent_limit(10.0), descent_limit(60.0), descent_limit(None)
    (1.0, 5.0, 5.0)
    """
    if time_limit is None:
        return LONGEST_DESCENT
    return min(ENERGY_SHARE * time_limit, LONGEST_DESCENT)


def choose_engine(exact: str, table: FactorTable, mask: NDArray[np.bool_]) -> str:
    """The engine for a problem: as asked, or the one that is better at its kinds of factors.

    That is CaDiCaL where all are clauses, exactly-one or at-most-one groups, or not-equal
    relations, and CP-SAT for all else; docs/hybrid.md has the measurements.

    Raises
    ------
    ValueError
        If CaDiCaL was asked for and cannot take the factors; says which, and what to do.
    """
    if exact == "cadical":
        able = cadical.supports(table, mask)
        if not able.ok:
            raise ValueError(f"the exact engine cadical cannot take this problem: {able.reason}")
    if exact != "auto":
        return exact
    objecting = table.count > 0 and not expressible(table)
    return "cadical" if objecting and installed("cadical") else "cpsat"


def settle(
    landscape: Landscape,
    given: NDArray[np.bool_],
    left: NDArray[np.bool_],
    candidate: NDArray[np.integer],
    *,
    exact: str,
    time_limit: float | None,
    seed: int,
) -> Settled:
    """Decide one problem, and name what is infeasible.

    Parameters
    ----------
    landscape
        The constraints.
    given, left
        [N, K] the states that the givens leave, and those that presolve leaves of them.
    candidate
        [N] where the latent stood; the engine starts from there.
    exact
        ``cpsat``, ``cadical`` or ``auto``.
    time_limit
        Seconds, those for the core included; of what is then left it gets CORE_SHARE, but
        LEAST_CORE at least.
    seed
        Of the search.
    """
    clock = Clock(time_limit)
    engine = choose_engine(exact, landscape.factors, left)
    outcome = _decide(engine, landscape, left, clock, seed, candidate=candidate)
    core: tuple[str, ...] = ()
    if outcome.verdict is Verdict.UNSATISFIABLE:
        core = name_conflict(landscape, given, exact=exact, time_limit=clock.left, seed=seed)
    return Settled(outcome.verdict, outcome.values, ENGINES[engine], core)


def name_conflict(
    landscape: Landscape,
    given: NDArray[np.bool_],
    *,
    exact: str,
    time_limit: float | None,
    seed: int,
) -> tuple[str, ...]:
    """The names of few hard factors that cannot hold together within ``given`` [N, K].

    Only for a problem that is known to be infeasible.
    """
    limit = None if time_limit is None else max(CORE_SHARE * time_limit, LEAST_CORE)
    core = explain_infeasible(landscape, given, engine=exact, time_limit=limit, seed=seed)
    if core is None:
        return ("(no time was left to say which factors conflict)",)
    if not core.minimal:
        return (*core.factors, "(fewer of these may do; time ran out)")
    return core.factors


def is_only_solution(
    landscape: Landscape,
    left: NDArray[np.bool_],
    values: NDArray[np.integer],
    *,
    exact: str,
    time_limit: float | None,
    seed: int,
) -> bool | None:
    """Whether values [N] are the only solution within mask [N, K]; None if time ran out.

    Raises
    ------
    AssertionError
        If the engine's other solution breaks a hard factor.
    """
    engine = choose_engine(exact, landscape.factors, left)
    clock = Clock(time_limit)
    outcome = _decide(engine, landscape, left, clock, seed, forbidden=values)
    return {
        Verdict.UNSATISFIABLE: True,
        Verdict.SATISFIABLE: False,
        Verdict.UNKNOWN: None,
    }[outcome.verdict]


def _decide(
    engine: str,
    landscape: Landscape,
    mask: NDArray[np.bool_],
    clock: Clock,
    seed: int,
    *,
    candidate: NDArray[np.integer] | None = None,
    forbidden: NDArray[np.integer] | None = None,
) -> Outcome:
    """Ask an engine; a solution that the landscape refuses is a bug, and the error says so."""
    solve = cadical.solve if engine == "cadical" else cpsat.solve
    outcome = solve(
        landscape.factors,
        mask,
        time_limit=clock.left,
        seed=seed,
        scores=candidate,
        forbidden=() if forbidden is None else (forbidden,),
    )
    if outcome.values is not None and not landscape.check(outcome.values[None])[0]:
        raise AssertionError(
            f"{ENGINES[engine]} returned a solution that breaks "
            f"{'; '.join(landscape.violations(outcome.values))}; "
            "please report this as a bug with the problem and the seed"
        )
    return outcome
