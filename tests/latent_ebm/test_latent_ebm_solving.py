"""From problems to solutions: statuses, settings, streams, and what solve() promises."""

import subprocess
import sys
from itertools import count, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import latent_ebm
from latent_ebm import BadPuzzle, Rule, Settings, Solution, Status, Sudoku, solve, solve_stream
from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.domain import HardDomain, SoftDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.sudoku import Shape, count_solutions, sudoku_landscape
from latent_ebm.stream import AHEAD, BLOCK

EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
HARD = "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4.."
CLASHING = "1..1 .... .... ...."
# the clues do not clash: row 1 needs a 3, and box 2 has one already; presolve sees that
UNSOLVABLE = "12.. ..3. .... ...."
# presolve does not see that this one has no solution
UNSEEN = "....6...594......7..5...32......21...8.6.49...5.....6...2.........1....33.17....."
BAD = BadPuzzle("file.txt", 3, "r1c1", "'x' is not a digit")


def summary(solution):
    """Everything that the seed decides."""
    if isinstance(solution, BadPuzzle):
        return solution
    values = None if solution.values is None else solution.values.tobytes()
    return (
        solution.status,
        values,
        solution.energy,
        solution.violations,
        solution.steps,
        solution.restarts,
        solution.seed,
        solution.engine,
        solution.backend,
    )


def test_a_solved_puzzle_has_all_fields():
    puzzle = Sudoku.parse(HARD)
    solution = solve(puzzle, seed=7)
    assert solution.problem is puzzle
    assert solution.status is Status.SOLVED
    assert solution.solved
    assert puzzle.verify(solution.values)
    assert solution.energy == 0
    assert solution.violations == ()
    assert solution.steps > 0
    assert solution.restarts >= 0
    assert solution.seconds > 0
    assert solution.seed == 7
    assert (solution.engine, solution.backend) == ("splitting", "cpu")


def test_a_puzzle_that_presolve_settles_takes_no_step():
    solution = solve(EASY)
    assert solution.solved
    assert (solution.engine, solution.steps) == ("presolve", 0)
    assert solve(EASY, presolve=Rule.NONE).steps > 0


def test_clashing_clues_are_invalid_and_named():
    solution = solve(CLASHING)
    assert solution.status is Status.INVALID
    assert solution.values is None
    assert solution.energy == float("inf")
    assert solution.violations == ("row 1 has 1 twice, at r1c1 and r1c4",)
    assert solution.steps == 0


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("text", [UNSOLVABLE, UNSEEN], ids=["seen", "unseen"])
def test_a_puzzle_without_a_solution_is_unknown_and_has_violations(text, rule):
    puzzle = Sudoku.parse(text)
    assert count_solutions(puzzle.givens, puzzle.shape) == 0
    solution = solve(puzzle, presolve=rule, max_steps=300)
    assert solution.status is Status.UNKNOWN
    assert solution.energy > 0
    assert solution.violations
    assert solution.values.shape == puzzle.givens.shape
    given = puzzle.givens > 0
    assert (solution.values[given] + 1 == puzzle.givens[given]).all()


def test_violations_of_a_candidate_are_those_of_the_landscape():
    solution = solve(UNSOLVABLE, presolve=Rule.NONE, max_steps=100)
    assert solution.violations == solution.problem.landscape.violations(solution.values)


def test_a_contradiction_in_presolve_is_said_first():
    assert solve(UNSOLVABLE).violations[0].startswith("presolve: the givens leave some variable")


@pytest.mark.parametrize("text", [EASY, HARD], ids=["easy", "hard"])
def test_without_steps_the_candidate_still_keeps_the_clues(text):
    solution = solve(text, presolve=Rule.NONE, max_steps=0)
    assert (solution.status, solution.steps) == (Status.UNKNOWN, 0)
    given = solution.problem.givens > 0
    assert (solution.values[given] + 1 == solution.problem.givens[given]).all()


def test_a_time_limit_gives_unknown_with_a_candidate():
    solution = solve(UNSEEN, time_limit=0.2)
    assert solution.status is Status.UNKNOWN
    assert solution.seconds >= 0.2
    assert solution.violations


def test_a_full_grid_is_solved_or_invalid():
    text = "1234341221434321"
    assert solve(text).solved
    assert solve("1" * 16).status is Status.INVALID


def test_a_blank_grid_is_solved():
    for shape in (Shape(2, 2), Shape(2, 3), Shape(3, 3)):
        assert solve(Sudoku(np.zeros(shape.cells, np.int8), shape)).solved


fours = hnp.arrays(np.int8, 16, elements=st.integers(0, 4), fill=st.just(np.int8(0)))


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(1, 4)), max_size=8), st.integers(0, 99))
@settings(max_examples=80)
def test_a_4x4_is_solved_exactly_if_it_has_a_solution(clues, seed):
    givens = np.zeros(16, np.int8)
    for cell, digit in clues:
        givens[cell] = digit
    puzzle = Sudoku(givens, Shape(2, 2))
    for rule in Rule:
        solution = solve(puzzle, seed=seed, presolve=rule, max_steps=3_000)
        assert (solution.status is Status.INVALID) == bool(puzzle.faults())
        assert solution.solved == (count_solutions(givens, puzzle.shape) > 0)
        if solution.solved:
            assert puzzle.verify(solution.values)


@given(fours)
@settings(max_examples=50)
def test_dense_4x4_clues_are_never_called_solved_wrongly(givens):
    puzzle = Sudoku(givens, Shape(2, 2))
    solution = solve(puzzle, max_steps=200)
    assert solution.solved == (not puzzle.faults() and count_solutions(givens, puzzle.shape) > 0)


@given(
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 9)), max_size=30), st.sampled_from(Rule)
)
@settings(max_examples=60)
def test_a_9x9_called_solved_verifies_and_keeps_its_clues(clues, rule):
    puzzle = Sudoku.parse(EASY)
    solved = solve(EASY).values + 1
    givens = np.zeros(81, np.int8)
    for number, (cell, digit) in enumerate(clues):
        # mostly right clues, and now and then one that may contradict them
        givens[cell] = digit if number % 7 == 6 else solved[cell]
    puzzle = Sudoku(givens, Shape(3, 3))
    solution = solve(puzzle, presolve=rule, max_steps=400)
    solutions = count_solutions(givens, puzzle.shape, limit=1)
    if solution.solved:
        assert solutions == 1
        assert puzzle.verify(solution.values)
        given = givens > 0
        assert (solution.values[given] + 1 == givens[given]).all()
    else:
        assert solution.violations
    if solutions == 0:
        assert not solution.solved


def test_solving_does_not_change_the_problem():
    puzzle = Sudoku.parse(HARD)
    before = (puzzle.givens.copy(), puzzle.mask.copy())
    solution = solve(puzzle, presolve=Rule.NONE)
    solution.values[:] = 0  # nor does a caller who writes into the answer
    assert np.array_equal(puzzle.givens, before[0])
    assert np.array_equal(puzzle.mask, before[1])
    assert solve(puzzle).solved


def test_soft_domains_weigh_in_the_energy_of_a_solution():
    shape = Shape(2, 2)
    plain = sudoku_landscape(shape)
    diagonal = AllDifferent(Csr.from_rows([[0, 5, 10, 15]]), 4, ("diagonal",))
    solved = np.array([0, 1, 2, 3, 2, 3, 0, 1, 1, 0, 3, 2, 3, 2, 1, 0])

    class Weighed(Sudoku):
        @property
        def landscape(self):
            return Landscape(
                plain.space,
                plain.hard,
                (SoftDomain("diagonal", (diagonal,), 3.0),),
                plain.couplings,
            )

    solution = solve(Weighed((solved + 1).astype(np.int8), shape), max_steps=10)
    assert solution.solved
    # the diagonal is 1 4 4 1, and broken
    assert solution.energy == 3
    assert solution.violations == ()


class LyingSudoku(Sudoku):
    """A kind whose landscape lost its boxes, so that energies and verify disagree."""

    @property
    def landscape(self):
        plain = sudoku_landscape(self.shape)
        hard = tuple(HardDomain(d.name, d.families) for d in plain.hard if d.name != "box")
        return Landscape(plain.space, hard)


def test_what_the_problem_itself_refuses_is_never_returned_as_solved():
    puzzle = LyingSudoku(np.zeros(16, np.int8), Shape(2, 2))
    with pytest.raises(AssertionError, match="accept what its own check refuses"):
        # of the 576 Latin squares of order 4 only 288 are Sudokus
        [solve(puzzle, seed=seed, presolve=Rule.NONE) for seed in range(50)]


def test_text_a_problem_or_many_can_be_solved():
    assert isinstance(solve(EASY), Solution)
    assert isinstance(solve(Sudoku.parse(EASY)), Solution)
    many = solve([Sudoku.parse(EASY), Sudoku.parse(HARD)])
    assert [type(s) for s in many] == [Solution, Solution]
    assert len(solve(iter([Sudoku.parse(EASY)]))) == 1
    assert solve([]) == []


def test_text_that_is_no_puzzle_is_refused():
    with pytest.raises(ValueError, match="cell r1c1: 'x' is not a digit"):
        solve("x" + EASY[1:])
    with pytest.raises(ValueError):
        solve("")


@pytest.mark.parametrize("problems", [BAD, [BAD], [Sudoku.parse(EASY), BAD]], ids=str)
def test_what_could_not_be_read_is_refused_by_name(problems):
    with pytest.raises(ValueError, match="could not be read: file.txt:3: cell r1c1: 'x' is not"):
        solve(problems)


def test_progress_is_reported_for_one_and_for_many(puzzles_of):
    one, many = [], []
    solve(HARD, on_progress=lambda *seen: one.append(seen))
    assert one[-1] == (1, 1)
    solve(puzzles_of(4, 5), on_progress=lambda *seen: many.append(seen))
    assert many[-1] == (5, 5)
    assert many == sorted(many)


def test_the_same_seed_gives_the_same_solution():
    for name in ("splitting", "pair-multipliers"):
        first, again = (solve(HARD, dynamics=name, seed=3) for _ in range(2))
        assert summary(first) == summary(again)
    assert solve(HARD, seed=4).solved


def test_duplicates_get_equal_answers():
    hard = Sudoku.parse(HARD)
    many = solve([hard, hard, Sudoku.parse(HARD)])
    assert len({summary(s) for s in many}) == 1


def test_the_printed_solution_says_how_it_went():
    assert "solved: every constraint holds" in str(solve(EASY))
    assert "row 1 has 1 twice" in str(solve(CLASHING))
    assert "row 1 has 1 twice" not in str(solve(UNSOLVABLE))
    assert "<table" in solve(EASY)._repr_html_()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strategy": "guess"}, "no strategy 'guess'; choose from energy, hybrid"),
        ({"max_steps": -1}, "max_steps must be 0 or more; found -1"),
        ({"time_limit": 0}, "time_limit must be above 0 seconds; found 0"),
        ({"time_limit": -1.0}, "time_limit must be above 0"),
        ({"time_limit": float("nan")}, "time_limit must be above 0"),
        ({"max_steps": 1.5}, "max_steps must be a whole number; found 1.5"),
        ({"max_steps": "10"}, "max_steps must be a whole number; found '10'"),
        ({"max_steps": True}, "max_steps must be a whole number; found True"),
        ({"time_limit": "3"}, "time_limit must be a number of seconds; found '3'"),
        ({"time_limit": True}, "time_limit must be a number of seconds; found True"),
        ({"seed": "x"}, r"seed must be a whole number from 0 to 2\*\*64 - 1; found 'x'"),
        ({"seed": -1}, "seed must be a whole number from 0 to .*; found -1"),
        ({"seed": 1.0}, "seed must be a whole number from 0 to .*; found 1.0"),
        ({"seed": None}, "seed must be a whole number from 0 to .*; found None"),
        ({"seed": 2**64}, "seed must be a whole number from 0 to .*; found 18446744073709551616"),
        ({"dynamics": "newton"}, "no dynamics 'newton'; choose from auto, splitting"),
        ({"dynamics": "splitting", "bridge": "softmax"}, "is for gradient-flow"),
        ({"bridge": "hard"}, "no bridge 'hard'; choose from softmax"),
        ({"backend": "fpga"}, "no back end 'fpga'"),
        ({"device": "tpu"}, "tpu"),
        ({"presolve": "some"}, "some"),
    ],
    ids=str,
)
@pytest.mark.parametrize("text", [EASY, HARD], ids=["easy", "hard"])
def test_wrong_settings_are_refused_whatever_the_puzzle(wrong, message, text):
    """Also where presolve alone would do: what is asked for is used or refused, never ignored."""
    with pytest.raises(ValueError, match=message):
        solve(text, **{"max_steps": 100, **wrong})


@pytest.mark.parametrize("name", ["splitting", "pair-multipliers", "gradient-flow"])
@pytest.mark.parametrize("seed", [0, 2**32 + 7, 2**63, 2**64 - 1, np.int64(3)])
def test_every_allowed_seed_is_taken(name, seed):
    solution = solve("1... ..3. .4.. ...2", presolve="none", dynamics=name, seed=seed)
    assert solution.solved
    assert solution.seed == seed


def test_numbers_of_other_types_are_taken():
    assert solve(EASY, max_steps=np.int32(100), time_limit=np.float32(30)).solved
    assert solve(EASY, time_limit=3).solved
    assert solve(EASY, time_limit=None, max_steps=None).solved


def test_unknown_settings_are_refused():
    with pytest.raises(TypeError, match="speed"):
        solve(EASY, speed=11)


@pytest.mark.parametrize("rule", list(Rule))
def test_rules_may_be_given_by_name(rule):
    unsettled = Settings(presolve=rule.value, max_steps=2_000)
    expected = Settings(presolve=rule, max_steps=2_000)
    puzzle = [Sudoku.parse(HARD)]
    named, typed = (next(iter(solve_stream(puzzle, s))) for s in (unsettled, expected))
    assert summary(named) == summary(typed)


def test_settings_have_the_defaults_of_the_command_line():
    assert Settings() == Settings(
        "energy", "auto", None, Rule.SUBSETS, None, 60.0, 0, "auto", "cpu", "auto", False
    )


def mixture(puzzles_of):
    """Shapes in turns, unreadable items between them, invalid and unsolvable ones too."""
    fours, sixes, nines = puzzles_of(4, 4), puzzles_of(6, 3), puzzles_of(9, 4)
    return [
        BAD,
        *fours[:2],
        nines[0],
        BAD,
        sixes[0],
        Sudoku.parse(CLASHING),
        BAD,
        BAD,
        *sixes[1:],
        *nines[1:],
        Sudoku.parse(UNSOLVABLE),
        *fours[2:],
        BAD,
    ]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_stream_keeps_the_order_of_mixed_shapes_and_bad_puzzles(workers, puzzles_of):
    items = mixture(puzzles_of)
    answers = list(
        solve_stream(items, Settings(presolve=Rule.NONE, max_steps=2_000), workers=workers)
    )
    assert len(answers) == len(items)
    for item, answer in zip(items, answers, strict=True):
        assert answer is item if isinstance(item, BadPuzzle) else answer.problem is item


def test_a_stream_answers_as_one_by_one(puzzles_of):
    items = mixture(puzzles_of)
    chosen = Settings(presolve=Rule.NONE, max_steps=2_000)
    together = [summary(answer) for answer in solve_stream(items, chosen)]
    alone = [summary(answer) for item in items for answer in solve_stream([item], chosen)]
    assert together == alone


def test_blocks_do_not_show_in_the_answers(puzzles_of):
    base = puzzles_of(9, 13)
    puzzles = [base[i % 13] for i in range(BLOCK + 2)]
    chosen = Settings(presolve=Rule.SINGLES)
    together = [summary(s) for s in solve_stream(puzzles, chosen, workers=2)]
    one_by_one = [summary(next(iter(solve_stream([p], chosen)))) for p in base]
    assert together == [one_by_one[i % 13] for i in range(BLOCK + 2)]
    assert all(status is Status.SOLVED for status, *_ in together)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_endless_input_is_read_only_as_far_ahead_as_needed(workers, puzzles_of):
    puzzle = puzzles_of(4, 1)[0]
    read = []

    def endless():
        for number in count():
            read.append(number)
            yield puzzle

    first = list(islice(solve_stream(endless(), workers=workers), 3))
    assert [s.solved for s in first] == [True] * 3
    assert len(read) <= workers * AHEAD * BLOCK


def test_an_error_of_the_reader_reaches_the_caller(puzzles_of):
    def broken():
        yield puzzles_of(4, 1)[0]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(solve_stream(broken()))


def test_a_stream_of_nothing_is_empty():
    assert list(solve_stream([])) == []
    assert list(solve_stream([BAD, BAD])) == [BAD, BAD]


def test_the_package_exports_what_it_lists():
    for name in latent_ebm.__all__:
        assert getattr(latent_ebm, name) is not None
    assert set(latent_ebm.__all__) <= set(dir(latent_ebm))
    with pytest.raises(AttributeError, match="no attribute 'solver'"):
        latent_ebm.solver  # noqa: B018


def test_solving_needs_neither_torch_nor_lightning_nor_matplotlib():
    code = (
        "import sys, latent_ebm; "
        f"s = latent_ebm.solve({HARD!r}); "
        "heavy = {'torch', 'lightning', 'torchopt', 'matplotlib', 'rich', 'typer'}; "
        "print(s.status.label, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "solved []\n"
