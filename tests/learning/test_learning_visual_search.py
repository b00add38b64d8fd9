"""The search for the most probable reading is exact, whatever the rules refuse."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.learning.rules.learned import LearnedRules
from latent_ebm.learning.visual.judging import SudokuJudge
from latent_ebm.learning.visual.landscapes import read_by
from latent_ebm.learning.visual.search import Accepted, Refused, most_probable
from latent_ebm.learning.visual.structured import read_board
from latent_ebm.puzzles.sudoku import Shape, count_solutions, generate

FOUR = Shape(2, 2)


def _logs(rng, cells, labels):
    return np.log(rng.dirichlet(np.full(labels, 0.4), size=cells))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_the_first_accepted_reading_is_the_most_probable_of_all(seed):
    rng = np.random.default_rng(seed)
    logs = _logs(rng, 4, 3)
    allowed = {tuple(r) for r in product(range(3), repeat=4) if rng.random() < 0.1}

    def judge(reading):
        if tuple(reading) in allowed:
            return Accepted(reading)
        box = np.eye(3, dtype=bool)[reading]
        # a larger box, where nothing in it is allowed
        for cell in rng.permutation(4):
            wider = box.copy()
            wider[cell] = True
            inside = {r for r in allowed if all(wider[i, a] for i, a in enumerate(r))}
            box = box if inside else wider
        return Refused(box)

    found = most_probable(logs, judge)
    if not allowed:
        assert found.reading is None
        return
    scores = {r: sum(logs[i, a] for i, a in enumerate(r)) for r in allowed}
    best = max(scores.values())
    assert -found.cost == pytest.approx(best)
    posterior = np.exp(best) / sum(np.exp(list(scores.values())))
    assert found.confidence <= posterior + 1e-9


def test_a_box_without_the_reading_is_refused():
    with pytest.raises(ValueError, match="must hold the reading"):
        most_probable(np.zeros((2, 2)), lambda _: Refused(np.zeros((2, 2), bool)))


def test_the_limit_ends_the_search_and_says_so():
    found = most_probable(
        np.log(np.full((3, 2), 0.5)), lambda r: Refused(np.eye(2, dtype=bool)[r]), limit=5
    )
    assert found.reading is None
    assert found.asked == 5


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_whatever_a_judge_refuses_has_not_one_solution(seed):
    rng = np.random.default_rng(seed)
    reading = np.where(rng.random(16) < 0.4, rng.integers(1, 5, 16), 0)
    verdict = SudokuJudge(rng.random(16), FOUR)(reading)
    if isinstance(verdict, Accepted):
        assert count_solutions(reading.astype(np.int8), FOUR) == 1
        assert np.all((reading == 0) | (reading == verdict.values + 1))
        return
    assert verdict.box[np.arange(16), reading].all()
    for _ in range(20):  # any other reading in the box
        other = np.array([rng.choice(np.flatnonzero(row)) for row in verdict.box])
        assert count_solutions(other.astype(np.int8), FOUR) != 1


def test_two_doubtful_digits_are_put_right_by_the_rules():
    puzzle = generate(rng=7, clues=30)
    chance = np.full((81, 10), 1e-6)
    chance[np.arange(81), puzzle.givens] = 1
    for cell in np.flatnonzero(puzzle.givens)[:2]:
        chance[cell, puzzle.givens[cell]] = 0.2
        chance[cell, puzzle.givens[cell] % 9 + 1] = 0.8
    logs = np.log(chance / chance.sum(axis=1, keepdims=True))
    assert not np.array_equal(logs.argmax(axis=1), puzzle.givens)
    found = read_board(logs)
    assert np.array_equal(found.reading, puzzle.givens)
    assert np.array_equal(found.values, puzzle.expected)


def test_a_clue_that_was_taken_for_a_blank_is_found_again():
    puzzle = generate(rng=3, clues=None)  # every clue is needed
    chance = np.full((81, 10), 1e-7)
    chance[np.arange(81), puzzle.givens] = 1
    cell = np.flatnonzero(puzzle.givens)[4]
    chance[cell, 0], chance[cell, puzzle.givens[cell]] = 0.7, 0.3
    found = read_board(np.log(chance / chance.sum(axis=1, keepdims=True)))
    assert np.array_equal(found.reading, puzzle.givens)


def test_learned_rules_put_digits_right_as_given_ones_do():
    landscape = LearnedRules.from_pretrained("rules-sudoku").landscape
    for seed in range(4):
        puzzle = generate(rng=seed, clues=28)
        rng = np.random.default_rng(seed)
        chance = np.full((81, 10), 1e-6)
        chance[np.arange(81), puzzle.givens] = 1
        for cell in rng.choice(np.flatnonzero(puzzle.givens), 2, replace=False):
            chance[cell, puzzle.givens[cell]] = 0.3
            chance[cell, puzzle.givens[cell] % 9 + 1] = 0.7
        logs = np.log(chance / chance.sum(axis=1, keepdims=True))
        learned, given = read_by(landscape, logs), read_board(logs)
        assert np.array_equal(learned.reading, given.reading)
        assert np.array_equal(learned.values, given.values)
