"""Rules from solved grids: what is found, how it is read, and that the solver solves by it."""

import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latent_ebm import solve
from latent_ebm.cli.main import run
from latent_ebm.learning.rules.cliques import cliques_of
from latent_ebm.learning.rules.energy import PairwiseConfig, PairwiseEnergy, zero_sum
from latent_ebm.learning.rules.evaluation import compare, evaluate
from latent_ebm.learning.rules.grids import make_examples
from latent_ebm.learning.rules.learned import LearnedRules
from latent_ebm.learning.rules.likelihood import pseudo_loss, sparsity, visible
from latent_ebm.learning.rules.thresholds import otsu, otsu_gap
from latent_ebm.puzzles.sudoku import Shape, Sudoku, generate


def learned(kind, count, size=None, form="shared", l1=0.01, steps=150, batch=100):
    examples = make_examples(kind, count, 0, size)
    energy = PairwiseEnergy(
        PairwiseConfig(kind, examples.variables, examples.states, form, examples.columns)
    )
    values = torch.from_numpy(examples.values)
    optimizer = torch.optim.Adam(energy.parameters(), 0.05)
    n = values.shape[1]
    for step in range(steps):
        rows = values[step * batch % count :][:batch]
        loss = pseudo_loss(energy, rows, visible((len(rows), n, n), 0.5, 0, step))
        (loss + l1 * sparsity(energy)).backward()
        optimizer.step()
        optimizer.zero_grad()
    return LearnedRules.of(energy), examples.world.landscape


@pytest.fixture(scope="module")
def sudoku():
    return LearnedRules.from_pretrained("rules-sudoku")


def test_200_grids_teach_exactly_the_pairs_of_sudoku():
    rules, truth = learned("sudoku", 200, steps=120)
    assert compare(rules, truth).is_exact
    assert len(rules.reading.groups) == 27


@pytest.mark.parametrize(
    ("kind", "size", "pairs"),
    [("sudoku", 4, 56), ("latin", 5, 100), ("coloring", 20, None)],
)
def test_the_rules_of_small_worlds_are_found(kind, size, pairs):
    rules, truth = learned(kind, 100, size, steps=200)
    match = compare(rules, truth)
    assert match.is_exact
    assert pairs in (None, match.true)


def test_signs_are_found_as_orders():
    truth, rules = None, LearnedRules.from_pretrained("rules-futoshiki")
    truth = make_examples("futoshiki", 1, 0).world.landscape
    assert compare(rules, truth).is_exact
    assert "r6c3 < r5c3" in str(rules)


def test_the_shipped_rules_are_those_of_sudoku_and_say_so(sudoku):
    text = str(sudoku)
    assert text.startswith("810 pairs of 81 cells differ, 27 groups of 9 among them")
    assert "r1c1, r1c2..r1c9 all different: looks like row 1" in text
    assert "looks like the box r7c7..r9c9" in text
    assert compare(sudoku, Sudoku.parse("." * 81).landscape).is_exact


def test_puzzles_are_solved_right_by_the_learned_rules(sudoku):
    puzzles = [generate(Shape(3, 3), rng=seed) for seed in range(5)]
    result = evaluate(sudoku, puzzles, rounds=1)
    assert result.right == result.solved == result.given == 5
    answer = solve(sudoku.problem(puzzles[0]))
    assert answer.solved
    assert puzzles[0].verify(answer.values)


def test_givens_may_come_as_states(sudoku):
    givens = np.full(81, -1)
    givens[:3] = [4, 5, 6]
    answer = solve(sudoku.problem(givens))
    assert answer.solved
    assert answer.values[:3].tolist() == [4, 5, 6]


def test_givens_against_a_learned_rule_are_named(sudoku):
    givens = np.full(81, -1)
    givens[[0, 8]] = 4
    answer = solve(sudoku.problem(givens))
    assert answer.status.label == "invalid"
    assert answer.violations == ("r1c1 and r1c9 are both 5, and learned to differ",)


@pytest.mark.parametrize(
    ("givens", "message"),
    [
        (np.zeros(16, np.int64), "givens are 81 whole numbers"),
        (np.full(81, 9), "states from 0 to 8"),
        (np.zeros(81), "whole numbers"),
        (Sudoku.parse("1... .... .... ...."), "learned on 81 variables"),
    ],
)
def test_givens_of_another_shape_are_refused(sudoku, givens, message):
    with pytest.raises(ValueError, match=message):
        sudoku.problem(givens)


def with_weights(pattern: torch.Tensor, pairs: list[tuple[int, int]], n: int = 6) -> LearnedRules:
    """Rules read from an energy that has a pattern on some pairs, and slight noise elsewhere."""
    states = tuple(map(str, range(len(pattern))))
    energy = PairwiseEnergy(PairwiseConfig("x", tuple("abcdef")[:n], states, "free"))
    noise = torch.Generator().manual_seed(0)
    with torch.no_grad():
        energy.weight.copy_(0.05 * torch.randn(energy.weight.shape, generator=noise))
        for p, pair in enumerate(energy.pairs.tolist()):
            if tuple(pair) in pairs:
                energy.weight[p] += 3 * zero_sum(pattern)
    return LearnedRules.of(energy)


def test_orders_equalities_and_tables_are_told_apart():
    a = torch.arange(5)
    order = with_weights((a[:, None] >= a).float(), [(0, 1), (1, 2), (0, 2)])
    assert order.reading.less.tolist() == [[0, 1], [1, 2]]  # a < c follows
    equal = with_weights((a[:, None] != a).float(), [(0, 3)])
    assert equal.reading.equal.tolist() == [[0, 3]]
    apart = (a[:, None] - a).abs() <= 1  # neighbours are no consecutive numbers
    table = with_weights(apart.float(), [(0, 1), (2, 5)])
    assert [(i, j) for i, j, _ in table.reading.tables] == [(0, 1), (2, 5)]
    answer = solve(table.problem(np.array([2, -1, 0, -1, -1, -1])))
    assert answer.solved
    assert abs(answer.values[0] - answer.values[1]) > 1
    assert abs(answer.values[2] - answer.values[5]) > 1


def test_where_nothing_stands_out_there_are_no_rules():
    rules = with_weights(torch.zeros(4, 4), [])
    assert str(rules) == "no rules: no pair of variables stands out"


def test_more_variables_that_differ_than_states_are_refused():
    every = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    with pytest.raises(ValueError, match="contradict themselves"):
        with_weights(torch.eye(3), every)


def test_masks_depend_on_seed_and_step_alone():
    size = (3, 5, 5)
    first = visible(size, 0.5, 1, 2)
    assert torch.equal(first, visible(size, 0.5, 1, 2))
    assert not torch.equal(first, visible(size, 0.5, 1, 3))
    assert visible(size, 0.0, 1, 2) is None


@given(st.lists(st.floats(0, 10), min_size=2, max_size=30))
def test_thresholds_lie_between_scores(scores):
    array = np.array(scores)
    for split in (otsu(array), otsu_gap(array)):
        assert 0 <= split.separation <= 1 + 1e-9
        if np.isfinite(split.threshold):
            assert array.min() <= split.threshold <= array.max()


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20), st.integers(1, 4))
def test_cliques_are_all_the_maximal_ones(pairs, size):
    from itertools import combinations

    edges = {(min(p), max(p)) for p in pairs if p[0] != p[1]}
    cliques = [
        set(c)
        for r in range(1, 8)
        for c in combinations(range(7), r)
        if all(e in edges for e in combinations(c, 2))
    ]
    maximal = [sorted(c) for c in cliques if not any(c < d for d in cliques) and len(c) >= size]
    found = cliques_of(7, np.array(sorted(edges)).reshape(-1, 2), size)
    assert found == sorted(maximal)


def test_an_unknown_kind_lists_those_that_are_made():
    with pytest.raises(ValueError, match="choose from sudoku, latin"):
        make_examples("chess", 3, 0)


def test_the_commands_show_evaluate_and_solve_by_shipped_rules(tmp_path, capsys, monkeypatch):
    puzzle = tmp_path / "one.txt"
    puzzle.write_text(
        "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79\n"
    )
    for arguments, expected in (
        (["rules", "show", "rules-sudoku"], "27 groups of 9"),
        (["rules", "evaluate", "rules-sudoku", str(puzzle)], "1 of them right"),
        (["solve", str(puzzle), "--json", "--rules", "rules-sudoku"], '"status": "solved"'),
    ):
        monkeypatch.setattr(sys, "argv", ["latent-ebm", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        assert ended.value.code in (0, None)
        assert expected in capsys.readouterr().out
