"""The multiplier dynamics on pairs: the same path on all back ends, up to rounding."""

import numpy as np
import pytest

from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, select
from latent_ebm.kernels.pairs import PairsProblem, PairsState
from latent_ebm.kernels.structure import Conflicts

OTHERS = [name for name in IMPLEMENTATIONS["pairs"] if name != "reference"]


def start(conflicts, mask, seed=5) -> PairsState:
    batch, size = len(mask), mask[0].size
    return PairsState(
        live=np.ascontiguousarray(mask.reshape(batch, -1)).view(np.uint8),
        open=np.ones(batch, np.bool_),
        finished=np.zeros(batch, np.bool_),
        values=np.full((batch, conflicts.num_variables), -9, np.int16),
        steps=np.zeros(batch, np.int64),
        restarts=np.zeros(batch, np.int64),
        latent=np.full((batch, size), np.nan, np.float32),
        multipliers=np.full((batch, conflicts.num_pairs), np.nan, np.float32),
        seed=seed,
    )


def problem_of(groups, restart_every=4) -> PairsProblem:
    return PairsProblem(Conflicts.from_groups(groups), 0.6, 0.3, 0.001, 0.1, restart_every)


def run(backend, problem, mask, *sweeps) -> PairsState:
    _, kernel = select("pairs", backend)
    state = start(problem.conflicts, mask)
    for count in sweeps:
        kernel(problem, state, count)
    return state


def assert_alike(problem, found, expected) -> None:
    for name in ("open", "finished", "values", "steps", "restarts"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
    conflicts = problem.conflicts
    ends = np.zeros((2, conflicts.num_pairs), np.int64)
    ends[0, conflicts.pair], ends[1, conflicts.pair] = (
        conflicts.partners.row_of,
        conflicts.partners.items,
    )
    for b in np.flatnonzero(expected.open):
        live = expected.live[b] != 0
        both = live[ends].all(axis=0)
        np.testing.assert_allclose(found.latent[b, live], expected.latent[b, live], rtol=1e-5)
        np.testing.assert_allclose(
            found.multipliers[b, both], expected.multipliers[b, both], rtol=1e-6
        )


@pytest.mark.parametrize("backend", OTHERS)
@pytest.mark.parametrize(("batch", "sweeps"), [(1, 1), (3, 2), (1, 7)])
def test_a_few_sweeps(groups, masks, backend, batch, sweeps) -> None:
    problem = problem_of(groups)
    mask = masks(batch)
    expected = run("reference", problem, mask, sweeps)
    assert_alike(problem, run(backend, problem, mask, sweeps), expected)


@pytest.mark.parametrize("backend", ["reference", *OTHERS])
def test_calls_add_up(groups, masks, backend) -> None:
    problem = problem_of(groups)
    whole = run("reference", problem, masks(1), 7)
    assert_alike(problem, run(backend, problem, masks(1), 2, 1, 4), whole)


@pytest.mark.parametrize("backend", ["reference", *OTHERS])
def test_an_element_does_not_see_its_batch(groups, masks, backend) -> None:
    problem = problem_of(groups, restart_every=2)
    together = run(backend, problem, masks(2), 3)
    for b in range(2):
        alone = run(backend, problem, masks(2)[b : b + 1], 3)
        assert alone.values[0].tolist() == together.values[b].tolist()
        assert alone.steps[0] == together.steps[b]


@pytest.mark.parametrize("backend", ["reference", *OTHERS])
def test_closed_elements_are_frozen(groups, masks, backend) -> None:
    problem = problem_of(groups)
    _, kernel = select("pairs", backend)
    state = start(problem.conflicts, masks(2))
    state.open[0] = False
    kernel(problem, state, 1)
    assert np.isnan(state.latent[0]).all()
    assert state.values[0].tolist() == [-9] * groups.num_variables
    assert state.steps[0] == 0
