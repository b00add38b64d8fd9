"""Statements that real bugs lack, and values that are treated on their own."""

import ast

import pytest
from small_programs import SmallProgram, context_of

from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.holes import fillings, sites
from latent_ebm.puzzles.code.grammar.space import edits
from latent_ebm.puzzles.code.grammar.special_cases import brought, special_case

BUGS = """\
def unset(xs):
    for x in xs:
        total += x
    return total


def otherwise(n):
    if n > 2:
        n = 0
    return n


def dropped(n):
    if n:
        shown(n)
    return n


def shown(n):
    return str(n)


def kept(n):
    m = n * 2
    return None


def sorts(xs):
    sorted(xs)
    return xs


def skips(xs):
    return [x for x in xs if x]


def run(which, *args):
    return globals()[which](*args)
"""
CALLS = (
    ("unset", [1, 2]),
    ("otherwise", 1),
    ("dropped", 1),
    ("kept", 1),
    ("sorts", [2, 1]),
    ("skips", [0, 1]),
)
FIXES = [
    (
        "insert",
        "    for x in xs:\n        total",
        "    total = 0\n    for x in xs:\n        total",
        5.0,
    ),
    ("insert", "        n = 0\n", "        n = 0\n    else:\n        n += 1\n", 7.0),
    ("exchange", "        shown(n)\n", "        return shown(n)\n", 2.5),
    ("exchange", "    m = n * 2\n", "    return n * 2\n", 3.5),
    ("exchange", "    sorted(xs)\n", "    xs = sorted(xs)\n", 3.5),
    ("wrap", "for x in xs if x]", "for x in xs if not x]", 2.0),
]


@pytest.fixture(scope="module")
def repaired():
    """{text of an edited program: edit} over all edits of the programs with bugs."""
    context = context_of(SmallProgram("bugs", BUGS, "run", CALLS), Terms(localisation=False))
    made = edits(context, ceiling=7.0)
    return {applied(context.program.source, [edit]): edit for edit in reversed(made)}


@pytest.mark.parametrize(("kind", "bug", "fix", "price"), FIXES)
def test_a_missing_statement_is_one_edit_away(kind, bug, fix, price, repaired):
    assert BUGS.count(bug) == 1
    edit = repaired[BUGS.replace(bug, fix)]
    assert edit.kind == kind
    assert edit.cost <= price


@pytest.mark.parametrize(
    ("text", "nats"),
    [
        ("if n == 7:\n    return 3", 3.0),
        ("if n == 7:\n    return n", 1.5),
        ("7 == n", 1.5),
        ("word != 'abc'", 1.5),
        ("if n > 1:\n    return 12", 1.5),
        ("n == 0", 0.0),
        ("n == -1 or word == 'a'", 0.0),
        ("n % 7 == 0", 0.0),
        ("len(xs) == n", 0.0),
        ("n == 10 - m", 0.0),
        ("xs[7] == n", 0.0),
        ("return 12", 0.0),
    ],
)
def test_one_value_on_its_own_costs(text, nats):
    assert special_case(text) == nats


def test_only_what_a_change_brings_is_paid_for():
    assert brought("not n == 7", "n == 7") == 0.0
    assert brought("n == 7 and m == 8", "n == 7") == 1.5


def test_special_cases_are_dear_in_edits_and_fillings():
    text = "def f(n):\n    m = 7\n    if n > m:\n        return m\n    return n\n"
    context = context_of(
        SmallProgram("special", text, "f", ((3,), (9,))), Terms(localisation=False)
    )
    made = {edit.text: edit.cost for edit in edits(context, ceiling=11.0) if edit.kind == "wrap"}
    assert made["n > m and n == 7"] > made["n > m and n == 2"] + 0.9
    holed = text.replace("n > m", "...")
    context = context_of(SmallProgram("hole", holed, "f", ((3,), (9,))))
    (hole,) = sites(context.program)
    found = {edit.text: edit.cost for edit in fillings(context, hole, ("int",), 9.0)}
    assert found["n == 7"] > found["n == 2"] + 0.5


def test_names_that_are_bound_get_no_first_value():
    text = (
        "LOW = 1\n\n\ndef outer(xs, n):\n    m = n\n\n    def inner(k):\n"
        "        found = [x for x in xs if x > k + m + LOW]\n        for y in found:\n"
        "            last = y\n        return last\n    return inner(0)\n"
    )
    context = context_of(SmallProgram("bound", text, "outer", (([3, 4], 1),)))
    assert not any(context.unstarted(node) for node in ast.walk(context.program.tree))
