"""The unrolled steps are the flow's own; the learned preset needs far fewer sweeps."""

from dataclasses import replace

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
from latent_ebm.learning.meta.unrolling import Knobs, begin, reached, unroll
from latent_ebm.learning.training import CONFIGS, run_training
from latent_ebm.plan import plan
from latent_ebm.puzzles.kinds import KINDS
from latent_ebm.puzzles.sudoku import Shape, sudoku_landscape
from latent_ebm.settings import Settings
from latent_ebm.solving import solve_block


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


def test_the_unrolled_steps_weigh_views_as_the_flow_does(puzzles):
    landscape, mask = puzzles[0].landscape, left_by_presolve(puzzles[:1])
    flow = GradientFlow(chains=1, restart_every=60, view_weights=(("row", 3.0), ("box", 0.2)))
    state = flow.init(landscape, mask, Place(seed=5))
    normal = torch.where(torch.isfinite(state.logits), state.logits, 0) / flow.spread
    allowed = torch.from_numpy(mask)
    knobs = replace(TunedFlow(FlowConfig()).knobs(), views=torch.tensor([3.0, 1.0, 0.2]))
    latent = begin(landscape, allowed, normal, knobs)
    flow.advance(state, 7)
    latent, _ = unroll(landscape, allowed, latent, knobs, steps=7, period=60)
    torch.testing.assert_close(latent.logits[allowed], state.logits[allowed], rtol=1e-3, atol=1e-3)
    plain = GradientFlow(chains=1, restart_every=60)
    other = plain.init(landscape, mask, Place(seed=5))
    plain.advance(other, 7)
    assert not torch.allclose(other.logits[allowed], state.logits[allowed], atol=0.05)


def test_gradients_through_the_steps_agree_with_differences(puzzles):
    landscape = puzzles[0].landscape
    allowed = torch.from_numpy(left_by_presolve(puzzles[:1]))
    normal = torch.randn(allowed.shape, generator=torch.Generator().manual_seed(0)).double()

    def end(logs):
        values = logs.exp()
        knobs = Knobs(*values[:5].unbind(), values[5:])
        latent = begin(landscape, allowed, normal, knobs)
        _, path = unroll(landscape, allowed, latent, knobs, steps=4, period=4)
        return path[-1].square().sum()

    config = FlowConfig(views=("row", "column", "box"))
    logs = TunedFlow(config).logs.detach().double().requires_grad_()
    (gradient,) = torch.autograd.grad(end(logs), logs)
    for index in range(len(logs)):
        step = torch.zeros_like(logs)
        step[index] = 1e-4
        difference = (end(logs.detach() + step) - end(logs.detach() - step)) / 2e-4
        assert gradient[index].item() == pytest.approx(difference.item(), rel=0.03, abs=2e-3)


@pytest.mark.parametrize("kind", sorted(set(GRADIENT_FLOW) - {"hand-tuned"}))
def test_presets_are_what_was_trained_by_the_shipped_configurations(kind):
    trained = TunedFlow.from_pretrained(f"tuned-{kind}")
    assert trained.flow() == GradientFlow.preset(kind)
    assert trained.config.kind == kind
    config = "meta" if kind == "sudoku" else f"meta-{kind}"
    assert f"kind: {kind}" in (CONFIGS / f"{config}.yaml").read_text()


@pytest.mark.parametrize(
    ("kind", "size"), [("sudoku", None), ("latin", 10), ("coloring", 45), ("cnf", 60)]
)
def test_presets_take_at_least_a_fifth_fewer_sweeps_on_unseen_puzzles(kind, size):
    unseen = open_puzzles(kind, 6, split="test", seed=3, size=size)
    hand, tuned = (
        np.median(sweeps_of(unseen, GradientFlow.preset(name), 200))
        for name in ("hand-tuned", kind)
    )
    assert tuned <= 0.8 * hand


def test_presets_are_chosen_by_name_and_unknown_ones_refused():
    assert choose("gradient-flow:sudoku") == GradientFlow.preset("sudoku")
    assert choose("gradient-flow:hand-tuned") == GradientFlow()
    with pytest.raises(ValueError, match="no preset 'x' of gradient-flow; choose from hand-tuned"):
        choose("gradient-flow:x")
    with pytest.raises(ValueError, match="no dynamics 'splitting:sudoku'"):
        choose("splitting:sudoku")


def flow_of(puzzle, **how):
    return plan("gradient-flow", None, puzzle.landscape, kind=puzzle.kind, **how)[0].dynamics


def test_each_kind_gets_the_preset_that_was_learned_for_it():
    rng = np.random.default_rng(0)
    for kind, size in (("coloring", 20), ("latin", 5), ("cnf", 20)):
        assert flow_of(KINDS[kind].generate(rng, size)) == GradientFlow.preset(kind)
    groups = sudoku_landscape(Shape(3, 3))  # a kind that nobody tuned, of groups
    assert plan("gradient-flow", None, groups)[0].dynamics == GradientFlow.preset("sudoku")
    assert plan("gradient-flow", "straight-through", groups)[0].dynamics.step_size == 0.1
    assert flow_of(KINDS["nonogram"].generate(rng, 5)) == GradientFlow()


def test_solving_takes_the_kinds_preset_unless_another_is_named():
    puzzle = open_puzzles("coloring", 1, split="test", seed=3, size=30)[0]

    def steps(dynamics):
        return solve_block([puzzle], Settings(dynamics=dynamics, max_steps=200))[0].steps

    assert steps("gradient-flow") == steps("gradient-flow:coloring")
    assert steps("gradient-flow:hand-tuned") > steps("gradient-flow")


def test_weights_of_views_are_above_zero():
    with pytest.raises(ValueError, match="the weight of view 'row' must be above 0; found 0"):
        GradientFlow(view_weights=(("row", 0.0),))


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_views_that_the_puzzles_have_not_got_are_refused_before_any_work(tmp_path):
    with pytest.raises(ValueError, match="the views of kind latin are row, column; found row, box"):
        run_training(
            "fit",
            [
                "--config", "meta-latin", "--output", str(tmp_path / "run"),
                "--data.init_args.size", "5", "--data.init_args.train", "2",
                "--data.init_args.validation", "1", "--model.init_args.views", "[row, box]",
            ],
        )  # fmt: skip


def test_chains_are_led_to_the_solution_that_they_reach_themselves(puzzles):
    landscape, mask = puzzles[0].landscape, left_by_presolve(puzzles[:1])
    allowed = torch.from_numpy(mask).expand(4, -1, -1)
    tuned = TunedFlow(FlowConfig())
    tuned.start_at(GradientFlow.preset("sudoku"))
    knobs = tuned.knobs().detached()
    normal = torch.randn(allowed.shape, generator=torch.Generator().manual_seed(1))
    latent = begin(landscape, allowed, normal, knobs)
    found = reached(landscape, allowed, latent, knobs, period=60)
    there = found[:, 0] >= 0
    assert there.any()
    assert (found[there] == torch.from_numpy(puzzles[0].expected.astype(np.int64))).all()
    assert (found[~there] == -1).all()


def test_a_segment_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="segment divides the period"):
        Tuning(period=60, segment=25)


@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_a_tiny_tuning_moves_the_parameters_and_saves_the_best(tmp_path):
    run_training(
        "fit",
        [
            "--config", "meta.yaml", "--output", str(tmp_path / "run"),
            "--model.init_args.kind", "coloring", "--model.init_args.period", "10",
            "--model.init_args.views", "[edges]", "--model.init_args.targets", "reached",
            "--model.init_args.segment", "5", "--model.init_args.chains", "2",
            "--model.init_args.sweeps", "20", "--data.init_args.kind", "coloring",
            "--data.init_args.size", "15", "--data.init_args.train", "4",
            "--data.init_args.validation", "2", "--data.init_args.batch", "2",
            "--trainer.max_epochs", "2",
        ],
    )  # fmt: skip
    tuned = TunedFlow.from_pretrained(tmp_path / "run" / "pretrained")
    assert tuned.config == FlowConfig("coloring", 10, ("edges",))
    assert tuned.flow().step_size != GradientFlow().step_size
