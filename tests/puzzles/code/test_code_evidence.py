"""What the search knows of types: what a run showed, else what the text says."""

import ast
import json
from collections import Counter

import pytest
from typer.testing import CliRunner

from latent_ebm import CodeProblem
from latent_ebm.cli.programs import app
from latent_ebm.puzzles.code.evidence import completed, run_time_name
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.sites import opened, sites
from latent_ebm.puzzles.code.grammar.syntax import span_of
from latent_ebm.puzzles.code.holes import find_holes
from latent_ebm.puzzles.code.observing import Columns, observed_types
from latent_ebm.puzzles.code.reading import Reading
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.types import parse_type

TEXT = """def f(items, k: int, table: dict[str, list[int]] | None = None):
    __hole_0__()
    best = items[0]
    size = len(items)
    out = []
    for i in range(size):
        out.append(items[i])
    return sorted(out)[0] + len(table["a"])
"""


def seen(**names):
    types = {name: Counter({kind: 3}) for name, kind in names.items()}
    return Observations({}, {2: types} if types else {}, [{2: 1}], [True])


def types_of(text, observations):
    program = Program(text)
    context = Context(program, completed(program, observations))
    (function,) = program.tree.body
    return context.names.of_function(function)


def test_what_no_run_reached_is_typed_from_annotations_typeshed_and_what_was_seen():
    found = types_of(TEXT, seen(items="list[str]"))
    assert found == {
        "items": "list[str]",
        "k": "int",
        "table": "dict[str,list[int]]",
        "best": "str",
        "size": "int",
        "out": "list[str]",
        "i": "int",
    }


def test_what_was_seen_outweighs_what_the_text_says():
    found = types_of("def f(n: str):\n    m = n\n    return m\n", seen(n="int"))
    assert found["n"] == "int"
    program = Program("def f(n: str):\n    return n\n")
    span = (2, 11, 2, 12)
    observations = Observations({span: Counter(["float"])}, {2: {"n": Counter(["float"])}}, [], [])
    value = program.tree.body[0].body[0].value
    assert completed(program, observations).type_of(value) == "float"


def test_where_all_was_seen_nothing_is_asked_of_the_text():
    program = Program("def f(n):\n    return n\n")
    observations = Observations(
        {(2, 11, 2, 12): Counter(["int"])}, {2: {"n": Counter(["int"])}}, [], []
    )
    assert completed(program, observations) is observations


def test_unknown_stays_unknown():
    assert types_of("def f(x):\n    y = x.z\n    return y\n", seen()) == {"x": "", "y": ""}


def test_observed_types_stand_where_the_text_has_its_holes():
    text = "def pick(xs, d):\n    a, b = ..., xs[0]\n    return d[__hole__] + len(xs)\n"
    tests = [{"args": [["a"], {"a": 1}], "expected": 2}]
    problem = CodeProblem.of(text.replace("...", "xs"), tests)
    seen = observed_types(problem.text, problem.suite)
    assert seen[2, 15, 2, 17] == {"list[str]": 1}
    assert seen[2, 15, 2, 20] == {"str": 1}
    assert seen[1, 13, 1, 14].keys() == {"dict[str,int]"}
    hole = find_holes(Reading(Source(problem.text), seen))[0]
    assert str(hole.expected.type) == "str"
    plain = find_holes(Reading(Source(problem.text)))[0]
    assert str(plain.expected.type) == "Any"


def test_columns_behind_a_hole_are_those_of_the_text_as_given():
    text = "def f(x, y):\n    return (y, __hole__) if y else (... , x, x + 1)\n"
    program = Program(text)
    columns = Columns(program, opened(program, sites(program)))
    blank = Program(applied(program.source, opened(program, sites(program))))
    given = [n for n in ast.walk(program.tree) if isinstance(n, ast.Name) and n.id in "xy"]
    there = [n for n in ast.walk(blank.tree) if isinstance(n, ast.Name) and n.id in "xy"]
    assert [columns.span(span_of(node)) for node in there] == [span_of(node) for node in given]


def test_the_command_shows_what_the_tests_show(tmp_path):
    program, tests = tmp_path / "pick.py", tmp_path / "tests.json"
    program.write_text("def pick(xs, d):\n    if d[...]:\n        return xs\n    return d\n")
    tests.write_text('[{"args": [["a"], {"a": 1}], "expected": ["a"]}]')
    command = CliRunner().invoke(app, ["holes", str(program), "--tests", str(tests), "--json"])
    assert command.exit_code == 0, command.output
    (hole,) = json.loads(command.stdout)["holes"]
    assert hole["expected"] == "str"
    assert "which is dict[str, int]" in hole["reason"]
    refused = CliRunner().invoke(app, ["holes", "-", "--tests", str(tests)], input="...")
    assert refused.exit_code != 0
    assert "--tests needs a file" in str(refused.exception or refused.output)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("list[int]", "list[int]"),
        ("tuple[int, ...]", "tuple[int,...]"),
        ("tuple[int, str]", "tuple[int,str]"),
        ("dict[str, Any]", "dict"),
        ("collections.deque[int]", "deque[int]"),
        ("None", ""),
        ("int | None", "int"),
        ("int | str", ""),
        ("Iterable[int]", ""),
        ("Callable[[int], str]", ""),
        ("Any", ""),
        ("Point", "Point"),
        ("Other", ""),
    ],
)
def test_names_are_those_that_a_run_gives(text, name):
    assert run_time_name(parse_type(text), frozenset(["Point"])) == name
