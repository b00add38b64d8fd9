"""How likely names and kinds of statements are where a hole stands."""

from __future__ import annotations

import ast

import pytest

from latent_ebm.puzzles.code.grammar.choice_weights import KINDS, NAMES
from latent_ebm.puzzles.code.grammar.choices import MOST, NAME_TEMPERATURE, Choices, outline
from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.expressions import ATOM, Expression
from latent_ebm.puzzles.code.grammar.flow import flow_of_filling, flow_of_statement
from latent_ebm.puzzles.code.grammar.hints import ITERATED, UNREAD, hints
from latent_ebm.puzzles.code.grammar.holes import fillings, sites
from latent_ebm.puzzles.code.grammar.mentions import traits
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.roles import role_of
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.statement_kinds import kind_of, surroundings


def choices(text: str, number: int = 0, terms: Terms | None = None) -> Choices:
    program = Program(text)
    context = Context(program, Observations({}, {}, [], []), terms or Terms())
    return context.choices_at(sites(program)[number].node)


@pytest.mark.parametrize(
    ("text", "likely", "unlikely"),
    [
        (
            "def f(a, b):\n    total = 0\n    for x in a:\n        total += x * b\n    ...\n",
            "return total",
            "return b",
        ),
        ("def f(items):\n    out = []\n    for i in items:\n        out.append(...)\n", "i", "out"),
        (
            "def f(a, b):\n    i = 0\n    while i < len(a):\n        b(a[i])\n        ...\n",
            "i += 1",
            "b = i",
        ),
        (
            "def f(a):\n    ...\n    for x in a:\n        n += x\n    return n\n",
            "n = 0",
            "return a",
        ),
        ("def f(a, k):\n    n = len(a)\n    return a[n - ...]\n", "k", "n"),
    ],
)
def test_what_the_surroundings_ask_for_costs_less(text: str, likely: str, unlikely: str) -> None:
    here = choices(text)
    assert here.energy(likely) < here.energy(unlikely)


def test_the_probabilities_of_names_add_up_to_one() -> None:
    here = choices("def f(a, b, c):\n    d = a + b\n    return d * ...\n")
    names = list(here.known)
    from math import exp

    for role in ("", "* right", "index"):
        energies = [here.of_name(name, role) / NAME_TEMPERATURE for name in names]
        assert all(abs(one) <= MOST for one in energies)
        assert sum(exp(-one) / len(names) for one in energies) == pytest.approx(1.0, abs=0.05)


def test_names_that_are_not_visible_say_nothing() -> None:
    here = choices("def f(a, b):\n    return a + ...\n")
    assert here.energy("elsewhere") == 0.0
    assert here.energy("[x for x in range(3)]") == 0.0


def test_a_function_without_a_name_to_choose_is_no_error() -> None:
    assert choices("def f():\n    return ...\n").energy("1") == 0.0
    assert choices("x = ...\n").energy("y") == 0.0


def test_without_a_prior_fillings_cost_what_their_parts_do() -> None:
    program = Program("def f(a, b):\n    return a + ...\n")
    context = Context(program, Observations({}, {}, [], []), Terms(prior=False))
    assert context.filled(sites(program)[0].node, "a", 1.5) == 1.5


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("x[i] = y", {"x": "stored []", "i": "stored index", "y": "="}),
        ("x = y = z", {"x": "bound", "y": "bound", "z": "="}),
        ("a, b = c, d", {"a": "bound", "b": "bound", "c": "display"}),
        ("for x in y: z += -w", {"x": "loop =", "y": "for", "z": "updated", "w": "negate"}),
        ("if a in b and not c: d.e.f(g)", {"a": "in left", "b": "in right", "c": "not"}),
        ("x.append(len(y))", {"x": "grown", "y": "len()"}),
        (
            "x.strip(y).z(a, key=b)",
            {"x": "receiver", "y": "method()", "a": "method()", "b": "keyword"},
        ),
        ("return x[a:b] < y.z", {"x": "[]", "a": "slice", "b": "slice", "y": "attribute"}),
    ],
)
def test_names_have_roles(text: str, roles: dict[str, str]) -> None:
    program = Program(text)
    found: dict[str, str] = {}
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Name):
            found.setdefault(node.id, role_of(program.place, node))
    assert roles.items() <= found.items()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a, b = b, a", "swap"),
        ("a, b = 1, 2", "rebind"),
        ("x[0] += 1", "store update"),
        ("x += 1", "update"),
        ("x.y = 1", "attribute"),
        ("x.pop()", "grow"),
        ("x.strip()", "call"),
        ("if x:\n    return 1", "if return"),
        ("if x:\n    return 1\nelse:\n    return 2", "if"),
        ("while x: pass", "while"),
        ("with x: pass", "other"),
    ],
)
def test_statements_have_kinds(text: str, kind: str) -> None:
    assert kind_of(ast.parse(text).body[0]) == kind


def test_traits_leave_out_what_stands_in_the_hole() -> None:
    text = "def f(a, b):\n    for i in a:\n        b[i] = hole(a, i)\n    return b\n"
    program = Program(text)
    hole = program.tree.body[0].body[0].body[0].value  # type: ignore[attr-defined]
    known = traits(program, hole, ["a", "b", "i"])
    assert known["a"].roles == {"for"}
    assert {"loop", "in statement", "index"} <= set(known["i"].features)
    assert {"argument", "changed in loop", "subscripted"} <= set(known["b"].features)


def test_surroundings_say_what_a_function_lacks() -> None:
    text = "def f(a):\n    n = 0\n    while n < 3:\n        hole()\n        print(m)\n"
    program = Program(text)
    hole = program.tree.body[0].body[1].body[0]  # type: ignore[attr-defined]
    found = surroundings(program, hole, unbound=True)
    assert {"stalled", "unbound", "no return", "in loop", "first in while", "unread"} <= set(found)


def test_fillings_that_do_not_parse_have_no_outline() -> None:
    assert outline("if x", is_statement=False).names == ()


@pytest.mark.parametrize("table", [NAMES, KINDS])
def test_tables_hold_a_weight_for_each_feature(table: str) -> None:
    for line in table.strip().splitlines():
        group, colon, rest = line.partition(": ")
        assert group
        assert colon
        for item in rest.split("; "):
            name, _, weight = item.rpartition(" ")
            assert name
            assert abs(float(weight)) < 20


@pytest.mark.parametrize("text", ["n -= n", "n = n", "n //= n"])
def test_a_statement_without_effect_pays_for_it(text: str) -> None:
    assert flow_of_statement(text) > flow_of_statement("n += n") == 0.0


@pytest.mark.parametrize(
    ("filling", "names", "varies"),
    [("0", (), False), ("k", ("k",), False), ("len(seen)", ("seen",), True), ("i", ("i",), True)],
)
def test_a_condition_in_a_loop_should_vary(
    filling: str, names: tuple[str, ...], varies: bool
) -> None:
    text = (
        "def f(a, k):\n    seen = []\n    for i in a:\n        seen.append(i)\n"
        "        if ... < k:\n            k(i)\n"
    )
    program = Program(text)
    node = sites(program)[0].node
    new = Expression(filling, "int", 1.0, ATOM, "x", frozenset(names))
    assert isinstance(node, ast.expr)
    assert (flow_of_filling(program, node, new) == 0.0) == varies


def test_two_names_that_are_not_bound_in_time_may_be_bound_at_once() -> None:
    text = (
        "def f(houses):\n    ...\n    for house in houses:\n"
        "        last, now = now, max(last + house, now)\n    return now\n"
    )
    program = Program(text)
    context = Context(program, Observations({}, {}, [], []))
    texts = [edit.text for edit in fillings(context, sites(program)[0], ("int",), 7.0)]
    assert "last, now = 0, 0" in texts
    assert not any("house" in text.split("=")[0] for text in texts if ", " in text)


def test_what_a_loop_runs_over_is_seldom_changed_in_it() -> None:
    text = "def f(xs, ys):\n    for x in xs:\n        ...\n    return ys\n"
    program = Program(text)
    context = Context(program, Observations({}, {}, [], []))
    known = hints(context, sites(program)[0].node, wants_value=True)
    assert known.bonus("xs.append(x)") <= known.bonus("ys.append(x)") - ITERATED
    assert known.bonus("xs += ys") <= known.bonus("ys += xs") - ITERATED + 2 * UNREAD
