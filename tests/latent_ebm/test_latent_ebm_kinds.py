"""The real ``latent-ebm`` executable on puzzles of many kinds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import latent_ebm
from latent_ebm.bench.instances import OPEN, SOLVED, Outcome, Score, disagreements
from latent_ebm.bench.rivals import INFEASIBLE, RIVALS, Rival, choose_rivals, model_of
from latent_ebm.puzzles.coloring import Coloring
from latent_ebm.puzzles.kinds import KINDS, members
from latent_ebm.puzzles.latin import Latin
from latent_ebm.puzzles.reading import ReadError

EXECUTABLE = Path(sys.executable).parent / "latent-ebm"

BY_ENERGY = (
    "latin", "jigsaw", "futoshiki", "kenken", "kakuro", "magic-square", "nonogram", "queens",
    "coloring", "pentomino", "logic", "cnf",
)  # fmt: skip
"""Kinds whose made puzzles descent alone solves at once."""

FOUR = "1 . . .\n. . 3 .\n. 4 . .\n. . . 2\n"
CLASH = "1 1\n. .\n"


def run(*arguments, **rest):
    """Run to the end; whatever happens, no one gets to see a traceback."""
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    environment |= {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [EXECUTABLE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
        **rest,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def made(name, seed=0, size=None):
    return KINDS[name].generate(np.random.default_rng(seed), size)


@pytest.fixture
def latin(tmp_path):
    path = tmp_path / "four.latin"
    path.write_text(FOUR)
    return path


def test_kinds_lists_every_kind_with_its_suffixes_and_format():
    shown = run("kinds").stdout
    for kind in KINDS.values():
        assert kind.name in shown
        assert kind.layout in shown
    objects = [json.loads(line) for line in run("kinds", "--json").stdout.splitlines()]
    assert [found["name"] for found in objects] == list(KINDS)


def test_a_file_of_another_kind_is_solved_and_drawn(latin):
    done = run("solve", latin)
    assert done.returncode == 0
    assert "┌─────────┐" in done.stdout
    assert "solved: every constraint holds" in done.stdout


def test_json_has_the_same_keys_as_for_sudoku_and_a_right_solution(latin):
    done = run("solve", latin, "--json")
    [answer] = map(json.loads, done.stdout.splitlines())
    assert (answer["status"], answer["violations"]) == ("solved", [])
    grid = Latin.parse(answer["solution"]).givens
    assert Latin.parse(FOUR).verify(grid.ravel() - 1)


def test_the_kind_of_a_text_file_or_of_standard_input_is_said(tmp_path, latin):
    path = tmp_path / "four.txt"
    path.write_text(FOUR)
    assert run("solve", path, "--kind", "latin").returncode == 0
    done = run("solve", "-", "--kind", "latin", input=latin.read_text())
    assert done.returncode == 0


def test_faulty_puzzles_are_named_and_the_others_solved(tmp_path):
    path = tmp_path / "mixed.latin"
    path.write_text(f"{FOUR}\n1 x\n. .\n\n{CLASH}\n{FOUR}")
    done = run("solve", path)
    assert done.returncode == 2
    assert done.stdout.startswith("0 solved")
    assert "mixed.latin:6: cell r1c2: 'x' is not a number from 1 to 2" in done.stderr
    assert "row 1 has 1 twice, at r1c1 and r1c2" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("solve", "a.latin", "--kind", "lattin"), "no kind 'lattin'; did you mean latin?"),
        (("solve", "nowhere.col"), "nowhere.col: no such file"),
        (("generate", "--kind", "queens", "--side", "3"), "boards with a solution have side 1"),
        (("generate", "--kind", "queens", "--clues", "3"), "--clues"),
        (("generate", "-o", "folder"), "--output is for other kinds"),
        (("bench", "."), "say with --kind what kind of puzzles it has"),
        (("bench", "nowhere.latin", "--peers", "gurobi"), "no peer 'gurobi'; choose from cpsat"),
        (("explain", "nowhere.latin"), "nowhere.latin: no such file"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(arguments, message, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize("name", [name for name in KINDS if name != "sudoku"])
def test_every_kind_is_generated_into_a_folder_and_read_back(name, tmp_path):
    """Several puzzles, as a file that is refused or read back, and as a folder for ``bench``."""
    together = run("generate", "--kind", name, "-n", "2", "--seed", "4")
    if together.returncode == 0:
        path = tmp_path / "together"
        path.write_text(together.stdout)
        found = list(latent_ebm.read(path, kind=name))
        assert [problem.kind for problem in found] == [name, name]
    else:
        assert f"a file of kind {name} holds one puzzle, and 2 were asked for" in together.stderr
    folder = tmp_path / "new" / "folder"
    done = run("generate", "--kind", name, "-n", "2", "--seed", "4", "-o", folder)
    assert (done.returncode, done.stdout) == (0, "")
    files = members(folder, KINDS[name])
    assert [path.stem for path in files] == [f"{name}-1", f"{name}-2"]
    assert all(len(list(KINDS[name].read(path))) == 1 for path in files)


@pytest.mark.parametrize("name", ["latin", "nonogram", "coloring", "cnf", "wcnf", "logic"])
def test_generate_writes_files_that_are_read_back(name, tmp_path):
    done = run("generate", "--kind", name, "--side", "6", "--seed", "4")
    assert done.returncode == 0
    path = tmp_path / f"made{(*KINDS[name].suffixes, *KINDS[name].shared)[0]}"
    path.write_text(done.stdout)
    [found] = latent_ebm.read(path)
    assert found.kind == name
    assert done.stdout == run("generate", "--kind", name, "--side", "6", "--seed", "4").stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p cnf 2 3\n1 0\n", "the header announces 3 clauses; there are 1"),
        ("p cnf 2 1\n1 2\n", "the last clause does not end with 0"),
        ("p cnf 2 1\n1 -7 0\n", "bad.cnf:2: literal -7, but the header announces 2 variables"),
        ("p cnf 2 1\n1 99999999999999999999999999 0\n", "bad.cnf:2: literal 9999999"),
        ("p cnf 99999999999 1\n1 0\n", "is not a number of variables from 0 to"),
        ("1 2 0\n", "the header is 'p cnf VARIABLES CLAUSES'"),
    ],
)
def test_malformed_formulas_are_named_with_exit_code_2(text, message, tmp_path):
    path = tmp_path / "bad.cnf"
    path.write_text(text)
    done = run("solve", path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "\ns " not in done.stdout


@pytest.mark.parametrize(
    ("text", "strategy", "verdict", "code"),
    [
        ("p cnf 3 2\n1 2 0\n-1 3 0\n", "energy", "SATISFIABLE", 10),
        ("p cnf 3 2\n1 2 0\n-1 3 0\n", "hybrid", "SATISFIABLE", 10),
        ("p cnf 2 2\n1 0\n-1 0\n", "energy", "UNKNOWN", 0),
        ("p cnf 2 2\n1 0\n-1 0\n", "hybrid", "UNSATISFIABLE", 20),
        ("p cnf 2 1\n0\n", "hybrid", "UNSATISFIABLE", 20),
    ],
)
def test_formulas_are_answered_as_competitions_ask(text, strategy, verdict, code, tmp_path):
    path = tmp_path / "formula.cnf"
    path.write_text(text)
    done = run("solve", path, "--strategy", strategy, "--time-limit", "2")
    lines = done.stdout.splitlines()
    assert done.returncode == code
    assert [line for line in lines if line.startswith("s ")] == [f"s {verdict}"]
    assert all(line[:2] in ("c ", "s ", "v ") for line in lines)
    values = " ".join(line[2:] for line in lines if line.startswith("v ")).split()
    assert bool(values) == (code == 10)
    if values:
        states = np.array([int(v) > 0 for v in values[:-1]], int)
        assert values[-1] == "0"
        assert KINDS["cnf"].problem.parse(text).verify(states)


def test_value_lines_are_short_and_json_is_as_for_all_kinds(tmp_path):
    path = tmp_path / "formula.cnf"
    path.write_text(made("cnf", 0, 80).text())
    done = run("solve", path)
    assert done.returncode == 10
    assert max(map(len, done.stdout.splitlines())) <= 78
    [answer] = map(json.loads, run("solve", path, "--json").stdout.splitlines())
    assert answer["status"] == "solved"


def test_explain_names_conflicting_factors_of_a_proof(tmp_path):
    path = tmp_path / "formula.cnf"
    path.write_text("p cnf 3 4\n1 0\n-1 2 0\n-2 0\n3 1 0\n")
    done = run("explain", path, "--strategy", "hybrid")
    assert done.returncode == 0
    head, *rest = done.stdout.splitlines()
    assert "there is no solution; these cannot hold together (3)" in head
    assert [line.rpartition(": ")[2] for line in rest] == ["clause 1", "clause 2", "clause 3"]


def test_explain_names_what_is_wrong_with_each_puzzle(tmp_path):
    path = tmp_path / "three.latin"
    path.write_text(f"{FOUR}\n{CLASH}")
    done = run("explain", path)
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        f"{path}:1: solved; nothing is violated",
        f"{path}:6: the givens contradict each other (1)",
        "  row 1 has 1 twice, at r1c1 and r1c2",
    ]


def test_explain_names_what_the_best_candidate_violates(tmp_path):
    path = tmp_path / "unsolvable.latin"
    path.write_text("1 2 . .\n. . 3 4\n. . 4 3\n3 . . .\n")
    done = run("explain", path, "--time-limit", "0.2")
    assert done.returncode == 1
    head, *rest = done.stdout.splitlines()
    assert "the best candidate violates" in head
    assert rest
    assert all(line.startswith("  ") for line in rest)


def test_read_gives_all_problems_of_a_file(latin, tmp_path):
    [problem] = latent_ebm.read(latin)
    assert problem == Latin.parse(FOUR)
    assert latent_ebm.solve(problem).solved
    bad = tmp_path / "bad.latin"
    bad.write_text("1 2\n1\n")
    with pytest.raises(ReadError, match=r"bad.latin:2: row 2 has 1 cells, where 2"):
        latent_ebm.read(bad)


@pytest.mark.parametrize("name", BY_ENERGY)
def test_made_puzzles_are_solved_by_energy_alone(name):
    size = 3 if name == "pentomino" else None
    answer = latent_ebm.solve(made(name, 1, size), time_limit=30)
    assert answer.solved
    assert answer.problem.verify(answer.values)


def test_colours_come_from_the_option_the_comment_or_the_file_beside(tmp_path):
    graph = "p edge 3 3\ne 1 2\ne 2 3\ne 1 3\n"
    path = tmp_path / "triangle.col"
    path.write_text(graph)
    with pytest.raises(ReadError, match="nothing says how many colours"):
        latent_ebm.read(path)
    assert latent_ebm.read(path, colors=4)[0].colors == 4
    (tmp_path / "best_known_colors.json").write_text('{"triangle": 3}')
    assert latent_ebm.read(path)[0].colors == 3
    assert Coloring.parse(f"c colors 5\n{graph}").colors == 5


class TestBench:
    def test_a_folder_gives_one_object_with_ratios_over_what_both_settled(self, tmp_path):
        (tmp_path / "a.latin").write_text(FOUR)
        (tmp_path / "b.latin").write_text("1 2 . .\n. . 3 4\n. . 4 3\n3 . . .\n")
        done = run(
            "bench", tmp_path, "--kind", "latin", "--peers", "cpsat,cadical", "--time-limit", 1,
            "--json", "--strategy", "energy",
        )  # fmt: skip
        assert done.returncode == 1
        found = json.loads(done.stdout)
        assert list(found) == ["n", "solved", "infeasible", "seconds", "ms_per_puzzle", "peers"]
        assert (found["n"], found["solved"], found["infeasible"]) == (2, 1, 0)
        for peer in ("cpsat", "cadical"):
            row = found["peers"][peer]
            assert (row["solved"], row["infeasible"]) == (2, 1)
            assert row["ratio"] > 0
            assert list(row) == ["solved", "infeasible", "seconds", "ms_per_puzzle", "ratio"]

    def test_a_table_is_shown_to_people(self, latin):
        done = run("bench", latin, "--peers", "")
        assert done.returncode == 0
        assert "1 of 1" in done.stdout

    def test_a_folder_without_files_of_the_kind_is_refused(self, tmp_path):
        done = run("bench", tmp_path, "--kind", "nonogram")
        assert done.returncode == 2
        assert "no file of kind nonogram in it (.non, .json)" in done.stderr

    @pytest.mark.parametrize("name", [name for name in KINDS if name != "sudoku"])
    @pytest.mark.parametrize("peer", ["cpsat", "cadical"])
    def test_peers_solve_what_has_a_solution(self, name, peer):
        if model_of(name, peer) is None:
            assert choose_rivals(peer, name) == []
            return
        puzzle = made(name, 2)
        values = RIVALS[peer][0](puzzle, 20.0, 1)
        assert type(puzzle).verified([puzzle], values[None])[0]

    @pytest.mark.parametrize("peer", ["cpsat", "cadical"])
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("latin", "1 2 . .\n. . 3 4\n. . 4 3\n3 . . .\n"),
            ("coloring", "c colors 2\np edge 3 3\ne 1 2\ne 2 3\ne 1 3\n"),
            ("queens", "3"),
            ("cnf", "p cnf 1 2\n1 0\n-1 0\n"),
            ("nonogram", '{"rows": [[2], []], "columns": [[], [2]]}'),
            ("exact-cover", "a b c\na b\nb c\n"),
        ],
    )
    def test_peers_prove_what_has_none(self, peer, name, text):
        answer = RIVALS[peer][0](KINDS[name].problem.parse(text), 20.0, 1)
        assert isinstance(answer, str)
        assert answer == INFEASIBLE

    def test_a_peer_that_does_not_stop_is_ended_and_the_next_problem_solved(self):
        rival = Rival("cadical", 0.2, 1)
        try:
            hard = KINDS["cnf"].problem.parse(pigeons(11))
            assert rival.solve(hard).answer is None
            easy = rival.solve(Latin.parse(FOUR)).answer
        finally:
            rival.close()
        assert Latin.parse(FOUR).verify(easy)

    def test_solvers_that_disagree_are_named(self):
        puzzle = Latin.parse(FOUR, source="demo")
        scores = {
            "one": Score((Outcome(SOLVED, 1.0),)),
            "other": Score((Outcome(INFEASIBLE, 1.0),)),
        }
        assert len(disagreements([puzzle], scores)) == 1
        scores["other"] = Score((Outcome(OPEN, 1.0),))
        assert disagreements([puzzle], scores) == []

    def test_a_ratio_over_nothing_is_none(self):
        ours, theirs = Score((Outcome(OPEN, 1.0),)), Score((Outcome(SOLVED, 1.0),))
        assert theirs.ratio(ours) is None


def pigeons(holes):
    """One pigeon too many: short, and hard to refute by resolution."""
    clauses = [[p * holes + h + 1 for h in range(holes)] for p in range(holes + 1)]
    clauses += [
        [-(p * holes + h + 1), -(q * holes + h + 1)]
        for h in range(holes)
        for p in range(holes + 1)
        for q in range(p)
    ]
    rows = "\n".join(" ".join(map(str, clause)) + " 0" for clause in clauses)
    return f"p cnf {(holes + 1) * holes} {len(clauses)}\n{rows}\n"
