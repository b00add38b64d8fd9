"""A program's text and tree: where nodes stand, what places demand, which names are there."""

import ast
from collections import Counter

import pytest
from small_programs import SMALL_PROGRAMS

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expressions import NUMBER, OR_BITS, POSTFIX, UNARY
from latent_ebm.puzzles.code.grammar.place import Place
from latent_ebm.puzzles.code.grammar.program import Program, jumps_out
from latent_ebm.puzzles.code.grammar.scope import Observations, most_common
from latent_ebm.puzzles.code.grammar.statement_text import reindented
from latent_ebm.puzzles.code.grammar.syntax import span_of

NOTHING = Observations({}, {}, [], [])


def found(program, kind, text):
    nodes = [n for n in ast.walk(program.tree) if isinstance(n, kind)]
    (node,) = [n for n in nodes if program.segment(n) == text]
    return node


@pytest.mark.parametrize("small", SMALL_PROGRAMS, ids=lambda small: small.name)
def test_a_segment_is_what_python_takes_for_it(small):
    program = Program(small.text)
    text = small.text.replace("\r\n", "\n")
    for node in ast.walk(program.tree):
        if isinstance(node, ast.expr | ast.stmt):
            segment = program.segment(node).replace("\r\n", "\n")
            assert segment == ast.get_source_segment(text, node)
            assert program.statement(node) in (node, *program.ancestors(node))
    for node in ast.walk(program.tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr | ast.stmt):
                assert program.parent(child) is node


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_every_way_that_python_knows(newline):
    program = Program(newline.join(["def f(ä):", "    ü = ä + 1", "    return ü", ""]))
    assert program.newline == newline
    assert program.segment(found(program, ast.BinOp, "ä + 1")) == "ä + 1"
    assert program.indentation(found(program, ast.Return, "return ü")) == "    "


def test_a_node_made_by_hand_stands_nowhere():
    with pytest.raises(ValueError, match="parse it"):
        span_of(ast.Name("x"))


@pytest.mark.parametrize(
    ("text", "part", "level"),
    [
        ("(x) ** 2", "x", NUMBER),
        ("2 ** x", "x", UNARY),
        ("x.real", "x", POSTFIX),
        ("x[0]", "x", POSTFIX),
        ("{**x}", "x", OR_BITS),
        ("[*x]", "x", OR_BITS),
        ("f(a=x)", "x", 1),
    ],
)
def test_a_place_demands_how_tightly_its_expression_binds(text, part, level):
    program = Program(text)
    assert program.demanded(found(program, ast.Name, part)) == level


def test_jumps_and_returns_stand_only_where_they_may():
    program = Program(
        "for x in y:\n    a\n    def f():\n        b\n    class C:\n        c\nelse:\n    d\n"
    )
    places = {name: found(program, ast.Expr, name) for name in "abcd"}
    assert [program.may_jump(places[name]) for name in "abcd"] == [True, False, False, False]
    assert [program.may_return(places[name]) for name in "abcd"] == [False, True, False, False]


def test_a_jump_belongs_to_the_innermost_loop():
    for body, out in (
        ("break", True),
        ("for y in z: break", False),
        ("for y in z: pass\n    else: break", True),
        ("try: continue\n    finally: pass", True),
        ("def f():\n        while 1: break", False),
        ("match z:\n        case 1: break", True),
    ):
        (loop,) = ast.parse(f"while x:\n    {body}\n").body
        assert jumps_out(loop) == out, body


def test_statements_that_share_a_line_are_told_apart():
    program = Program("if a: b; c\nd  # e\nf; g\n")
    alone = {n: program.stands_alone(found(program, ast.Expr, n)) for n in "bcdfg"}
    assert alone == {"b": False, "c": False, "d": True, "f": False, "g": False}


def test_reindenting_leaves_strings_as_they_are():
    program = Program("if a:\n    x = '''\n    y'''\n    z\n")
    assert reindented(program, program.tree.body[0].body, "") == "x = '''\n    y'''\nz"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x = (1, 2), 3", "((1, 2), 3)"),
        ("x = (1), 2", "((1), 2)"),
        ("x = (1, 2)", "(1, 2)"),
        ("x = (a +\n  b)", "(a +\n  b)"),
        ("x = f(a,\n  b)", "f(a,\n  b)"),
        ("x = (yield)", "yield"),
    ],
)
def test_a_part_can_stand_elsewhere(text, written):
    program = Program(f"def f():\n  {text}\n")
    (value,) = [n.value for n in ast.walk(program.tree) if isinstance(n, ast.Assign)]
    part = Place(Context(program, NOTHING), value).here
    assert part.text == written
    ast.parse(f"[{part.within(1)}, 1]" if "yield" not in text else f"({part.within(1)})")


def test_names_are_visible_where_they_are_bound():
    text = (
        "def f(a, b=1):\n"
        "    c = [x for x in a if x]\n"
        "    def g(d):\n"
        "        return d + c\n"
        "    for i in a:\n"
        "        i + 0\n"
        "        late = 1\n"
        "    last = lambda z: z * 2\n"
    )
    context = Context(Program(text), NOTHING)
    at = {
        segment: set(context.names.at(found(context.program, kind, segment)))
        for kind, segment in (
            (ast.BinOp, "d + c"),
            (ast.BinOp, "i + 0"),
            (ast.BinOp, "z * 2"),
            (ast.Assign, "c = [x for x in a if x]"),
        )
    }
    assert at["d + c"] >= {"a", "b", "c", "d"}
    assert "late" not in at["d + c"]
    assert at["i + 0"] >= {"a", "c", "i", "late"}  # a loop comes round again
    assert "z" in at["z * 2"]
    assert at["c = [x for x in a if x]"] >= {"a", "b", "c"}
    assert "late" not in at["c = [x for x in a if x]"]


def test_names_of_a_comprehension_are_visible_in_it_alone():
    text = "def f(xs):\n    y = [a + b for a in xs[0] for b in a[1] if b[2]]\n    return y[3]\n"
    context = Context(Program(text), NOTHING)
    at = {
        segment: set(context.names.at(found(context.program, ast.expr, segment)))
        for segment in ("a + b", "xs[0]", "a[1]", "b[2]", "y[3]")
    }
    assert at == {
        "a + b": {"xs", "y", "a", "b"},
        "xs[0]": {"xs", "y"},
        "a[1]": {"xs", "y", "a"},
        "b[2]": {"xs", "y", "a", "b"},
        "y[3]": {"xs", "y"},
    }


def test_names_that_were_never_bound_are_missing():
    program = Program("def f(a):\n    hole\n    total += a\n    return total + len(other)\n")
    context = Context(program, NOTHING)
    names = context.unbound_before(found(program, ast.Expr, "hole"))
    assert set(names) == {"hole", "other", "total"}


def test_the_most_frequent_informative_type_is_the_usual_one():
    assert most_common(Counter({"NoneType": 9, "int": 1})) == "int"
    assert most_common(Counter({"list": 2, "list[int]": 1})) == "list[int]"
    assert most_common(Counter({"int": 1, "str": 2})) == "str"
    assert most_common(Counter()) == ""


def test_lines_that_only_failing_tests_run_are_most_suspicious():
    seen = Observations({}, {}, [{1: 1, 2: 1}, {1: 1}], [True, False])
    assert seen.suspicion[2] == 1.0
    assert seen.suspicion[1] == pytest.approx(0.5**0.5)
