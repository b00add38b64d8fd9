"""Learning from contradictions: both back ends alike, and sound on small models."""

from itertools import product

import numpy as np
import pytest
from random_tables import holds, random_model, solutions

from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, select
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.multipliers import Clashes, expressible
from latent_ebm.kernels.nogoods import (
    FALSE,
    TRUE,
    Learning,
    NogoodsProblem,
    NogoodsState,
    Propositions,
)
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.latin import latin_landscape

LEARNING = (
    Learning(forget_first=20, forget_later=5),
    Learning(unit=3, forget_first=15, share=0.8, activity_decay=0.8, follow=True, renew=7),
)


def run_of(table, mask, learning=LEARNING, **limits):
    problem = NogoodsProblem(Clashes.of(mask.shape[-2], table), learning, **limits)
    mask = mask.reshape(-1, *mask.shape[-2:])
    batch, n, _ = mask.shape
    state = NogoodsState(
        live=mask.reshape(batch, -1).astype(np.uint8),
        open=np.ones(batch, np.bool_),
        finished=np.zeros(batch, np.bool_),
        values=np.full((batch, n), -1, np.int16),
        steps=np.zeros(batch, np.int64),
        restarts=np.zeros(batch, np.int64),
        contradictory=np.zeros(batch, np.bool_),
        start=mask.argmax(axis=2).astype(np.int16),
        chains=[[] for _ in range(batch)],
        seed=5,
    )
    return problem, state


def random_cnf(seed, variables=60, ratio=4.3):
    rng = np.random.default_rng(seed)
    count = int(variables * ratio)
    rows = np.stack([rng.choice(variables, 3, replace=False) for _ in range(count)]) * 2 + 1
    signs = rng.choice([-1, 1], rows.size)
    table = FactorTable.of(Kind.CLAUSE, 2, Csr.rectangle(rows), weights=signs)
    return table, np.ones((variables, 2), np.bool_)


def latin_holes(seed, side=9, blank=0.55):
    """A cyclic square, shuffled, with holes; and a clash now and then."""
    rng = np.random.default_rng(seed)
    square = (np.arange(side)[:, None] + np.arange(side))[rng.permutation(side)] % side
    square = rng.permutation(side)[square][:, rng.permutation(side)].ravel()
    mask = (square[:, None] == np.arange(side)) | (rng.random(side * side) < blank)[:, None]
    if seed % 3 == 0:
        given = np.flatnonzero(mask.sum(axis=1) == 1)[0]
        mask[given] = np.roll(mask[given], 1)
    return latin_landscape(side).factors, mask


MODELS = {"cnf": random_cnf, "latin": latin_holes}


def small_model(seed):
    rng = np.random.default_rng(seed)
    kinds = (Kind.CARDINALITY, Kind.CLAUSE, Kind.RELATION)
    while True:
        table, mask = random_model(int(rng.integers(2**32)), kinds)
        if not expressible(table) and mask.any(axis=1).all():
            return table, mask


@pytest.mark.parametrize("limits", [{}, {"most_learned": 12}, {"most_literals": 1}])
@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("seed", range(4))
def test_both_back_ends_decide_and_learn_alike(kind, seed, limits):
    table, mask = MODELS[kind](seed)
    runs = []
    for backend in IMPLEMENTATIONS["nogoods"]:
        problem, state = run_of(table, mask, **limits)
        _, kernel = select("nogoods", backend)
        seen = []
        for dives in (1, 2, 5, 30, 100):
            kernel(problem, state, dives)
            for chain in state.chains[0]:
                seen.append((chain.learned(), chain.activity.tolist(), chain.phase.tolist()))
                seen.append(chain.value.tolist())
        runs.append((seen, state))
    (first, one), (second, other) = runs
    for a, b in zip(first, second, strict=True):
        assert a == b
    for name in ("open", "finished", "values", "steps", "restarts", "contradictory"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("backend", IMPLEMENTATIONS["nogoods"])
@pytest.mark.parametrize("seed", range(60))
def test_small_models_are_solved_or_seen_to_contradict_themselves(seed, backend):
    table, mask = small_model(seed)
    problem, state = run_of(table, mask)
    select("nogoods", backend)[1](problem, state, 2_000)
    assert not state.open[0]
    expected = solutions(table, mask)
    assert state.finished[0] == bool(expected)
    assert state.contradictory[0] != state.finished[0]
    if expected:
        answer = tuple(state.values[0].tolist())
        assert all(mask[i, a] for i, a in enumerate(answer))
        assert all(holds(table, f, answer) for f in range(table.count))


@pytest.mark.parametrize("seed", range(10))
def test_what_is_learned_follows_from_the_factors(seed):
    table, mask = random_cnf(seed, variables=12, ratio=5)
    problem, state = run_of(table, mask)
    select("nogoods", "cpu")[1](problem, state, 40)
    values = np.array(list(product((0, 1), repeat=12)))
    literals = values[:, table.members.items // 2] * 2 - 1 == table.weights
    models = values[
        np.logical_and.reduceat(
            np.logical_or.reduceat(literals, table.members.offsets[:-1], axis=1), [0], axis=1
        )[:, 0]
    ]
    literal = state.chains[0][0].propositions.literal
    for chain in state.chains[0]:
        for clause, _ in chain.learned():
            entries = [np.argwhere(literal == one)[0] for one in clause]
            assert np.any([models[:, i] == a for i, a in entries], axis=0).all()


def test_chains_and_elements_do_not_disturb_each_other():
    table, mask = latin_holes(1)
    others = np.stack([mask, latin_holes(2)[1], mask])
    problem, batch = run_of(table, others)
    kernel = select("nogoods", "cpu")[1]
    for _ in range(3):
        kernel(problem, batch, 10)
    _, alone = run_of(table, mask)
    for dives in (7, 23):
        kernel(problem, alone, dives)
    for name in ("open", "finished", "values", "steps", "restarts"):
        for b in (0, 2):
            np.testing.assert_array_equal(getattr(batch, name)[b], getattr(alone, name)[0])


def test_a_closed_element_is_left_alone():
    table, mask = latin_holes(1)
    problem, state = run_of(table, mask)
    state.open[:] = False
    select("nogoods", "cpu")[1](problem, state, 10)
    assert state.steps[0] == 0
    assert not state.chains[0]


def test_entries_become_literals_and_what_is_settled_constants():
    clashes = Clashes.of(4, latin_landscape(2).factors)
    mask = np.array([[1, 1], [1, 1], [1, 1], [0, 1]], np.bool_)
    propositions = Propositions.of(clashes, mask)
    assert propositions.literal.tolist() == [[2, 3], [4, 5], [6, 7], [FALSE, TRUE]]
    assert propositions.count == 4
    rows = {
        frozenset(propositions.groups.row(g).tolist()) for g in range(propositions.groups.count)
    }
    assert {2, 4} in rows, "cells 1 and 2 cannot both be 1"
    assert {TRUE, 7} in rows, "cell 4 is 2, so cell 3 is not"


def test_a_clause_without_a_live_literal_is_a_contradiction():
    table = FactorTable.of(Kind.CLAUSE, 2, Csr.from_rows([[1, 3]]), weights=np.array([1, 1]))
    problem, state = run_of(table, np.array([[True, False], [True, False]]))
    select("nogoods", "cpu")[1](problem, state, 1)
    assert state.contradictory[0]
    assert not state.open[0]
