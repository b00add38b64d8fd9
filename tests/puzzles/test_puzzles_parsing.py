"""What each reader says of faulty files, and what it makes of unusual ones."""

import io
import tracemalloc

import numpy as np
import pytest

from latent_ebm.energies.coupling import Rule
from latent_ebm.puzzles.coloring import Coloring
from latent_ebm.puzzles.kinds import KINDS
from latent_ebm.puzzles.nonogram import Nonogram
from latent_ebm.puzzles.queens import Queens, queens_landscape
from latent_ebm.puzzles.reading import ReadError
from latent_ebm.puzzles.wcnf import Wcnf

TRIANGLE = "p edge 3 3\ne 1 2\ne 2 3\ne 1 3\n"

FAULTY = [
    ("latin", "1 2\n2", "line 2: row 2 has 1 cells, where 2 were expected"),
    ("latin", "1 2\n2 3", "line 2: cell r2c2: '3' is not a number from 1 to 2 or a blank"),
    ("latin", "1 2 3\n. . .", "line 1: 2 rows of 3 cells; a square has as many of both"),
    ("latin", " ".join("." * 101), "line 1: a square of side 101; the largest has 100"),
    ("diagonal", "1x..............", "line 1: cell r1c2: 'x' is not a digit from 1 to 4"),
    ("jigsaw", "1.\n..\nab\nbb", "line 3: region a has 1 cells, where 2 are needed"),
    ("jigsaw", "1.\n..", "line 1: 2 lines; a puzzle of side 2 has 2 rows of cells"),
    ("killer", "aa\nbb\na 3", "line 1: no Sudoku has side 2"),
    ("killer", "aabb\naabb\nccdd\nccdd\na 3\nb 4\nc 5", "cage d has no clue"),
    ("killer", "aabb\naabb\nccdd\nccdd\na 3\na 4", "line 6: cage a has two clues"),
    ("killer", "aabb\naabb\nccdd\nccdd\na x", "cage b has no clue"),
    ("futoshiki", ". < .\n< . .", "line 2: '<' does not stand between two cells"),
    ("futoshiki", ". < .\n.   .\n^", "line 3: signs stand between two rows of cells"),
    ("futoshiki", ". < .\n ^\n.   .", "line 2: '^' at column 2 is not below a cell"),
    ("kenken", "aa\nbb\na 3+\nb 3", "line 4: cage b has 2 cells, so its clue needs one of"),
    ("kenken", "aa\nab\na 3-\nb 1", "line 3: cage a has 3 cells; '-' is for two"),
    ("kenken", "aa\nbb\na 3+\nb three", "line 4: cage b: 'three' is not a clue such as 6+"),
    ("kenken", "aa\nbb\na 3+\nc 3+", "line 4: no cell is in cage 'c'"),
    ("kakuro", "x 4\\\n\\3 7", "line 2: cell r2c2: '7' is neither '.', 'x' nor a clue"),
    ("kakuro", "x x\n. .", "cell r2c1: 2 cells across have no clue"),
    ("kakuro", "4\\ .\nx x", "cell r1c1: the clue 4 down has no cells"),
    ("kakuro", "\\45" + " ." * 10, "cell r1c1: 10 cells across; nine digits differ"),
    ("magic-square", "1 2\n3 5", "line 2: cell r2c2: '5' is not a number from 1 to 4"),
    ("nonogram", '{"rows": [[1]]}', "\"columns\" is a list of lists of run lengths; found 'None'"),
    ("nonogram", '{"rows": [[1]], "columns": [["a"]]}', '"columns", line 1: "\'a\'" is not a run'),
    ("nonogram", "rows\n1\n1", "a nonogram has 1 to 200 columns; found 0"),
    ("nonogram", "width 3\nrows\n1\ncolumns\n1", "width 3, but 1 columns"),
    ("nonogram", "rows\n1\ncolumns\n1\ngoal 10", "line 5: a goal is 1 characters 0 or 1"),
    ("queens", "8 r9c1", "line 1: cell r9c1: there is no such cell on a board of 8x8"),
    ("queens", "1001", "line 1: '1001' is not a number of queens from 1 to 1000"),
    ("queens", "8 a1", "line 1: 'a1' is not a cell; cells are written r1c1"),
    ("coloring", TRIANGLE, "nothing says how many colours there are: give --colors"),
    ("coloring", "p edge 3 1\ne 1 4", "line 2: '4' is not a vertex from 1 to 3"),
    ("coloring", "p edge 3 1\ne 1 1", "line 2: vertex 1 is joined to itself"),
    ("coloring", "c colors 3\np edge 3 2\ne 1 2", "announces 2 edges; there are 1 'e' lines"),
    ("coloring", "e 1 2", "line 1: an edge before the line 'p edge VERTICES EDGES'"),
    ("coloring", "p edge 3 1\nx 1\nf 1", "line 3: a line starts with c, p or e; found 'f 1'"),
    ("exact-cover", "a b a\na", "line 1: item 'a' stands there twice"),
    ("exact-cover", "a b\na c", "line 2: 'c' is no item of the first line"),
    ("exact-cover", "a b\na a", "line 2: an option has an item twice"),
    ("exact-cover", "a b", "there are no options"),
    ("pentomino", "..?", "line 1: cell r1c3: '?' is neither '.' nor 'x'"),
    ("pentomino", "xx", "line 1: no cell is to be covered"),
    ("logic", "{}", '"categories" is an object of 1 to 50 lists'),
    ("logic", '{"categories": {"a": ["b"]}, "clues": 1}', '"clues" is a list'),
    ("logic", '{"categories": {"a": ["b"]}, "clues": [["same", "b"]]}', "clue 1: a clue is"),
    ("logic", '{"categories": {"a": ["b"]}, "clues": [["at", "c", 1]]}', "clue 1: '\"c\"' is no"),
    ("logic", '{"categories": {"a": ["b"], "c": ["b"]}, "clues": [["at", "b", 1]]}', "several"),
    ("cnf", "p cnf 1 1\n1 0\n1 0\n", "line 2: the header announces 1 clauses; there are more"),
    ("cnf", "p cnf 1 1\n1 one 0\n", "line 2: 'one' is not a literal"),
    ("cnf", "p dnf 1 1\n1 0\n", "line 1: the header is 'p cnf VARIABLES CLAUSES'"),
    ("wcnf", "p wcnf 1 1 5\n5 2 0\n", "variable 2, but there are at most 1"),
    ("wcnf", "h 1 0\n0 1 0\n", "clause 2 has no weight above 0"),
    ("wcnf", "h 1 0\n3 1", "the last clause does not end with 0"),
    ("wcnf", "p wcnf 1 2 5\n5 1 0\n", "the header announces 2 clauses; there are 1"),
]


@pytest.mark.parametrize(("name", "text", "message"), FAULTY)
def test_a_faulty_file_is_named_by_line_and_cell(name, text, message):
    with pytest.raises(ValueError) as caught:
        KINDS[name].problem.parse(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


UNSOLVABLE = [
    ("latin", "1 1\n. .", "row 1 has 1 twice, at r1c1 and r1c2"),
    ("diagonal", "1............../1".replace("/", ""), "falling diagonal has 1 twice"),
    ("futoshiki", "2 < 1\n.   .", "r1c1 = 2 is not less than r1c2 = 1"),
    ("killer", "aabb\naabb\nccdd\nccdd\na 3\nb 10\nc 10\nd 10", "cage a: 4 different numbers"),
    ("kenken", "aa\nbb\na 7*\nb 3+", "cage a: no 2 numbers of 1 to 2 make 7*"),
    ("kenken", "aaaaa\n" * 5 + "a 7*", "cage a: no 25 numbers of 1 to 5 make 7*"),
    ("kenken", "aaaaa\n" * 5 + "a 0*", "cage a: no 25 numbers of 1 to 5 make 0*"),
    ("kakuro", "x 4\\ 3\\\n\\18 . .\n\\4 . .", "run across from r2c1: 2 different digits"),
    ("nonogram", '{"rows": [[3]], "columns": [[1], [1]]}', "row 1 needs 3 cells for its runs 3"),
    ("nonogram", '{"rows": [[1]], "columns": [[1], [1]]}', "the rows have 1 filled cells"),
    ("queens", "8 r1c1 r2c2", "the queens at r1c1 and r2c2 attack each other"),
    ("exact-cover", "a b\na", "item b is in no option"),
    ("pentomino", "....", "4 cells are no multiple of 5"),
    ("logic", '{"categories": {"a": ["b", "c"]}, "clues": [["next-to", "b", "b"]]}', "itself"),
]


@pytest.mark.parametrize(("name", "text", "message"), UNSOLVABLE)
def test_givens_that_cannot_be_are_faults_and_the_landscape_still_stands(name, text, message):
    puzzle = KINDS[name].problem.parse(text)
    assert any(message in fault for fault in puzzle.faults())
    assert type(puzzle).clashing([puzzle])[0]
    assert puzzle.landscape.factors.count >= 0


@pytest.mark.parametrize("count", [3, 6])
def test_graphs_count_edges_once_or_in_both_directions(count):
    both = "e 1 2\ne 2 1\ne 2 3\ne 3 2\ne 1 3\ne 3 1\n"
    graph = Coloring.parse(f"c x\np edge 3 {count}\n{both}", colors=3)
    assert graph.edges.tolist() == [[0, 1], [0, 2], [1, 2]]


def test_a_clique_larger_than_the_colours_is_for_the_solver_to_refute():
    graph = Coloring.parse(TRIANGLE, colors=2)
    assert graph.faults() == ()
    assert graph.landscape.violations(np.array([0, 1, 1])) == (
        "edge 2-3: vertex 2 != vertex 3 is false of colour 2 and colour 2",
    )


def test_non_files_may_have_other_sections_and_a_goal():
    text = (
        'catalogue "a"\ntitle "b"\nby "c d"\nwidth 3\nheight 2\n\nrows\n1,1\n3\n\n'
        'columns\n2\n1\n2\n\ngoal "101111"\n'
    )
    puzzle = Nonogram.parse(text)
    assert puzzle == Nonogram.parse('{"rows": [[1, 1], [3]], "columns": [[2], [1], [2]]}')
    assert puzzle.verify(puzzle.expected)


def test_lines_of_nothing_are_empty_lines():
    puzzle = Nonogram.parse('{"rows": [[0], [1]], "columns": [[1], []]}')
    assert puzzle.verify(np.array([0, 0, 1, 0]))


def test_many_json_puzzles_may_stand_in_one_file():
    data = b'[{"rows": [[1]], "columns": [[1]]}, 7, {"rows": [[1]], "columns": [[1]]}]'
    first, bad, last = Nonogram.read(io.BytesIO(data), name="demo")
    assert first == last
    assert str(bad) == "demo:2:1: a puzzle is an object, {...}; found '7'"


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"rows": 1e999}', b'{"rows": NaN}', b"{", b"\xff{}", b'"a"x']
)
def test_what_is_no_json_is_refused(data):
    for name in ("logic", "nonogram"):
        with pytest.raises(ValueError):
            KINDS[name].problem.parse(data.decode("latin-1"))
    with pytest.raises(ReadError):
        list(KINDS["logic"].read(io.BytesIO(data), name="demo"))


def test_the_old_and_the_new_form_of_weighted_formulas_say_the_same():
    old = Wcnf.parse("c x\np wcnf 2 3 10\n10 1 2 0\n3 -1 0\n4 -2 0\n")
    new = Wcnf.parse("c x\nh 1 2 0\n3 -1 0\n4 -2 0\n")
    assert old == new
    assert [domain.weight for domain in new.landscape.soft] == [3.0, 4.0]
    assert new.cost(np.array([1, 1])) == 7


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("p cnf 2 2\n1 2 0\n0\n", [1, 1], False),  # an empty clause
        ("p cnf 2 1\n1 -1 0\n", [0, 0], True),  # always true
        ("p cnf 2 1\n2 2 0\n", [0, 1], True),  # a literal twice
        ("p cnf 2 1\n1\n2 0\n", [0, 1], True),  # over two lines
        ("p cnf 2 1\n1 2 0\n%\n0\n", [0, 1], True),  # as SATLIB ends files
        ("p cnf 3 0\n", [0, 0, 0], True),
        ("c c\n\np cnf 1 1\nc in between\n-1 0", [0], True),
    ],
)
def test_unusual_formulas_mean_what_they_say(text, values, holds):
    formula = KINDS["cnf"].problem.parse(text)
    assert formula.verify(np.array(values)) is holds
    assert formula.landscape.check(np.array([values])).tolist() == [holds]


@pytest.mark.slow
def test_a_million_clauses_are_read_and_lowered_in_bounded_memory():
    n, m = 250_000, 1_000_000
    rng = np.random.default_rng(0)
    rows = rng.integers(1, n + 1, (m, 3)) * rng.choice([-1, 1], (m, 3))
    text = io.BytesIO()
    text.write(f"p cnf {n} {m}\n".encode())
    np.savetxt(text, np.column_stack([rows, np.zeros(m, int)]), fmt="%d")
    text.seek(0)
    tracemalloc.start()
    try:
        [formula] = KINDS["cnf"].problem.read(text, name="demo")
        table = formula.landscape.factors
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert table.count > 0.999 * m
    assert peak < 1_000_000_000


def test_a_thousand_queens_lower_to_columns_and_diagonals():
    landscape = queens_landscape(1_000)
    columns = KINDS["queens"].generate(np.random.default_rng(0), 1_000).expected
    assert landscape.factors.count == 1_000 + 2 * (2 * 1_000 - 3)
    assert landscape.check(columns[None].astype(int))[0]
    assert Queens(1_000).verify(columns)
    shifted = np.roll(columns, 1)
    assert Queens(1_000).verify(shifted) == landscape.check(shifted[None].astype(int))[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cnf", "p cnf 4 3\n1 0\n-1 2 0\n-2 -3 0\n"),
        ("wcnf", "h 1 0\nh -1 2 0\nh -2 -3 0\n7 -1 4 0\n"),
    ],
)
def test_presolve_of_formulas_is_unit_propagation_on_what_must_hold(name, text):
    formula = KINDS[name].problem.parse(text)
    left = formula.landscape.presolve(type(formula).masks([formula]), Rule.SINGLES)
    assert left.mask[0].tolist() == [[False, True], [False, True], [True, False], [True, True]]
    assert not left.contradiction[0]
