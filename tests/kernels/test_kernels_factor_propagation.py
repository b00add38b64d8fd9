"""Propagation of factors against its definition and brute force, on random tables."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_tables import random_model, solutions

from latent_ebm.kernels.dispatch import propagate_factors
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr

KINDS = [*((kind,) for kind in Kind), tuple(Kind)]


def propagated(table, mask, backend="cpu"):
    left, contradiction = propagate_factors(len(mask), table, mask[None], backend=backend)
    return left[0], bool(contradiction[0])


def agreed(table, mask):
    """What both back ends say."""
    expected, broken = propagated(table, mask, "reference")
    found, found_broken = propagated(table, mask)
    assert found_broken == broken
    np.testing.assert_array_equal(found, expected)
    return found, broken


def assert_sound(table, mask):
    given = mask.copy()
    left, broken = agreed(table, mask)
    np.testing.assert_array_equal(mask, given)
    answers = solutions(table, mask)
    assert not (left & ~mask).any()
    if broken:
        assert not answers
    for values in answers:
        assert left[np.arange(len(mask)), list(values)].all()
    if not broken:
        np.testing.assert_array_equal(agreed(table, left)[0], left)
    return left, broken


@pytest.mark.parametrize("kinds", KINDS, ids=lambda kinds: "+".join(k.name for k in kinds))
@pytest.mark.parametrize("start", range(0, 120, 30))
def test_no_solution_is_lost_and_the_back_ends_agree(kinds, start):
    for seed in range(start, start + 30):
        assert_sound(*random_model(seed, kinds))


@given(seed=st.integers(0, 2**32 - 1), drop=st.floats(0, 0.5))
def test_fewer_states_leave_fewer(seed, drop):
    table, mask = random_model(seed)
    left, broken = assert_sound(table, mask)
    smaller = mask & (np.random.default_rng(seed).random(mask.shape) >= drop)
    less, smaller_broken = agreed(table, smaller)
    assert smaller_broken or not broken
    if not smaller_broken:
        assert not (less & ~left).any()


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_a_batch_is_its_elements(backend):
    table, mask = random_model(7)
    rng = np.random.default_rng(7)
    masks = mask & (rng.random((9, *mask.shape)) < 0.8)
    left, broken = propagate_factors(len(mask), table, masks, backend=backend)
    for b in range(len(masks)):
        alone, alone_broken = propagated(table, masks[b], backend)
        assert broken[b] == alone_broken
        np.testing.assert_array_equal(left[b], alone)


def sum_of_two(low, high):
    members = Csr.from_rows([[0, 1, 2, 3, 4, 5]])
    weights, bounds = np.array([0, 1, 2, 0, 1, 2]), Csr.from_rows([[low, high]])
    return FactorTable.of(Kind.LINEAR, 3, members, weights=weights, parameters=bounds)


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_a_guard_goes_when_its_factor_cannot_hold_and_filters_once_chosen(backend):
    mask = np.ones((3, 3), np.bool_)
    guard = np.array([6])
    never, high = (replace(sum_of_two(b, b), guard=guard) for b in (5, 4))
    left, broken = propagated(never, mask, backend)
    assert (left.astype(int).tolist(), broken) == ([[1, 1, 1], [1, 1, 1], [0, 1, 1]], False)
    left, _ = propagated(high, mask, backend)
    assert left.all(), "an open guard removes nothing"
    mask[2] = [True, False, False]
    left, _ = propagated(high, mask, backend)
    assert left.astype(int).tolist() == [[0, 0, 1], [0, 0, 1], [1, 0, 0]]
    assert propagated(never, mask, backend)[1]
    mask[2] = [False, True, True]
    assert propagated(never, mask, backend)[0].all(axis=1)[:2].all()


def test_long_chains_of_clauses_are_followed_to_their_end():
    count = 200_000
    first = np.arange(count - 1, dtype=np.int32)
    members = Csr.rectangle(np.stack([2 * first + 1, 2 * first + 3], axis=1)[::-1])
    table = FactorTable.of(Kind.CLAUSE, 2, members, weights=np.tile([-1, 1], count - 1))
    mask = np.ones((count, 2), np.bool_)
    mask[0, 0] = False
    left, broken = propagated(table, mask)
    assert not broken
    np.testing.assert_array_equal(left, np.tile([False, True], (count, 1)))
