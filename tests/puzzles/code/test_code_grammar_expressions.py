"""Types of values, typed expressions and their pool: they mean what they say."""

import ast
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.context import literal
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.operations import productions
from latent_ebm.puzzles.code.grammar.operators import infix
from latent_ebm.puzzles.code.grammar.pool import Pool
from latent_ebm.puzzles.code.grammar.runtime_types import arguments, base, element, fits
from latent_ebm.puzzles.code.grammar.statistics import COUNTS, cost
from latent_ebm.puzzles.code.grammar.syntax import LEVELS

ATOMIC = st.sampled_from(["int", "bool", "float", "str", "NoneType", "list", "dict"])
TYPES = st.recursive(
    ATOMIC,
    lambda inner: st.builds(
        lambda name, held: f"{name}[{','.join(held)}]",
        st.sampled_from(["list", "dict", "tuple"]),
        st.lists(inner, min_size=1, max_size=2),
    ),
    max_leaves=6,
)


@given(TYPES)
def test_a_type_is_put_together_from_its_parts(name):
    held = arguments(name)
    assert name == (f"{base(name)}[{','.join(held)}]" if held else base(name))


@given(TYPES, TYPES)
def test_every_type_fits_itself_its_base_and_the_unknown(one, other):
    assert fits(one, one)
    assert fits(one, base(one))
    assert fits(one, "")
    assert fits("", one)
    if base(one) != base(other) and not {base(one), base(other)} <= {"bool", "int", "float"}:
        assert not fits(one, other)


def test_numbers_fit_wider_numbers_and_not_narrower():
    numbers = ["bool", "int", "float"]
    for i, have in enumerate(numbers):
        for j, want in enumerate(numbers):
            assert fits(have, want) == (i <= j)


def test_iteration_yields_what_is_held():
    assert element("list[tuple[int,str]]") == "tuple[int,str]"
    assert element("dict[str,int]") == "str"
    assert element("range") == "int"


KINDS = {
    "n": "int",
    "m": "int",
    "word": "str",
    "xs": "list[int]",
    "flag": "bool",
    "counts": "dict[str,int]",
    "x": "float",
}
KNOWN = {"int": int, "str": str, "bool": bool, "float": float, "list": list, "dict": dict}
KNOWN |= {"set": set, "tuple": tuple, "range": range}


@pytest.fixture(scope="module")
def pool():
    names = [Expression(n, t, 2.0, e.ATOM, "name", frozenset([n])) for n, t in KINDS.items()]
    constants = [literal(0, 1.2), literal(1, 1.0), literal(-1, 2.5), literal("ab", 2.0)]
    types = {*KINDS.values(), "set[str]", "list[str]"}
    return Pool(names + constants, productions(types, ["+"]), limit=150, height=7.5)


def environment(rng):
    return {
        "n": rng.randint(-3, 4),
        "m": rng.randint(0, 9),
        "word": rng.choice(["", "a", "b-c", "Ab 1"]),
        "xs": [rng.randint(-2, 5) for _ in range(rng.randint(0, 3))],
        "flag": rng.random() < 0.5,
        "counts": {"a": 1, "b": rng.randint(0, 2)},
        "x": rng.choice([0.5, -1.25]),
    }


def test_every_pooled_expression_has_a_value_of_its_type(pool):
    rng = random.Random(0)
    valued = 0
    made = pool.of()
    assert len(made) > 700
    for expression in made:
        code = compile(expression.text, "<expression>", "eval")
        assert set(code.co_names) & KINDS.keys() == expression.names
        for _ in range(3):
            try:
                value = eval(code, environment(rng))
            except (ArithmeticError, LookupError, ValueError, TypeError):
                continue
            wanted = KNOWN.get(base(expression.type))
            if "**" in expression.text or wanted is None:
                continue  # 2 ** -1 is a float
            if value is None and ".get(" in expression.text:
                continue
            valued += 1
            kinds = (list, type({}.items()), type({}.keys()), type({}.values()))
            allowed = kinds if wanted is list else (wanted,)
            assert isinstance(value, allowed), (expression, value)
    assert valued > 1000


def test_expressions_come_by_cost_and_none_twice(pool):
    made = pool.of()
    costs = [round(expression.cost / e.STEP) for expression in made]
    # operands are rounded one by one, so a whole may be off by a step
    assert all(later >= earlier - 1 for earlier, later in pairwise(costs))
    assert len({expression.text for expression in made}) == len(made)
    assert all(fits(expression.type, "int") for expression in pool.of("int"))


def test_expressions_over_names_read_no_others(pool):
    few = {"n": "int", "xs": "list[int]"}
    assert {n for x in pool.over(few) for n in x.names} == set(few)
    assert all(x.names and fits(x.type, "bool") for x in pool.conditions(few))
    assert {x.text for x in pool.atoms(few)} == {"n", "xs", "0", "1", "-1", "'ab'"}


@st.composite
def trees(draw, depth=3):
    """(expression by our productions, the same by Python's own unparser)."""
    if depth == 0 or draw(st.booleans()):
        constant = draw(st.sampled_from([1, 2, -1]))
        name = draw(st.sampled_from(["a", "b", None]))
        if name:
            return Expression(name, "int", 1.0), ast.Name(name)
        return literal(constant), ast.parse(str(constant), mode="eval").body
    production = draw(st.sampled_from(PRODUCTIONS))
    parts = [draw(trees(depth=depth - 1)) for _ in production.operands]
    holes = [f"hole{i}" for i in range(len(parts))]
    whole = ast.parse(production.template.format(*holes), mode="eval").body

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node):
            return parts[holes.index(node.id)][1] if node.id in holes else node

    return production.apply(tuple(part for part, _ in parts)), Fill().visit(whole)


def unflattened(node):
    """``a and b and c`` as ``(a and b) and c``: they mean the same."""

    class Nest(ast.NodeTransformer):
        def visit_BoolOp(self, node):
            self.generic_visit(node)
            values = node.values
            while len(values) > 2:
                values = [ast.BoolOp(node.op, values[:2]), *values[2:]]
            return ast.BoolOp(node.op, values)

    return ast.dump(Nest().visit(node))


PRODUCTIONS = [
    replace(made, symmetric=False)
    for made in productions(["int", "bool", "list[int]", "str"], [])
    if made.head in (*LEVELS, "negate", "not", "if-else", "subscript", "len", "count")
]


@given(trees())
def test_parentheses_keep_the_tree_that_was_meant(pair):
    expression, tree = pair
    parsed = ast.parse(expression.text, mode="eval").body
    assert unflattened(parsed) == unflattened(ast.parse(ast.unparse(tree), mode="eval").body)


def test_constants_stand_on_the_right_where_operands_may_be_exchanged():
    two, n = literal(2), Expression("n", "int", 0.0, e.ATOM, "name")
    made = {(p.head, p.operands): p for p in productions(["int", "str"], [])}
    assert made["==", ("int", "int")].apply((two, n)).text == "n == 2"
    assert made["+", ("int", "int")].apply((two, n)).text == "n + 2"
    assert made["-", ("int", "int")].apply((two, n)).text == "2 - n"
    text, s = literal("a"), Expression("s", "str", 0.0, e.ATOM, "name")
    assert made["+", ("str", "str")].apply((text, s)).text == "'a' + s"


def test_parentheses_come_only_where_they_are_needed():
    two, x = literal(2), Expression("x", "int", 0.0)
    total, power = infix([x, two], ["+"], "int"), infix([x, two], ["**"], "int")
    assert power.text == "x ** 2"
    assert infix([two, x], ["**"], "int").text == "2 ** x"
    assert infix([literal(-2), literal(-2)], ["**"], "int").text == "(-2) ** -2"
    assert infix([power, power], ["**"], "int").text == "(x ** 2) ** x ** 2"
    assert infix([total, total], ["-"], "int").text == "x + 2 - (x + 2)"
    assert two.within(e.POSTFIX) == "(2)"


def test_equal_operands_come_only_where_they_say_something():
    atoms = [Expression("a", "int", 1.0), Expression("b", "int", 1.0)]
    plus = Production("+", "{0} + {1}", ("int", "int"), (10, 11), "int", 10, 1.0, True)
    less = Production("<", "{0} < {1}", ("int", "int"), (9, 10), "bool", 9, 1.0, distinct=True)
    texts = [x.text for x in Pool(atoms, [plus, less], height=3.0).of()]
    assert texts == ["a", "b", "a + a", "a + b", "b + a", "b + b", "a < b", "b < a"]


def test_frequent_productions_are_cheap():
    assert all(count >= 0 for count in COUNTS.values())
    order = sorted(COUNTS, key=COUNTS.__getitem__)
    costs = [cost(name) for name in order]
    assert costs == sorted(costs, reverse=True)
    assert cost("never seen") >= costs[0] > costs[-1] > 0
