"""Equality, plain copies and the graded distance of outputs."""

import collections
import math
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_ebm.puzzles.code.testing.codec import DataError, decoded, encoded
from latent_ebm.puzzles.code.testing.distance import distance
from latent_ebm.puzzles.code.testing.equality import equal
from latent_ebm.puzzles.code.testing.plain import OPAQUE, TooLargeError, plain

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=4)
    | st.complex_numbers()
)
hashables = st.recursive(
    scalars, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=6
)
data = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(hashables, inner, max_size=3)
        | st.sets(hashables, max_size=3)
    ),
    max_leaves=12,
)


@given(data)
def test_everything_equals_itself_at_distance_0(value):
    assert equal(value, value)
    assert distance(value, value) == 0


@given(data, data)
def test_the_distance_is_in_0_1_and_0_exactly_where_equal(actual, expected):
    found = distance(actual, expected)
    assert 0 <= found <= 1
    assert (found == 0) == equal(actual, expected)


@given(data)
def test_the_codec_gives_back_what_it_was_given(value):
    again = decoded(encoded(value))
    assert repr(type(again)) == repr(type(value))
    assert equal(again, value)


@given(data)
def test_a_plain_copy_of_plain_data_is_equal(value):
    assert equal(plain(value), value)


@given(st.text(max_size=60))
def test_the_codec_refuses_or_reads_any_text(text):
    with suppress(DataError):
        decoded(text)


EQUAL = [
    ((1, 2), [1, 2]),
    ([(1,)], ([1],)),
    (1, 1.0),
    (0.1 + 0.2, 0.3),
    (math.nan, math.nan),
    ({1, 2}, [2, 1]),
    (frozenset({1}), {1}),
    ({1: 2}, {"1": 2}),
    ({None: 1, True: 2, 1.5: 3}, {"null": 1, "true": 2, "1.5": 3}),
    (10**400, 10**400),
]
UNEQUAL = [
    ({(1, 2): 3}, {(1, 3): 3}),
    (True, 1),
    (0, False),
    ([1], [True]),
    ({"a": 1}, {"a": True}),
    ({0, 1}, [False, True]),
    ("1", 1),
    (None, 0),
    (None, False),
    ([], ()[:0] or None),
    ("ab", ["a", "b"]),
    (b"a", "a"),
    ({1, 2}, [1, 2, 2]),
    ([1, 2], {1, 2}),
    (1e-3, 1.0001e-3),
    (10**400, math.inf),
    (10**20, 10**20 + 1),
]


@pytest.mark.parametrize(("actual", "expected"), EQUAL)
def test_what_a_tester_takes_for_equal(actual, expected):
    assert equal(actual, expected)


@pytest.mark.parametrize(("actual", "expected"), UNEQUAL)
def test_what_a_tester_takes_for_different(actual, expected):
    assert not equal(actual, expected)
    assert distance(actual, expected) > 0


NEARER = [
    (10, 11, 20),
    (1000, 1001, 1100),
    (0, 1, 10**6),
    (2.5, 2.6, -2.5),
    ("kitten", "sitten", "dog"),
    ([1, 2, 3], [1, 2, 4], [9, 9, 9]),
    ([1, 2, 3], [1, 3], []),
    ([[1, 2], [3]], [[1, 2], [4]], [[9], []]),
    ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"c": 1}),
    ([3, 1, 2], [3, 1], "312"),
    (5, 6, None),
    ("5", 5, None),
    (True, False, "x"),
    ([1] * 200, [1] * 199 + [2], [7] * 200),
]


@pytest.mark.parametrize(("expected", "near", "far"), NEARER)
def test_nearer_outputs_have_less_energy(expected, near, far):
    assert distance(near, expected) < distance(far, expected)


def test_distances_of_large_outputs_are_bounded_in_time():
    # quadratic alignments of these would take minutes
    assert 0 < distance(list(range(20_000)), list(range(1, 20_001))) <= 1
    assert 0 < distance("ab" * 50_000, "ba" * 50_001) <= 1
    deep: list = []
    for _ in range(50):
        deep = [deep, deep[:1]]
    assert 0 < distance(deep, [deep]) <= 1


class Number(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Items(list):
    def __iter__(self):
        return iter([1, 2, 3])

    def __len__(self):
        return 3


def test_subclasses_become_what_they_are_underneath():
    copied = plain([Number(7), Items([0]), collections.Counter("aab"), Named(1, 2)])
    assert repr(copied) == "[7, [0], {'a': 2, 'b': 1}, (1, 2)]"
    assert [type(item) for item in copied] == [int, list, dict, tuple]


Named = collections.namedtuple("Named", "a b")


def test_iterators_are_drained():
    assert plain(x for x in "ab") == ["a", "b"]
    assert plain({"k": map(str, range(2))}) == {"k": ["0", "1"]}
    assert plain(collections.deque([1])) == [1]
    assert plain({1: 2}.items()) == [(1, 2)]


def test_what_is_no_data_equals_nothing_expected():
    class Liar:
        def __eq__(self, other):
            return True

        def __init__(self):
            self.x = 1

    copied = plain(Liar())
    assert copied[0] == OPAQUE
    assert copied[2] == {"x": 1}
    assert not equal(copied, {"x": 1})
    assert plain(Fraction(1, 2))[0] == OPAQUE
    assert plain(len)[0] == OPAQUE
    assert plain(int)[0] == OPAQUE


def test_endless_and_deep_outputs_are_refused():
    with pytest.raises(TooLargeError, match="items"):
        plain(iter(int, 1))
    deep: list = []
    deep.append(deep)
    with pytest.raises(TooLargeError, match="deep"):
        plain(deep)
