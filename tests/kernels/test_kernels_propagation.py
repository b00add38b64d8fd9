"""Propagation by work lists against the definition, on random groups and masks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_ebm.energies.cardinality import AtMostOne, ExactlyOne
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.lowering import lower_groups
from latent_ebm.kernels.dispatch import propagate
from latent_ebm.kernels.structure import Csr, Groups


@st.composite
def random_groups(draw) -> Groups:
    n, k = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    entry = st.integers(0, n * k - 1)
    families = []
    for family in (ExactlyOne, AtMostOne):
        rows = draw(st.lists(st.lists(entry, min_size=1, max_size=6, unique=True), max_size=6))
        families.append(family(Csr.from_rows(rows), k, tuple(map(str, range(len(rows))))))
    return lower_groups(n, k, (HardDomain("random", tuple(families)),))


@given(groups=random_groups(), subsets=st.booleans(), data=st.data())
def test_cpu_equals_the_reference(groups, subsets, data) -> None:
    batch = data.draw(st.sampled_from([1, 5]))
    size = batch * groups.num_entries
    bits = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    mask = np.array(bits).reshape(batch, groups.num_variables, groups.num_values)
    kept = mask.copy()
    expected, broken = propagate(groups, mask, subsets=subsets, backend="reference")
    found, found_broken = propagate(groups, mask, subsets=subsets, backend="cpu")
    assert (mask == kept).all()
    assert found_broken.tolist() == broken.tolist()
    # where it breaks down, what is left depends on the order in which rules were applied
    assert (found[~broken] == expected[~broken]).all()


@pytest.mark.parametrize("subsets", [False, True])
def test_small_groups(groups, masks, subsets) -> None:
    expected, broken = propagate(groups, masks(5), subsets=subsets, backend="reference")
    found, found_broken = propagate(groups, masks(5), subsets=subsets, backend="cpu")
    assert found_broken.tolist() == broken.tolist()
    assert (found[~broken] == expected[~broken]).all()
