"""Infeasibility explained: factors that cannot hold together, as few as the time allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape
from latent_ebm.exact import cadical, cpsat
from latent_ebm.exact.outcome import Clock, Verdict, installed
from latent_ebm.kernels.factors import FactorTable


@dataclass(frozen=True)
class Core:
    """Things that cannot hold together within a mask.

    Attributes
    ----------
    members
        Their numbers, in order. None at all: the mask alone leaves some variable no state.
    minimal
        Whether it was proved that without any one of them the others can hold together.
    """

    members: tuple[int, ...]
    minimal: bool


@dataclass(frozen=True)
class NamedCore:
    """A core of a landscape's hard factors, by name."""

    factors: tuple[str, ...]
    minimal: bool


class _Oracle(Protocol):
    """Says whether some owners can hold together, and else which of them cannot."""

    def conflict(self, owners: Sequence[int], clock: Clock) -> tuple[Verdict, set[int]]: ...


class _CadicalOracle:
    """One solver for all questions: it keeps what it learns."""

    def __init__(self, formula: cadical.Formula, owner: NDArray[np.integer]) -> None:
        self._formula, self._owner = formula, owner

    def conflict(self, owners: Sequence[int], clock: Clock) -> tuple[Verdict, set[int]]:
        selectors = np.array(self._formula.selectors, np.int64)
        asked = selectors[np.isin(self._owner, owners)].tolist()
        verdict = self._formula.solve(clock, asked)
        if verdict is not Verdict.UNSATISFIABLE:
            return verdict, set()
        inside = np.isin(selectors, list(self._formula.core()))
        return verdict, set(self._owner[inside].tolist())


class _CpSatOracle:
    """One model whose assumptions change; CP-SAT starts anew each time, with one worker."""

    def __init__(self, model: cpsat.Model, owner: NDArray[np.integer], seed: int) -> None:
        self._model, self._owner, self._seed = model, owner, seed

    def conflict(self, owners: Sequence[int], clock: Clock) -> tuple[Verdict, set[int]]:
        selectors = self._model.selectors or []
        asked = np.flatnonzero(np.isin(self._owner, owners)).tolist()
        proto = self._model.proto
        proto.clear_assumptions()
        proto.add_assumptions([self._model.of(selectors[f]) for f in asked])
        solver = cpsat.configured(clock, self._seed, workers=1)
        verdict = cpsat.verdict_of(solver.solve(proto))
        if verdict is not Verdict.UNSATISFIABLE:
            return verdict, set()
        found = set(solver.sufficient_assumptions_for_infeasibility())
        inside = [f for f in asked if self._model.of(selectors[f]).index in found]
        return verdict, set(self._owner[inside].tolist())


def find_core(
    table: FactorTable,
    mask: NDArray[np.bool_],
    owner: NDArray[np.integer] | None = None,
    *,
    engine: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
) -> Core | None:
    """Factors that cannot hold together, shrunk by leaving out one after the other.

    Parameters
    ----------
    table, mask
        F factors, and the live entries [N, K].
    owner
        [F] which of the things to be named each factor belongs to; None: each is its own.
    engine
        ``cpsat``, ``cadical``, or ``auto``: CaDiCaL where it is installed and the factors can
        be said in clauses, since it keeps what it learns from one question to the next.
    time_limit
        Seconds. Where they end before the last question the core is not ``minimal``.
    seed
        Of the search.

    Returns
    -------
    Core or None
        None if the factors can hold together, or time ran out before that was known.

    Examples
    --------
    >>> from latent_ebm.kernels.factors import Kind
    >>> from latent_ebm.kernels.structure import Csr
    >>> literals = Csr.from_rows([[0], [2], [1], [3]])
    >>> table = FactorTable.of(Kind.CLAUSE, 2, literals, weights=np.ones(4))
    >>> find_core(table, np.ones((2, 2), bool))
    Core(members=(0, 2), minimal=True)
    """
    clock = Clock(time_limit)
    owner = np.arange(table.count) if owner is None else np.asarray(owner)
    if engine == "auto":
        clausal = installed("cadical") and cadical.supports(table, mask).ok
        engine = "cadical" if clausal else "cpsat"
    if engine == "cpsat":
        return _shrunk(
            _CpSatOracle(cpsat.Model(table, mask, selectors=True), owner, seed), owner, clock
        )
    with cadical.Formula(table, mask, selectors=True, seed=seed) as formula:
        return _shrunk(_CadicalOracle(formula, owner), owner, clock)


def _shrunk(oracle: _Oracle, owner: NDArray[np.integer], clock: Clock) -> Core | None:
    """Deletion: what the others need to be infeasible stays, the rest goes."""
    verdict, core = oracle.conflict(np.unique(owner).tolist(), clock)
    if verdict is not Verdict.UNSATISFIABLE:
        return None
    needed: set[int] = set()
    minimal = True
    while untried := sorted(core - needed):
        if clock.out:
            return Core(tuple(sorted(core)), minimal=False)
        verdict, smaller = oracle.conflict(sorted(core - {untried[0]}), clock)
        if verdict is Verdict.UNSATISFIABLE:
            core = smaller
            continue
        minimal &= verdict is Verdict.SATISFIABLE
        needed.add(untried[0])
    return Core(tuple(sorted(core)), minimal)


def explain_infeasible(
    landscape: Landscape,
    mask: NDArray[np.bool_],
    *,
    engine: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
) -> NamedCore | None:
    """The hard factors of a landscape that cannot hold together within mask [N, K], by name.

    The mask should be that of the givens: what presolve removed it removed on the word of
    factors that the core has to name.

    Returns
    -------
    NamedCore or None
        None if they can hold together, or time ran out before that was known.

    Examples
    --------
    >>> from latent_ebm.puzzles.sudoku import Sudoku
    >>> puzzle = Sudoku.parse("12.. ..3. .... ....")
    >>> explain_infeasible(puzzle.landscape, puzzle.mask)
    NamedCore(factors=('row 2', 'box 1'), minimal=True)
    """
    owner, name = _owners(landscape)
    core = find_core(
        landscape.factors, mask, owner, engine=engine, time_limit=time_limit, seed=seed
    )
    if core is None:
        return None
    empty = np.flatnonzero(~mask.any(axis=1))
    if not core.members and len(empty):
        variable = landscape.space.variables[int(empty[0])]
        return NamedCore((f"{variable}: the givens leave it no state",), True)
    return NamedCore(tuple(name(member) for member in core.members), core.minimal)


def _owners(landscape: Landscape) -> tuple[NDArray[np.int64], Callable[[int], str]]:
    """[F] the number of the named factor that each flat factor belongs to, and their names."""
    families = [(domain, family) for domain in landscape.hard for family in domain.families]
    starts = np.cumsum([0, *(family.count for _, family in families)])
    parts = []
    for start, (domain, family) in zip(starts, families, strict=False):
        rows, width = divmod(family.factors().count, max(family.count, 1))
        if width:
            raise ValueError(
                f"domain {domain.name!r}: {type(family).__name__} lowers its {family.count} "
                "factors to unequal numbers of flat ones, so that a core cannot be named"
            )
        parts.append(start + np.repeat(np.arange(family.count), rows))

    def name(member: int) -> str:
        at = int(np.searchsorted(starts, member, side="right")) - 1
        domain, family = families[at]
        label = family.explain(member - int(starts[at]), landscape.space)
        return label if label.startswith(domain.name) else f"{domain.name}: {label}"

    return np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64), name
