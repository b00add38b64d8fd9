"""Single moves: bookkeeping against everything computed anew, and least costs by brute force."""

from itertools import product

import numpy as np
import pytest

from latent_ebm.kernels.dispatch import select
from latent_ebm.kernels.factors import FactorTable, Kind, Operator
from latent_ebm.kernels.moves import HARD, WIDE, MovesState, PricedSums, inexpressible
from latent_ebm.kernels.structure import Csr
from tests.shared.random_tables import holds, random_model

SUMS = (Kind.CARDINALITY, Kind.CLAUSE, Kind.LINEAR, Kind.RELATION)
ENDLESS = 1 << 40


def priced_model(seed):
    """A random table of sums, a mask with a state for each variable, prices and costs."""
    rng = np.random.default_rng(seed)
    table, mask = random_model(seed, SUMS, most_factors=8)
    mask[~mask.any(axis=1), 0] = True
    price = np.where(rng.random(table.count) < 0.5, HARD, rng.integers(1, 9, table.count))
    costs = rng.integers(0, 6, mask.shape) * (rng.random(mask.shape) < 0.5)
    return table, mask, price, costs


def least_cost(table, mask, price, costs):
    """Over all values within the mask that break no hard factor; None if there are none."""
    best = None
    for values in product(*(np.flatnonzero(row).tolist() for row in mask)):
        broken = [f for f in range(table.count) if not holds(table, f, values)]
        if any(price[f] == HARD for f in broken):
            continue
        cost = sum(int(price[f]) for f in broken) + sum(
            int(costs[v, a]) for v, a in enumerate(values)
        )
        best = cost if best is None else min(best, cost)
    return best


def cost_at(table, price, costs, values):
    broken = [f for f in range(table.count) if not holds(table, f, values)]
    assert all(price[f] != HARD for f in broken)
    return sum(int(price[f]) for f in broken) + int(costs[np.arange(len(values)), values].sum())


@pytest.mark.parametrize("seed", range(60))
def test_moves_find_the_least_cost_of_small_problems(seed):
    table, mask, price, costs = priced_model(seed)
    if inexpressible(table):
        return
    problem = PricedSums.of(table, price, costs)
    state = MovesState.start(problem, mask, mask.argmax(axis=1), seed)
    _, moves = select("moves")
    moves(problem, state, 3_000, 500)
    right = least_cost(table, mask, price, costs)
    assert state.found == (right is not None)
    if right is not None:
        assert state.best_cost == right == cost_at(table, price, costs, state.best)


@pytest.mark.parametrize("seed", range(40))
def test_back_ends_make_the_same_moves(seed):
    table, mask, price, costs = priced_model(1_000 + seed)
    if inexpressible(table):
        return
    problem = PricedSums.of(table, price, costs)
    states = []
    for backend in ("cpu", "reference"):
        _, moves = select("moves", backend)
        state = MovesState.start(problem, mask, mask.argmax(axis=1), seed)
        for chunk in (1, 7, 52):  # where a run is cut changes nothing
            moves(problem, state, chunk, 20)
        states.append(state)
    ours, reference = states
    for name in ("choices", "best", "multipliers", "sums", "moved", "counts", "place"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(reference, name), err_msg=name)


def knapsack(items, bound_share=3):
    """Take what is worth most within a weight; wide, so that few hear of a change."""
    rng = np.random.default_rng(items)
    weights, worth = rng.integers(5, 60, items), rng.integers(5, 60, items)
    members = Csr.from_rows([list(range(2 * items))])
    entries = np.stack([np.zeros(items, np.int64), weights], axis=1).ravel()
    bound = int(weights.sum()) // bound_share
    table = FactorTable.of(
        Kind.LINEAR, 2, members, weights=entries, parameters=Csr.from_rows([[0, bound]])
    )
    costs = np.stack([worth, np.zeros_like(worth)], axis=1)
    return table, costs, weights, worth, bound


def test_back_ends_agree_where_factors_are_wide():
    table, costs, *_ = knapsack(WIDE + 40)
    problem = PricedSums.of(table, np.array([HARD]), costs)
    mask, found = np.ones(costs.shape, np.bool_), []
    for backend in ("cpu", "reference"):
        _, moves = select("moves", backend)
        state = MovesState.start(problem, mask, np.zeros(len(costs), np.int16), 3)
        moves(problem, state, 12, ENDLESS)
        found.append(state.choices)
    np.testing.assert_array_equal(*found)


def test_a_long_knapsack_comes_within_three_per_cent_of_its_bound():
    table, costs, weights, worth, bound = knapsack(3_000)
    problem = PricedSums.of(table, np.array([HARD]), costs)
    state = MovesState.start(problem, np.ones(costs.shape, np.bool_), np.zeros(3_000, np.int16), 1)
    _, moves = select("moves")
    moves(problem, state, 30_000, ENDLESS)
    order = np.argsort(-worth / weights)
    within = np.cumsum(weights[order]) <= bound
    greedy = int(worth[order][within].sum())  # what dividing items could add is less than one
    assert state.found
    assert int(worth.sum()) - state.best_cost >= 0.97 * greedy
    assert int(weights[state.best == 1].sum()) <= bound


def test_what_is_no_sum_is_refused_by_name():
    table = FactorTable.of(
        Kind.TABLE, 2, Csr.from_rows([[0, 1]]), parameters=Csr.from_rows([[1, 0]])
    )
    with pytest.raises(ValueError, match="factor 0 is table; it is no sum"):
        PricedSums.of(table, np.array([HARD]), np.zeros((1, 2), np.int64))


def test_a_repeated_member_counts_as_often_as_it_stands():
    # x - x <= -1 can never hold: the weights of a variable that stands twice are added
    relation = FactorTable.of(
        Kind.RELATION,
        3,
        Csr.from_rows([[0, 1, 2, 0, 1, 2]]),
        parameters=Csr.from_rows([[int(Operator.LESS), 0]]),
    )
    problem = PricedSums.of(relation, np.array([4]), np.zeros((1, 3), np.int64))
    assert problem.members.items.size == 0
    state = MovesState.start(problem, np.ones((1, 3), np.bool_), np.zeros(1, np.int16), 0)
    select("moves")[1](problem, state, 50, ENDLESS)
    assert state.best_cost == 4
