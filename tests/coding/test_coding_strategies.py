"""The strategies, and what moves them: the latent, the soft AST, hints of what is lacking."""

import ast

import numpy as np
import pytest

import latent_ebm
from latent_ebm.coding.latent import Latent
from latent_ebm.coding.soft_hole import SoftHole
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.hints import hints
from latent_ebm.puzzles.code.grammar.sites import sites
from latent_ebm.puzzles.code.grammar.soft_ast import SoftAst
from latent_ebm.puzzles.code.testing.reading import read_suite

COUNT = """\
def count(xs, low):
    total = 0
    for x in xs:
        if ...:
            total += 1
    return total
"""
COUNT_TESTS = [
    {"args": [[1, 5, 7], 4], "expected": 2},
    {"args": [[], 1], "expected": 0},
    {"args": [[3, 3], 3], "expected": 2},
]


@pytest.fixture(scope="module")
def counting():
    """The program with a hole after a run that ends there, and its hole."""
    suite = read_suite(COUNT_TESTS, function="count")
    with Executor(suite, workers=1) as executor:
        workspace = Workspace.of(COUNT, executor, Terms())
    (site,) = sites(workspace.context.program)
    return workspace.context, site


def test_the_latent_makes_what_raised_the_energy_less_likely():
    latent = Latent()
    features = np.array([latent.numbers(["good", "a"]), latent.numbers(["bad", "b"])], np.int32)
    before = latent.bonus(features)
    latent.learn(features, np.array([-1.0, 1.0]))
    good, bad = latent.bonus(features) - before
    assert good > 0 > bad


def test_a_latent_without_its_terms_does_not_move():
    latent = Latent(use_tests=False, use_surrogate=False)
    features = np.array([latent.numbers(["a"]), latent.numbers(["b"])], np.int32)
    latent.learn(features, np.array([-1.0, 1.0]))
    assert latent.bonus(features).tolist() == [0.0, 0.0]


def test_all_that_the_soft_ast_derives_parses_and_reads_only_what_is_in_scope(counting):
    context, site = counting
    tree = SoftAst.at(context, site.node, ("bool",))
    hole = SoftHole(tree, np.random.default_rng(0))
    drawn = hole.draw(60, set())
    assert len({expression.text for _, expression in drawn}) == len(drawn) == 60
    for _, expression in drawn:
        read = {n.id for n in ast.walk(ast.parse(expression.text)) if isinstance(n, ast.Name)}
        assert expression.type == "bool"
        assert expression.names <= {"xs", "low", "x", "total"}
        assert read >= expression.names


def test_the_soft_ast_learns_to_avoid_what_fails(counting):
    context, site = counting
    tree = SoftAst.at(context, site.node, ("bool",))
    hole = SoftHole(tree, np.random.default_rng(0))
    drawn = hole.draw(40, set())
    root = [values[0] for values, _ in drawn]
    energies = [1.0 if state == root[0] else 0.0 for state in root]
    before = hole.potentials[0, root[0]]
    hole.learn([values for values, _ in drawn], energies)
    assert hole.potentials[0, root[0]] < before


def test_hints_name_what_nobody_reads(counting):
    context, site = counting
    found = hints(context, site.node, wants_value=True)
    assert found.unread == {"low", "x"}
    assert found.bonus("x > low") > found.bonus("total > 0")


def test_descent_repairs_two_bugs_that_one_edit_cannot():
    program = (
        "def spread(xs):\n    low = max(xs)\n    high = max(xs)\n"
        "    if high < low:\n        return 0\n    return high + low\n"
    )
    tests = [
        {"args": [[3, 9, 4]], "expected": 6},
        {"args": [[5]], "expected": 0},
        {"args": [[-2, 2, 11]], "expected": 13},
        {"args": [[8, 1]], "expected": 7},
    ]
    answer = latent_ebm.repair(program, tests=tests, time_limit=30.0)
    assert answer.solved
    space = {}
    exec(answer.text, space)
    assert [space["spread"](xs) for xs in ([2, 7], [4, 4, 9], [-5, -1])] == [5, 5, 4]


def test_filling_by_descent_and_by_size_agree_on_small_holes():
    for strategy in ("descent", "enumerate"):
        answer = latent_ebm.fill(COUNT, tests=COUNT_TESTS, strategy=strategy, time_limit=30.0)
        assert answer.solved, strategy
        space = {}
        exec(answer.text, space)
        for test in COUNT_TESTS:
            assert space["count"](*test["args"]) == test["expected"]


def test_the_same_seed_gives_the_same_patch():
    answers = [latent_ebm.fill(COUNT, tests=COUNT_TESTS, seed=3, time_limit=30.0) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[0].patches[0].executions == answers[1].patches[0].executions
