"""Fillings that read nothing: dear where something has to be decided."""

from __future__ import annotations

import ast

import pytest

from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.flow import FIXED, FIXED_CONDITION, flow_of_filling
from latent_ebm.puzzles.code.grammar.program import Program

CONSTANT = Expression("True", "bool", 1.0, head="constant")
NAME = Expression("a", "bool", 1.0, names=frozenset("a"))
COMPOUND = Expression("[0]", "list[int]", 1.0, size=2)


def _flow(text: str, new: Expression) -> float:
    program = Program(text)
    (hole,) = [
        node
        for node in ast.walk(program.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "__hole_0__"
    ]
    return flow_of_filling(program, hole, new)


@pytest.mark.parametrize(
    "text",
    [
        "if __hole_0__(): pass",
        "if __hole_0__() == 0: pass",
        "if a and __hole_0__(): pass",
        "if not __hole_0__(): pass",
        "b = 1 if len(__hole_0__()) > 2 else 0",
        "b = [x for x in a if __hole_0__()]",
    ],
)
def test_a_condition_that_reads_nothing_is_dear(text: str) -> None:
    assert _flow(text, CONSTANT) == FIXED_CONDITION
    assert _flow(text, NAME) == 0.0


@pytest.mark.parametrize(
    "text", ["if a < __hole_0__(): pass", "b = __hole_0__()", "f(__hole_0__())"]
)
def test_a_constant_beside_names_costs_nothing_more(text: str) -> None:
    assert _flow(text, CONSTANT) == 0.0
    assert _flow(text, COMPOUND) == FIXED


def test_a_loop_may_be_left_from_within() -> None:
    assert _flow("while __hole_0__(): break", CONSTANT) < FIXED_CONDITION
