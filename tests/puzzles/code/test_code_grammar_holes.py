"""Typed holes: what is one, what is expected there, and what may fill it."""

import ast
from collections import Counter

import pytest

from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.expectations import ITERABLES, SUBSCRIPTED, expected
from latent_ebm.puzzles.code.grammar.holes import fillings, opened, sites
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations


def context_of(text, line=2, terms=None, **types):
    """The context of a program whose names had the given types."""
    names = {
        name: Counter([kind.replace("_", "[", 1) + "]" * ("_" in kind)])
        for name, kind in types.items()
    }
    return Context(Program(text), Observations({}, {line: names}, [], []), terms or Terms())


STUBS = '''\
import abc
import typing
from typing import Callable, Protocol, overload


class Error(Exception): ...


class Shape(Protocol):
    side: tuple[int, ...]

    def area(self) -> float: ...

    def scaled(self, by: Callable[..., int] = ...) -> float:
        """Larger."""
        ...


class Other(typing.Protocol[int]):
    def area(self): ...


class Base(abc.ABC):
    @abc.abstractmethod
    def get(self): ...


@overload
def double(x: int) -> int: ...
@overload
def double(x: str) -> str: ...
def double(x):
    kept = x[..., 0], Callable[[int, ...], str]
    return x * 2
'''


def test_what_means_something_is_no_hole():
    assert sites(Program(STUBS)) == []


def test_holes_are_expressions_and_statements_in_the_order_of_the_text():
    text = (
        "def f(x):\n"
        "    if ...: ...\n"
        "    y = [..., __hole__][x[f(...)]]\n"
        "    __hole__\n"
        "    return x == ...\n"
        "\n"
        "def g(): ...\n"
    )
    program = Program(text)
    found = sites(program)
    assert [site.number for site in found] == list(range(8))
    lines = [(site.node.lineno, site.is_statement) for site in found]
    assert lines == [
        (2, False),
        (2, True),
        (3, False),
        (3, False),
        (3, False),
        (4, True),
        (5, False),
        (7, True),
    ]
    stopped = applied(program.source, opened(program, found))
    assert [stopped.count(f"__hole_{n}__()") for n in range(8)] == [1] * 8
    compile(stopped, "<opened>", "exec")


def test_a_hole_in_an_f_string_that_cannot_be_located_is_refused():
    text = 'def f(x):\n    return f"""\n  {x}\n {...} {...}"""\n'
    program = Program(text)
    marks = [n for n in ast.walk(program.tree) if isinstance(n, ast.Constant) and n.value is ...]
    if all(program.segment(node) == "..." for node in marks):
        assert len(sites(program)) == 2
    else:
        with pytest.raises(ValueError, match="line 4: a hole in an f-string"):
            sites(program)


def test_fillings_in_an_f_string_keep_it_whole():
    context = context_of("def f(word):\n    return f'{...} {word}'\n", word="str")
    (site,) = sites(context.program)
    made = fillings(context, site, (), 5.0)
    assert "word" in [edit.text for edit in made]
    for edit in made:
        compile(applied(context.program.source, [edit]), "<filled>", "exec")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("if ...: pass", ("bool",)),
        ("while ...: pass", ("bool",)),
        ("assert ...", ("bool",)),
        ("y = n and ...", ("bool",)),
        ("y = not ...", ("bool",)),
        ("y = [n for n in xs if ...]", ("bool",)),
        ("for y in ...: pass", ITERABLES),
        ("y = [n for n in ...]", ITERABLES),
        ("y = n + ...", ("int",)),
        ("y = ... * word", ("str",)),
        ("y = 2.5 + ...", ("float",)),
        ("y = word == ...", ("str",)),
        ("y = n in ...", ITERABLES),
        ("y = ... in xs", ()),
        ("n = ...", ("int",)),
        ("word += ...", ("str",)),
        ("y.z = ...", ()),
        ("return ...", ("list[str]",)),
        ("y = xs[__hole__]", ("int",)),
        ("y = counts[__hole__]", ("str",)),
        ("y = (...)[0]", SUBSCRIPTED),
        ("y = xs[...:]", ("int",)),
        ("xs.append(...)", ("int",)),
        ("y = range(...)", ("int",)),
        ("y = word.startswith(...)", ("str",)),
        ("y = unknown(...)", ()),
        ("y = xs[0](...)", ()),
        ("y = f(a=...)", ()),
    ],
)
def test_a_position_expects_types(line, wanted):
    text = f"def f(n, word, xs, counts):\n    {line}\n"
    context = context_of(text, n="int", word="str", xs="list_int", counts="dict_str,int")
    (site,) = sites(context.program)
    assert expected(context, site.node, ("list[str]",)) == wanted


def test_expressions_of_the_expected_type_come_first():
    context = context_of("def f(n, word):\n    return ...\n", n="int", word="str")
    (site,) = sites(context.program)
    made = fillings(context, site, ("str",), 5.0)
    cost = {edit.text: edit.cost for edit in made}
    assert cost["word"] < cost["n"]
    assert [edit.cost for edit in made] == sorted(cost.values())
    assert max(cost.values()) <= 5.0
    untyped = context_of("def f(n, word):\n    return ...\n", terms=Terms(types=False), n="int")
    (site,) = sites(untyped.program)
    assert {edit.types for edit in fillings(untyped, site, ("str",), 5.0)} == {0.0}


def test_a_filling_has_parentheses_where_it_needs_them():
    context = context_of("def f(n, m):\n    return n * ...\n", n="int", m="int")
    (site,) = sites(context.program)
    texts = [edit.text for edit in fillings(context, site, (), 5.5)]
    assert "(n + m)" in texts
    assert "n + m" not in texts


def test_a_hole_that_is_called_may_be_one_of_the_functions():
    context = context_of("def f(n):\n    return (...)(n)\ndef g(n): return n\n", n="int")
    (site,) = sites(context.program)
    assert {"f", "g"} <= {edit.text for edit in fillings(context, site, (), 3.0)}


@pytest.fixture(scope="module")
def statements():
    text = "def f(xs, n):\n    total = 0\n    for x in xs:\n        ...\n    return total + late\n"
    context = context_of(text, line=4, xs="list_int", n="int", x="int", total="int")
    (site,) = sites(context.program)
    return context, fillings(context, site, ("int",), 9.5)


@pytest.mark.parametrize(
    "text",
    [
        "total += x",
        "total = n",
        "xs.append(n)",
        "xs[n] = x",
        "return total",
        "break",
        "continue",
        "late = 0",
        "f(xs, n)",
        "total, x = x, total",
        "pass",
    ],
)
def test_a_statement_hole_takes_small_statements(text, statements):
    assert text in [edit.text for edit in statements[1]]


def test_statements_compile_and_come_by_cost(statements):
    context, made = statements
    assert [edit.cost for edit in made] == sorted(edit.cost for edit in made)
    assert len({edit.text for edit in made}) == len(made)
    assert made[-1].cost <= 9.5
    for edit in made[::7]:
        compile(applied(context.program.source, [edit]), "<filled>", "exec")


def test_a_name_that_is_read_and_never_bound_is_likely_to_be_missing(statements):
    cost = {edit.text: edit.cost for edit in statements[1]}
    assert cost["late = 0"] < cost["total = 0"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(n):\n    class D:\n        n\n        if n:\n            ...\n    return D",
        "def f(n):\n    if n: ...\n    return n",
        "def f(n):\n    for x in n:\n        pass\n    else:\n        ...\n        n\n    return n",
        "n = 1\nfor x in [n]:\n    ...\n",
    ],
)
def test_statements_compile_where_not_all_may_stand(text):
    context = context_of(text, n="int")
    holes = [site for site in sites(context.program) if site.is_statement]
    for site in holes:
        for edit in fillings(context, site, ("int",), 6.5):
            compile(applied(context.program.source, [edit]), "<filled>", "exec")
