import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.puzzles.sudoku import GenerationError, Shape, generate, is_unique, rate
from latent_ebm.puzzles.sudoku.generator import random_grid
from latent_ebm.puzzles.sudoku.shape import shapes_by_side


@settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 2**32),
    st.sampled_from([Shape(2, 2), Shape(2, 3), Shape(3, 2), Shape(2, 4), Shape(3, 3)]),
    st.sampled_from([None, "easy"]),
    st.booleans(),
)
def test_a_puzzle_has_one_solution_which_it_expects(seed, shape, difficulty, symmetric):
    puzzle = generate(shape, rng=seed, difficulty=difficulty, symmetric=symmetric)
    assert is_unique(puzzle.givens, shape) is True
    assert puzzle.verify(puzzle.expected)
    assert puzzle.faults() == ()
    if symmetric:
        pattern = puzzle.givens > 0
        assert np.array_equal(pattern, pattern[::-1])


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32), st.integers(24, 81), st.booleans())
def test_the_number_of_clues_is_the_one_asked_for(seed, clues, symmetric):
    puzzle = generate(rng=seed, clues=max(clues, 28) if symmetric else clues, symmetric=symmetric)
    assert puzzle.clues == (max(clues, 28) if symmetric else clues)


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
@pytest.mark.parametrize("seed", range(3))
def test_the_difficulty_is_the_one_asked_for(difficulty, seed):
    puzzle = generate(rng=seed, difficulty=difficulty)
    assert rate(puzzle) == difficulty
    assert is_unique(puzzle.givens, puzzle.shape)


def test_the_same_seed_makes_the_same_puzzle_and_another_seed_another():
    one, two, other = (generate(rng=seed) for seed in (7, 7, 8))
    assert one == two
    assert one != other
    assert generate(rng=np.random.default_rng(7)) == one


def test_a_generator_that_is_passed_on_gives_new_puzzles():
    rng = np.random.default_rng(0)
    assert len({generate(Shape(2, 3), rng=rng) for _ in range(10)}) > 5


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    generate(Shape(2, 2), rng=0)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("side", list(shapes_by_side()))
def test_random_grids_are_full_correct_and_varied(side):
    shape, rng = Shape.of_side(side), np.random.default_rng(side)
    grids = [random_grid(shape, rng) for _ in range(4)]
    for grid in grids:
        for unit in shape.units:
            assert sorted(grid[unit].tolist()) == list(range(1, side + 1))
    assert len({grid.tobytes() for grid in grids}) > 1


@pytest.mark.parametrize(("side", "clues"), [(12, 70), (16, 130), (16, None)])
def test_large_puzzles_stop_at_their_clues(side, clues):
    puzzle = generate(Shape.of_side(side), rng=0, clues=clues)
    assert puzzle.clues == (clues or 128)
    assert is_unique(puzzle.givens, puzzle.shape) is True


@pytest.mark.slow
def test_the_largest_puzzles_can_be_made():
    puzzle = generate(Shape(5, 5), rng=0, clues=400)
    assert puzzle.clues == 400
    assert is_unique(puzzle.givens, puzzle.shape) is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clues": 16}, "a 9x9 puzzle with one solution has 17 to 81 clues; 16 were asked for"),
        ({"clues": 82}, "17 to 81 clues; 82 were asked for"),
        ({"shape": Shape(2, 2), "clues": 2}, "has 3 to 16 clues; 2 were asked for"),
        ({"shape": Shape(2, 2), "clues": 7, "symmetric": True}, "an even number of clues"),
        ({"difficulty": "evil"}, "no difficulty 'evil'; choose from easy, medium, hard"),
        ({"attempts": 0}, "attempts is at least 1; found 0"),
    ],
)
def test_impossible_puzzles_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        generate(rng=0, **arguments)


def test_a_target_out_of_reach_is_an_error_that_says_how_far_it_came():
    message = r"reached 2\d clues, not 17, in 3 attempts; ask for more clues or raise attempts"
    with pytest.raises(GenerationError, match=message):
        generate(rng=0, clues=17, attempts=3)


def test_a_difficulty_out_of_reach_is_an_error_that_says_what_was_found():
    with pytest.raises(GenerationError, match=r"no hard 9x9 puzzle in 3 attempts \(found: 3 easy"):
        generate(rng=0, clues=80, difficulty="hard", attempts=3)


def test_importing_the_package_is_light_and_generating_needs_no_torch():
    code = (
        "import sys; import latent_ebm.puzzles.sudoku as s; light = set(sys.modules);"
        "s.Sudoku.parse('.' * 81).mask; s.generate(s.Shape(2, 2), rng=0);"
        "assert not {'numba', 'torch', 'matplotlib'} & light;"
        "assert not {'torch', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
