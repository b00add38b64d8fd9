"""The landscape: its space, its domains of two tiers, and that its parts agree."""

from itertools import product

import numpy as np
import pytest
import torch

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.cardinality import AtMostOne, ExactlyOne
from latent_ebm.energies.coupling import GroupInclusion, Rule
from latent_ebm.energies.domain import HardDomain, SoftDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.lowering import lower_groups
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.sudoku import Shape, sudoku_landscape

SPACE = Space.full(["x", "y", "z"], ["red", "green", "blue"])
ALL = np.array(list(product(range(3), repeat=3)))


def different(*rows):
    return AllDifferent(Csr.from_rows(list(rows)), 3, tuple(f"differ {r}" for r in rows))


def at_most(*rows):
    return AtMostOne(Csr.from_rows(list(rows)), 3, tuple(f"free {r}" for r in rows))


def exactly(*rows):
    return ExactlyOne(Csr.from_rows(list(rows)), 3, tuple(f"one {r}" for r in rows))


HARD = (
    HardDomain("hues", (different([0, 1], [1, 2]),)),
    HardDomain("reds", (at_most([0, 3, 6]), exactly([2, 5, 8]))),
)
SOFT = (SoftDomain("taste", (at_most([1, 4, 7]), different([0, 2])), 2.5),)
COUPLED = (GroupInclusion(HARD, 3, 3),)
LANDSCAPE = Landscape(SPACE, HARD, SOFT, COUPLED)


def corners(values):
    return torch.from_numpy(SPACE.one_hot(values)).double()


def test_energies_come_by_domain_and_add_up_with_their_weights():
    x = torch.from_numpy(np.random.default_rng(0).dirichlet([1.0] * 3, (7, 3)))
    energies = LANDSCAPE.energies(x)
    assert {name: tuple(e.shape) for name, e in energies.items()} == {
        "hues": (7, 2),
        "reds": (7, 2),
        "taste": (7, 2),
    }
    sums = {name: e.sum(dim=1) for name, e in energies.items()}
    torch.testing.assert_close(
        LANDSCAPE.energy(x), sums["hues"] + sums["reds"] + 2.5 * sums["taste"]
    )


def test_check_holds_exactly_where_the_hard_energies_are_zero():
    energies = LANDSCAPE.energies(corners(ALL))
    hard = (energies["hues"].sum(dim=1) + energies["reds"].sum(dim=1)).numpy()
    holds = LANDSCAPE.check(ALL)
    assert np.array_equal(holds, hard == 0)
    assert 0 < holds.sum() < len(ALL)


def test_violations_are_empty_exactly_where_the_check_holds():
    for values, holds in zip(ALL, LANDSCAPE.check(ALL), strict=True):
        assert (LANDSCAPE.violations(values) == ()) == holds


def test_violations_name_every_broken_hard_factor_and_no_soft_one():
    broken = LANDSCAPE.violations(np.array([0, 0, 0]))
    assert broken == (
        "differ [0, 1]: red at x, y",
        "differ [1, 2]: red at y, z",
        "free [0, 3, 6]: chosen at x, y, z",
        "one [2, 5, 8]: chosen nowhere",
    )
    # taste alone is broken here: x and z are the same
    assert LANDSCAPE.violations(np.array([0, 2, 0]))[0].startswith("free [0, 3, 6]")
    assert LANDSCAPE.violations(np.array([1, 2, 1])) == ()


def test_the_groups_allow_exactly_what_the_check_allows():
    groups = LANDSCAPE.groups
    x = SPACE.one_hot(ALL).reshape(len(ALL), -1)
    count = np.stack([x[:, groups.members.row(g)].sum(axis=1) for g in range(groups.count)], axis=1)
    allowed = np.where(groups.exact, count == 1, count <= 1).all(axis=1)
    assert np.array_equal(allowed, LANDSCAPE.check(ALL))


def test_the_first_groups_are_the_variables():
    groups = LANDSCAPE.groups
    assert [groups.members.row(i).tolist() for i in range(3)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert groups.exact[:3].all()


def test_domains_come_hard_ones_first_and_count_their_factors():
    assert [(d.name, d.count) for d in LANDSCAPE.domains] == [
        ("hues", 2),
        ("reds", 2),
        ("taste", 2),
    ]


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 4, 3), (2, 3), (2, 9)])
def test_a_relaxed_point_of_another_space_is_refused_with_both_shapes(shape):
    with pytest.raises(ValueError, match=r"expected \(N, K\) = \(3, 3\), found"):
        LANDSCAPE.energies(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 4), (2, 2), (3,), (2, 3, 1)])
def test_values_of_another_space_are_refused(shape):
    with pytest.raises(ValueError, match=r"values \[B, N\] does not fit the space"):
        LANDSCAPE.check(np.zeros(shape, np.int64))


def test_a_landscape_without_domains_holds_everywhere():
    bare = Landscape(SPACE, ())
    assert bare.check(ALL).all()
    assert torch.equal(bare.energy(corners(ALL)), torch.zeros(len(ALL), dtype=torch.float64))


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf"), -float("inf")])
def test_a_soft_weight_is_finite_and_positive(weight):
    with pytest.raises(ValueError, match="soft domain 'taste' needs a finite positive weight"):
        SoftDomain("taste", (), weight)


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("weight", [1e-6, 1e6])
def test_soft_domains_change_neither_presolve_nor_check_nor_violations(rule, weight):
    contrary = SoftDomain("contrary", (exactly([0, 3]), at_most([2, 5, 8])), weight)
    plain = Landscape(SPACE, HARD, (), COUPLED)
    weighed = Landscape(SPACE, HARD, (contrary,), COUPLED)
    masks = np.random.default_rng(0).random((300, 3, 3)) < 0.7
    ours, theirs = weighed.presolve(masks, rule), plain.presolve(masks, rule)
    assert np.array_equal(ours.mask, theirs.mask)
    assert np.array_equal(ours.contradiction, theirs.contradiction)
    assert np.array_equal(weighed.check(ALL), plain.check(ALL))
    assert [weighed.violations(v) for v in ALL] == [plain.violations(v) for v in ALL]
    assert weighed.groups.count == plain.groups.count


def test_soft_energy_grows_with_its_weight():
    lighter = Landscape(SPACE, HARD, (SoftDomain("taste", (different([0, 2]),), 1.0),))
    heavier = Landscape(SPACE, HARD, (SoftDomain("taste", (different([0, 2]),), 3.0),))
    x = corners(np.array([[1, 2, 1]]))
    assert (float(lighter.energy(x)), float(heavier.energy(x))) == (0.5, 1.5)


@pytest.mark.parametrize(
    ("mask", "variables", "states", "message"),
    [
        (np.ones((2, 2)), ("a", "b"), ("0", "1"), "needs a boolean mask"),
        (np.ones(4, np.bool_), ("a", "b"), ("0", "1"), "needs a boolean mask"),
        (np.ones((2, 2), np.bool_), ("a",), ("0", "1"), "does not fit 1 variable names"),
        (np.ones((2, 2), np.bool_), ("a", "b"), ("0",), "and 1 state names"),
        (np.array([[True, True], [False, False]]), ("a", "b"), ("0", "1"), "variable b has no"),
    ],
)
def test_a_space_refuses_masks_that_do_not_fit(mask, variables, states, message):
    with pytest.raises(ValueError, match=message):
        Space(mask, variables, states)


def test_one_hot_is_the_corner_of_the_values():
    x = SPACE.one_hot(ALL)
    assert x.shape == (27, 3, 3)
    assert np.array_equal(x.argmax(axis=2), ALL)
    assert (x.sum(axis=2) == 1).all()


def test_pairs_imply_the_groups_of_sudoku():
    assert sudoku_landscape(Shape(2, 3)).groups.implied_by_pairs


@pytest.mark.parametrize(
    ("families", "implied"),
    [
        ((), True),
        ((different([0, 1, 2]),), True),
        ((different([0, 1]),), True),
        ((at_most([0, 3, 6]),), True),
        # which of the two is chosen cannot be said by forbidding pairs ...
        ((exactly([0, 3]),), False),
        ((exactly([0, 4, 8]),), False),
        # ... and one value's exactly-one is only implied where all values have theirs
        ((exactly([0, 3, 6]),), False),
        ((exactly([0, 3, 6], [1, 4, 7], [2, 5, 8]),), True),
    ],
)
def test_implied_by_pairs_is_true_exactly_where_pairs_allow_no_more(families, implied):
    landscape = Landscape(SPACE, (HardDomain("d", families),))
    assert landscape.groups.implied_by_pairs is implied
    conflicts = landscape.conflicts
    x = SPACE.one_hot(ALL).reshape(len(ALL), -1)
    clashes = np.zeros(len(ALL))
    for e in range(9):
        for other in conflicts.partners.row(e):
            clashes += x[:, e] * x[:, other]
    assert np.array_equal(clashes == 0, landscape.check(ALL)) is implied


@pytest.mark.parametrize("landscape", [LANDSCAPE, sudoku_landscape(Shape(2, 2))])
def test_conflicts_are_symmetric_and_between_distinct_variables(landscape):
    conflicts = landscape.conflicts
    k = conflicts.num_values
    pairs, number = set(), {}
    for e in range(conflicts.num_variables * k):
        first = conflicts.partners.offsets[e]
        for slot, other in enumerate(conflicts.partners.row(e).tolist()):
            assert e // k != other // k
            assert (e, other) not in pairs
            pairs.add((e, other))
            number.setdefault(conflicts.pair[first + slot], set()).add(frozenset((e, other)))
    assert {(b, a) for a, b in pairs} == pairs
    assert len(pairs) == 2 * conflicts.num_pairs
    assert sorted(number) == list(range(conflicts.num_pairs))
    assert all(len(named) == 1 for named in number.values())


def test_sudoku_has_its_well_known_number_of_forbidden_pairs():
    # 810 pairs of cells that see each other, times 9 digits
    assert sudoku_landscape(Shape(3, 3)).conflicts.num_pairs == 7290


def test_lowering_keeps_the_order_of_the_domains():
    groups = lower_groups(3, 3, HARD)
    exact = [True] * 3 + [False] * 6 + [False, True]
    assert groups.exact.tolist() == exact
    assert groups.members.row(9).tolist() == [0, 3, 6]
    assert groups.members.row(10).tolist() == [2, 5, 8]
