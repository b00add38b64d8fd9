"""Each energy can be turned off, and a search can be limited by what it runs."""

from collections import Counter
from dataclasses import fields, replace

import pytest

import latent_ebm
from latent_ebm import Status
from latent_ebm.coding.options import RepairSettings
from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.hints import hints
from latent_ebm.puzzles.code.grammar.holes import as_filling, fillings
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.sites import sites

TESTS = [{"args": [[1, 5, 2]], "expected": 5}, {"args": [[4, 3]], "expected": 4}]
LARGEST = """def f(items):
    best = items[0]
    for item in items:
        if item < best:
            best = item
    return best
"""
LATE = "def f(n):\n    k = 2\n    if ...:\n        return 1\n    m = 3\n    return m * 2\n"


def hole_of(text, **off):
    program = Program(text)
    return Context(program, Observations({}, {}, [], []), Terms(**off)), sites(program)[0]


@pytest.mark.parametrize("term", [field.name for field in fields(Terms)])
def test_a_repair_is_found_without_any_one_energy(term):
    terms = replace(Terms(), **{term: False})
    answer = latent_ebm.repair(LARGEST, TESTS, workers=1, max_executions=1500, terms=terms)
    assert answer.solved


def test_names_that_are_bound_later_come_only_without_the_scope_energy():
    for scope in (True, False):
        context, hole = hole_of(LATE, scope=scope, types=False)
        assert ("m" in context.names.at(hole.node)) is not scope


def test_without_the_prior_what_is_larger_costs_more_and_nothing_else_does():
    context, hole = hole_of("def f(a, b):\n    return ...\n", prior=False)
    costs = {expression.cost for expression in context.atoms(context.program.function(hole.node))}
    assert costs == {2.0}


def test_without_syntax_nothing_puts_parentheses():
    for syntax, text in ((True, "(n + 1)"), (False, "n + 1")):
        context, hole = hole_of("def f(n):\n    return 2 * ...\n", syntax=syntax)
        seen = Observations({}, {2: {"n": Counter(["int"])}}, [], [])
        context = replace(context, observations=seen)
        pool = context.pool_at(hole.node).of("int")
        plus = next(expression for expression in pool if expression.text == "n + 1")
        assert as_filling(context, hole, plus, ()).text == text


def test_couplings_make_fillings_likelier_that_mend_what_is_lacking():
    text = "def f(n):\n    k = n\n    while n > 0:\n        ...\n    return 1\n"
    for on in (True, False):
        context, hole = hole_of(text, couplings=on)
        assert (hints(context, hole.node, True).bonus("n -= 1") > 0) is on


@pytest.mark.parametrize("strategy", ["descent", "enumerate", "landscape"])
def test_a_search_ends_after_so_many_executions(strategy):
    tests = [{"args": [3], "expected": "no such thing " * 4}]
    answer = latent_ebm.repair(
        "def f(n):\n    return n + 1\n", tests, workers=1, max_executions=40, strategy=strategy
    )
    assert answer.status is Status.UNKNOWN
    assert answer.executions <= 41
    filled = latent_ebm.fill(
        "def f(n):\n    return ...\n", tests, workers=1, max_executions=40, strategy=strategy
    )
    assert filled.executions <= 40 + 128  # the last batch is finished


def test_a_budget_of_executions_is_a_whole_number():
    with pytest.raises(
        ValueError, match="max_executions must be a whole number, at least 1; found 0"
    ):
        RepairSettings(max_executions=0)


def test_without_the_prior_holes_are_still_listed():
    context, hole = hole_of("def f(n):\n    return ...\n", prior=False)
    assert len(fillings(context, hole, ("int",), 4.5)) > 3
