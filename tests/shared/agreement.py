"""Brute force, CP-SAT, CaDiCaL and the dynamics on the same random models: how they differ."""

from dataclasses import dataclass

import numpy as np
from random_tables import random_model, solutions

from latent_ebm.dynamics.factor_splitting import FactorSplitting
from latent_ebm.dynamics.multipliers import Multipliers
from latent_ebm.dynamics.protocol import Place
from latent_ebm.energies.space import Space
from latent_ebm.exact import cadical, cpsat
from latent_ebm.exact.core import find_core
from latent_ebm.exact.outcome import Verdict
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.multipliers import expressible

ENGINES = {"cpsat": cpsat.solve, "cadical": cadical.solve}


def disagreements(seed, kinds=tuple(Kind)):
    """Sentences; none where all agree on a random model of some kinds."""
    table, mask = random_model(seed, kinds)
    return [f"model {seed}, {fault}" for fault in faults_of(table, mask, seed)]


def faults_of(table, mask, seed):
    """What engines and dynamics get wrong of one model."""
    right = solutions(table, mask)
    rng = np.random.default_rng(seed)
    faults = list(wrong_optimum(table, mask, right, rng))
    for name, engine in ENGINES.items():
        faults += wrong_verdict(name, engine(table, mask), right)
        if right:
            faults += wrong_remainder(name, engine, table, mask, right, rng)
        else:
            faults += wrong_core(name, table, mask)
    return [*faults, *wrong_descent(table, mask, right, seed)]


@dataclass(frozen=True)
class Landscape:
    """What dynamics ask of a landscape, of a table instead of families."""

    space: Space
    factors: FactorTable


def wrong_descent(table, mask, right, seed, sweeps=40):
    """What dynamics call finished is a solution; there may be one that they do not find."""
    if not mask.any(axis=1).all():
        return
    n, k = mask.shape
    landscape = Landscape(Space.full(list(map(str, range(n))), list(map(str, range(k)))), table)
    chosen = [FactorSplitting()] if expressible(table) else [FactorSplitting(), Multipliers()]
    for dynamics in chosen:
        state = dynamics.init(landscape, mask[None], Place(seed=seed))
        dynamics.advance(state, sweeps)
        found = tuple(state.progress.values[0].tolist())
        if state.progress.finished[0] and found not in right:
            yield f"{dynamics.name} calls {found} finished; there are {len(right)} solutions"


def wrong_verdict(name, outcome, right):
    if outcome.verdict is not (Verdict.SATISFIABLE if right else Verdict.UNSATISFIABLE):
        yield f"{name}: {outcome.verdict.value}, but there are {len(right)} solutions"
    elif right and tuple(outcome.values.tolist()) not in right:
        yield f"{name}: {outcome.values.tolist()} is no solution"


def wrong_remainder(name, engine, table, mask, right, rng):
    """Forbid some solutions, or all: another one is found, or that there is none is proved."""
    count = int(rng.integers(1, min(len(right), 5) + 1))
    chosen = rng.permutation(len(right))[:count].tolist()
    left = [values for i, values in enumerate(right) if i not in chosen]
    outcome = engine(
        table,
        mask,
        forbidden=[np.array(right[i]) for i in chosen],
        scores=rng.random(mask.shape),
    )
    yield from wrong_verdict(f"{name} without {count} solutions", outcome, left)


def wrong_core(name, table, mask):
    core = find_core(table, mask, engine=name)
    if core is None or not core.minimal:
        yield f"{name}: no minimal core ({core})"
    elif solutions(table, mask, core.members):
        yield f"{name}: the core {core.members} has solutions"
    else:
        for member in core.members:
            if not solutions(table, mask, [m for m in core.members if m != member]):
                yield f"{name}: the core {core.members} does not need {member}"


def wrong_optimum(table, mask, right, rng):
    weights = rng.integers(-9, 10, size=mask.shape)
    outcome = cpsat.solve(table, mask, weights=weights)
    yield from wrong_verdict("cpsat with weights", outcome, right)
    if right:
        cost = {v: int(weights[np.arange(len(v)), list(v)].sum()) for v in right}
        least = min(cost.values())
        found = cost.get(tuple(outcome.values.tolist()))
        if not found == outcome.objective == outcome.bound == least:
            yield f"cpsat: cost {found}, said {outcome.objective} >= {outcome.bound}, least {least}"
