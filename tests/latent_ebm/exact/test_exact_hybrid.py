"""The hybrid strategy through ``solve``: who settles what, and what may be said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm import Rule, Settings, Status, Sudoku, solve, solve_stream
from latent_ebm.exact import outcome
from latent_ebm.exact.hybrid import choose_engine
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.sudoku import Shape, count_solutions

EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
HARD = "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4.."
UNSOLVABLE = "12.. ..3. .... ...."
UNSEEN = "....6...594......7..5...32......21...8.6.49...5.....6...2.........1....33.17....."
BLANK = "." * 81


def hybrid(problem, **options):
    return solve(problem, strategy="hybrid", **{"max_steps": 200, **options})


@pytest.mark.parametrize("exact", ["auto", "cpsat", "cadical"])
@pytest.mark.parametrize("rule", list(Rule))
def test_infeasible_is_proved_and_its_core_named(exact, rule):
    solution = hybrid(UNSEEN, exact=exact, presolve=rule)
    assert solution.status is Status.INFEASIBLE
    assert solution.engine == ("cp-sat" if exact == "cpsat" else "cadical")
    assert solution.values is None
    assert solution.energy == float("inf")
    assert set(solution.violations) <= {
        f"{unit} {i}" for unit in ("row", "column", "box") for i in range(1, 10)
    }
    # without all that the core does not name there is still no solution; it names no more
    assert 1 < len(solution.violations) < 27


def test_a_contradiction_in_presolve_is_a_proof():
    solution = hybrid(UNSOLVABLE)
    assert (solution.status, solution.engine) == (Status.INFEASIBLE, "presolve")
    assert len(solution.violations) == 2
    assert "these cannot" not in str(solution)
    assert solution.status.value in str(solution)


@pytest.mark.parametrize("text", [UNSOLVABLE, UNSEEN])
def test_the_energy_strategy_never_says_infeasible(text):
    assert solve(text, max_steps=100).status is Status.UNKNOWN


@pytest.mark.parametrize("exact", ["cpsat", "cadical"])
def test_what_descent_leaves_open_the_engine_solves(exact):
    solution = hybrid(HARD, exact=exact, max_steps=0)
    assert solution.solved
    assert solution.engine == {"cpsat": "cp-sat", "cadical": "cadical"}[exact]
    assert solution.problem.verify(solution.values)


def test_what_comes_before_the_engine_settles_what_it_can():
    assert hybrid(EASY).engine == "presolve"
    assert hybrid(HARD, max_steps=None).engine == "splitting"


def test_clashing_givens_stay_invalid():
    assert hybrid("1..1 .... .... ....").status is Status.INVALID


@pytest.mark.parametrize("exact", ["cpsat", "cadical"])
@pytest.mark.parametrize(("text", "only"), [(EASY, True), (HARD, True), (BLANK, False)])
def test_uniqueness_is_told_when_asked(exact, text, only):
    assert hybrid(text, exact=exact, unique=True).unique is only
    assert hybrid(text, exact=exact).unique is None
    assert ("not the only solution" in str(hybrid(text, unique=True))) is not only


def test_a_stream_is_settled_problem_by_problem():
    texts = [EASY, UNSEEN, HARD, UNSEEN]
    chosen = Settings(strategy="hybrid", max_steps=200)
    answers = list(solve_stream([Sudoku.parse(text) for text in texts], chosen))
    assert [answer.status.label for answer in answers] == [
        "solved",
        "infeasible",
        "solved",
        "infeasible",
    ]


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(1, 4)), max_size=8), st.booleans())
@settings(max_examples=40, deadline=None)
def test_every_4x4_is_decided(clues, presolve):
    givens = np.zeros(16, np.int8)
    for cell, digit in clues:
        givens[cell] = digit
    puzzle = Sudoku(givens, Shape(2, 2))
    rule = Rule.SUBSETS if presolve else Rule.NONE
    solution = hybrid(puzzle, unique=True, presolve=rule, max_steps=5)
    if puzzle.faults():
        assert solution.status is Status.INVALID
        return
    count = count_solutions(givens, puzzle.shape)
    assert solution.status is (Status.SOLVED if count else Status.INFEASIBLE)
    assert solution.unique is ({0: None, 1: True}.get(count, False))


def test_clauses_and_groups_go_to_cadical_and_all_else_to_cp_sat():
    clause = FactorTable.of(Kind.CLAUSE, 2, Csr.from_rows([[1, 3]]), weights=np.ones(2))
    pair = FactorTable.of(
        Kind.CARDINALITY, 2, Csr.from_rows([[1, 3]]), parameters=Csr.from_rows([[0, 1]])
    )
    row = FactorTable.of(Kind.TABLE, 2, Csr.from_rows([[0, 1]]), parameters=Csr.from_rows([[1, 0]]))
    mask = np.ones((2, 2), np.bool_)
    assert choose_engine("auto", FactorTable.joined(2, [clause, pair]), mask) == "cadical"
    assert choose_engine("auto", FactorTable.joined(2, [clause, row]), mask) == "cpsat"
    assert choose_engine("cpsat", clause, mask) == "cpsat"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strategy": "hybrid", "exact": "gurobi"}, "no exact engine 'gurobi'; choose from auto"),
        ({"exact": "cpsat"}, "exact and unique are for strategy='hybrid'"),
        ({"unique": True}, "exact and unique are for strategy='hybrid'"),
    ],
    ids=str,
)
def test_wrong_settings_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        solve(EASY, **wrong)


def test_a_missing_engine_is_refused_before_any_work(monkeypatch):
    monkeypatch.setitem(outcome.PACKAGES, "cadical", ("no_such_module", "python-sat"))
    with pytest.raises(outcome.MissingEngineError, match="needs python-sat, which is not"):
        Settings(strategy="hybrid", exact="cadical")
    # CP-SAT takes what CaDiCaL would
    assert hybrid(HARD, max_steps=0).engine == "cp-sat"
