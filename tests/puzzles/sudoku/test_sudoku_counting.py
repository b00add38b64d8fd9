import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.puzzles.sudoku import Shape, Sudoku, count_solutions, is_unique
from latent_ebm.puzzles.sudoku.counting import random_completion
from latent_ebm.puzzles.sudoku.generator import random_grid
from latent_ebm.puzzles.sudoku.shape import shapes_by_side

INKALA = "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4.."
SEVENTEEN = ".......14...7.8............1.4..5......2..83.6........5...4.....3....7......9...1"


def count_by_hand(givens, shape):
    """Plain backtracking without propagation."""
    if 0 not in givens:
        return 1
    cell = givens.index(0)
    seen = {givens[peer] for peer in shape.peers[cell].tolist()}
    return sum(
        count_by_hand([*givens[:cell], digit, *givens[cell + 1 :]], shape)
        for digit in range(1, shape.side + 1)
        if digit not in seen
    )


def clash_free(givens, shape):
    return all(
        not g or g not in [givens[p] for p in shape.peers[c].tolist()] for c, g in enumerate(givens)
    )


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.integers(0, 15), st.integers(1, 4), max_size=8))
def test_the_count_is_that_of_plain_backtracking_on_side_four(clues):
    shape = Shape(2, 2)
    givens = [clues.get(cell, 0) for cell in range(16)]
    expected = count_by_hand(givens, shape) if clash_free(givens, shape) else 0
    array = np.array(givens, np.int8)
    assert count_solutions(array, shape, limit=1000) == expected
    assert count_solutions(array, shape) == min(expected, 2)
    assert is_unique(array, shape) == (expected == 1)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_the_count_is_that_of_plain_backtracking_on_side_six(seed, holes):
    shape, rng = Shape(2, 3), np.random.default_rng(seed)
    givens = random_grid(shape, rng)
    givens[rng.choice(36, holes, replace=False)] = 0
    expected = count_by_hand(givens.tolist(), shape)
    assert count_solutions(givens, shape, limit=100_000) == expected


def test_all_grids_of_side_four_are_counted():
    assert count_solutions(np.zeros(16, np.int8), Shape(2, 2), limit=10_000) == 288


@pytest.mark.parametrize("text", [INKALA, SEVENTEEN])
def test_hard_puzzles_have_one_solution_and_without_a_clue_more(text):
    puzzle = Sudoku.parse(text)
    assert is_unique(puzzle.givens, puzzle.shape) is True
    fewer = puzzle.givens.copy()
    fewer[np.flatnonzero(fewer)[0]] = 0
    assert is_unique(fewer, puzzle.shape) is False


def test_clashing_givens_have_no_solution():
    puzzle = Sudoku.parse("11" + "." * 79)
    assert count_solutions(puzzle.givens, puzzle.shape) == 0


def test_a_search_that_is_cut_short_says_so():
    puzzle = Sudoku.parse(INKALA)
    assert count_solutions(puzzle.givens, puzzle.shape, max_nodes=2) is None
    assert is_unique(puzzle.givens, puzzle.shape, max_nodes=2) is None


@pytest.mark.parametrize("side", list(shapes_by_side()))
def test_every_shape_can_be_counted(side):
    shape, rng = Shape.of_side(side), np.random.default_rng(side)
    grid = random_grid(shape, rng)
    assert count_solutions(grid, shape) == 1
    grid[rng.random(shape.cells) < 0.2] = 0
    assert count_solutions(grid, shape) in (1, 2)
    assert count_solutions(np.zeros(shape.cells, np.int8), shape, max_nodes=5_000) in (2, None)


def test_the_givens_are_left_alone():
    givens = np.zeros(16, np.int8)
    count_solutions(givens, Shape(2, 2))
    assert not givens.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limit": 0}, "limit and max_nodes are at least 1; found 0"),
        ({"max_nodes": 0}, "limit and max_nodes are at least 1"),
        ({"shape": Shape(3, 3)}, r"a 9x9 Sudoku has 81 givens; found shape \[16\]"),
    ],
)
def test_impossible_requests_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        count_solutions(np.zeros(16, np.int8), **{"shape": Shape(2, 2), **arguments})


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32))
def test_a_random_completion_keeps_the_givens_and_solves(seed):
    puzzle, rng = Sudoku.parse("1" + "." * 80), np.random.default_rng(seed)
    filled = random_completion(puzzle.givens, puzzle.shape, rng, max_nodes=10_000)
    assert puzzle.verify(filled - 1)


def test_there_is_no_completion_of_clashing_givens():
    puzzle = Sudoku.parse("11" + "." * 79)
    rng = np.random.default_rng(0)
    assert random_completion(puzzle.givens, puzzle.shape, rng, max_nodes=10_000) is None
