"""Both engines against brute force: verdicts, solutions, what is left of them, cores, optima."""

import pytest
from agreement import disagreements
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.kernels.factors import Kind


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_all_agree_on_models_of_one_kind(kind):
    faults = [fault for seed in range(40) for fault in disagreements(seed, (kind,))]
    assert not faults


@given(st.integers(0, 2**32 - 1), st.sets(st.sampled_from(Kind), min_size=1))
@settings(max_examples=100, deadline=None)
def test_all_agree_on_mixed_models(seed, kinds):
    assert not disagreements(seed, tuple(kinds))
