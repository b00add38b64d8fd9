"""The unrolled steps are the flow's own; the learned preset needs far fewer sweeps."""

import numpy as np
import pytest
import torch

from latent_ebm.dynamics.gradient_flow import GradientFlow
from latent_ebm.dynamics.presets import GRADIENT_FLOW
from latent_ebm.dynamics.protocol import Place
from latent_ebm.dynamics.registry import choose
from latent_ebm.learning.meta.measuring import sweeps_of
from latent_ebm.learning.meta.module import Tuning
from latent_ebm.learning.meta.parameters import FlowConfig, TunedFlow
from latent_ebm.learning.meta.problems import left_by_presolve, open_puzzles
from latent_ebm.learning.meta.unrolling import Knobs, begin, unroll
from latent_ebm.learning.training import run_training
from latent_ebm.plan import plan
from latent_ebm.puzzles.kinds import KINDS
from latent_ebm.puzzles.sudoku import Shape, sudoku_landscape


@pytest.fixture(scope="module")
def puzzles():
    return open_puzzles("sudoku", 6, split="test", seed=3)


def test_the_unrolled_steps_are_those_of_the_flow(puzzles):
    landscape, mask = puzzles[0].landscape, left_by_presolve(puzzles[:1])
    flow = GradientFlow(chains=2, restart_every=60)
    state = flow.init(landscape, mask, Place(seed=5))
    normal = torch.where(torch.isfinite(state.logits), state.logits, 0) / flow.spread
    allowed = torch.from_numpy(mask).expand(2, -1, -1)
    knobs = TunedFlow(FlowConfig()).knobs()
    latent = begin(landscape, allowed, normal, knobs)
    flow.advance(state, 7)
    latent, path = unroll(landscape, allowed, latent, knobs, steps=7, period=60)
    assert len(path) == 7
    torch.testing.assert_close(latent.logits[allowed], state.logits[allowed], rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(latent.multipliers, state.multipliers, rtol=1e-3, atol=1e-4)


def test_gradients_through_the_steps_agree_with_differences(puzzles):
    landscape = puzzles[0].landscape
    allowed = torch.from_numpy(left_by_presolve(puzzles[:1]))
    normal = torch.randn(allowed.shape, generator=torch.Generator().manual_seed(0)).double()

    def end(logs):
        knobs = Knobs(*logs.exp().unbind())
        latent = begin(landscape, allowed, normal, knobs)
        _, path = unroll(landscape, allowed, latent, knobs, steps=4, period=4)
        return path[-1].square().sum()

    logs = TunedFlow(FlowConfig()).logs.detach().double().requires_grad_()
    (gradient,) = torch.autograd.grad(end(logs), logs)
    for index in range(len(logs)):
        step = torch.zeros_like(logs)
        step[index] = 1e-4
        difference = (end(logs.detach() + step) - end(logs.detach() - step)) / 2e-4
        assert gradient[index].item() == pytest.approx(difference.item(), rel=0.03, abs=2e-3)


def test_the_preset_is_what_was_trained():
    trained = TunedFlow.from_pretrained("tuned-sudoku").flow()
    assert trained == GradientFlow.preset("sudoku")


def test_the_preset_takes_at_least_a_fifth_fewer_sweeps_on_unseen_puzzles(puzzles):
    hand, tuned = (
        np.median(sweeps_of(puzzles, GradientFlow.preset(name), 200)) for name in GRADIENT_FLOW
    )
    assert tuned <= 0.8 * hand


def test_presets_are_chosen_by_name_and_unknown_ones_refused():
    assert choose("gradient-flow:sudoku") == GradientFlow.preset("sudoku")
    assert choose("gradient-flow:hand-tuned") == GradientFlow()
    with pytest.raises(ValueError, match="no preset 'x' of gradient-flow; choose from hand-tuned"):
        choose("gradient-flow:x")
    with pytest.raises(ValueError, match="no dynamics 'splitting:sudoku'"):
        choose("splitting:sudoku")


def test_landscapes_of_groups_get_the_preset_and_others_do_not():
    groups = sudoku_landscape(Shape(3, 3))
    assert plan("gradient-flow", None, groups)[0].dynamics == GradientFlow.preset("sudoku")
    assert plan("gradient-flow", "straight-through", groups)[0].dynamics.step_size == 0.1
    other = KINDS["nonogram"].generate(np.random.default_rng(0), 5).landscape
    assert plan("gradient-flow", None, other)[0].dynamics == GradientFlow()


def test_a_segment_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="segment divides the period"):
        Tuning(period=60, segment=25)


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_a_tiny_tuning_moves_the_parameters_and_saves_the_best(tmp_path):
    run_training(
        "fit",
        [
            "--config", "meta.yaml", "--output", str(tmp_path / "run"),
            "--model.init_args.kind", "latin", "--model.init_args.period", "10",
            "--model.init_args.segment", "5", "--model.init_args.chains", "2",
            "--model.init_args.sweeps", "20", "--data.init_args.kind", "latin",
            "--data.init_args.size", "6", "--data.init_args.train", "4",
            "--data.init_args.validation", "2", "--data.init_args.batch", "2",
            "--trainer.max_epochs", "2",
        ],
    )  # fmt: skip
    tuned = TunedFlow.from_pretrained(tmp_path / "run" / "pretrained")
    assert tuned.config == FlowConfig("latin", 10)
    assert tuned.flow().step_size != GradientFlow().step_size
