"""Literals: what they cost, and that they say what the mask says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from latent_ebm.exact.literals import FALSE, TRUE, Literals

masks = hnp.arrays(np.bool_, st.tuples(st.integers(1, 5), st.integers(1, 5)))


@given(masks)
def test_variables_cost_as_many_booleans_as_they_need(mask):
    literals = Literals.of_mask(mask)
    needed = {0: 0, 1: 0, 2: 1}
    assert literals.count == 1 + sum(needed.get(int(live), int(live)) for live in mask.sum(axis=1))
    assert np.array_equal(literals.table == FALSE, ~mask)
    assert ((literals.table == TRUE).sum(axis=1) == (mask.sum(axis=1) == 1)).all()


@given(masks, st.data())
def test_any_values_within_the_mask_can_be_wished_decoded_and_ruled_out(mask, data):
    mask[~mask.any(axis=1), 0] = True
    literals = Literals.of_mask(mask)
    values = np.array([data.draw(st.sampled_from(np.flatnonzero(row).tolist())) for row in mask])
    wishes = literals.wishes(values)
    assert wishes == literals.wishes(np.eye(mask.shape[1])[values])
    holds = np.zeros(literals.count + 1, np.bool_)
    holds[[TRUE, *(literal for literal in wishes if literal > 0)]] = True
    assert literals.decode(holds).tolist() == values.tolist()
    broken = literals.other_than(values)
    assert not any(holds[abs(literal)] == (literal > 0) for literal in broken)
    assert len(broken) == (mask.sum(axis=1) > 1).sum()


def test_scores_of_dead_states_are_not_looked_at():
    literals = Literals.of_mask(np.array([[True, False, True]]))
    assert literals.wishes(np.array([[0.1, 9.0, 0.2]])) == [-2]
