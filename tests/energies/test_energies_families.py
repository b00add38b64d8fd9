"""Every factor family against brute force over all assignments of small spaces."""

from itertools import permutations, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.cardinality import AtMostOne, ExactlyOne
from latent_ebm.energies.family import FactorFamily
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr


def all_assignments(n, k):
    return np.array(list(product(range(k), repeat=n)))


def corners(values, k):
    return torch.eye(k, dtype=torch.float64)[torch.as_tensor(values)]


def labels(rows):
    return tuple(f"factor {f}" for f in range(len(rows)))


def make(family, rows, k):
    return family(Csr.from_rows(rows), k, labels(rows))


def chosen(row, assignment, k):
    """How many of a row's entries an assignment chooses, the slow way."""
    return sum(assignment[e // k] == e % k for e in row)


NAIVE = {
    ExactlyOne: lambda row, assignment, k: chosen(row, assignment, k) == 1,
    AtMostOne: lambda row, assignment, k: chosen(row, assignment, k) <= 1,
    AllDifferent: lambda row, assignment, k: len({assignment[i] for i in row}) == len(row),  # noqa: ARG005
}

CASES = {
    "exactly one of an entry": (ExactlyOne, [[4]], 3, 3),
    "exactly one of mixed sets": (ExactlyOne, [[0, 4, 8], [1, 2], [0, 3, 6, 7]], 3, 3),
    "at most one of mixed sets": (AtMostOne, [[0, 4, 8], [1, 2], [0, 3, 6, 7], [5]], 3, 3),
    "as many variables as values": (AllDifferent, [[0, 1, 2], [2, 1, 3]], 4, 3),
    "fewer variables than values": (AllDifferent, [[0, 2], [1, 2], [3, 0]], 4, 3),
    "factors of different widths": (AllDifferent, [[0, 1, 2], [3], [1, 3]], 4, 3),
}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request):
    family, rows, n, k = request.param
    return make(family, rows, k), rows, n, k


def naive_check(family, rows, values, k):
    return np.array([[NAIVE[family](row, v, k) for row in rows] for v in values.tolist()])


def test_a_family_has_all_members_of_the_protocol(case):
    factors, rows, _, _ = case
    assert isinstance(factors, FactorFamily)
    assert factors.count == len(rows)


def test_check_is_the_naive_definition_on_all_assignments(case):
    factors, rows, n, k = case
    values = all_assignments(n, k)
    expected = naive_check(type(factors), rows, values, k)
    assert np.array_equal(factors.check(values), expected)
    assert 0 < expected.sum() < expected.size


def test_check_takes_any_integer_type(case):
    factors, _, n, k = case
    values = all_assignments(n, k)
    for dtype in (np.int8, np.int16, np.int32):
        assert np.array_equal(factors.check(values.astype(dtype)), factors.check(values))


def test_check_does_not_change_the_values(case):
    factors, _, n, k = case
    values = all_assignments(n, k)
    factors.check(values)
    assert np.array_equal(values, all_assignments(n, k))


def test_energy_is_zero_at_a_corner_exactly_where_the_check_holds(case):
    factors, _, n, k = case
    values = all_assignments(n, k)
    energy = factors.energy(corners(values, k)).numpy()
    assert energy.shape == (len(values), factors.count)
    assert (energy >= 0).all()
    assert np.array_equal(energy == 0, factors.check(values))


def test_a_broken_factor_costs_at_least_a_half(case):
    factors, _, n, k = case
    values = all_assignments(n, k)
    energy = factors.energy(corners(values, k)).numpy()
    assert energy[~factors.check(values)].min() >= 0.5


def test_energy_is_nowhere_negative_inside_the_simplices(case):
    factors, _, n, k = case
    x = torch.from_numpy(np.random.default_rng(0).dirichlet([0.5] * k, (200, n)))
    assert (factors.energy(x) >= 0).all()


def test_energy_has_the_gradient_of_its_finite_differences(case):
    factors, _, n, k = case
    x = torch.from_numpy(np.random.default_rng(1).dirichlet([1.0] * k, (3, n)))
    assert torch.autograd.gradcheck(factors.energy, x.requires_grad_())


def test_gradients_are_finite_and_vanish_at_solutions(case):
    factors, _, n, k = case
    values = all_assignments(n, k)
    x = corners(values, k).requires_grad_()
    (gradient,) = torch.autograd.grad(factors.energy(x).sum(), x)
    assert torch.isfinite(gradient).all()
    holds = torch.as_tensor(factors.check(values).all(axis=1))
    assert (gradient[holds] == 0).all()
    assert (gradient[~holds] != 0).flatten(1).any(dim=1).all()


def test_energy_works_under_torch_func(case):
    factors, _, n, k = case
    x = torch.from_numpy(np.random.default_rng(2).dirichlet([1.0] * k, (4, n)))

    def total(point):
        return factors.energy(point[None]).sum()

    each = torch.func.vmap(torch.func.grad(total))(x)
    together = torch.func.grad(lambda batch: factors.energy(batch).sum())(x)
    torch.testing.assert_close(each, together)


def test_energy_in_single_precision_agrees_with_double(case):
    factors, _, n, k = case
    x = torch.from_numpy(np.random.default_rng(3).dirichlet([1.0] * k, (5, n)))
    torch.testing.assert_close(factors.energy(x.float()).double(), factors.energy(x))


def feasible_corners(factors, rows, f, k):
    """Every 0/1 vector over a factor's scope that the factor allows."""
    row, width = rows[f], factors.scope.shape[1]
    if isinstance(factors, AllDifferent):
        for values in permutations(range(k), len(row)):
            corner = np.zeros(width)
            corner[[slot * k + a for slot, a in enumerate(values)]] = 1
            yield corner
        return
    if isinstance(factors, AtMostOne):
        yield np.zeros(width)
    yield from np.eye(width)[: len(row)]


def test_project_gives_the_best_of_all_feasible_corners(case):
    factors, rows, n, k = case
    scores = torch.from_numpy(np.random.default_rng(4).normal(0.5, 1, (20, n, k)))
    found = factors.project(scores).numpy()
    scope = factors.scope
    assert found.shape == (20, *scope.shape)
    for f in range(factors.count):
        options = list(feasible_corners(factors, rows, f, k))
        for b in range(20):
            local = np.where(scope[f] >= 0, scores[b].reshape(-1)[scope[f]], 0)
            # the nearest corner: for a fixed number of ones that is the best score
            nearest = min(options, key=lambda corner: ((corner - local) ** 2).sum())
            assert np.array_equal(found[b, f], nearest)


def test_project_leaves_feasible_corners_where_they_are(case):
    factors, _, n, k = case
    values = all_assignments(n, k)
    x = corners(values, k)
    local = x.reshape(len(values), -1)[:, factors.scope] * torch.as_tensor(factors.scope >= 0)
    holds = torch.as_tensor(factors.check(values))
    assert torch.equal(factors.project(x)[holds], local[holds])


def test_scope_names_the_entries_a_factor_reads(case):
    factors, _, n, k = case
    x = torch.from_numpy(np.random.default_rng(5).dirichlet([1.0] * k, (1, n))) + 1
    for f in range(factors.count):
        point = x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(factors.energy(point)[0, f], point)
        read = np.flatnonzero(gradient.numpy().ravel())
        assert set(read) == set(factors.scope[f][factors.scope[f] >= 0])


def test_lowered_factors_say_the_same_as_the_check(case):
    factors, _, n, k = case
    values = all_assignments(n, k)
    lowered = factors.factors()
    holds = np.ones(len(values), np.bool_)
    for f in range(lowered.count):
        low, high = lowered.parameters.row(f)
        count = np.array([chosen(lowered.members.row(f).tolist(), v, k) for v in values.tolist()])
        holds &= (low <= count) & (count <= high)
    assert lowered.are_groups
    assert np.array_equal(holds, factors.check(values).all(axis=1))


def test_explain_without_values_is_the_label(case):
    factors, _, n, k = case
    space = Space.full([f"v{i}" for i in range(n)], [f"s{a}" for a in range(k)])
    assert [factors.explain(f, space) for f in range(factors.count)] == list(factors.labels)


RGB = Space.full(["x", "y", "z"], ["red", "green", "blue"])


def test_all_different_explains_each_value_used_twice_and_where():
    different = AllDifferent(Csr.from_rows([[0, 1, 2]]), 3, ("hues",))
    assert different.explain(0, RGB, np.array([2, 0, 2])) == "hues: blue at x, z"
    assert different.explain(0, RGB, np.array([0, 1, 2])) == "hues: holds"


def test_all_different_explains_two_faults_in_one_factor():
    space = Space.full(list("abcd"), list("pqrs"))
    different = AllDifferent(Csr.from_rows([[3, 1, 0, 2]]), 4, ("row 1",))
    text = different.explain(0, space, np.array([1, 3, 1, 3]))
    assert text == "row 1: q at a, c; s at d, b"


@pytest.mark.parametrize("family", [ExactlyOne, AtMostOne])
def test_cardinalities_explain_where_entries_are_chosen(family):
    factors = family(Csr.from_rows([[0, 3, 6]]), 3, ("one red",))
    assert factors.explain(0, RGB, np.array([0, 1, 0])) == "one red: chosen at x, z"
    assert factors.explain(0, RGB, np.array([1, 1, 2])) == "one red: chosen nowhere"


@pytest.mark.parametrize("family", [ExactlyOne, AtMostOne, AllDifferent])
@pytest.mark.parametrize("names", [(), ("a",), ("a", "b", "c")])
def test_factors_need_as_many_labels(family, names):
    with pytest.raises(ValueError, match=f"2 .* need as many labels; found {len(names)}"):
        family(Csr.from_rows([[0, 1], [1, 2]]), 3, names)


@pytest.mark.parametrize("family", [ExactlyOne, AtMostOne])
def test_a_set_without_entries_is_refused_by_name(family):
    with pytest.raises(ValueError, match="second has no entries"):
        family(Csr.from_rows([[0], []]), 3, ("first", "second"))


def test_all_different_refuses_a_repeated_variable():
    with pytest.raises(ValueError, match="bad repeats a variable"):
        AllDifferent(Csr.from_rows([[0, 1], [2, 0, 2]]), 4, ("good", "bad"))


def test_all_different_refuses_more_variables_than_values():
    with pytest.raises(ValueError, match="wide has 3 variables but only 2 values"):
        AllDifferent(Csr.from_rows([[0, 1], [0, 1, 2]]), 2, ("good", "wide"))


N, K = 3, 3
entry_sets = st.lists(
    st.sets(st.integers(0, N * K - 1), min_size=1, max_size=5).map(sorted), min_size=1, max_size=4
)
variable_sets = st.lists(
    st.lists(st.integers(0, N - 1), min_size=1, max_size=K, unique=True), min_size=1, max_size=4
)
families = st.one_of(
    st.tuples(st.sampled_from([ExactlyOne, AtMostOne]), entry_sets),
    st.tuples(st.just(AllDifferent), variable_sets),
)


@given(families)
@settings(max_examples=60)
def test_random_factors_agree_with_the_naive_definition(drawn):
    family, rows = drawn
    factors, values = make(family, rows, K), all_assignments(N, K)
    expected = naive_check(family, rows, values, K)
    assert np.array_equal(factors.check(values), expected)
    assert np.array_equal(factors.energy(corners(values, K)).numpy() == 0, expected)


@given(families, st.integers(0, 2**31))
@settings(max_examples=40)
def test_random_projections_are_the_nearest_feasible_corners(drawn, seed):
    family, rows = drawn
    factors = make(family, rows, K)
    scores = torch.from_numpy(np.random.default_rng(seed).normal(0.4, 0.6, (1, N, K)))
    found = factors.project(scores).numpy()[0]
    for f in range(factors.count):
        scope = factors.scope[f]
        local = np.where(scope >= 0, scores.numpy().reshape(-1)[scope], 0)
        distances = [((c - local) ** 2).sum() for c in feasible_corners(factors, rows, f, K)]
        assert ((found[f] - local) ** 2).sum() == pytest.approx(min(distances), rel=1e-12)
