"""The real ``latent-ebm`` executable, through subprocesses."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from latent_ebm.puzzles.sudoku import Shape, Sudoku, is_unique

EXECUTABLE = Path(sys.executable).parent / "latent-ebm"

EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
HARD = "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4.."
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
FOUR = "12..34....4....1"
CLASHING = "1..1" + "." * 12
# the clues do not clash: row 1 needs a 3, and box 2 has one already
UNSOLVABLE = "12....3........."
KEYS = [
    "index",
    "status",
    "solution",
    "steps",
    "restarts",
    "energy",
    "violations",
    "seconds",
    "engine",
    "backend",
]


def environment():
    # tests of the kernels may ask this process for Triton's interpreter
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("TRITON_INTERPRET", "COLUMNS", "FORCE_COLOR")
    } | {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}


def quiet(said):
    """Without the notice that a slow or busy machine gives while kernels load."""
    return re.sub("latent-ebm: .*compil.*kernels.*\n", "", said)


def run(*arguments, **rest):
    """Run to the end; whatever happens, no one gets to see a traceback."""
    rest = {"capture_output": True, "text": True, "timeout": 120, "env": environment()} | rest
    done = subprocess.run([EXECUTABLE, *map(str, arguments)], **rest)
    for stream in (done.stdout, done.stderr):
        assert "Traceback" not in str(stream)
    if isinstance(done.stderr, str):
        done.stderr = quiet(done.stderr)
    return done


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def without_seconds(text):
    return [{k: v for k, v in record.items() if k != "seconds"} for record in records(text)]


def relabelled(count):
    """As many puzzles as asked for, quickly: a hard one with its digits renamed."""
    rng = np.random.default_rng(0)
    names = [rng.permutation(list("123456789")) for _ in range(count)]
    return "".join(HARD.translate(str.maketrans("123456789", "".join(n))) + "\n" for n in names)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def nines(folder):
    """Twelve puzzles in a file."""
    path = folder / "nines.txt"
    path.write_text(EASY + "\n" + HARD + "\n" + relabelled(10))
    return path


@pytest.fixture(scope="module")
def uninterrupted(folder, nines):
    """What ``solve --json --output`` writes for them."""
    path = folder / "whole.jsonl"
    done = run("solve", nines, "--json", "--output", path)
    assert (done.returncode, done.stdout) == (0, "")
    return path.read_text()


def test_json_output_has_exactly_the_promised_keys_and_nothing_else(nines):
    done = run("solve", nines, "--json")
    assert done.returncode == 0
    found = records(done.stdout)
    assert [list(record) for record in found] == [KEYS] * 12
    assert [record["index"] for record in found] == list(range(12))
    for record, text in zip(found, nines.read_text().split(), strict=True):
        assert record["status"] == "solved"
        assert re.fullmatch("[1-9]{81}", record["solution"])
        assert Sudoku.parse(text).verify(np.array([int(c) - 1 for c in record["solution"]]))
        assert (record["energy"], record["violations"], record["backend"]) == (0, [], "cpu")
        assert isinstance(record["steps"], int)
        assert isinstance(record["restarts"], int)
        assert record["seconds"] > 0
    assert found[0]["solution"] == SOLVED
    assert done.stderr == "latent-ebm: 12 solved, 0 unknown, 0 invalid\n"


def test_standard_input_gives_what_the_file_gives(nines, uninterrupted):
    done = run("solve", "-", "--json", input=nines.read_text())
    assert done.returncode == 0
    assert without_seconds(done.stdout) == without_seconds(uninterrupted)


def test_one_puzzle_is_drawn_and_windows_line_ends_do_not_matter(folder):
    path = folder / "one.txt"
    path.write_bytes(EASY.encode() + b"\r\n")
    done = run("solve", path)
    assert done.returncode == 0
    digits = re.sub(r"\D", "", done.stdout.split("solved")[0])
    assert digits == SOLVED
    assert "solved: every constraint holds" in done.stdout
    assert done.stderr == ""


def test_good_puzzles_are_solved_beside_bad_ones_which_are_named(folder):
    path = folder / "mixed.txt"
    lines = [EASY, EASY[:40] + "x" + EASY[41:], HARD, "1..1" + "." * 77, "1234567", EASY]
    path.write_text("\r\n".join(lines) + "\r\n")
    done = run("solve", path, "--json")
    assert done.returncode == 2
    found = records(done.stdout)
    assert [r["status"] for r in found] == [
        "solved",
        "invalid",
        "solved",
        "invalid",
        "invalid",
        "solved",
    ]
    assert [r["index"] for r in found] == list(range(6))
    assert [list(record) for record in found] == [KEYS] * 6
    assert [r["solution"] is None for r in found] == [s["status"] == "invalid" for s in found]
    assert found[3]["violations"] == ["row 1 has 1 twice, at r1c1 and r1c4"]
    said = done.stderr.splitlines()
    assert said[0] == (
        f"latent-ebm: {path}:2: cell r5c5: 'x' is not a digit from 1 to 9 or a blank ('.', '0')"
    )
    assert said[1] == f"latent-ebm: {path}:4: row 1 has 1 twice, at r1c1 and r1c4"
    assert said[2].startswith(f"latent-ebm: {path}:5: '1234567' is ")
    assert said[3] == "latent-ebm: 3 solved, 0 unknown, 3 invalid"
    assert len(said) == 4


def test_a_puzzle_without_a_solution_is_unknown_with_violations_and_exit_code_1(folder):
    path = folder / "unsolvable.txt"
    path.write_text(UNSOLVABLE + "\n")
    done = run("solve", path, "--json", "--no-presolve", "--time-limit", "0.2")
    assert done.returncode == 1
    (record,) = records(done.stdout)
    assert (record["status"], record["solution"]) == ("unknown", None)
    assert record["energy"] > 0
    assert record["violations"]
    assert record["seconds"] >= 0.2
    assert done.stderr.startswith(f"latent-ebm: {path}:1: unknown; ")
    assert len(done.stderr.splitlines()) == 1


def test_hybrid_proves_a_puzzle_infeasible_and_names_the_core(folder):
    path = folder / "unsolvable.txt"
    path.write_text(UNSOLVABLE + "\n")
    for exact in ("auto", "cpsat", "cadical"):
        done = run("solve", path, "--json", "--strategy", "hybrid", "--exact", exact)
        assert done.returncode == 0
        (record,) = records(done.stdout)
        assert (record["status"], record["solution"]) == ("infeasible", None)
        assert record["engine"] == "presolve"
        assert len(record["violations"]) == 2
        assert done.stderr.startswith(f"latent-ebm: {path}:1: infeasible; these cannot hold")
        assert all(name in done.stderr for name in record["violations"])


def test_hybrid_tells_whether_a_solution_is_the_only_one(folder):
    path = folder / "two.txt"
    path.write_text(f"{HARD}\n{'.' * 81}\n{UNSOLVABLE}\n")
    done = run("solve", path, "--json", "--strategy", "hybrid", "--unique")
    assert [record.get("unique") for record in records(done.stdout)] == [True, False, None]
    assert f"{path}:2: several solutions" in done.stderr
    assert f"{path}:1:" not in done.stderr
    assert done.stderr.endswith("2 solved, 1 infeasible, 0 unknown, 0 invalid\n")


def test_an_exact_engine_without_the_hybrid_strategy_is_refused(nines):
    done = run("solve", nines, "--exact", "cpsat")
    assert done.returncode == 2
    assert "exact and unique are for strategy='hybrid'" in done.stderr


def test_max_steps_0_without_presolve_takes_no_step(nines):
    done = run("solve", nines, "--json", "--no-presolve", "--max-steps", "0")
    assert done.returncode == 1
    assert {(r["status"], r["steps"]) for r in records(done.stdout)} == {("unknown", 0)}


def test_no_presolve_descends_from_the_givens(nines):
    with_it, without = (
        records(run("solve", nines, "--json", *flags).stdout) for flags in ([], ["--no-presolve"])
    )
    assert with_it[0]["steps"] == 0
    assert without[0]["steps"] > 0
    assert [r["solution"] for r in with_it] == [r["solution"] for r in without]


@pytest.mark.parametrize("name", ["splitting", "pair-multipliers", "gradient-flow"])
def test_every_dynamics_can_be_chosen(name):
    arguments = ["--dynamics", name, "--no-presolve", "--backend", "auto"]
    done = run("solve", "-", "--json", *arguments, input=FOUR + "\n\n" + FOUR)
    assert done.returncode == 0
    found = records(done.stdout)
    assert [r["solution"] for r in found] == ["1234341221434321"] * 2
    assert found[0]["steps"] == found[1]["steps"] > 0
    assert found[0]["backend"] == ("torch" if name == "gradient-flow" else "cpu")


def test_a_bridge_means_gradient_flow():
    done = run("solve", "-", "--json", "--bridge", "softmax", "--no-presolve", input=FOUR)
    assert done.returncode == 0
    assert records(done.stdout)[0]["backend"] == "torch"


@pytest.mark.parametrize("text", [EASY, HARD], ids=["easy", "hard"])
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["--dynamics", "splitting", "--bridge", "softmax"],
            "--bridge softmax is for gradient-flow",
        ),
        (["--backend", "triton"], "Triton needs a GPU"),
    ],
    ids=["bridge", "triton"],
)
def test_what_cannot_be_had_is_refused_with_the_reason(arguments, reason, text):
    done = run("solve", "-", "--json", *arguments, input=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_device_that_is_not_there_is_refused_with_the_reason():
    hidden = environment() | {"CUDA_VISIBLE_DEVICES": ""}
    done = run("solve", "-", "--device", "cuda", input=HARD, env=hidden)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cuda" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("text", ["nonsense", CLASHING, f"{CLASHING}\n\nnonsense"])
def test_kernels_are_not_compiled_for_input_without_a_sound_puzzle(text, tmp_path):
    cold = environment() | {"NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [EXECUTABLE, "solve", "-", "--json"],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        env=cold,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("latent-ebm: <stdin>:1: ")
    assert "compiles" not in done.stderr
    assert not list(tmp_path.rglob("*.nbi"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_text(""), "the file is empty"),
        (lambda path: path.mkdir(), "this is a folder"),
        (lambda path: None, "no such file"),  # noqa: ARG005
        (lambda path: path.write_bytes(bytes(range(256)) * 8), "not a text file"),
    ],
    ids=["empty", "folder", "missing", "binary"],
)
def test_a_file_that_cannot_be_read_is_one_line_and_exit_code_2(make, reason, tmp_path):
    path = tmp_path / "file.txt"
    make(path)
    done = run("solve", path, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"latent-ebm: {path}: ")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_box_tells_the_shape_apart(folder):
    path = folder / "six.txt"
    tall = "1.3.5." + "." * 30
    path.write_text(tall + "\n")
    for box, shape in (("2x3", Shape(2, 3)), ("3x2", Shape(3, 2))):
        done = run("solve", path, "--json", "--box", box)
        assert done.returncode == 0
        solution = records(done.stdout)[0]["solution"]
        assert Sudoku.parse(tall, shape).verify(np.array([int(c) - 1 for c in solution]))
    refused = run("solve", path, "--box", "7by2")
    assert refused.returncode == 2
    assert refused.stderr == "latent-ebm: a box is written HEIGHTxWIDTH, as in 2x3; found '7by2'\n"


def test_generated_16x16_puzzles_are_solved_as_rows_of_numbers():
    made = run("generate", "-n", "2", "--side", "16", "--seed", "3")
    assert made.returncode == 0
    done = run("solve", "-", "--json", input=made.stdout)
    assert done.returncode == 0
    for record, block in zip(records(done.stdout), made.stdout.split("\n\n"), strict=False):
        rows = [[int(n) for n in row.split(" ")] for row in record["solution"].split("\n")]
        assert [len(row) for row in rows] == [16] * 16
        assert Sudoku.parse(block).verify(np.array(rows).ravel() - 1)
    assert len(records(done.stdout)) == 2


def test_generated_puzzles_are_unique_reproducible_and_a_prefix_of_longer_runs():
    six, again, two = (
        run("generate", "--count", n, "--seed", "5", "--clues", "28").stdout for n in (6, 6, 2)
    )
    assert six == again
    assert six.startswith(two)
    assert run("generate", "--seed", "6").stdout not in six
    puzzles = [Sudoku.parse(line) for line in six.split()]
    assert [p.clues for p in puzzles] == [28] * 6
    assert len(set(puzzles)) == 6
    assert all(is_unique(p.givens, p.shape) for p in puzzles)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--side", "7"], "no Sudoku has side 7"),
        (["--clues", "5"], "clues"),
        (["--difficulty", "brutal"], "no difficulty 'brutal'"),
    ],
    ids=str,
)
def test_puzzles_that_cannot_be_generated_are_refused(arguments, reason):
    done = run("generate", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_generate_pipes_into_solve():
    command = f"'{EXECUTABLE}' generate -n 3 --seed 2 | '{EXECUTABLE}' solve - --json"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(),
    )
    assert done.returncode == 0
    assert [r["status"] for r in records(done.stdout)] == ["solved"] * 3


@pytest.mark.parametrize("cut", [-1, -30, 0, 1], ids=["newline", "middle", "empty", "one byte"])
def test_resume_goes_on_after_a_torn_line(cut, folder, nines, uninterrupted):
    lines = uninterrupted.splitlines(keepends=True)
    torn = uninterrupted[:cut] if cut >= 0 else "".join(lines[:5])[:cut]
    path = folder / "torn.jsonl"
    path.write_text(torn)
    done = run("solve", nines, "--json", "--output", path, "--resume")
    assert (done.returncode, done.stdout) == (0, "")
    kept = torn.count("\n")
    assert path.read_text().splitlines()[:kept] == uninterrupted.splitlines()[:kept]
    assert without_seconds(path.read_text()) == without_seconds(uninterrupted)


def test_resume_appends_to_the_file_behind_the_redirection(folder, nines, uninterrupted):
    path = folder / "appended.jsonl"
    path.write_text(uninterrupted[: len(uninterrupted) // 2])
    with path.open("a") as sink:
        done = run(
            "solve", nines, "--json", "--resume",
            capture_output=False, stdout=sink, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert done.returncode == 0
    assert without_seconds(path.read_text()) == without_seconds(uninterrupted)


def test_resume_with_everything_done_changes_nothing(folder, nines, uninterrupted):
    path = folder / "done.jsonl"
    path.write_text(uninterrupted)
    done = run("solve", nines, "--json", "--output", path, "--resume")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "latent-ebm: nothing left to do: all 12 results are there",
        "latent-ebm: 12 solved, 0 unknown, 0 invalid; 12 of them earlier",
    ]
    assert path.read_text() == uninterrupted


@pytest.mark.parametrize("kept", [2, 3])
@pytest.mark.parametrize(
    ("second", "options", "code"),
    [(CLASHING, [], 2), (UNSOLVABLE, ["--max-steps", "20"], 1), (FOUR, [], 0)],
    ids=["invalid", "unknown", "solved"],
)
def test_resume_counts_the_earlier_results_in_its_exit_code(second, options, code, kept, folder):
    source, path = folder / "some.txt", folder / "some.jsonl"
    source.write_text("\n\n".join([FOUR, second, FOUR]))
    arguments = ["solve", source, "--json", "--output", path, *options]
    assert run(*arguments).returncode == code
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:kept]))
    again = run(*arguments, "--resume")
    assert again.returncode == code
    assert f"; {kept} of them earlier" in again.stderr
    assert without_seconds(path.read_text()) == without_seconds(whole)


def test_resume_refuses_what_it_cannot_go_on_from(folder, nines, uninterrupted):
    piped = run("solve", nines, "--json", "--resume")
    assert (piped.returncode, piped.stdout) == (2, "")
    assert "--resume needs the earlier results" in piped.stderr
    path = folder / "other.jsonl"
    lines = uninterrupted.splitlines(keepends=True)
    for wrong in ("my notes\n", lines[1], lines[0] + lines[2], '{"index": 0}\n'):
        path.write_text(wrong)
        done = run("solve", nines, "--json", "--output", path, "--resume")
        assert done.returncode == 2
        assert "cannot resume: line " in done.stderr
        assert path.read_text() == wrong


def test_without_resume_an_output_file_is_begun_anew(folder, nines, uninterrupted):
    path = folder / "anew.jsonl"
    path.write_text("what was here before\n" * 500)
    assert run("solve", nines, "--json", "--output", path).returncode == 0
    assert without_seconds(path.read_text()) == without_seconds(uninterrupted)


def test_results_survive_a_kill_and_are_completed_once_and_in_order(folder):
    source, path = folder / "many.txt", folder / "many.jsonl"
    source.write_text(relabelled(1_500))
    arguments = ["solve", source, "--json", "--no-presolve", "--output", path]
    process = subprocess.Popen(
        [EXECUTABLE, *map(str, arguments)], env=environment(), stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size > 50_000):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    survived = path.read_text()
    whole = survived[: survived.rfind("\n") + 1]
    assert 0 < whole.count("\n") < 1_500
    assert run(*arguments, "--resume").returncode == 0
    completed = path.read_text()
    assert completed.startswith(whole)
    found = records(completed)
    assert [r["index"] for r in found] == list(range(1_500))
    assert {r["status"] for r in found} == {"solved"}


PEAK_OF = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.slow
def test_49151_puzzles_stream_in_less_than_a_gigabyte(folder):
    source, path = folder / "stream.txt", folder / "stream.jsonl"
    source.write_text(relabelled(4_000) * 12 + relabelled(1_151))
    arguments = [EXECUTABLE, "solve", source, "--json", "--output", path]
    # started by a small process: a child's peak counts what it was forked from
    done = subprocess.run(
        [sys.executable, "-c", PEAK_OF, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    assert int(done.stdout) * (1 if sys.platform == "darwin" else 1024) < 1_000_000_000
    with path.open() as results:
        indices = [json.loads(line)["index"] for line in results]
    assert indices == list(range(49_151))


def test_a_reader_that_goes_away_is_no_error_to_shout_about(folder):
    source = folder / "piped.txt"
    source.write_text(relabelled(800))
    process = subprocess.Popen(
        [EXECUTABLE, "solve", str(source), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    first = process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert json.loads(first)["index"] == 0
    assert quiet(said) == ""


def test_ctrl_c_leaves_whole_lines_and_exit_code_130(folder):
    source, path = folder / "interrupted.txt", folder / "interrupted.jsonl"
    source.write_text(relabelled(1_500))
    process = subprocess.Popen(
        [EXECUTABLE, "solve", str(source), "--json", "--no-presolve", "--output", str(path)],
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    while not (path.exists() and path.stat().st_size > 10_000):
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert quiet(said) == "latent-ebm: interrupted; results so far are complete lines\n"
    assert path.read_text().endswith("\n")
    found = records(path.read_text())
    assert [r["index"] for r in found] == list(range(len(found)))


def test_unique_names_puzzles_with_several_solutions():
    twins = "." * 2 + SOLVED[2:9] + "." * 2 + SOLVED[11:]
    ambiguous = SOLVED.replace("1", ".").replace("2", ".")
    done = run("solve", "-", "--json", "--unique", input=f"{EASY}\n{ambiguous}\n{twins}\n")
    assert done.returncode == 0
    assert [r["status"] for r in records(done.stdout)] == ["solved"] * 3
    said = done.stderr.splitlines()
    assert said[0].startswith("latent-ebm: <stdin>:2: several solutions")
    assert len(said) == 2


def test_bench_measures_us_beside_the_peers(folder):
    pytest.importorskip("ortools")
    pytest.importorskip("pysat")
    path = folder / "bench.txt"
    path.write_text(run("generate", "-n", "6", "--seed", "1").stdout)
    done = run("bench", path, "--json", "--peers", "cpsat,cadical", "--cores", "1")
    assert done.returncode == 0
    (result,) = records(done.stdout)
    assert list(result) == ["n", "solved", "infeasible", "seconds", "ms_per_puzzle", "peers"]
    assert (result["n"], result["solved"]) == (6, 6)
    assert result["ms_per_puzzle"] == pytest.approx(result["seconds"] / 6 * 1e3, abs=1e-3)
    assert list(result["peers"]) == ["cpsat", "cadical", "cadical_incremental"]
    for peer in result["peers"].values():
        assert list(peer) == ["solved", "infeasible", "seconds", "ms_per_puzzle", "ratio"]
        assert peer["solved"] == 6
        assert peer["ratio"] == pytest.approx(peer["seconds"] / result["seconds"], rel=0.01)


def test_bench_without_peers_prints_a_table(nines):
    done = run("bench", nines, "--peers", "", "--cores", "1")
    assert done.returncode == 0
    assert re.search(r"latent-ebm +12 of 12 +\d", done.stdout)


def test_bench_refuses_a_peer_it_does_not_know(nines):
    done = run("bench", nines, "--peers", "cpsat,oracle")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "latent-ebm: no peer 'oracle'; choose from cpsat, cadical, cadical_incremental\n"
    )


def test_trace_writes_pictures(folder):
    png, svg = folder / "trace.png", folder / "trace.svg"
    done = run("trace", EASY, "--no-presolve", "--out", png)
    assert done.returncode == 0
    assert png.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert png.stat().st_size > 20_000
    assert re.fullmatch(
        rf"latent-ebm: solved after \d+ sweeps of splitting; wrote {re.escape(str(png))}\n",
        done.stderr,
    )
    source = folder / "trace.txt"
    source.write_text(UNSOLVABLE + "\n")
    arguments = ["--no-presolve", "--max-steps", "20", "--out", svg]
    assert run("trace", source, *arguments).returncode == 1
    assert "<svg" in svg.read_text()
    assert {path.suffix for path in folder.iterdir()} <= {".txt", ".jsonl", ".png", ".svg"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([EASY, "--out", "trace.gif"], "the picture must end in .png, .svg or .pdf"),
        ([EASY, "--out", "nowhere/trace.png"], "there is no folder nowhere"),
        ([EASY], "nothing to trace: presolve settles every cell; add --no-presolve"),
        ([CLASHING], "nothing to trace, the givens clash: row 1 has 1 twice"),
    ],
    ids=["suffix", "folder", "presolved", "clashing"],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(arguments, reason, tmp_path):
    done = run("trace", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            "solve",
            "--json --output --resume --strategy --dynamics --bridge --seed --time-limit "
            "--exact --max-steps --no-presolve --unique --backend --device --workers --box",
        ),
        ("generate", "--count --side --box --clues --difficulty --symmetric --seed"),
        ("bench", "--peers --json --time-limit --seed --no-presolve --dynamics --cores --box"),
        ("trace", "--out --dynamics --bridge --max-steps --no-presolve --seed --box"),
    ],
)
def test_help_lists_every_option(command, options):
    done = run(command, "--help")
    assert done.returncode == 0
    listed = set(re.findall(r"--[a-z][a-z-]*", done.stdout))
    assert set(options.split()) <= listed


def test_the_version_is_that_of_the_package():
    from latent_ebm import __version__

    assert run("--version").stdout == f"latent-ebm {__version__}\n"


@pytest.mark.parametrize("arguments", [["solve"], ["solve", "-", "--dynamics", "newton"], ["fly"]])
def test_usage_errors_are_exit_code_2(arguments):
    done = run(*arguments, input="")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
