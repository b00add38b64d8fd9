"""Shipped weights see unseen boards; splits are apart; a tiny training runs."""

import numpy as np
import pytest
import torch

from latent_ebm.learning.training import run_training
from latent_ebm.learning.visual.boards import random_puzzles, show
from latent_ebm.learning.visual.data import BoardData, Practice
from latent_ebm.learning.visual.digits import Split, load_digits
from latent_ebm.learning.visual.encoder import Encoder, EncoderConfig
from latent_ebm.learning.visual.evaluation import evaluate
from latent_ebm.learning.visual.rendering import PLAIN, ROUGH, render, standardise
from latent_ebm.learning.visual.seeing import WEIGHTS, log_probabilities, shipped_encoder
from latent_ebm.learning.visual.structured import structured_loss


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_no_image_and_no_puzzle_is_in_two_splits():
    images = [{image.tobytes() for image in load_digits(split).images} for split in Split]
    assert not images[0] & images[2]
    assert not images[1] & images[2]
    puzzles = [{str(p) for p in random_puzzles(split, 5, 0)} for split in Split]
    assert not puzzles[0] & puzzles[2]


def test_boards_with_many_misread_digits_come_out_right():
    score = evaluate(Encoder.from_pretrained(WEIGHTS), 36, 60, seed=11)
    assert score.digits > 0.98
    assert score.blanks > 0.999
    assert score.right >= 0.95
    assert score.right > score.product + 0.1


def test_five_looks_at_digits_are_averaged_and_blanks_are_looked_at_once():
    encoder = Encoder.from_pretrained(WEIGHTS)
    givens = np.stack([p.givens for p in random_puzzles(Split.TEST, 2, 9, 36)]).astype(np.int64)
    boards = show(givens, load_digits(Split.TEST), PLAIN, 9)
    chance = log_probabilities(encoder, boards.cells).exp()
    torch.testing.assert_close(chance.sum(dim=-1), torch.ones(2, 81))
    with torch.no_grad():
        looks = [
            torch.softmax(encoder(torch.roll(boards.cells, move, (-2, -1))), dim=-1)
            for move in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
        ]
    blank = looks[0][..., 0] > 0.995
    mean = torch.stack(looks).mean(dim=0)
    inked = looks[0][..., 0] < 0.9
    torch.testing.assert_close(chance[inked], mean[inked], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(chance[blank], looks[0][blank], rtol=1e-3, atol=1e-4)
    assert inked.sum() == 72


def test_the_weights_are_small():
    assert sum(p.numel() for p in shipped_encoder().parameters()) * 4 < 2e6


def test_an_empty_cell_shows_nothing_and_a_digit_something():
    digits = load_digits(Split.TRAIN)
    images = torch.from_numpy(digits.choose(np.array([0, 5]), np.random.default_rng(0)))
    cells = render(images, PLAIN, torch.Generator().manual_seed(0))
    assert cells[0].std() < 0.1 < cells[1].std()
    assert torch.equal(
        render(images, ROUGH, torch.Generator().manual_seed(1)),
        render(images, ROUGH, torch.Generator().manual_seed(1)),
    )


@pytest.mark.parametrize(("gain", "paper"), [(0.5, 0.0), (1.0, 0.3), (2.0, -0.1)])
def test_contrast_and_paper_do_not_matter(gain, paper):
    clues = np.stack([random_puzzles(Split.TEST, 1, 0)[0].givens]).astype(int)
    cells = show(clues, load_digits(Split.TEST), PLAIN, 0).cells
    torch.testing.assert_close(standardise(cells * gain + paper), standardise(cells))


def test_the_structured_loss_is_zero_where_the_solver_is_right_and_pulls_where_it_is_not():
    puzzle = random_puzzles(Split.TRAIN, 1, 0, clues=36)[0]
    clues = torch.from_numpy(puzzle.givens.astype(np.int64))[None]
    sure = 60.0 * torch.nn.functional.one_hot(clues, 10).float()
    noise = torch.Generator().manual_seed(0)
    assert structured_loss(sure, clues, noise).item() == 0
    blank = sure.clone()
    blank[0, :, 0] += 200  # everything looks blank, so no reading is found
    blank[0, :40, 0] -= 200
    blank.requires_grad_()
    loss = structured_loss(blank, clues, noise, limit=30)
    loss.backward()
    assert blank.grad is not None
    assert bool(torch.isfinite(blank.grad).all())


def test_batches_depend_on_seed_and_number_alone():
    data = BoardData(steps=2, sheets=1, boards=1)
    one, again, other = data.practice[3], BoardData(sheets=1).practice[3], data.practice[4]
    assert torch.equal(one.cells, again.cells)
    assert not torch.equal(one.cells, other.cells)
    loader = data.train_dataloader()
    loader.sampler.set_epoch(2)
    assert list(loader.sampler) == [4, 5]


def test_a_width_that_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="width is from 1 to 256; found 0"):
        EncoderConfig(width=0)


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_a_short_training_learns_and_saves(tmp_path):
    # one small encoder, few steps: enough to tell a digit from nothing
    run_training(
        "fit",
        [
            "--config", "visual.yaml", "--output", str(tmp_path / "run"),
            "--model.init_args.width", "4", "--model.init_args.card", "2",
            "--model.init_args.structure_from", "0.9",
            "--data.init_args.steps", "12", "--data.init_args.sheets", "2",
            "--data.init_args.validation", "2", "--trainer.max_epochs", "2",
        ],
    )  # fmt: skip
    encoder = Encoder.from_pretrained(tmp_path / "run" / "pretrained")
    assert encoder.config.width == 4
    assert (tmp_path / "run" / "pretrained" / "README.md").read_text().count("|") > 10


def test_after_the_rough_batches_digits_are_bent_and_soiled_less():
    calm, rough = Practice(1, 0, seed=0, rough=1), Practice(1, 0, seed=0, rough=2)
    assert torch.equal(calm[0].cells, rough[0].cells)
    assert torch.equal(calm[1].clues, rough[1].clues)
    blank = calm[1].clues == 0
    assert calm[1].cells[blank].std() < 0.95 * rough[1].cells[blank].std()
