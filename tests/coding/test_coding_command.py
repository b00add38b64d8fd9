"""The commands repair, fill and bench-code: what they print, write and return."""

import json
import signal
import subprocess
import sys
import time

import pytest

from latent_ebm.cli.main import run

BROKEN = "def largest(items):\r\n    return min(items)  # why\r\n"
TESTS = [{"args": [[1, 5, 2]], "expected": 5}, {"args": [[4, 3]], "expected": 4}]


@pytest.fixture
def command(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["latent-ebm", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture
def files(tmp_path):
    program, tests = tmp_path / "program.py", tmp_path / "tests.json"
    program.write_bytes(BROKEN.encode())
    tests.write_text(json.dumps(TESTS))
    return program, tests


def test_repair_shows_a_diff_and_energies_and_leaves_the_file_alone(command, files):
    program, tests = files
    code, out, err = command("repair", program, "--tests", tests, "--workers", 1)
    assert (code, err) == (0, "")
    assert "-    return min(items)  # why" in out
    assert "+    return max(items)  # why" in out
    assert "now passing: case 1, case 2" in out
    assert "executions (found after" in out
    assert "sandbox: " in out
    assert program.read_bytes() == BROKEN.encode()


def test_write_changes_the_file_and_keeps_a_backup(command, files):
    program, tests = files
    code, out, _ = command("repair", program, "--tests", tests, "--write", "--json")
    shown = json.loads(out)
    assert code == 0
    assert program.read_bytes() == BROKEN.replace("min", "max").encode()
    assert (program.parent / "program.py.orig").read_bytes() == BROKEN.encode()
    assert shown["backup"].endswith("program.py.orig")
    assert shown["status"] == "solved"
    assert shown["energy"]["after"]["tests"] == 0
    code, out, _ = command("repair", program, "--tests", tests)
    assert (code, out) == (0, f"{program}: no failing test among 2; nothing to repair\n")


def test_what_is_not_repaired_is_exit_code_1_and_nothing_is_written(command, files):
    program, tests = files
    tests.write_text('[{"args": [[1, 5]], "expected": ["no", {"such": "thing"}]}]')
    code, out, _ = command("repair", program, "--tests", tests, "--time-limit", 1.5, "--write")
    assert code == 1
    assert "unknown" in out
    assert "failing still: case 1" in out
    assert program.read_bytes() == BROKEN.encode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda program, _: program.write_text("def f(:\n"), "program.py:1:7: "),
        (lambda program, _: program.unlink(), "no such file"),
        (lambda program, _: program.write_bytes(b"\0\1"), "a binary file"),
        (lambda program, _: program.write_text("def f(): 1\ndef g(): 2\n"), "program.py has f, g"),
        (lambda program, _: program.write_text(""), "has no function at its top"),
        (lambda _, tests: tests.write_bytes(b"\0\1"), "tests.json: a binary file"),
        (lambda _, tests: tests.write_text(" \n"), "tests.json: an empty file"),
        (lambda _, tests: tests.write_text("[1,"), "tests.json, line 1"),
        (lambda _, tests: tests.write_text('[{"args": 1}]'), '"args" is a list'),
        (lambda _, tests: tests.unlink(), "No such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(command, files, change, message):
    change(*files)
    code, out, err = command("repair", files[0], "--tests", files[1])
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_read_only_file_is_not_written_and_not_worked_on(command, files):
    program, tests = files
    program.chmod(0o444)
    code, out, err = command("repair", program, "--tests", tests, "--write")
    assert (code, out) == (2, "")
    assert "program.py: a read-only file" in err
    assert program.read_bytes() == BROKEN.encode()


def test_what_passes_the_tests_but_not_the_type_checker_is_shown_as_that(command, files):
    program, tests = files
    program.write_text("def f(n: int) -> int:\n    return n\n")
    tests.write_text('[{"args": [1], "expected": "1"}, {"args": [5], "expected": "5"}]')
    code, out, _ = command(
        "repair", program, "--tests", tests, "--types", "--max-executions", 200, "--workers", 1
    )
    assert code == 1
    assert "NOT a patch: it passes all tests, but with it the type checker finds" in out
    assert "+    return str(n)" in out
    assert "failing still" not in out


def test_what_a_program_says_cannot_trouble_the_terminal(command, files):
    program, tests = files
    program.write_text("def f(n):\n    raise BaseException('\\ud800 \\x1b[2J')\n")
    code, out, _ = command("repair", program, "--tests", tests, "--max-executions", 3)
    assert code == 1
    assert "the program as given: BaseException: \\ud800 \\x1b[2J\n" in out


def test_a_proof_goes_with_the_patch(command, tmp_path):
    program, tests = tmp_path / "p.py", tmp_path / "t.json"
    program.write_text("def gap(a, b):\n    if a > b:\n        return a - b\n    return a - b\n")
    tests.write_text('[{"args": [1, 4], "expected": 3}, {"args": [9, 4], "expected": 5}]')
    code, out, _ = command("repair", program, "--tests", tests, "--prove", "abs(a - b)")
    assert code == 0
    assert "proved: gap(a, b) == abs(a - b) for all integers" in out
    code, _, err = command("repair", program, "--tests", tests, "--prove", "a.real")
    assert code == 2
    assert "'a.real' (Attribute): cannot be put into integer and boolean terms" in err


def test_fill_fills_every_hole(command, tmp_path):
    program, tests = tmp_path / "p.py", tmp_path / "t.json"
    program.write_text("def largest(items):\n    return ...\n")
    tests.write_text(json.dumps(TESTS))
    code, out, _ = command("fill", program, "--tests", tests)
    assert code == 0
    assert "-    return ..." in out
    assert "now passing: case 1, case 2" in out
    program.write_text("def largest(items):\n    return max(items)\n")
    code, _, err = command("fill", program, "--tests", tests)
    assert code == 2
    assert "no holes" in err


def test_bench_code_streams_records_and_totals(command, tmp_path):
    path = tmp_path / "records.jsonl"
    record = {"id": "largest-0", "program": BROKEN, "tests": TESTS}
    records = [
        {**record, "unseen": [{"args": [[7, 8]], "expected": 8}]},
        {**record, "id": "broken-0", "program": "def f(:\n"},
        {**record, "id": "lambda-0", "program": "f = min\n", "function": "f"},
        {**record, "id": "hole-1", "program": "def largest(items):\n    return ...\n"},
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    strategies = "descent,enumerate"
    code, out, _ = command(
        "bench-code", path, "--json", "--strategies", strategies, "--time-limit", 10, "--workers", 1
    )
    *rows, totals = map(json.loads, out.splitlines())
    assert code == 1
    assert [(row["id"], row["strategy"]) for row in rows] == [
        (one["id"], strategy) for one in records for strategy in strategies.split(",")
    ]
    assert [row["status"] for row in rows[:6]] == ["solved"] * 2 + ["invalid"] * 4
    assert rows[0]["right"]
    assert "broken-0:1:7" in rows[2]["message"]
    assert "lambda-0: nothing to repair" in rows[4]["message"]
    assert totals["totals"]["descent"]["solved"] == 2
    assert totals["totals"]["descent"]["right"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no record in it"),
        ("{]\n", "line 1"),
        ('{"id": "a", "program": "x"}\n', '"tests" must be a list; found NoneType'),
        ("# no records\n", "line 1, column 1: no JSON"),
        (b"\xff\xfe", "records.jsonl: not UTF-8"),
    ],
)
def test_bench_code_names_what_is_no_record(command, tmp_path, text, message):
    path = tmp_path / "records.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    code, _, err = command("bench-code", path)
    assert code == 2
    assert message in err


def test_bench_code_refuses_in_one_line(command, tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps({"id": "f", "program": BROKEN, "tests": TESTS}))
    code, _, err = command("bench-code", path, "--isolation", "none")
    assert (code, err.count("\n")) == (2, 1)
    assert "--allow-unsandboxed" in err
    code, _, err = command("bench-code", tmp_path)
    assert (code, err) == (2, f"latent-ebm: {tmp_path}: Is a directory\n")


def test_bench_code_ends_when_it_is_interrupted(tmp_path):
    path = tmp_path / "records.jsonl"
    easy = {"id": "largest-0", "program": BROKEN, "tests": TESTS}
    hopeless = {**easy, "tests": [{"args": [[1, 2]], "expected": "no such text"}]}
    path.write_text("".join(json.dumps(one) + "\n" for one in (easy, hopeless, easy)))
    text = "import sys; from latent_ebm.cli.main import run; sys.exit(run())"
    options = ("--json", "--strategies", "descent", "--workers", "1")
    with subprocess.Popen(
        [sys.executable, "-c", text, "bench-code", str(path), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        first = process.stdout.readline()
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=20)
    assert json.loads(first)["status"] == "solved"
    assert (process.returncode, rest) == (130, "")
    assert err == "latent-ebm: interrupted; results so far are complete lines\n"


@pytest.mark.parametrize("name", ["repair", "fill"])
def test_repair_and_fill_share_their_options(command, name):
    code, out, _ = command(name, "--help")
    shared = ("tests", "function", "all", "json", "write", "types", "strategy", "workers", "seed")
    assert code == 0
    assert all(f"--{option} " in out for option in shared)
    assert ("--prove" in out) == (name == "repair")


def test_an_ellipsis_that_means_something_is_no_hole(command, tmp_path):
    program, tests = tmp_path / "p.py", tmp_path / "t.json"
    program.write_text(
        "def f(n) -> tuple[int, ...]:\n    found: tuple[int, ...] = ()\n    return found\n"
    )
    tests.write_text('[{"args": [1], "expected": [1]}, {"args": [2], "expected": [2]}]')
    code, _, err = command("fill", program, "--tests", tests)
    assert code == 2
    assert "no holes" in err
    program.write_text("def f(n):\n    __hole__ = 3\n    return n\n")
    code, _, err = command("fill", program, "--tests", tests)
    assert code == 2
    assert "p.py:2: a hole that is assigned to" in err
    program.write_text("def f(n):\n    n = __hole__\n    return f'{__hole__}'\n")
    code, _, err = command("fill", program, "--tests", tests)
    assert code == 2
    assert "p.py:3: an expression in an f-string" in err
