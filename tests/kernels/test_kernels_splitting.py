"""The splitting: integers, so all back ends give the same, bit for bit."""

import copy
import dataclasses

import numpy as np
import pytest
import torch

from latent_ebm.energies.lowering import lower_groups
from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, select
from latent_ebm.kernels.reference.splitting import unsettled
from latent_ebm.kernels.splitting import LANES, SplittingProblem, SplittingState

BACKENDS = list(IMPLEMENTATIONS["splitting"])
POISON = 99


def start(groups, mask, seed=5) -> SplittingState:
    batch = len(mask)
    return SplittingState(
        live=np.ascontiguousarray(mask.reshape(batch, -1)).view(np.uint8),
        open=np.ones(batch, np.bool_),
        finished=np.zeros(batch, np.bool_),
        values=np.full((batch, groups.num_variables), -POISON, np.int16),
        steps=np.zeros(batch, np.int64),
        restarts=np.zeros(batch, np.int64),
        scores=np.full((batch, len(groups.members.items), LANES), POISON, np.int8),
        counts=np.full((batch, groups.num_entries, LANES), -POISON, np.int8),
        seed=seed,
    )


def run(backend, problem, state, *sweeps) -> SplittingState:
    _, kernel = select("splitting", backend)
    for count in sweeps:
        kernel(problem, state, count)
    return state


def observed(groups, state) -> list[dict]:
    """What a state says of each element; closed ones keep no scores."""
    active = unsettled(groups, torch.from_numpy(state.live) != 0).numpy()
    replicas = active[:, groups.replicas.row_of].sum(axis=1)
    names = ("open", "finished", "values", "steps", "restarts")
    seen = []
    for b in range(len(state.open)):
        row = {name: getattr(state, name)[b].tolist() for name in names}
        if state.open[b]:
            row["scores"] = state.scores[b, : replicas[b]].tolist()
            row["counts"] = state.counts[b, : active[b].sum()].tolist()
        seen.append(row)
    return seen


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("period", [6, 500])
@pytest.mark.parametrize("sweeps", [1, 2, 7, 40])
def test_cpu_equals_the_reference(groups, masks, batch, period, sweeps) -> None:
    problem = SplittingProblem(groups, period)
    expected = run("reference", problem, start(groups, masks(batch)), sweeps)
    found = run("cpu", problem, start(groups, masks(batch)), sweeps)
    assert observed(groups, found) == observed(groups, expected)


@pytest.mark.parametrize(("batch", "sweeps"), [(1, 1), (5, 2), (1, 7)])
def test_triton_equals_the_reference(groups, masks, batch, sweeps) -> None:
    problem = SplittingProblem(groups, restart_every=5)
    expected = run("reference", problem, start(groups, masks(batch)), sweeps)
    found = run("triton", problem, start(groups, masks(batch)), sweeps)
    assert observed(groups, found) == observed(groups, expected)


def test_triton_equals_the_reference_over_many_sweeps(groups, masks) -> None:
    sweeps = 15 if groups.exact.all() else 40  # the interpreter is slow
    problem = SplittingProblem(groups, restart_every=13)
    mask = masks(5)[1:2]  # thinned out
    expected = run("reference", problem, start(groups, mask), sweeps)
    found = run("triton", problem, start(groups, mask), sweeps)
    assert observed(groups, found) == observed(groups, expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_calls_add_up(groups, masks, backend) -> None:
    problem = SplittingProblem(groups, restart_every=4)
    whole = run("cpu", problem, start(groups, masks(1)), 9)
    parts = run(backend, problem, start(groups, masks(1)), 3, 1, 5)
    assert observed(groups, parts) == observed(groups, whole)


def test_a_state_moves_between_back_ends(groups, masks) -> None:
    problem = SplittingProblem(groups, restart_every=500)
    state = start(groups, masks(2))
    for backend, sweeps in (("cpu", 5), ("triton", 2), ("reference", 4), ("cpu", 1)):
        run(backend, problem, state, sweeps)
    alone = run("reference", problem, start(groups, masks(2)), 12)
    assert observed(groups, state) == observed(groups, alone)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_element_does_not_see_its_batch(groups, masks, backend) -> None:
    problem = SplittingProblem(groups, restart_every=2)
    together = run(backend, problem, start(groups, masks(2)), 3)
    alone = [run(backend, problem, start(groups, masks(2)[b : b + 1]), 3) for b in range(2)]
    assert observed(groups, together) == [observed(groups, one)[0] for one in alone]


@pytest.mark.parametrize("backend", BACKENDS)
def test_closed_elements_are_frozen(groups, masks, backend) -> None:
    problem = SplittingProblem(groups, restart_every=4)
    state = run("cpu", problem, start(groups, masks(3)), 2)
    state.open[1] = False
    before = copy.deepcopy(state)
    run(backend, problem, state, 1)
    for field in dataclasses.fields(state):
        if field.name != "seed":
            old, new = getattr(before, field.name), getattr(state, field.name)
            assert np.array_equal(old[1], new[1]), field.name


@pytest.mark.parametrize("seed", [0, 2**32 - 1, 2**32 + 7])
def test_seeds_of_any_size(groups, masks, seed) -> None:
    problem = SplittingProblem(groups, restart_every=4)
    states = [run(backend, problem, start(groups, masks(1), seed), 2) for backend in BACKENDS]
    first, *others = (observed(groups, state) for state in states)
    assert others == [first, first]


def test_what_is_finished_fits_the_groups(groups, masks) -> None:
    state = run("cpu", SplittingProblem(groups, restart_every=200), start(groups, masks(9)), 2000)
    assert state.finished.any()
    for b in np.flatnonzero(state.finished):
        entries = np.arange(groups.num_variables) * groups.num_values + state.values[b]
        chosen = np.zeros(groups.num_entries, np.bool_)
        chosen[entries] = True
        assert state.live[b, entries].all()
        for g in range(groups.count):
            row = groups.members.row(g)
            needed = bool(groups.exact[g]) and bool(state.live[b, row].any())
            assert needed <= chosen[row].sum() <= 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_variables_that_no_constraint_touches_take_any_live_value(backend) -> None:
    groups = lower_groups(4, 3, ())
    mask = np.ones((2, 4, 3), np.bool_)
    mask[1, :, 0] = False
    state = run(backend, SplittingProblem(groups, restart_every=10), start(groups, mask), 30)
    assert state.finished.tolist() == [True, True]
    assert np.take_along_axis(mask, state.values[..., None].astype(int), axis=2).all()
    assert len(np.unique(state.values[0])) > 1


def test_settled_elements_finish_at_once(groups) -> None:
    mask = np.zeros((1, groups.num_variables, groups.num_values), np.bool_)
    mask[0, 0, 2] = True  # nothing else is live, so nothing is left to decide
    for backend in BACKENDS:
        state = run(backend, SplittingProblem(groups, 10), start(groups, mask), 4)
        assert state.finished.tolist() == [True]
        assert state.steps.tolist() == [1]
        assert state.values[0].tolist() == [2] + [-POISON] * (groups.num_variables - 1)
