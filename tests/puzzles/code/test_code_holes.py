"""Holes: which there are, what they expect, what is in reach, and the command that lists them."""

import ast
import io
import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from latent_ebm.cli.main import run
from latent_ebm.puzzles.code.errors import Refusal
from latent_ebm.puzzles.code.expectations import Expectation
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.sites import sites
from latent_ebm.puzzles.code.hole_marks import hole_nodes
from latent_ebm.puzzles.code.holes import find_holes
from latent_ebm.puzzles.code.reading import Reading
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.types import Type, fits

EXECUTABLE = Path(sys.executable).parent / "latent-ebm"
STDLIB = Path(sysconfig.get_paths()["stdlib"])


def _holes(text, path="f.py"):
    return find_holes(Reading(Source(text, path)))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("x = ...\n", [(1, 5)]),
        ("x = __hole__ + ...\n", [(1, 5), (1, 16)]),
        ("def f(x):\n    ...\n", [(2, 5)]),
        ("def f(x):\n    '''Doc.'''\n    ...\n", [(3, 5)]),
        ("é = [..., 'é', __hole__]\n", [(1, 6), (1, 16)]),
        ("if ...:\r\n\t...\r\n", [(1, 4), (2, 2)]),
        ("f(x=...)\n", [(1, 5)]),
        ("x[__hole__] = 1\n", [(1, 3)]),
        ("class C:\n    x = ...\n    def f(self): ...\n", [(2, 9), (3, 18)]),
        ("@__hole__\ndef f(): return 1\n", [(1, 2)]),
        ("async def f():\n    await ...\n    return lambda: ...\n", [(2, 11), (3, 20)]),
        ("x = {**...}\n", [(1, 8)]),
        ("def f(x=...): return x\n", [(1, 9)]),
        ("if TYPE_CHECKING: ...\n", [(1, 19)]),
    ],
)
def test_holes_are_found_in_the_order_of_the_text(text, places):
    found = _holes(text)
    assert [hole.place for hole in found] == places
    assert [hole.number for hole in found] == list(range(1, len(places) + 1))
    for hole in found:
        shown = Source(text).data[hole.span.start : hole.span.end].decode()
        assert shown in ("...", "__hole__")


@pytest.mark.parametrize(
    "text",
    [
        "x: tuple[int, ...] = ()\n",
        "from typing import Callable\ndef f(g: Callable[..., int]) -> tuple[str, ...]: return ()\n",
        "import numpy\ny = x[..., 0]\nz = x[...]\n",
        "class E(Exception): ...\n",
        "class P(Protocol):\n    a: int\n    def m(self, x=...) -> int: ...\n",
        "class P(Protocol[T]):\n    async def m(self) -> int:\n        'Doc.'\n        ...\n",
        "@overload\ndef f(x: int) -> int: ...\n@typing.overload\ndef f(x: str) -> str: ...\n",
        "class A(ABC):\n    @abstractmethod\n    def m(self): ...\n",
        "if x is ... or x == Ellipsis: pass\n",
        "A = dict[str, tuple[int, ...]]\n",
    ],
)
def test_an_ellipsis_that_means_something_is_no_hole(text):
    assert _holes(text) == ()


def test_the_functions_of_a_stub_file_have_no_holes():
    assert (
        _holes("def f(x: int = ...) -> int: ...\nclass C:\n    def m(self): ...\n", "f.pyi") == ()
    )


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("__hole__ = 1\n", "a hole that is assigned to"),
        ("x.__hole__\n", "a hole as an attribute's name"),
        ("def __hole__(): pass\n", "a hole as the name of a definition"),
        ("f(__hole__=1)\n", "a hole as a parameter's name"),
        ("import __hole__\n", "a hole in an import"),
        ("x = f'{__hole__}'\n", "an expression in an f-string"),
        ("x = [" + "..., " * 200 + "]\n", "more than 100 in one file"),
    ],
)
def test_holes_that_cannot_be_filled_are_refused_by_name(text, construct):
    with pytest.raises(Refusal, match=construct):
        _holes(text)


PROGRAM = """\
import math

LIMIT = 10

def mean(xs: list[float], names: dict[str, int], label="a"):
    total = 0.0
    for x in xs:
        if ...:
            total += x
            n = 1
    k = names[__hole__]
    return total / __hole__
"""


class TestWhatAHoleShows:
    """Expected type, scope with the best first, grammar, and reasons."""

    def test_expected_types_and_reasons(self):
        shown = [(str(hole.expected.type), hole.expected.reason) for hole in _holes(PROGRAM)]
        assert shown == [
            ("bool", "condition of the if at line 8"),
            ("str", "index of names, which is dict[str, int]"),
            ("float", "right operand of / beside total, which is float"),
        ]

    def test_names_that_fit_come_first_then_those_that_surely_have_a_value(self):
        condition, key, divisor = _holes(PROGRAM)
        assert [one.name for one in key.names if one.fits] == ["label"]
        fitting = [one.name for one in divisor.names if one.fits]
        assert fitting == ["total", "k", "LIMIT", "n", "x"] or fitting[:3] == [
            "k",
            "total",
            "LIMIT",
        ]
        by_name = {one.name: one for one in divisor.names}
        assert not by_name["n"].definitely_assigned
        assert "may have no value yet" in by_name["n"].reason
        assert by_name["xs"].reason == "list[float] does not fit float"
        assert by_name["xs"].line == 5
        assert not by_name["mean"].fits
        assert "has a truth value" in {one.name: one for one in condition.names}["xs"].reason

    def test_fitting_names_have_types_that_fit(self):
        for hole in _holes(PROGRAM):
            for name in hole.names:
                if name.fits and not hole.expected.boolean:
                    assert fits(name.type, hole.expected.type)

    def test_the_grammar_gives_what_is_expected(self):
        for hole in _holes(PROGRAM):
            for production in hole.grammar:
                assert production.reason
                for operation in production.operations:
                    assert fits(operation.result, hole.expected.type), str(operation)

    def test_methods_of_names_in_scope_are_offered(self):
        key = _holes(PROGRAM)[1]
        attribute = next(one for one in key.grammar if one.name == "attribute")
        texts = [one.template for one in attribute.operations]
        assert "label.upper()" in texts
        assert "math.floor({0})" not in texts

    def test_a_statement_hole_says_what_must_come_of_it(self):
        (hole,) = _holes("def f(x) -> int:\n    ...\n    return total + x\n")
        assert (hole.position, hole.needs) == ("statement", ("total",))
        assert hole.expected.reason == "total is read behind it and bound nowhere"
        (hole,) = _holes("def f(x) -> int:\n    while x:\n        x -= 1\n    ...\n")
        assert hole.expected.type == Type("int")
        assert "f may end without a return, and is annotated as int" in hole.expected.reason

    def test_break_and_return_only_where_they_may_stand(self):
        (outside,) = _holes("...\n")
        (inside,) = _holes("def f():\n    for i in x:\n        ...\n    else: pass\n")
        (behind,) = _holes("def f():\n    for i in x: pass\n    else:\n        ...\n")
        names = [{one.name for one in hole.grammar} for hole in (outside, inside, behind)]
        assert {"return", "break"}.isdisjoint(names[0])
        assert {"return", "break", "continue"} <= names[1]
        assert "return" in names[2]
        assert "break" not in names[2]


# holes in real files: each expression of the file in turn, as a hole


@pytest.mark.parametrize("name", ["bisect.py", "textwrap.py", "heapq.py"])
def test_real_files_are_read_without_failing(name):
    reading = Reading(Source.read(STDLIB / name))
    count = 0
    for node in reading.source.parents:
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store):
            reading.infer(node)
            assert isinstance(reading.expected(node), Expectation)
            assert reading.scope_at(node)
            count += 1
    assert count > 100


# the command


def _process(*arguments):
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    command = [EXECUTABLE, "holes", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def command(monkeypatch, capsys):
    """The console script within this process: (exit code, standard output, standard error)."""

    def call(*arguments, given=""):
        monkeypatch.setattr(sys, "argv", ["latent-ebm", "holes", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        with pytest.raises(SystemExit) as ended:
            run()
        return int(ended.value.code or 0), *capsys.readouterr()

    return call


def test_the_command_lists_holes_as_editors_want_them(tmp_path):
    file = tmp_path / "f.py"
    file.write_text(PROGRAM)
    done = _process(file)
    assert done.returncode == 0
    heads = [line for line in done.stdout.splitlines() if line.startswith(str(file))]
    assert heads[0] == f"{file}:8:12: hole 1: expected bool: condition of the if at line 8"
    assert len(heads) == 3
    assert "label: str" in done.stdout
    assert file.read_text() == PROGRAM


def test_a_bad_file_ends_the_process_with_code_2(tmp_path):
    file = tmp_path / "f.py"
    file.write_text("x = (1\n")
    done = _process(file)
    assert done.returncode == 2
    assert done.stderr == f"latent-ebm: {file}:1:5: '(' was never closed: x = (1\n"


def test_json_is_one_object_with_a_list(tmp_path, command):
    file = tmp_path / "f.py"
    file.write_text(PROGRAM)
    shown = json.loads(command(file, "--json")[1])
    assert shown["file"] == str(file)
    second = shown["holes"][1]
    assert (second["line"], second["column"], second["expected"]) == (11, 15, "str")
    start, end = second["bytes"]
    assert PROGRAM[start:end] == "__hole__"
    assert second["scope"][0]["name"] == "label"
    assert all(one["reason"] for one in second["scope"] + second["grammar"])


def test_the_command_follows_imports_of_neighbours(tmp_path, command):
    (tmp_path / "other.py").write_text("def area(w: float, names: list[str]) -> float: ...\n")
    (tmp_path / "broken.py").write_text("def (\n")
    file = tmp_path / "f.py"
    file.write_text("from other import area\nfrom broken import g\narea(g(1), ...)\n")
    code, out, err = command(file)
    assert code == 0
    assert "expected list[str]: argument 2 (names) of area" in out
    assert "not followed" in err
    assert "broken.py:1:5" in err


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\n  y = 2\n", "f.py:2:"),
        (b"\x00\x01", "binary file"),
        (b"x = '\xff'\n", "is not utf-8"),
        (b"__hole__ = 1\n", "f.py:1: a hole that is assigned to"),
        (b"x = " + b"(" * 3000 + b")" * 3000, "f.py"),
        (b"x = " + b"-" * 3000 + b"1", "f.py"),
        (b"x = " + b"[" * 90 + b"..." + b"]" * 90, ""),
    ],
)
def test_bad_files_are_one_line_and_exit_code_2(tmp_path, command, data, message):
    file = tmp_path / "f.py"
    file.write_bytes(data)
    code, _, err = command(file)
    assert code == (2 if message else 0)
    assert message in err
    assert len(err.splitlines()) == (1 if message else 0)


def test_folders_and_missing_files(tmp_path, command):
    for path in (tmp_path, tmp_path / "none.py"):
        code, _, err = command(path)
        assert (code, len(err.splitlines())) == (2, 1)


def test_no_holes_and_empty_files_are_said(tmp_path, command):
    file = tmp_path / "f.py"
    file.write_text("")
    code, out, _ = command(file)
    assert (code, "no holes" in out) == (0, True)
    assert json.loads(command(file, "--json")[1])["holes"] == []


def test_standard_input_is_read(command):
    assert command("-", given="x = ...\n")[1].startswith("-:1:5: hole 1: expected Any")


def test_a_large_file_takes_seconds_at_most(tmp_path, command):
    file = tmp_path / "f.py"
    body = "".join(
        f"def f{i}(a, b=1):\n    x{i} = [a, b]\n    return f{i}(x{i}, b)\n" for i in range(300)
    )
    file.write_text(body + "y = ...\n")
    start = time.process_time()
    assert command(file)[0] == 0
    assert time.process_time() - start < 5


def test_a_bare_ellipsis_in_a_subscript_or_a_comparison_is_a_hole_without_arrays():
    text = "def f(x):\n    if ... == x[...]:\n        return x[...:2]\n    return x is ...\n"
    assert sorted(node.lineno for node in hole_nodes(Source(text))) == [2, 2, 3]
    assert [site.node.lineno for site in sites(Program(text))] == [2, 2, 3]
