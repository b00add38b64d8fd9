"""Ticks: put into texts as into trees, and cutting what does not end at the same place."""

import ast
import random
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_ebm.puzzles.code.execution.line_ticks import LineTicks
from latent_ebm.puzzles.code.execution.ticks import (
    TICK,
    OutOfTicks,
    instrumented,
    make_counter,
)

LIBRARY = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))


def same(text, line_ticks):
    """Whether the text with ticks has the tree with ticks; None where there is none."""
    made = line_ticks.instrumented(text)
    if made is None:
        return None
    return ast.dump(ast.parse(made)) == ast.dump(instrumented(ast.parse(text)))


@pytest.mark.filterwarnings("ignore")
def test_texts_of_the_standard_library_get_the_ticks_that_their_trees_get():
    line_ticks = LineTicks()
    chosen = random.Random(0).sample(LIBRARY, 14)
    found = [same(path.read_text(encoding="utf-8"), line_ticks) for path in chosen]
    assert False not in found
    # lines that need the tree are rare
    assert found.count(True) > 9


LINES = [
    "def f(x):  # a comment",
    "    '''A docstring.'''",
    "    for i in range(x):",
    "    while (x :=",
    "           x - 1):",
    "        y = [a for a in x if a]",
    "        g = lambda a: (a,",
    "            a)",
    "    if x: return 1",
    "    elif {k: v for k, v in x}:",
    "    else:",
    "        pass",
    "    s = '''for x in y:",
    "def g(): '''",
    "    t = 'it''s' # def",
    "    for q in x: print(q)",
    "    return x \\",
    "        + 1",
    "",
    "    # def h():",
    "    try:",
    "        yield x",
    "    except (E for E in x):",
    "    async def h(self, *, a=lambda: 0):",
    "        r'''\\''''",
    "@deco([n for n in ()])",
    "class C:",
    "    match x:",
    "        case [1, _]:",
    "\tx = 1",
    "    x = f'{x!r:>{3}}' ; y = 2",
]


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=8))
def test_any_lines_get_the_ticks_of_their_tree_or_no_text(lines):
    text = "\n".join(lines)
    made = LineTicks().instrumented(text)
    try:
        tree = ast.parse(text)
    except SyntaxError:
        if made is not None:
            with pytest.raises(SyntaxError):
                compile(made, "made", "exec")
        return
    if made is not None:
        assert ast.dump(ast.parse(made)) == ast.dump(instrumented(tree))


def test_a_remembered_line_is_not_confused_with_another():
    line_ticks = LineTicks()
    first = 'x = """\nfor a in b:\n"""\nfor a in b:\n    pass\n'
    assert same(first, line_ticks)
    assert same(first, line_ticks)
    assert same('x = """\ndef f():\n"""\n', line_ticks)
    assert same("for a in b:\r\n  pass\r\n", line_ticks)


def test_a_spent_counter_raises_at_every_further_tick():
    counter = make_counter()
    counter.refill(2)
    counter.tick()
    counter.tick()
    for _ in range(3):
        with pytest.raises(OutOfTicks):
            counter.tick()
    assert counter.left() < 0


PROGRAMS = {
    "nothing": ("pass", 0),
    "a loop": ("for _ in range(7): pass", 7),
    "nested loops": ("for i in range(3):\n    while i: i -= 1", 3 + 3),
    "calls": ("def f(n):\n    'doc'\n    return n and f(n - 1)\nf(4)", 5),
    "a comprehension": ("[0 for a in range(3) for b in range(a) if b]", 3 + 3),
    "a lambda": ("g = lambda: 0\ng(), g()", 2),
    "a method": ("class C:\n    def m(self): return 1\nC().m()", 1),
}


@pytest.mark.parametrize(("text", "ticks"), PROGRAMS.values(), ids=PROGRAMS)
def test_ticks_count_rounds_and_calls(text, ticks):
    counter = make_counter()
    counter.refill(1000)
    code = compile(instrumented(ast.parse(text)), "text", "exec")
    exec(code, {TICK: counter.tick})
    assert 1000 - counter.left() == ticks


def test_docstrings_stay_docstrings():
    namespace = {TICK: lambda: True}
    text = 'def f():\n    """What it does."""\n    return 1\n'
    exec(LineTicks().instrumented(text), namespace)
    assert namespace["f"].__doc__ == "What it does."
