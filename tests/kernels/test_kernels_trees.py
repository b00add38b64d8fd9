"""Derivation trees: every back end against enumeration, and against the reference."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from derivations import derivations, random_scores, random_trees, worths

from latent_ebm.kernels.cpu import trees as cpu_trees
from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, tree_best, tree_inside, tree_sample
from latent_ebm.kernels.trees import Grammar, Trees

BACKENDS = list(IMPLEMENTATIONS["tree_inside"])
OTHERS = [name for name in BACKENDS if name != "reference"]
# the interpreter takes a while, and has no lanes that a batch could end in
BATCHES = [("cpu", 1), ("cpu", 5), ("cpu", 37), ("triton", 2)]
SIZES = {
    "one slot": {"slots": 1, "productions": 3, "width": 1, "types": 2},
    "a chain": {"slots": 3, "productions": 4, "width": 1, "types": 1},
    "small": {"slots": 4},
    "odd": {"slots": 9, "productions": 23, "width": 3, "types": 5},
}
DTYPES = [(torch.float32, 2e-5), (torch.float64, 1e-12)]


@pytest.fixture(params=SIZES, scope="module")
def trees(request):
    return random_trees(np.random.default_rng(len(request.param)), **SIZES[request.param])


@pytest.fixture(scope="module")
def small():
    return random_trees(np.random.default_rng(5), **SIZES["small"])


@pytest.fixture(scope="module")
def compiled():
    """The kernels, for both precisions, with the true numpy."""
    trees = random_trees(np.random.default_rng(0))
    for dtype, _ in DTYPES:
        scores = torch.zeros(1, *trees.shape, dtype=dtype)
        tree_inside(trees, scores, backend="cpu")
        tree_best(trees, scores, backend="cpu")
        tree_sample(trees, scores, torch.zeros(1, 1, trees.shape[0]), backend="cpu")


@pytest.fixture(autouse=True)
def poison(compiled, monkeypatch):  # noqa: ARG001
    """What is allocated and not written is not a number, or no state."""

    def empty(shape, dtype):
        return np.full(shape, np.nan if np.dtype(dtype).kind == "f" else -9, dtype)

    fake = SimpleNamespace(empty=empty, int32=np.int32, uint32=np.uint32)
    monkeypatch.setattr(cpu_trees, "np", fake)
    torch.use_deterministic_algorithms(True)  # fills what torch.empty gives, too
    yield
    torch.use_deterministic_algorithms(False)


def relative_error(found, expected) -> float:
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    assert torch.equal(found.isinf(), expected.isinf())
    found, expected = found.nan_to_num(7.0, neginf=0.0), expected.nan_to_num(neginf=0.0)
    return float((found - expected).norm() / expected.norm().clamp(min=1e-30))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", range(4))
def test_small_trees_by_enumeration(backend, seed) -> None:
    rng = np.random.default_rng(seed)
    trees = random_trees(rng)
    batch = 2 if backend == "triton" else 5
    scores = random_scores(rng, trees, batch, forbidden=0.2, spread=2)
    every = derivations(trees)
    one_hot = np.eye(trees.shape[1])[np.array(every)]
    total, marginals = tree_inside(trees, torch.from_numpy(scores), backend=backend)
    values, best = tree_best(trees, torch.from_numpy(scores), backend=backend)
    for b in range(batch):
        worth = worths(scores[b], every)
        assert best[b].item() == pytest.approx(worth.max())
        if worth.max() == -np.inf:
            assert total[b] == -torch.inf
            assert not marginals[b].any()
            assert values[b].tolist() == [-1] * trees.shape[0]
            continue
        assert tuple(values[b].tolist()) == every[worth.argmax()]
        chances = np.exp(worth - worth.max())
        assert total[b].item() == pytest.approx(np.log(chances.sum()) + worth.max())
        expected = np.einsum("d,dsp->sp", chances / chances.sum(), one_hot)
        np.testing.assert_allclose(marginals[b].numpy(), expected, atol=1e-12)


@pytest.mark.parametrize(("backend", "batch"), BATCHES)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize(("forbidden", "spread"), [(0.0, 1.0), (0.3, 40.0)])
def test_inside_agrees_with_the_reference(
    trees, backend, batch, dtype, tolerance, forbidden, spread
) -> None:
    rng = np.random.default_rng(batch)
    scores = random_scores(rng, trees, batch, forbidden=forbidden, spread=spread)
    scores = torch.from_numpy(scores).to(dtype)
    expected = tree_inside(trees, scores, backend="reference")
    found = tree_inside(trees, scores, backend=backend)
    for a, b in zip(found, expected, strict=True):
        assert relative_error(a, b) < tolerance


@pytest.mark.parametrize(("backend", "batch"), BATCHES)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
def test_best_agrees_with_the_reference(trees, backend, batch, dtype, tolerance) -> None:
    scores = random_scores(np.random.default_rng(batch), trees, batch, forbidden=0.2)
    scores = torch.from_numpy(scores).to(dtype)
    expected, most = tree_best(trees, scores, backend="reference")
    values, total = tree_best(trees, scores, backend=backend)
    assert torch.equal(values, expected)
    assert relative_error(total, most) < tolerance


@pytest.mark.parametrize("backend", OTHERS)
def test_of_equal_derivations_all_back_ends_take_the_same(trees, backend) -> None:
    scores = torch.zeros(2, *trees.shape)
    assert torch.equal(
        tree_best(trees, scores, backend=backend)[0],
        tree_best(trees, scores, backend="reference")[0],
    )


@pytest.mark.parametrize(("backend", "batch"), BATCHES)
@pytest.mark.parametrize("draws", [1, 3])
def test_samples_agree_with_the_reference(trees, backend, batch, draws) -> None:
    rng = np.random.default_rng(batch)
    scores = torch.from_numpy(random_scores(rng, trees, batch, forbidden=0.2))
    uniforms = torch.from_numpy(rng.random((batch, draws, trees.shape[0])))
    found = tree_sample(trees, scores, uniforms, backend=backend)
    assert found.dtype == torch.int32
    assert torch.equal(found, tree_sample(trees, scores, uniforms, backend="reference"))


@pytest.mark.parametrize("backend", ["reference", "cpu"])
def test_samples_have_the_frequencies_of_the_derivations(backend) -> None:
    rng = np.random.default_rng(3)
    trees = random_trees(rng, slots=3, productions=4, types=2)
    scores = random_scores(rng, trees, 1)
    every = derivations(trees)
    draws = 4000
    uniforms = torch.from_numpy(rng.random((1, draws, trees.shape[0])))
    drawn = tree_sample(trees, torch.from_numpy(scores), uniforms, backend=backend)[0]
    found, counts = np.unique(drawn.numpy(), axis=0, return_counts=True)
    observed = dict(zip(map(tuple, found.tolist()), counts.tolist(), strict=True))
    assert set(observed) <= set(every)
    chances = np.exp(worths(scores[0], every))
    expected = draws * chances / chances.sum()
    statistic = sum((observed.get(d, 0) - e) ** 2 / e for d, e in zip(every, expected, strict=True))
    freedom = len(every) - 1
    # five standard deviations of chi-square
    assert statistic < freedom + 5 * np.sqrt(2 * freedom)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_extreme_uniforms_give_derivations(small, backend) -> None:
    scores = torch.from_numpy(random_scores(np.random.default_rng(0), small, 2)).float()
    for u in (0.0, 1 - 2**-24):
        uniforms = torch.full((2, 1, small.shape[0]), u)
        drawn = tree_sample(small, scores, uniforms, backend=backend)
        assert (drawn >= 0).all()
        chosen = scores.gather(2, drawn[:, 0, :, None].long()).sum(dim=(1, 2))
        assert (chosen <= tree_best(small, scores, backend=backend)[1] + 1e-4).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_tree_without_derivations_is_told_and_spoils_no_other(small, backend) -> None:
    scores = torch.from_numpy(random_scores(np.random.default_rng(1), small, 3))
    alone = tree_inside(small, scores[2:], backend=backend)
    scores[1, 0] = -torch.inf
    total, marginals = tree_inside(small, scores, backend=backend)
    assert total[1] == -torch.inf
    assert (marginals[1] == 0).all()
    assert torch.equal(total[2:], alone[0])
    assert torch.equal(marginals[2:], alone[1])
    values, best = tree_best(small, scores, backend=backend)
    drawn = tree_sample(small, scores, torch.rand(3, 2, small.shape[0]), backend=backend)
    assert best[1] == -torch.inf
    assert (values[1] == -1).all()
    assert (drawn[1] == -1).all()
    assert (drawn[[0, 2]] >= 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_that_lie_far_apart_lose_nothing(backend) -> None:
    """A child that must be there although nothing is e^3000 times likelier."""
    trees = Trees.complete(
        Grammar(("t",), np.zeros(2, int), np.array([0, 1]), np.ones((2, 1, 1), bool)), 2
    )
    scores = torch.full((1, 3, 3), -3000.0)
    scores[0, :, 2] = 0
    scores[0, 0, 0] = -9000
    total, marginals = tree_inside(trees, scores, backend=backend)
    assert total.item() == pytest.approx(-6000)
    assert marginals[0].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_trees(small, backend) -> None:
    scores = torch.zeros(0, *small.shape)
    total, marginals = tree_inside(small, scores, backend=backend)
    assert (total.shape, marginals.shape) == ((0,), scores.shape)
    assert tree_best(small, scores, backend=backend)[0].shape == (0, small.shape[0])
    assert tree_sample(
        small, torch.zeros(2, *small.shape), torch.zeros(2, 0, small.shape[0]), backend=backend
    ).shape == (2, 0, small.shape[0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_that_are_not_contiguous(small, backend) -> None:
    scores = torch.from_numpy(random_scores(np.random.default_rng(2), small, 4))
    turned = scores.permute(2, 1, 0).contiguous().permute(2, 1, 0)
    expected = tree_inside(small, scores, backend=backend)
    assert torch.equal(tree_inside(small, turned, backend=backend)[1], expected[1])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused(small, bad) -> None:
    scores = torch.zeros(2, *small.shape)
    scores[1, 0, 2] = bad
    with pytest.raises(ValueError, match="for state 2 of slot 0 in tree 1"):
        tree_inside(small, scores)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (torch.zeros(2, 4, 6), r"need scores \[B, 4, 7\]; found \(2, 4, 6\)"),
        (torch.zeros(4, 7), r"found \(4, 7\)"),
        (torch.zeros(2, 4, 7, dtype=torch.float16), "found torch.float16"),
    ],
)
def test_scores_that_do_not_fit_are_refused(small, scores, message) -> None:
    with pytest.raises(ValueError, match=message):
        tree_best(small, scores)


def test_uniforms_that_do_not_fit_are_refused(small) -> None:
    with pytest.raises(ValueError, match=r"need uniforms \[2, C, 4\]; found \(2, 4\)"):
        tree_sample(small, torch.zeros(2, *small.shape), torch.zeros(2, 4))
