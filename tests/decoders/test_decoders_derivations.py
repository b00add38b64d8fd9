"""The best derivations and distinct random ones, against all derivations of small grammars."""

import itertools

import numpy as np
import pytest
from derivations import derivations, random_scores, random_trees, worths

from latent_ebm.decoders.derivations import k_best
from latent_ebm.decoders.distinct import sample_without_replacement
from latent_ebm.kernels.trees import Grammar, Trees

SIZES = [
    {},
    {"slots": 1, "width": 1},
    {"slots": 3, "width": 1, "types": 1},
    {"slots": 5, "productions": 4, "types": 2},
    {"slots": 4, "width": 3, "productions": 5},
]


@pytest.mark.parametrize("seed", range(15))
def test_k_best_gives_all_derivations_by_falling_score(seed):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, **SIZES[seed % len(SIZES)])
    scores = random_scores(rng, trees, 1, forbidden=0.1)[0]
    every = derivations(trees)
    worth = dict(zip(every, worths(scores, every).tolist(), strict=True))
    expected = sorted((w for w in worth.values() if w > -np.inf), reverse=True)
    found = list(k_best(trees, scores))
    assert [d.score for d in found] == pytest.approx(expected)
    assert len({d.values for d in found}) == len(found)
    for d in found:
        assert worth[d.values] == pytest.approx(d.score)


def test_k_best_of_equal_scores_gives_each_derivation_once():
    trees = random_trees(np.random.default_rng(1), slots=5)
    found = [d.values for d in k_best(trees, np.zeros(trees.shape))]
    assert sorted(found) == derivations(trees)


@pytest.mark.parametrize("take", [k_best, lambda t, s: sample_without_replacement(t, s, RNG)])
def test_a_tree_without_derivations_has_none(take):
    trees = random_trees(np.random.default_rng(1))
    assert list(take(trees, np.full(trees.shape, -np.inf))) == []


RNG = np.random.default_rng(0)


def test_k_best_stops_at_k():
    trees = random_trees(np.random.default_rng(1))
    assert len(list(k_best(trees, np.zeros(trees.shape), 3))) == 3


def endless():
    """Some 10^12 derivations."""
    accepts = np.ones((9, 2, 1), np.bool_)
    arity = np.array([0] * 5 + [1, 1, 2, 2])
    return Trees.complete(Grammar(("t",), np.zeros(9, int), arity, accepts), 4)


def test_k_best_is_lazy():
    trees = endless()
    scores = np.random.default_rng(0).normal(size=trees.shape)
    found = [d.score for d in itertools.islice(k_best(trees, scores), 500)]
    assert found == sorted(found, reverse=True)


def test_distinct_samples_are_lazy():
    trees = endless()
    scores = np.random.default_rng(0).normal(size=trees.shape)
    drawn = list(sample_without_replacement(trees, scores, np.random.default_rng(1), 200))
    assert len({sample.values for sample in drawn}) == 200
    perturbed = [sample.perturbed for sample in drawn]
    assert perturbed == sorted(perturbed, reverse=True)


@pytest.mark.parametrize("seed", range(10))
def test_sampling_to_the_end_gives_every_derivation_with_its_chance(seed):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, **SIZES[seed % len(SIZES)])
    scores = random_scores(rng, trees, 1, spread=4)[0]
    every = derivations(trees)
    worth = worths(scores, every)
    logs = dict(zip(every, worth - np.logaddexp.reduce(worth), strict=True))
    drawn = list(sample_without_replacement(trees, scores, rng))
    assert len({sample.values for sample in drawn}) == len(drawn) == len(every)
    for sample in drawn:
        assert sample.log_probability == pytest.approx(logs[sample.values], abs=1e-9)


def few():
    """A handful of derivations with chances from 0.02 to 0.5."""
    rng = np.random.default_rng(12)
    for _ in range(1000):
        trees = random_trees(rng, slots=3, productions=4, types=2)
        every = derivations(trees)
        if 5 <= len(every) <= 8:
            scores = random_scores(rng, trees, 1)[0]
            chances = np.exp(worths(scores, every))
            chances /= chances.sum()
            if chances.min() > 0.02:
                return trees, scores, every, chances
    raise AssertionError("no such grammar")


def test_pairs_come_with_the_chances_of_sampling_without_replacement():
    """First by p, then by p among those left: p_i p_j / (1 - p_i); by chi-square."""
    trees, scores, every, chances = few()
    rng, runs = np.random.default_rng(5), 3000
    number = {values: i for i, values in enumerate(every)}
    seen = np.zeros((len(every), len(every)))
    for _ in range(runs):
        first, second = sample_without_replacement(trees, scores, rng, 2)
        seen[number[first.values], number[second.values]] += 1
    expected = runs * chances[:, None] * chances / (1 - chances[:, None])
    np.fill_diagonal(expected, 0)
    assert not seen.diagonal().any()
    kept = expected > 0
    statistic = ((seen - expected)[kept] ** 2 / expected[kept]).sum()
    freedom = kept.sum() - 1
    assert statistic < freedom + 5 * np.sqrt(2 * freedom)


def test_perturbed_log_probabilities_are_the_order_statistics_of_gumbels():
    """Against the definition: noise on each derivation; means of the first three, 4 sigma."""
    trees, scores, _, chances = few()
    rng, runs = np.random.default_rng(6), 3000
    found = np.array(
        [
            [s.perturbed for s in sample_without_replacement(trees, scores, rng, 3)]
            for _ in range(runs)
        ]
    )
    whole = np.log(chances) + rng.gumbel(size=(runs, len(chances)))
    expected = -np.sort(-whole, axis=1)[:, :3]
    spread = np.sqrt((found.var(axis=0) + expected.var(axis=0)) / runs)
    assert (np.abs(found.mean(axis=0) - expected.mean(axis=0)) < 4 * spread).all()


def test_the_same_generator_gives_the_same_samples():
    trees = endless()
    scores = np.zeros(trees.shape)
    first, second = (
        list(sample_without_replacement(trees, scores, np.random.default_rng(3), 20))
        for _ in range(2)
    )
    assert first == second


def test_chances_that_differ_by_a_thousand_orders_of_magnitude_are_all_reached():
    leaves = Grammar(("t",), np.zeros(4, int), np.zeros(4, int), np.zeros((4, 1, 1), np.bool_))
    scores = np.array([[0.0, -1000.0, -3000.0, -9000.0, 0.0]])
    drawn = sample_without_replacement(Trees.complete(leaves, 0), scores, np.random.default_rng(0))
    assert [sample.values for sample in drawn] == [(0,), (1,), (2,), (3,)]
