"""The general kernels against their definitions, on random tables of factors of every kind."""

from dataclasses import replace

import numpy as np
import pytest
from random_tables import holds, random_model, solutions

from latent_ebm.kernels.cpu.checks import all_hold
from latent_ebm.kernels.cpu.responses import respond, respond_freely
from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, select
from latent_ebm.kernels.factor_splitting import (
    LARGEST_TABLEAU,
    FactorSplittingProblem,
    FactorSplittingState,
)
from latent_ebm.kernels.factors import BLOCKLESS, FactorTable, Kind
from latent_ebm.kernels.multipliers import (
    Clashes,
    MultipliersProblem,
    MultipliersState,
    Pace,
    expressible,
)
from latent_ebm.kernels.reference.factors import IMPOSSIBLE, check, free, project
from latent_ebm.kernels.structure import Csr

SEEDS = range(40)
CHAINS = 2
PACES = (Pace(0.08, 0.5, 0.3, 0.3), Pace(0.09, 0.8, 0.2, 0.03))
"""Slow, so that what z begins with keeps telling equal states apart."""


def progress(mask):
    return {
        "live": mask.reshape(1, -1).astype(np.uint8),
        "open": np.ones(1, np.bool_),
        "finished": np.zeros(1, np.bool_),
        "values": np.zeros((1, len(mask)), np.int16),
        "steps": np.zeros(1, np.int64),
        "restarts": np.zeros(1, np.int64),
        "seed": 3,
    }


def poisoned(*shape):
    return np.full((1, CHAINS, *shape), np.nan, np.float32)


def splitting_run(table, mask, restart_every=7):
    problem = FactorSplittingProblem(len(mask), table, restart_every)
    return problem, FactorSplittingState(
        **progress(mask), scores=poisoned(len(problem.entries)), shared=poisoned(mask.size)
    )


def multipliers_run(table, mask, restart_every=50):
    clashes = Clashes.of(len(mask), table)
    problem = MultipliersProblem(clashes, PACES, restart_every)
    return problem, MultipliersState(
        **progress(mask),
        latent=poisoned(mask.size),
        choices=np.full((1, CHAINS, len(mask)), -1, np.int16),
        multipliers=poisoned(clashes.count),
    )


RUNS = {"factor_splitting": splitting_run, "multipliers": multipliers_run}


def sound_model(seed, operation):
    """A random model that the operation takes, in which every variable has a state."""
    rng = np.random.default_rng(seed)
    while True:
        table, mask = random_model(int(rng.integers(2**32)), most_factors=4)
        if operation == "multipliers" and expressible(table):
            continue
        if mask.any(axis=1).all():
            return table, mask


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cpu_answers_every_kind_as_the_reference_does(seed):
    table, mask = random_model(seed)
    # a score for each member, so that a variable met twice makes no ties
    own = np.arange(len(table.members.items), dtype=np.int32)
    scores = np.random.default_rng(seed).normal(0.5, 1, len(own)).astype(np.float32)
    scores[~mask.ravel()[table.members.items]] = IMPOSSIBLE
    table = replace(table, members=Csr(table.members.offsets, own))
    expected, gains = project(table, scores)
    unbound, free_gains = free(table, scores)
    k, (scratch, choices) = (
        table.num_values,
        (np.full(5000, np.nan, np.float32), np.empty(5000, int)),
    )
    for f in range(table.count):
        row = slice(table.members.offsets[f], table.members.offsets[f + 1])
        p = np.full(row.stop - row.start, 9, np.uint8)
        s = scores[table.members.items[row]]
        arguments = (table.kind[f], s, p)
        gain = respond(*arguments, table.weights[row], table.parameters.row(f), k, scratch, choices)
        if gains[f] < IMPOSSIBLE / 2:
            assert gain < IMPOSSIBLE / 2
        else:
            assert gain == pytest.approx(gains[f], abs=1e-4)
            np.testing.assert_array_equal(p, expected[row])
        gain = respond_freely(*arguments, k)
        np.testing.assert_array_equal(p, unbound[row])
        if free_gains[f] > IMPOSSIBLE / 2:
            assert gain == pytest.approx(free_gains[f], abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_checks_say_what_the_kinds_say_in_words(seed):
    table, mask = random_model(seed)
    every = np.stack(
        np.unravel_index(np.arange(table.num_values ** len(mask)), (table.num_values,) * len(mask)),
        axis=1,
    )
    for values in np.random.default_rng(seed).permutation(every)[:60].astype(np.int16):
        expected = [holds(table, f, tuple(values.tolist())) for f in range(table.count)]
        assert check(table, values).tolist() == expected
        assert all_hold(
            table.kind,
            table.members.offsets,
            table.members.items,
            table.weights,
            table.parameters.offsets,
            table.parameters.items,
            table.guard,
            table.num_values,
            values,
        ) == all(expected)


@pytest.mark.parametrize("operation", RUNS)
@pytest.mark.parametrize("seed", SEEDS)
def test_all_back_ends_move_alike(operation, seed):
    table, mask = sound_model(seed, operation)
    mask[:] = True  # a factor left without a feasible point may choose any forbidden one
    states = []
    for backend in IMPLEMENTATIONS[operation]:
        problem, state = RUNS[operation](table, mask)
        _, kernel = select(operation, backend)
        for sweeps in (1, 3, 8, 30):
            kernel(problem, state, sweeps)
        states.append(state)
    first, *others = (vars(state) for state in states)
    for other in others:
        for name, array in first.items():
            np.testing.assert_allclose(other[name], array, rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("operation", RUNS)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_called_finished_solves_the_model_and_most_models_are_finished(operation, seed):
    table, mask = sound_model(seed, operation)
    every = 200 if operation == "factor_splitting" else 10_000
    problem, state = RUNS[operation](table, mask, restart_every=every)
    _, kernel = select(operation, "cpu")
    kernel(problem, state, 10_000)
    answer = tuple(state.values[0].tolist())
    if state.finished[0]:
        assert all(mask[i, a] for i, a in enumerate(answer))
        assert all(holds(table, f, answer) for f in range(table.count))
    else:
        assert not solutions(table, mask), "a model this small must be solved"


@pytest.mark.parametrize("operation", RUNS)
def test_a_closed_element_is_left_alone(operation):
    table, mask = sound_model(1, operation)
    problem, state = RUNS[operation](table, mask)
    state.open[:] = False
    _, kernel = select(operation, "cpu")
    kernel(problem, state, 10)
    assert state.steps[0] == 0
    assert not state.finished[0]


def test_a_sum_too_long_for_dynamic_programming_is_refused_with_advice():
    count = 100
    members = Csr.rectangle(np.arange(2 * count)[None])
    weights = np.tile([0, 1_000_000], count)
    bounds = Csr.from_rows([[50_000_000, 50_000_000]])
    table = FactorTable.of(Kind.LINEAR, 2, members, weights=weights, parameters=bounds)
    with pytest.raises(ValueError, match=f"more than the {LARGEST_TABLEAU} allowed; split the sum"):
        FactorSplittingProblem(count, table, 10)


def test_a_variable_gets_a_view_of_its_own_only_where_no_block_speaks_for_it():
    blockwise = FactorTable.of(
        Kind.RELATION, 2, Csr.from_rows([[0, 1, 2, 3]]), parameters=Csr.from_rows([[0, 0]])
    )
    entrywise = FactorTable.of(Kind.CLAUSE, 2, Csr.from_rows([[2]]), weights=np.array([1]))
    both = FactorTable.joined(2, [blockwise, entrywise])
    assert blockwise.kind[0] not in BLOCKLESS
    views = FactorSplittingProblem(3, both, 10).views
    assert [views.members.row(f).tolist() for f in range(2, views.count)] == [[2, 3], [4, 5]]


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        (Kind.CARDINALITY, [2, 2], "between 2 and 2"),
        (Kind.TABLE, [1, 0, 0], "factor 0 is table"),
        (Kind.RELATION, [1, 0], "factor 0 is a comparison"),
    ],
)
def test_multipliers_say_which_factor_they_cannot_take(kind, parameters, message):
    table = FactorTable.of(
        kind, 2, Csr.from_rows([[0, 1, 2, 3]]), parameters=Csr.from_rows([parameters])
    )
    with pytest.raises(ValueError, match=message):
        Clashes.of(2, table)
