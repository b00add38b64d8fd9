"""The score-function gradient: unbiased, by enumeration of all derivations and samples."""

import itertools

import numpy as np
import pytest
import torch
from derivations import derivations, random_scores, random_trees, worths

from latent_ebm.decoders.score_function import leave_one_out_gradient, log_probability_gradient
from latent_ebm.kernels.dispatch import tree_inside, tree_sample
from latent_ebm.kernels.log_partition import log_partition


@pytest.fixture
def small():
    """Trees, scores, all derivations and an energy for each that nothing can differentiate."""
    rng = np.random.default_rng(2)
    trees = random_trees(rng, slots=3, productions=4, types=2)
    every = torch.tensor(derivations(trees))
    scores = torch.from_numpy(random_scores(rng, trees, 1)[0])
    return trees, scores, every, torch.from_numpy(rng.integers(0, 5, len(every)).astype(float))


def exact_gradient(trees, scores, every, energies):
    """Of the sum of p(v) E(v), by autograd through the enumeration."""
    scores = scores.clone().requires_grad_()
    worth = scores[torch.arange(trees.shape[0]), every].sum(dim=1)
    (gradient,) = torch.autograd.grad((torch.softmax(worth, 0) * energies).sum(), scores)
    return gradient


def test_the_score_is_the_gradient_of_the_log_probability(small):
    trees, scores, every, _ = small
    _, marginals = tree_inside(trees, scores[None])
    for values in every[:5]:
        leaf = scores.clone().requires_grad_()
        chosen = leaf[torch.arange(trees.shape[0]), values].sum()
        (expected,) = torch.autograd.grad(chosen - log_partition(trees, leaf[None])[0], leaf)
        torch.testing.assert_close(log_probability_gradient(values, marginals[0]), expected)


@pytest.mark.parametrize("samples", [2, 3])
def test_its_mean_over_all_samples_is_the_exact_gradient(small, samples):
    trees, scores, every, energies = small
    every, energies = every[:9], energies[:9]
    chances = torch.from_numpy(np.exp(worths(scores.numpy(), every.tolist())))
    chances /= chances.sum()
    mean = torch.zeros(trees.shape, dtype=torch.float64)
    for drawn in itertools.product(range(len(every)), repeat=samples):
        drawn = list(drawn)
        estimate = leave_one_out_gradient(every[drawn], energies[drawn], trees.shape[1])
        mean += chances[drawn].prod() * estimate
    torch.testing.assert_close(mean, exact_gradient(trees, scores, every, energies))


def test_it_converges_with_the_samples_of_the_kernel(small):
    trees, scores, every, energies = small
    number = {tuple(v): i for i, v in enumerate(every.tolist())}
    uniforms = torch.from_numpy(np.random.default_rng(0).random((1, 20_000, trees.shape[0])))
    values = tree_sample(trees, scores[None], uniforms)[0]
    drawn = [number[tuple(v)] for v in values.tolist()]
    estimate = leave_one_out_gradient(values, energies[drawn], trees.shape[1])
    exact = exact_gradient(trees, scores, every, energies)
    # an entry's standard deviation is at most that of the energies over the root of the samples
    assert (estimate - exact).abs().max() < 5 * energies.std() / 20_000**0.5


def test_it_is_the_definition_with_baselines_and_marginals(small):
    trees, scores, every, energies = small
    _, marginals = tree_inside(trees, scores[None])
    drawn = [0, 3, 3, 1]
    expected = torch.zeros(trees.shape, dtype=torch.float64)
    for c, d in enumerate(drawn):
        others = energies[[e for i, e in enumerate(drawn) if i != c]].mean()
        score = log_probability_gradient(every[d], marginals[0])
        expected += (energies[d] - others) * score / len(drawn)
    found = leave_one_out_gradient(every[drawn], energies[drawn], trees.shape[1])
    torch.testing.assert_close(found, expected)


def test_equal_energies_have_no_gradient():
    values = torch.randint(0, 4, (5, 6, 3))
    gradient = leave_one_out_gradient(values, torch.full((5, 6), 2.5), 4)
    assert gradient.shape == (5, 3, 4)
    assert not gradient.any()


def test_a_batch_is_its_elements():
    generator = torch.Generator().manual_seed(0)
    values = torch.randint(0, 4, (2, 6, 3), generator=generator)
    energies = torch.rand(2, 6, generator=generator)
    together = leave_one_out_gradient(values, energies, 4)
    for b in range(2):
        torch.testing.assert_close(leave_one_out_gradient(values[b], energies[b], 4), together[b])


@pytest.mark.parametrize(
    ("values", "energies", "message"),
    [
        (torch.zeros(1, 2, dtype=torch.int32), torch.zeros(1), "at least two samples; found 1"),
        (torch.zeros(3, 2, dtype=torch.int32), torch.zeros(2), r"one energy each, \(3,\)"),
        (torch.zeros(2, 2, dtype=torch.int32), torch.tensor([0.0, torch.inf]), "not finite"),
        (torch.full((2, 2), -1), torch.zeros(2), "its tree has no derivation"),
    ],
)
def test_what_has_no_gradient_is_refused(values, energies, message):
    with pytest.raises(ValueError, match=message):
        leave_one_out_gradient(values, energies, 4)
