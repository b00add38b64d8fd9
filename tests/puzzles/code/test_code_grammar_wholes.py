"""Forms that bind names, made by themselves."""

from __future__ import annotations

from collections import Counter

import pytest

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.holes import sites
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.runtime_types import is_body
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.wholes import wholes

TEXT = "def f(a, b):\n    c = [0 for _ in a]\n    return ...\n"


@pytest.mark.parametrize("types", [("list[str]", "int"), ("dict[str,int]", "list[list[int]]")])
def test_the_wholes_are_those_of_the_pool_of_all_expressions(types: tuple[str, ...]) -> None:
    program = Program(TEXT)
    names = {name: Counter({kind: 1}) for name, kind in zip("ab", types, strict=True)}
    context = Context(program, Observations({}, {2: names}, [], []), height=8.0, limit=100_000)
    node = sites(program)[0].node
    function = program.function(node)
    made = context.productions(function)
    heads = {one.head for one in made if any(map(is_body, one.operands))}
    forms = [one for one in made if one.head in heads]
    found = wholes(context, node, context.atoms(function), forms, 6.5)
    pool = context.pool_at(node).over(context.names.at(node))
    wanted = [one for one in pool if one.head in heads and one.cost <= 6.5]
    assert wanted
    assert {one.text for one in found} == {one.text for one in wanted}
    costs = [one.cost for one in found]
    assert costs == sorted(costs) == pytest.approx([one.cost for one in wanted])
