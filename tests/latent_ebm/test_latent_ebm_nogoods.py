"""Dives that learn, within the loop: hand-over, budgets, and what is said when they give up."""

from dataclasses import replace

import numpy as np
import pytest

import latent_ebm
from latent_ebm.cli.choices import DynamicsName
from latent_ebm.dynamics.nogoods import Nogoods
from latent_ebm.dynamics.protocol import Place
from latent_ebm.dynamics.registry import DYNAMICS
from latent_ebm.dynamics.splitting import Splitting
from latent_ebm.energies.coupling import Rule
from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, BackendError
from latent_ebm.ledger import CONTRADICTORY
from latent_ebm.loop import Budget, Stage, descend
from latent_ebm.plan import LARGE, plan
from latent_ebm.puzzles.cnf import Cnf
from latent_ebm.puzzles.kinds import KINDS
from latent_ebm.puzzles.latin import Latin, generate, latin_landscape
from latent_ebm.puzzles.sudoku import Shape, Sudoku, sudoku_landscape
from latent_ebm.solution import Status

# The clues do not clash, but row 1 needs a 3 and box 2 has one already.
UNSOLVABLE = Sudoku.parse("12.. ..3. .... ....")
DIVES = (Stage(Nogoods()),)
BACKENDS = list(IMPLEMENTATIONS["nogoods"])


def holes(side, count=1):
    return [generate(np.random.default_rng(seed), side) for seed in range(count)]


def dive(problems, stages=DIVES, backend="cpu", seed=0, **budget):
    landscape = problems[0].landscape
    left = landscape.presolve(type(problems[0]).masks(problems), Rule.SINGLES)
    return descend(
        landscape, left.mask, stages, place=Place(backend, seed=seed), budget=Budget(**budget)
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_puzzles_are_solved_and_both_back_ends_do_it_alike(backend, puzzles_of):
    puzzles = puzzles_of(9, 3)
    found = dive(puzzles, backend=backend)
    assert found.solved.all()
    assert Sudoku.verified(puzzles, found.values).all()
    np.testing.assert_array_equal(found.steps, dive(puzzles).steps)


def test_the_same_seed_dives_alike_whatever_the_batch_and_the_chunks():
    squares = holes(20, 3)
    together = dive(squares, seed=4)
    assert together.solved.all()
    for b, square in enumerate(squares):
        alone = dive([square], seed=4, time_limit=60)
        np.testing.assert_array_equal(alone.values[0], together.values[b])
        assert alone.steps[0] == together.steps[b]


def test_no_more_dives_are_made_than_allowed():
    found = dive(holes(35), max_steps=7)
    assert found.steps.tolist() == [7]
    assert not found.solved[0]


def test_a_time_limit_holds():
    found = dive(holes(60), time_limit=0.3)
    assert 0.3 <= found.seconds[0] < 3


def test_candidates_keep_to_the_mask(puzzles_of):
    puzzle = puzzles_of(9, 1)[0]
    dynamics = Nogoods()
    state = dynamics.init(puzzle.landscape, puzzle.mask[None], Place("cpu"))
    for _ in range(3):
        dynamics.advance(state, 1)
        chains = dynamics.candidates(state, 0)
        assert chains.shape == (2, 81)
        assert np.take_along_axis(puzzle.mask[None], chains[..., None].astype(int), axis=2).all()


def test_what_a_stage_before_left_is_where_dives_begin():
    square = holes(12)[0]
    solution = dive([square]).values
    state = Nogoods().init(square.landscape, Latin.masks([square]), Place("cpu", start=solution))
    Nogoods().advance(state, 1)
    assert state.progress.finished[0], "the phases of a solution meet no contradiction"
    np.testing.assert_array_equal(state.progress.values, solution)


def test_stages_hand_on_what_the_splitting_leaves():
    stages = (Stage(Splitting(), sweeps=5), Stage(Nogoods()))
    found = dive(holes(20, 2), stages)
    assert found.solved.all()
    assert set(found.engine) == {"nogoods"}
    assert (found.steps > 5).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_energy_gives_up_on_a_contradiction_but_never_calls_it_infeasible(backend):
    answer = latent_ebm.solve(UNSOLVABLE, dynamics="nogoods", presolve="none", backend=backend)
    assert answer.status is Status.UNKNOWN
    assert answer.violations[0] == CONTRADICTORY
    assert len(answer.violations) > 1, "what the best candidate violates is named as well"
    assert answer.seconds < 30


def test_an_unsatisfiable_formula_ends_early_as_unknown():
    clauses = [f"{a} {b} {c} 0" for a in (1, -1) for b in (2, -2) for c in (3, -3)]
    formula = Cnf.parse("p cnf 3 8\n" + "\n".join(clauses) + "\n")
    answer = latent_ebm.solve(formula, dynamics="nogoods")
    assert answer.status is Status.UNKNOWN
    assert answer.violations[0] == CONTRADICTORY


def test_large_problems_of_groups_go_on_to_dives_unless_an_exact_engine_waits():
    def names(landscape, **how):
        return [stage.dynamics.name for stage in plan("auto", None, landscape, **how)]

    assert names(latin_landscape(25)) == ["splitting", "nogoods"]
    assert names(latin_landscape(25), exact=True) == ["splitting"]
    assert LARGE > 9**3
    assert names(sudoku_landscape(Shape(3, 3))) == ["splitting"]


def test_the_hybrid_strategy_proves_what_dives_give_up_on():
    answer = latent_ebm.solve(UNSOLVABLE, strategy="hybrid", dynamics="nogoods", presolve="none")
    assert answer.status is Status.INFEASIBLE


def test_comparisons_are_refused_by_name():
    kind = KINDS["futoshiki"]

    puzzle = kind.generate(np.random.default_rng(0))
    with pytest.raises(ValueError, match="is a comparison; multipliers know not-equal only"):
        Nogoods().init(puzzle.landscape, kind.problem.masks([puzzle]), Place())
    with pytest.raises(BackendError, match="no back end 'triton' for nogoods"):
        Nogoods().init(UNSOLVABLE.landscape, UNSOLVABLE.mask[None], Place("triton"))


def test_the_command_line_takes_all_dynamics_by_name():
    assert {name.value for name in DynamicsName} == {"auto", *DYNAMICS}


def test_another_seed_takes_another_way():
    square = holes(25)
    first, second = (dive(square, seed=seed, max_steps=5_000) for seed in (0, 1))
    assert first.steps[0] != second.steps[0]
    assert replace(Place(), start=first.values) == Place()
