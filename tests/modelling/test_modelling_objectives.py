"""Objectives of models, and models that CP-SAT takes as they are stated."""

import cpmpy as cp
import numpy as np
import pytest
from cpmpy.solvers.solver_interface import ExitStatus

from latent_ebm.modelling import CPM_latent_ebm


def test_a_sum_on_both_sides_needs_no_variable_of_its_own():
    s, e, n, d, m, o, r, y = digits = cp.intvar(0, 9, shape=8)
    powers = 10 ** np.arange(5)[::-1]
    left = cp.sum([s, e, n, d] * powers[1:]) + cp.sum([m, o, r, e] * powers[1:])
    model = cp.Model(
        cp.AllDifferent(digits), left == cp.sum([m, o, n, e, y] * powers), s > 0, m > 0
    )
    assert CPM_latent_ebm(model).native_model.landscape.space.shape == (8, 10)
    assert model.solve(solver="latent_ebm:energy")
    assert [v.value() for v in (m, o, n, e, y)] == [1, 0, 6, 5, 2]


def test_an_assignment_of_least_cost_is_found_by_energy():
    costs = np.random.default_rng(0).integers(1, 100, (7, 7))
    x = cp.intvar(0, 6, shape=7)
    total = cp.sum([cp.Element(row.tolist(), x[i]) for i, row in enumerate(costs)])
    model, seen = cp.Model(cp.AllDifferent(x), minimize=total), []
    solver = CPM_latent_ebm(model, "energy")
    found = solver.solve(
        max_steps=4_000, solution_callback=lambda s: seen.append(s.objective_value())
    )
    assert found
    assert seen == sorted(set(seen), reverse=True)
    assert model.solve(solver="ortools")
    assert seen[-1] == solver.objective_value() == model.objective_value()


def test_every_solution_is_listed_once_and_a_limit_stops_the_listing():
    x = cp.intvar(0, 9, shape=3)
    model = cp.Model(cp.sum(x) == 12, x[0] < x[1])
    seen = []
    count = model.solveAll(solver="latent_ebm", display=lambda: seen.append(tuple(x.value())))
    right = {
        (a, b, 12 - a - b) for a in range(10) for b in range(a + 1, 10) if 0 <= 12 - a - b <= 9
    }
    assert count == len(seen) == len(right)
    assert set(seen) == right
    assert model.status().exitstatus is ExitStatus.OPTIMAL
    assert model.solveAll(solver="latent_ebm", solution_limit=5) == 5
    assert model.status().exitstatus is ExitStatus.FEASIBLE


def test_what_a_display_raises_comes_through_an_enumeration():
    x = cp.intvar(0, 9, shape=2)

    def refuse() -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        cp.Model(x[0] < x[1]).solveAll(solver="latent_ebm", display=refuse)


def test_the_hybrid_strategy_proves_optima_of_global_constraints():
    start, end = cp.intvar(0, 12, shape=4), cp.intvar(0, 20)
    length = [3, 2, 4, 1]
    model = cp.Model(cp.NoOverlap(list(start), length), minimize=end)
    model += [start[i] + length[i] <= end for i in range(4)]
    assert model.solve(solver="latent_ebm")
    assert model.status().exitstatus is ExitStatus.OPTIMAL
    assert end.value() == 10
