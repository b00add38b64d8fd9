"""The engines' own promises: limits, refusals, objectives, and the larger encodings."""

from itertools import pairwise

import numpy as np
import pytest
from random_tables import holds

from latent_ebm.exact import cadical, cpsat, outcome
from latent_ebm.exact.outcome import MissingEngineError, Verdict
from latent_ebm.kernels.factors import FactorTable, Kind, Operator
from latent_ebm.kernels.structure import Csr

ENGINES = pytest.mark.parametrize("engine", [cpsat, cadical], ids=["cpsat", "cadical"])


def one(kind, k, members, *, weights=None, parameters=()):
    return FactorTable.of(
        kind,
        k,
        Csr.from_rows([list(members)]),
        weights=weights,
        parameters=Csr.from_rows([list(parameters)]),
    )


def random_3_sat(variables, clauses, seed):
    rng = np.random.default_rng(seed)
    rows = [rng.choice(variables, 3, replace=False) * 2 + 1 for _ in range(clauses)]
    signs = rng.choice([-1, 1], size=3 * clauses)
    table = FactorTable.of(Kind.CLAUSE, 2, Csr.rectangle(np.array(rows)), weights=signs)
    return table, np.ones((variables, 2), np.bool_)


def pigeons(count, holes):
    rows = [[i * holes + a for i in range(count)] for a in range(holes)]
    bounds = Csr.rectangle(np.tile([0, 1], (holes, 1)))
    table = FactorTable.of(Kind.CARDINALITY, holes, Csr.from_rows(rows), parameters=bounds)
    return table, np.ones((count, holes), np.bool_)


@ENGINES
@pytest.mark.parametrize(("low", "high"), [(0, 7), (8, 30), (5, 5), (13, 30), (0, 1), (29, 29)])
def test_counts_beyond_one_are_kept(engine, low, high):
    table = one(Kind.CARDINALITY, 2, range(1, 60, 2), parameters=(low, high))
    mask = np.ones((30, 2), np.bool_)
    seen = []
    for scores in (np.zeros(30, int), np.ones(30, int)):
        found = engine.solve(table, mask, scores=scores)
        seen.append(int(found.values.sum()))
        assert low <= seen[-1] <= high
    # what is wished for is tried first
    assert seen == sorted(seen)


@ENGINES
def test_wide_variables_take_one_state(engine):
    table = one(Kind.CLAUSE, 50, [49, 99], weights=[1, 1])
    found = engine.solve(table, np.ones((2, 50), np.bool_))
    assert found.verdict is Verdict.SATISFIABLE
    assert 49 in found.values


@ENGINES
def test_long_chains_of_wide_orderings_hold(engine):
    k, n = 45, 40
    rows = [[*range(i * k, i * k + 2 * k)] for i in range(n - 1)]
    table = FactorTable.of(
        Kind.RELATION,
        k,
        Csr.from_rows(rows),
        parameters=Csr.rectangle(np.tile([Operator.LESS, 0], (n - 1, 1))),
    )
    found = engine.solve(table, np.ones((n, k), np.bool_)).values
    assert all(a < b for a, b in pairwise(found.tolist()))
    assert engine.solve(table, np.ones((n, k), np.bool_) & (np.arange(k) < n - 1)).values is None


@ENGINES
def test_sums_over_wide_variables_are_met_exactly(engine):
    weights = np.random.default_rng(1).integers(-40, 41, size=(8, 6))
    table = one(Kind.LINEAR, 6, range(48), weights=weights.ravel(), parameters=(17, 17))
    found = engine.solve(table, np.ones((8, 6), np.bool_)).values
    assert weights[np.arange(8), found].sum() == 17


@ENGINES
def test_no_time_is_unknown(engine):
    found = engine.solve(*random_3_sat(300, 1300, seed=1), time_limit=1e-9)
    assert (found.verdict, found.values) == (Verdict.UNKNOWN, None)


@ENGINES
def test_a_hard_problem_ends_at_its_time_limit_undecided(engine):
    # far above the threshold it has no solution, and a proof takes many seconds
    found = engine.solve(*random_3_sat(600, 3000, seed=2), time_limit=0.3)
    assert (found.verdict, found.values) == (Verdict.UNKNOWN, None)


@ENGINES
def test_pigeons_do_not_fit_and_one_fewer_do(engine):
    assert engine.solve(*pigeons(6, 5)).verdict is Verdict.UNSATISFIABLE
    assert engine.solve(*pigeons(5, 5)).verdict is Verdict.SATISFIABLE


@ENGINES
def test_the_same_seed_gives_the_same_solution(engine):
    alone = {"workers": 1} if engine is cpsat else {}
    runs = [engine.solve(*random_3_sat(60, 200, seed=3), seed=5, **alone) for _ in range(2)]
    assert np.array_equal(runs[0].values, runs[1].values)


def test_better_and_better_solutions_are_reported_down_to_the_best():
    table, mask = random_3_sat(40, 150, seed=4)
    weights = np.random.default_rng(0).integers(0, 100, size=mask.shape)
    seen = []
    best = cpsat.solve(
        table,
        mask,
        weights=weights,
        on_solution=lambda values, cost: seen.append((values.copy(), cost)),
    )
    costs = [cost for _, cost in seen]
    assert costs == sorted(set(costs), reverse=True)
    assert costs[-1] == best.objective == best.bound
    for values, cost in seen:
        assert weights[np.arange(40), values].sum() == cost
        assert all(holds(table, f, values.tolist()) for f in range(table.count))


def test_a_linear_factor_too_wide_for_clauses_is_refused_with_a_reason():
    weights = np.random.default_rng(2).integers(0, 10**6, size=40)
    table = one(Kind.LINEAR, 2, range(40), weights=weights, parameters=(10**7, 10**7 + 5))
    mask = np.ones((20, 2), np.bool_)
    able = cadical.supports(table, mask)
    assert not able.ok
    assert "factor 0 is linear over 20 variables" in able.reason
    assert "use the exact engine cpsat" in able.reason
    with pytest.raises(ValueError, match="use the exact engine cpsat"):
        cadical.solve(table, mask)
    assert cpsat.solve(table, mask, time_limit=5).verdict is not Verdict.UNSATISFIABLE


def test_a_missing_package_is_named_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setitem(outcome.PACKAGES, "cpsat", ("no_such_module", "ortools"))
    assert not outcome.installed("cpsat")
    with pytest.raises(MissingEngineError, match=r"pip install 'latent-ebm\[exact\]'"):
        outcome.require("cpsat", "no_such_module")
