"""Inputs like the tests', and the order of patches that all pass."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.coding.inputs import inputs_like
from latent_ebm.coding.ranking import mass_of
from latent_ebm.puzzles.code.testing.cases import Case, Suite

ITEMS = st.lists(st.integers(-50, 50), max_size=6)


def suite_of(*tests):
    return Suite("f", tuple(Case(str(i), tuple(args)) for i, args in enumerate(tests)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(ITEMS, st.integers(-9, 9)), min_size=1, max_size=5), st.integers(0, 99))
def test_inputs_are_new_and_have_the_tests_types(tests, seed):
    found = inputs_like(suite_of(*tests), 12, seed)
    assert found == inputs_like(suite_of(*tests), 12, seed)
    assert len({repr(args) for args in found}) == len(found)
    for args in found:
        assert args not in tests
        items, number = args
        assert all(type(item) is int for item in items)
        assert type(number) is int


@settings(max_examples=30, deadline=None)
@given(st.lists(ITEMS.map(sorted), min_size=1, max_size=5), st.integers(0, 99))
def test_what_all_tests_keep_is_kept(tests, seed):
    sizes = [(items, len(items)) for items in tests]
    for items, size in inputs_like(suite_of(*sizes), 12, seed):
        assert items == sorted(items)
        assert size >= 0


def test_inputs_of_texts_keep_their_letters():
    suite = suite_of(("0110", "11"), ("1", "0"), ("0001", "01"))
    assert all(set(a + b) <= {"0", "1"} for a, b in inputs_like(suite, 20, 0))


def test_large_arguments_and_no_arguments_give_no_inputs():
    assert inputs_like(suite_of((list(range(5000)),)), 5, 0) == []
    assert inputs_like(suite_of(()), 5, 0) == []


def test_the_tests_are_not_changed():
    items = [1, 2, [3, 4]]
    inputs_like(suite_of((items,), ([5, 6, [7]],)), 30, 0)
    assert items == [1, 2, [3, 4]]


def test_patches_of_one_behaviour_share_their_mass():
    masses, failures = mass_of([2.0, 2.0, 2.0], [["1", "2"], ["1", "2"], ["1", "raises KeyError"]])
    assert masses[0] == masses[1] > masses[2]
    assert failures == [0.0, 0.0, 0.5]


def test_what_most_of_the_mass_does_is_no_failure():
    _, failures = mass_of([0.0, 9.0], [["raises ValueError"], ["7"]])
    assert failures == [0.0, 0.0]


def test_arguments_of_all_kinds_are_varied():
    values = [1.5, float("nan"), float("inf"), True, None, "é\ud800", [], [1, "a"], {"a": [1]}]
    values += [[[1, "a"], [2, "b"]], [None, None], [{"a": 1}, {"b": 2}], 10**400]
    for one, other in itertools.product(values, values):
        suite = Suite("f", (Case("x", (one, other)), Case("y", (other, one))))
        assert all(len(args) == 2 for args in inputs_like(suite, 12, seed=1))
