"""Presolve never adds a state, never loses a solution, and stops at a fixpoint."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.cardinality import AtMostOne, ExactlyOne
from latent_ebm.energies.coupling import GroupInclusion, Propagation, Rule
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.sudoku import Shape, Sudoku, masks_of, sudoku_landscape

FOUR = sudoku_landscape(Shape(2, 2))


def solved_grids():
    """[288, 16] all solved 4x4 grids."""
    rows = list(permutations(range(4)))
    grids = np.array([np.concatenate(four) for four in product(rows, repeat=4)])
    found = grids[FOUR.check(grids)]
    assert len(found) == 288
    return found


SOLVED = solved_grids()
ONE_HOT = FOUR.space.one_hot(SOLVED).astype(np.bool_)

masks = hnp.arrays(np.bool_, (16, 4), fill=st.just(True))
givens = hnp.arrays(np.int8, 16, elements=st.integers(0, 4), fill=st.just(np.int8(0)))
rules = st.sampled_from(list(Rule))


def solutions_within(mask):
    """[S] which solved grids a mask [16, 4] allows."""
    return ~(ONE_HOT & ~mask).any(axis=(1, 2))


def presolve(mask, rule):
    left = FOUR.presolve(mask[None], rule)
    return left.mask[0], bool(left.contradiction[0])


def loses_no_solution(mask, rule):
    left, contradiction = presolve(mask, rule)
    within = solutions_within(mask)
    assert not (left & ~mask).any()
    if contradiction:
        assert not within.any()
    else:
        assert np.array_equal(solutions_within(left), within)


@given(masks, rules)
@settings(max_examples=150)
def test_presolve_loses_no_solution_of_a_random_mask(mask, rule):
    loses_no_solution(mask, rule)


@given(givens, rules)
@settings(max_examples=150)
def test_presolve_loses_no_solution_of_random_clues(clues, rule):
    loses_no_solution(masks_of(clues[None], Shape(2, 2))[0], rule)


@pytest.mark.parametrize("rule", list(Rule))
def test_presolve_loses_no_solution_of_clues_taken_from_solved_grids(rule):
    rng = np.random.default_rng(0)
    for _ in range(200):
        grid = SOLVED[rng.integers(288)]
        clues = np.where(rng.random(16) < rng.random(), grid + 1, 0).astype(np.int8)
        mask = masks_of(clues[None], Shape(2, 2))[0]
        left, contradiction = presolve(mask, rule)
        assert not contradiction
        assert np.array_equal(solutions_within(left), solutions_within(mask))


@given(masks, rules)
@settings(max_examples=80)
def test_presolve_is_idempotent(mask, rule):
    once, contradiction = presolve(mask, rule)
    if not contradiction:
        assert np.array_equal(presolve(once, rule)[0], once)


@given(masks, st.integers(0, 63), rules)
@settings(max_examples=80)
def test_presolve_is_monotone(mask, entry, rule):
    """Fewer states to begin with never leave more at the end."""
    narrower = mask.copy()
    narrower.ravel()[entry] = False
    wide, wide_fails = presolve(mask, rule)
    narrow, narrow_fails = presolve(narrower, rule)
    assert narrow_fails or not wide_fails
    if not narrow_fails:
        assert not (narrow & ~wide).any()


@given(masks)
@settings(max_examples=80)
def test_each_rule_removes_what_the_rule_above_it_removes(mask):
    singles, singles_fail = presolve(mask, Rule.SINGLES)
    subsets, subsets_fail = presolve(mask, Rule.SUBSETS)
    assert subsets_fail or not singles_fail
    if not subsets_fail:
        assert not (subsets & ~singles).any()


@given(masks)
@settings(max_examples=30)
def test_no_rule_returns_the_mask_as_it_was(mask):
    left, contradiction = presolve(mask, Rule.NONE)
    assert np.array_equal(left, mask)
    assert not contradiction


@pytest.mark.parametrize("rule", list(Rule))
def test_presolve_does_not_change_the_mask_it_is_given(rule):
    mask = Sudoku.parse("12..34....4....1").mask[None]
    before = mask.copy()
    left = FOUR.presolve(mask, rule).mask
    assert np.array_equal(mask, before)
    assert not np.shares_memory(left, mask)


@pytest.mark.parametrize("rule", [Rule.SINGLES, Rule.SUBSETS])
def test_an_element_is_presolved_as_it_is_alone(rule):
    batch = np.random.default_rng(3).random((40, 16, 4)) < 0.8
    together = FOUR.presolve(batch, rule)
    for b in range(40):
        mask, contradiction = presolve(batch[b], rule)
        assert contradiction == together.contradiction[b]
        assert np.array_equal(mask, together.mask[b])


def test_subsets_find_locked_candidates_that_singles_miss():
    # in box 1 the digit 1 must lie in row 1, so the rest of row 1 cannot have it
    mask = np.ones((16, 4), np.bool_)
    mask[[4, 5], 0] = False
    singles, _ = presolve(mask, Rule.SINGLES)
    subsets, _ = presolve(mask, Rule.SUBSETS)
    assert np.array_equal(singles, mask)
    removed = np.argwhere(mask & ~subsets).tolist()
    assert [2, 0] in removed
    assert [3, 0] in removed


def test_singles_solve_an_easy_puzzle():
    puzzle = Sudoku.parse("12..34....4....1")
    left, contradiction = presolve(puzzle.mask, Rule.SINGLES)
    assert not contradiction
    assert (left.sum(axis=1) == 1).all()
    assert puzzle.verify(left.argmax(axis=1))


def test_an_empty_variable_is_a_contradiction():
    mask = np.ones((16, 4), np.bool_)
    mask[5] = False
    assert presolve(mask, Rule.SINGLES)[1]


def test_a_value_without_a_place_is_a_contradiction():
    mask = np.ones((16, 4), np.bool_)
    mask[:4, 2] = False
    assert presolve(mask, Rule.SINGLES)[1]


SPACE = Space.full(list("abc"), list("xyz"))
SETS = st.lists(
    st.sets(st.integers(0, 8), min_size=1, max_size=4).map(sorted), min_size=1, max_size=3
)
SMALL = np.array(list(product(range(3), repeat=3)))


@given(SETS, SETS, hnp.arrays(np.bool_, (3, 3)), rules)
@settings(max_examples=60)
def test_presolve_of_any_groups_loses_no_solution(exact, at_most, mask, rule):
    families = (
        ExactlyOne(Csr.from_rows(exact), 3, tuple(map(str, exact))),
        AtMostOne(Csr.from_rows(at_most), 3, tuple(map(str, at_most))),
        AllDifferent(Csr.from_rows([[0, 1]]), 3, ("differ",)),
    )
    hard = (HardDomain("d", families),)
    landscape = Landscape(SPACE, hard, (), (GroupInclusion(hard, 3, 3),))
    x = SPACE.one_hot(SMALL).astype(np.bool_)
    solutions = landscape.check(SMALL) & ~(x & ~mask).any(axis=(1, 2))
    left = landscape.presolve(mask[None], rule)
    assert not (left.mask[0] & ~mask).any()
    if left.contradiction[0]:
        assert not solutions.any()
    else:
        assert not (x[solutions] & ~left.mask[0]).any()


class Forbid:
    """A coupling that takes one entry away where another is settled: one link of a chain."""

    sources = ()

    def __init__(self, settled, removed):
        self.settled, self.removed = settled, removed

    def apply(self, mask, rule):
        left = mask.copy()
        (i, a), (j, b) = self.settled, self.removed
        alone = mask[:, i, a] & (mask[:, i].sum(axis=1) == 1)
        left[alone, j, b] = False
        return Propagation(left, ~left.any(axis=2).all(axis=1) & (rule is not Rule.NONE))


@pytest.mark.parametrize("order", [1, -1])
def test_several_couplings_run_to_their_common_fixpoint_in_any_order(order):
    space = Space.full(list("abc"), list("xy"))
    chain = (Forbid((0, 0), (1, 0)), Forbid((1, 1), (2, 0)), Forbid((2, 1), (0, 0)))
    landscape = Landscape(space, (), (), chain[:2][::order])
    mask = np.ones((1, 3, 2), np.bool_)
    mask[0, 0, 1] = False
    left = landscape.presolve(mask, Rule.SINGLES)
    assert left.mask[0].tolist() == [[True, False], [False, True], [False, True]]
    assert not left.contradiction[0]
    closed = Landscape(space, (), (), chain[::order]).presolve(mask, Rule.SINGLES)
    assert closed.contradiction[0]


def test_a_landscape_without_couplings_presolves_nothing():
    mask = np.ones((2, 3, 3), np.bool_)
    left = Landscape(SPACE, ()).presolve(mask, Rule.SUBSETS)
    assert left.mask.all()
    assert not left.contradiction.any()


class Says:
    """A coupling that removes nothing, and says whether there is a contradiction."""

    sources = ()

    def __init__(self, contradiction):
        self.contradiction = contradiction

    def apply(self, mask, rule):  # noqa: ARG002
        return Propagation(mask.copy(), np.full(len(mask), self.contradiction))


@pytest.mark.parametrize("order", [1, -1])
def test_a_contradiction_that_one_coupling_finds_is_not_lost_by_the_next(order):
    couplings = (Says(True), Says(False))[::order]
    mask = np.ones((2, 3, 3), np.bool_)
    assert Landscape(SPACE, (), (), couplings).presolve(mask, Rule.SINGLES).contradiction.all()
