"""Measuring peers: nobody gets more than the time limit, and a kill loses no other puzzle."""

import pytest

from latent_ebm.bench.measure import measure_peer
from latent_ebm.puzzles.sudoku import Shape, Sudoku

PEERS = [("cpsat", "ortools"), ("cadical", "pysat"), ("cadical_incremental", "pysat")]
# 25x25 without a clue: its clauses alone take longer to read than a millisecond
LARGE = Sudoku.parse(" ".join(["."] * 625), Shape(5, 5))


@pytest.mark.parametrize(("name", "package"), PEERS)
@pytest.mark.parametrize("cores", [1, 2])
def test_all_puzzles_are_solved_within_a_generous_limit(name, package, cores, puzzles_of):
    pytest.importorskip(package)
    puzzles = [*puzzles_of(4, 3), *puzzles_of(9, 2)]
    found = measure_peer(name, puzzles, 60.0, cores)
    assert (found.n, found.solved) == (5, 5)


@pytest.mark.parametrize(("name", "package"), PEERS)
def test_what_comes_late_is_unsolved(name, package, puzzles_of):
    pytest.importorskip(package)
    found = measure_peer(name, puzzles_of(9, 3), 1e-9, 1)
    assert (found.n, found.solved) == (3, 0)


def test_a_peer_that_keeps_no_time_is_killed_and_the_next_puzzle_is_solved(puzzles_of):
    pytest.importorskip("pysat")
    first, last = puzzles_of(4, 2)
    found = measure_peer("cadical", [first, LARGE, last], 0.2, 1)
    assert (found.n, found.solved) == (3, 2)
