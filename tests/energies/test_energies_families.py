"""Every factor family against brute force over all assignments of small spaces."""

import numpy as np
import pytest
import torch
from brute_force import CASES, all_assignments, corners, local_points, worth
from lowered import lowered_holds

from latent_ebm.energies.family import FactorFamily
from latent_ebm.energies.linear import Linear
from latent_ebm.energies.tree_grammar import TreeGrammar

CHANCES = {name: case for name, case in CASES.items() if case.multilinear}
SQUARES = {name: case for name, case in CASES.items() if case.squared and case.inner is case.family}
LOGS = {name: case for name, case in CASES.items() if isinstance(case.family, TreeGrammar)}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request):
    return request.param


@pytest.fixture
def values(case):
    return all_assignments(case.n, case.k)


def dirichlet(case, count, seed, spread=1.0):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.dirichlet([spread] * case.k, (count, case.n)))


def test_a_family_has_all_members_of_the_protocol(case):
    assert isinstance(case.family, FactorFamily)
    assert case.family.count == len(case.naive)
    assert len(case.family.labels) == len(case.naive)


def test_check_is_the_naive_definition_on_all_assignments(case, values):
    expected = case.expected(values)
    assert np.array_equal(case.family.check(values), expected)
    assert (expected.sum(axis=0) > 0).all()
    assert expected.sum() < expected.size


def test_check_takes_any_integer_type(case, values):
    for dtype in (np.int8, np.int16, np.int32):
        found = case.family.check(values.astype(dtype))
        assert np.array_equal(found, case.family.check(values))


def test_check_in_chunks_is_check(case, values, monkeypatch):
    whole = case.family.check(values)
    monkeypatch.setattr("latent_ebm.energies.rows.CHUNK", 7)
    assert np.array_equal(case.family.check(values), whole)


def test_check_does_not_change_the_values(case, values):
    case.family.check(values)
    assert np.array_equal(values, all_assignments(case.n, case.k))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_energy_is_zero_at_a_corner_exactly_where_the_check_holds(case, values, dtype):
    energy = case.family.energy(corners(values, case.k).to(dtype)).numpy()
    assert energy.shape == (len(values), case.family.count)
    assert (energy >= 0).all()
    assert np.array_equal(energy == 0, case.family.check(values))


def test_a_broken_factor_costs_at_least_a_half_in_its_own_unit(case, values):
    energy = case.family.energy(corners(values, case.k)).numpy()
    broken = ~case.family.check(values)
    assert (energy >= case.least_cost * (1 - 1e-12))[broken].all()


def test_energy_is_nowhere_negative_inside_the_simplices(case):
    assert (case.family.energy(dirichlet(case, 200, 0, spread=0.5)) >= 0).all()


@pytest.mark.parametrize("case", CHANCES.values(), ids=list(CHANCES))
def test_multilinear_energies_are_the_chance_to_be_broken(case, values):
    """With each variable drawn on its own by x: that is what 1 - sum of products means."""
    x = dirichlet(case, 5, 6)
    broken = chance_to_be_broken(case, values, x)
    entries_apart = [
        len({e // case.k for e in row[row >= 0].tolist()}) == (row >= 0).sum()
        for row in case.family.scope
    ]
    exact = [f for f in range(case.family.count) if case.over_variables or entries_apart[f]]
    torch.testing.assert_close(case.family.energy(x)[:, exact], broken[:, exact])


@pytest.mark.parametrize("case", LOGS.values(), ids=list(LOGS))
def test_logarithmic_energies_are_of_the_chance_to_hold(case, values):
    x = dirichlet(case, 5, 6)
    expected = -(1 - chance_to_be_broken(case, values, x)).log()
    torch.testing.assert_close(case.family.energy(x), expected)


def chance_to_be_broken(case, values, x):
    chance = x[:, torch.arange(case.n), torch.as_tensor(values)].prod(dim=-1)
    return chance @ torch.as_tensor(~case.family.check(values)).double()


def test_energy_has_the_gradient_of_its_finite_differences(case):
    assert torch.autograd.gradcheck(case.family.energy, dirichlet(case, 3, 1).requires_grad_())


def test_gradients_are_finite_and_lead_nowhere_down_from_solutions(case, values):
    """A solution is a minimum within the simplices: no state is better than the chosen one."""
    x = corners(values, case.k).requires_grad_()
    (gradient,) = torch.autograd.grad(case.family.energy(x).sum(), x)
    assert torch.isfinite(gradient).all()
    holds = torch.as_tensor(case.family.check(values).all(axis=1))
    own = gradient.gather(2, torch.as_tensor(values)[:, :, None])
    assert (gradient >= own)[holds].all()


@pytest.mark.parametrize("case", SQUARES.values(), ids=list(SQUARES))
def test_squared_distances_have_no_gradient_at_solutions_and_one_elsewhere(case, values):
    x = corners(values, case.k).requires_grad_()
    (gradient,) = torch.autograd.grad(case.family.energy(x).sum(), x)
    holds = torch.as_tensor(case.family.check(values).all(axis=1))
    assert (gradient[holds] == 0).all()
    if not isinstance(case.family, Linear):
        assert (gradient[~holds] != 0).flatten(1).any(dim=1).all()


def test_energy_works_under_torch_func(case):
    x = dirichlet(case, 4, 2)

    def total(point):
        return case.family.energy(point[None]).sum()

    each = torch.func.vmap(torch.func.grad(total))(x)
    together = torch.func.grad(lambda batch: case.family.energy(batch).sum())(x)
    torch.testing.assert_close(each, together)


def test_energy_in_single_precision_agrees_with_double(case):
    x = dirichlet(case, 5, 3)
    single = case.family.energy(x.float())
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), case.family.energy(x), atol=1e-6, rtol=1e-5)


def test_project_gives_the_best_of_all_feasible_points(case):
    scores = np.random.default_rng(4).normal(0.5, 1, (20, case.n, case.k))
    found = case.family.project(torch.from_numpy(scores)).numpy()
    assert found.shape == (20, *case.family.scope.shape)
    for f in range(case.family.count):
        options = list(local_points(case, f))
        for b in range(20):
            best = max(options, key=lambda p: worth(case, f, p, scores[b]))
            assert found[b, f].tolist() == best


def test_project_leaves_feasible_corners_where_they_are(case, values):
    x = corners(values, case.k)
    scope = case.family.scope
    local = x.reshape(len(values), -1)[:, scope] * torch.as_tensor(scope >= 0)
    holds = torch.as_tensor(case.family.check(values))
    assert torch.equal(case.family.project(x)[holds], local[holds])


def test_scope_names_the_entries_a_factor_reads(case):
    """No others; and all, but for families over whole variables, whose entries may not matter."""
    read = [set() for _ in case.naive]
    for seed, size in enumerate((1e-3, 0.3, 1.0, 30.0)):
        point = (dirichlet(case, 1, seed) * size).requires_grad_()
        for f, entries in enumerate(read):
            (gradient,) = torch.autograd.grad(case.family.energy(point)[0, f], point)
            entries |= set(np.flatnonzero(gradient.numpy().ravel()).tolist())
    for f, entries in enumerate(read):
        scope = case.family.scope[f]
        named = set(scope[scope >= 0].tolist())
        assert entries <= named
        if case.over_variables:
            assert {e // case.k for e in entries} == {e // case.k for e in named}
        else:
            assert entries == named


def test_lowered_factors_say_the_same_as_the_check(case, values):
    lowered = case.family.factors()
    each = lowered.count // case.family.count
    assert lowered.count == each * case.family.count
    found = np.array(
        [[lowered_holds(lowered, f, v) for f in range(lowered.count)] for v in values.tolist()]
    )
    together = found.reshape(len(values), case.family.count, each).all(axis=2)
    assert np.array_equal(together, case.family.check(values))


def test_explain_without_values_is_the_label(case):
    explained = [case.family.explain(f, case.space) for f in range(case.family.count)]
    assert explained == list(case.family.labels)


def test_explain_with_values_begins_with_the_label_and_tells_holds_from_broken(case, values):
    for v, holds in zip(values, case.family.check(values), strict=True):
        for f, label in enumerate(case.family.labels):
            text = case.family.explain(f, case.space, v)
            assert text.startswith(f"{label}: ")
            if not holds[f]:
                assert "holds" not in text
                assert "not demanded" not in text
