"""Comprehensions, lambdas and keywords: what is bound, what it costs, which bugs they mend."""

import ast
import random

import pytest
from small_programs import SmallProgram, context_of

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.binders import binders, bound, loops
from latent_ebm.puzzles.code.grammar.bodies import bodies, free_names, iterables
from latent_ebm.puzzles.code.grammar.context import Terms, literal
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.forms import forms
from latent_ebm.puzzles.code.grammar.operations import productions
from latent_ebm.puzzles.code.grammar.pool import Pool
from latent_ebm.puzzles.code.grammar.runtime_types import base, is_body
from latent_ebm.puzzles.code.grammar.space import edits
from latent_ebm.puzzles.code.grammar.statistics import COUNTS

KINDS = {
    "n": "int",
    "xs": "list[int]",
    "ys": "list[int]",
    "word": "str",
    "counts": "dict[str,int]",
    "pairs": "list[tuple[int,str]]",
}
VALUES = [Expression(n, t, 1.5, e.ATOM, "name", frozenset([n])) for n, t in KINDS.items()]
VALUES += [literal(0, 1.2), literal(1, 1.0)]
TYPES = sorted({*KINDS.values(), "int", "bool", "tuple[int,str]", "list[str]"})
MADE = productions(TYPES, [])


@pytest.fixture(scope="module")
def pool():
    """Expressions over some names, those that bind names among them."""
    given = bound(KINDS, TYPES, {"list", *KINDS}, VALUES, MADE, (), {})
    return Pool([*VALUES, *given.parts], [*MADE, *given.forms], limit=400, height=9.5)


def environment(rng):
    return {
        "n": rng.randint(-3, 4),
        "xs": [rng.randint(-2, 5) for _ in range(rng.randint(0, 3))],
        "ys": [rng.randint(-2, 5) for _ in range(2)],
        "word": rng.choice(["", "a", "Ab1"]),
        "counts": {"a": 1, "b": rng.randint(0, 2)},
        "pairs": [(1, "x"), (rng.randint(0, 3), "y")],
    }


def test_what_binds_names_has_values_of_its_type(pool):
    rng = random.Random(0)
    kinds = {"int": int, "str": str, "bool": bool, "list": list, "set": set, "dict": dict}
    made = [x for x in pool.of() if " for " in x.text or "lambda" in x.text]
    assert len(made) > 300
    valued = 0
    for expression in made[::3]:
        code = compile(expression.text, "<expression>", "eval")
        assert expression.names <= KINDS.keys()
        try:
            value = eval(code, environment(rng))
        except (ArithmeticError, LookupError, ValueError, TypeError):
            continue
        wanted = kinds.get(base(expression.type))
        if wanted is not None and value is not None:
            valued += 1
            assert isinstance(value, wanted), (expression, value)
    assert valued > 60


def test_bodies_are_no_values_of_their_own(pool):
    assert not any(is_body(expression.type) for expression in pool.of())
    assert any(is_body(expression.type) for expression in pool.of("body(x:int):bool"))


def test_a_body_reads_its_variables_and_never_is_one_alone():
    (x, *_) = loops({"xs": "list[int]"}, ["list[int]"], ())
    for made in bodies(x.variables, VALUES, MADE):
        names = {n.id for n in ast.walk(ast.parse(made.text)) if isinstance(n, ast.Name)}
        assert "x" in names
        assert made.text != "x"
        assert "x" not in made.names


def test_variables_do_not_hide_names():
    assert free_names("x", {"x", "y", "z", "item"}) == ("x2",)
    kinds = dict.fromkeys(("x", "i"), "list[int]")
    for loop in loops(kinds, ["list[int]"], kinds):
        assert not set(loop.variables.names) & kinds.keys()


@pytest.mark.parametrize(
    "text",
    [
        "[len(x) for x in words]",
        "[x for x in words if not x]",
        "sum(len(x) for x in words)",
        "any(x.isdigit() for x in words)",
        "''.join(x.upper() for x in words)",
        "sorted(words, key=lambda x: x[1])",
        "max(words, key=lambda x: len(x))",
        "{x: len(x) for x in words}",
        "[x * i for i, x in enumerate(words)]",
        "{k: v for k, v in counts.items() if v == 1}",
        "[[] for _ in range(n)]",
    ],
)
def test_forms_are_derived(text):
    kinds = {"words": "list[str]", "counts": "dict[str,int]", "n": "int"}
    values = [Expression(n, t, 1.0, e.ATOM, "name", frozenset([n])) for n, t in kinds.items()]
    values += [literal(1, 1.0), Expression("[]", "list", 1.0)]
    types = sorted({*kinds.values(), "str"})
    made = productions(types, [])
    given = bound(kinds, types, (), values, made, (), {})
    pool = Pool([*values, *given.parts], [*made, *given.forms], limit=4000, height=12.0)
    assert text in {expression.text for expression in pool.of()}


def test_forms_that_the_program_uses_are_cheaper():
    given = [bound(KINDS, TYPES, (), VALUES, MADE, used, {}) for used in ((), ("any-of",))]
    costs = [{f.cost for f in one.forms if f.head == "any-of"} for one in given]
    assert max(costs[1]) < min(costs[0])


def test_forms_have_the_names_that_were_counted():
    every = {
        form.head
        for loop in loops(KINDS, TYPES, ())
        for form in binders(loop, ["bool", "int", "str"])
    }
    assert len(every & COUNTS.keys()) > 20
    for text, name in [
        ("[x for x in xs if x]", "list-of filter"),
        ("{k: v for k, v in d.items() if v}", "dict-of filter items"),
        ("[a * b for a, b in zip(xs, ys)]", "list-of zip"),
        ("min(xs, key=lambda x: -x)", "min key=lambda"),
    ]:
        assert forms(ast.parse(text, mode="eval").body) == [name]
        assert name in every | COUNTS.keys()


def test_what_is_looped_over_is_small_and_named():
    assert {"xs", "xs[1:]", "word"} <= {made.text for made in iterables(VALUES, MADE)}
    assert all(made.names for made in iterables(VALUES, MADE))


BUGS = """\
def by_key(pairs):
    return sorted(pairs)


def longest(words):
    return max(words)


def backwards(xs):
    return sorted(xs)


def unfiltered(xs):
    return {x: 1 for x in xs}


def negated(xs):
    return [x for x in xs if x]


def some(xs):
    return any(xs)


def wrong_keyword(xs):
    return other(xs, top=1)


def other(xs, low=0, top=9):
    return [x for x in xs if low < x < top]


def once(line):
    return line.split("=")


def run(which, *args):
    return globals()[which](*args)
"""
CALLS = (
    ("by_key", [(1, "b"), (2, "a")]),
    ("longest", ["b", "aa"]),
    ("backwards", [1, 2]),
    ("unfiltered", [0, 1, 2]),
    ("negated", [0, 1]),
    ("some", [1, 2]),
    ("wrong_keyword", [1, 2]),
    ("once", "a=b=c"),
)
FIXES = [
    ("sorted(pairs)", "sorted(pairs, key=lambda x: x[1])", 5.5),
    ("max(words)", "max(words, key=len)", 4.0),
    ("return sorted(xs)", "return sorted(xs, reverse=True)", 4.0),
    ("{x: 1 for x in xs}", "{x: 1 for x in xs if x != 1}", 7.0),
    ("for x in xs if x]", "for x in xs if not x]", 3.0),
    ("any(xs)", "any(x == 1 for x in xs)", 6.5),
    ("other(xs, top=1)", "other(xs, low=1)", 2.5),
    ('line.split("=")', 'line.split("=", maxsplit=1)', 4.5),
]


@pytest.fixture(scope="module")
def repaired():
    """{text of an edited program: edit} over all edits of the programs with bugs."""
    context = context_of(SmallProgram("bugs", BUGS, "run", CALLS), Terms(localisation=False))
    made = edits(context, ceiling=8.5)
    return {applied(context.program.source, [edit]): edit for edit in reversed(made)}


@pytest.mark.parametrize(("bug", "fix", "price"), FIXES)
def test_a_common_bug_is_one_edit_from_its_fix(bug, fix, price, repaired):
    assert BUGS.count(bug) == 1
    assert repaired[BUGS.replace(bug, fix)].cost <= price
