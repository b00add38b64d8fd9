"""Objectives by single moves, sums too long to project, and clocks that stand still."""

import time
from dataclasses import dataclass, field

import numpy as np
import pytest

import latent_ebm
from latent_ebm.dynamics.moves import Moves
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.linear import Linear
from latent_ebm.energies.space import Space
from latent_ebm.exact.outcome import Clock
from latent_ebm.kernels.moves import HARD, PricedSums
from latent_ebm.kernels.structure import Csr
from latent_ebm.loading import LOADING, Loading
from latent_ebm.loop import Budget, Place, descend
from latent_ebm.moving import Allowance, move_downhill
from latent_ebm.plan import plan
from latent_ebm.puzzles.sudoku import Sudoku
from latent_ebm.puzzles.wcnf import Wcnf, generate


def long_sum(items, low, high):
    """One sum over so many Booleans that its dynamic programming would not fit."""
    weights = np.random.default_rng(0).integers(1_000, 9_000, items)
    table = np.stack([np.zeros(items, np.int64), weights], axis=1)
    family = Linear(
        Csr.rectangle(np.arange(items)[None]), table, np.array([low]), np.array([high]), 2, ("sum",)
    )
    space = Space.full([f"x{i}" for i in range(items)], ["0", "1"])
    return Landscape(space, (HardDomain("sum", (family,)),)), weights


def test_a_sum_too_long_to_project_goes_to_single_moves():
    landscape, weights = long_sum(600, 1_000_000, 1_000_100)
    (stage,) = plan("auto", None, landscape)
    assert stage.dynamics == Moves()
    mask = landscape.space.mask[None]
    descent = descend(landscape, mask, (stage,), place=Place(), budget=Budget(2_000))
    assert descent.solved[0]
    assert 1_000_000 <= weights[descent.values[0] == 1].sum() <= 1_000_100


def test_moves_come_to_the_same_whatever_the_batch():
    landscape, _ = long_sum(80, 150_000, 150_020)
    mask = np.repeat(landscape.space.mask[None], 3, axis=0)
    mask[1, :5, 0] = False
    stages, place, budget = plan("moves", None), Place(seed=4), Budget(500)
    together = descend(landscape, mask, stages, place=place, budget=budget)
    for b in range(3):
        alone = descend(landscape, mask[b : b + 1], stages, place=place, budget=budget)
        np.testing.assert_array_equal(alone.values[0], together.values[b])
        assert alone.steps[0] == together.steps[b]


def test_soft_clauses_by_the_thousand_get_better_and_better():
    problem = generate(np.random.default_rng(0), variables=600, ratio=6.0)
    assert len(problem.weights) > 1_000
    seen = []
    solution = latent_ebm.solve(problem, max_steps=3_000, on_improvement=seen.append)
    costs = [problem.cost(one.values) for one in seen]
    assert costs == sorted(set(costs), reverse=True)
    assert solution.solved
    assert solution.energy == problem.cost(solution.values) == costs[-1]
    assert costs[-1] < costs[0] / 10
    again = latent_ebm.solve(problem, max_steps=3_000)
    np.testing.assert_array_equal(again.values, solution.values)


def test_moves_stop_at_their_sweeps():
    formula = Wcnf.parse("h 1 2 0\n3 -1 0\n4 -2 0\n")
    problem = PricedSums.of(formula.landscape.factors, np.array([HARD]), np.array([[0, 3], [0, 4]]))
    found = []
    sweeps = move_downhill(
        problem, formula.landscape.space.mask, np.array([1, 1], np.int16),
        lambda values, cost: found.append((values.tolist(), cost)),
        Allowance(Clock(None), sweeps=40), seed=0,
    )  # fmt: skip
    assert sweeps == 40
    assert found[-1] == ([1, 0], 3)


def test_a_clock_stands_still_while_kernels_load():
    clock = Clock(0.05)
    with LOADING.of("something slow"):
        time.sleep(0.1)
    assert not clock.out
    assert clock.spent < 0.05
    time.sleep(0.06)
    assert clock.out


def test_a_long_wait_is_announced(caplog, monkeypatch):
    monkeypatch.setattr("latent_ebm.loading.SILENCE", 0.01)
    loading = Loading()
    with loading.of("a kernel"):
        time.sleep(0.1)
    assert "compiles its kernels" in caplog.text
    assert not loading.needs("a kernel")


@dataclass(frozen=True)
class SlowToLoad(Moves):
    """Single moves whose kernels take a while at their first use."""

    name: str = field(default="slow-to-load", init=False)

    def advance(self, state, sweeps):
        """Sweep."""
        if LOADING.needs((self.name, state.backend)):
            time.sleep(0.5)
        super().advance(state, sweeps)


@pytest.mark.parametrize("text", ["1... ..3. .4.. ...2"])
def test_a_time_limit_counts_from_loaded_kernels(text):
    LOADING.loaded = {what for what in LOADING.loaded if "slow-to-load" not in what}
    puzzle = Sudoku.parse(text)
    solution = latent_ebm.solve(puzzle, dynamics=SlowToLoad(), presolve="none", time_limit=0.4)
    assert solution.solved
    assert solution.seconds < 0.4
