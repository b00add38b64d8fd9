"""The import hole: what turns it on, where it is written, and that it goes with its edit."""

import ast
from collections import Counter

import pytest
from small_programs import SmallProgram, context_of

from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied, nested
from latent_ebm.puzzles.code.grammar.holes import fillings, sites
from latent_ebm.puzzles.code.grammar.import_edits import with_imports
from latent_ebm.puzzles.code.grammar.imports import Imports, import_of
from latent_ebm.puzzles.code.grammar.module_statistics import FILES, USES
from latent_ebm.puzzles.code.grammar.modules import module_productions, price
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.space import edits


def turned_on(text, *lines):
    """The program with a name at its end replaced by itself, and imports turned on."""
    return applied(text.encode(), [Edit(len(text), len(text), "", 0.0, "k", 1, imports=lines)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(): pass\n", "import math\n\n\ndef f(): pass\n"),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nimport math\n\n\nx = 1\n'),
        ('"""Doc."""\n\n\nx = 1\n', '"""Doc."""\n\nimport math\n\n\nx = 1\n'),
        ("import os\nx = 1\n", "import os\nimport math\nx = 1\n"),
        (
            '"""Doc."""\nfrom __future__ import annotations\n\nx = 1\n',
            '"""Doc."""\nfrom __future__ import annotations\nimport math\n\nx = 1\n',
        ),
        ("# note\n@f\ndef g(): 1\n", "# note\nimport math\n\n\n@f\ndef g(): 1\n"),
        ("import a; import b\nx = 1\n", "import a; import b\nimport math\nx = 1\n"),
        ("from a import (\n    b,\n)\nx = 1\n", "from a import (\n    b,\n)\nimport math\nx = 1\n"),
        ("import os\r\nx = 1\r\n", "import os\r\nimport math\r\nx = 1\r\n"),
        ("import os", "import os\nimport math\n"),
        ("", "import math\n"),
    ],
)  # fmt: skip
def test_imports_come_behind_the_docstring_and_those_that_are_there(before, after):
    assert turned_on(before, "import math") == after


def test_several_edits_turn_an_import_on_once_and_together():
    edits_ = [
        Edit(0, 1, "b", 0.0, "k", 1, imports=("import math",)),
        Edit(4, 5, "d", 0.0, "k", 1, imports=("import math", "import heapq")),
    ]
    assert applied(b"a = c\n", edits_) == "import heapq\nimport math\n\n\nb = d\n"
    assert applied(b"a = c\n", edits_[:1]) == "import math\n\n\nb = c\n"
    assert applied(b"a = c\n", []) == "a = c\n"


def test_an_edit_within_another_keeps_the_imports_of_both():
    outer = Edit(0, 5, "g(f(x))", 1.0, "wrap", 1, imports=("import math",))
    inner = Edit(2, 3, "y", 1.0, "name", 1, imports=("import heapq",))
    both = nested(Edit(0, 4, "g(f(x))", 1.0, "wrap", 1, imports=outer.imports), inner, b"f(x)")
    assert set(both.imports) == {"import math", "import heapq"}


@pytest.mark.parametrize(
    ("name", "is_owner", "line"),
    [
        ("math", True, "import math"),
        ("deque", False, "from collections import deque"),
        ("defaultdict", False, "from collections import defaultdict"),
        ("heappush", False, "from heapq import heappush"),
        ("combinations", False, "from itertools import combinations"),
        ("copy", True, "import copy"),
        ("List", False, "from typing import List"),
        ("json", True, "import json"),
        ("no_such_name", False, None),
    ],
)
def test_a_name_that_is_bound_nowhere_has_an_import(name, is_owner, line):
    assert import_of(name, is_owner=is_owner) == line


@pytest.mark.parametrize(
    "text",
    [
        "def f(math):\n    return math.x\n",
        "from collections import *\nx = deque()\n",
        "try:\n    import math\nexcept ImportError as math:\n    pass\nmath.x\n",
        "def f():\n    return [deque for deque in ()]\n",
        "def f():\n    return __hole_0__()\n",
    ],
)
def test_what_is_bound_or_may_be_is_not_missing(text):
    assert Imports(Program(text)).missing == {}


def test_a_piece_turns_on_what_it_reads_and_nothing_that_stands_in_strings():
    imports = Imports(Program("import heapq\n\n\ndef f(string): pass\n"))
    assert imports.needed("math.gcd(a, b) + heapq.heappop(c)") == ("import math",)
    assert imports.needed("'math' + string") == ()
    assert imports.needed("x.math") == ()
    assert imports.needed("Counter('math')") == ("from collections import Counter",)


BUGS = """\
def queue(xs):
    waiting = deque(xs)
    heapq.heapify(xs)
    return waiting.popleft()


def fraction(a, b):
    return a / b


def run(which, *args):
    return globals()[which](*args)
"""


@pytest.fixture(scope="module")
def repaired():
    small = SmallProgram("bugs", BUGS, "run", (("queue", [1, 2]), ("fraction", 4, 6)))
    context = context_of(small, Terms(localisation=False))
    made = edits(context, ceiling=9.5)
    return {applied(context.program.source, [edit]): edit for edit in reversed(made)}


def test_missing_imports_are_cheap_edits_one_by_one_and_together(repaired):
    both = "from collections import deque\nimport heapq\n\n\n" + BUGS
    assert repaired[both].cost <= 1.0
    assert repaired["from collections import deque\n\n\n" + BUGS].cost <= 1.0


def test_a_function_of_a_module_brings_its_import(repaired):
    fixed = "import math\n\n\n" + BUGS.replace("return a / b", "return math.floor(a / b)")
    assert repaired[fixed].imports == ("import math",)
    assert repaired[fixed].cost <= 8.0


def hole_of(text, **types):
    names = {name: Counter([kind]) for name, kind in types.items()}
    last = text.count("\n")
    context = Context(Program(text), Observations({}, {last: names}, [], []), height=10.0)
    return context, sites(context.program)[0]


@pytest.mark.parametrize("start", ["", "import math\n\n\n"])
def test_fillings_use_modules_and_cost_less_where_these_are_imported(start):
    context, hole = hole_of(f"{start}def f(a, b):\n    return ...\n", a="int", b="int")
    made = {edit.text: edit for edit in fillings(context, hole, ("int",), 9.5)}
    assert made["math.gcd(a, b)"].imports == (() if start else ("import math",))


def test_an_import_that_is_there_makes_its_names_cheaper():
    assert price("math.gcd", imported=True) + 2.0 < price("math.gcd", imported=False)
    imports = Imports(Program("from itertools import combinations\n"))
    heads = {made.head for made in module_productions(imports, ["list[int]", "int"])}
    assert "itertools.combinations" in heads
    assert "itertools.permutations" in heads


def test_productions_of_modules_have_the_types_that_typeshed_tells():
    imports = Imports(Program(""))
    made = {
        (one.head, one.operands): one.result
        for one in module_productions(imports, ["int", "list[int]"])
    }
    assert made["math.gcd", ("int", "int")] == "int"
    assert made["collections.deque", ("list[int]",)] == "deque[int]"
    assert made["heapq.heappop", ("list[int]",)] == "int"
    assert ("math.gcd", ("list[int]", "int")) not in made


def test_counts_are_of_modules_that_are_known():
    assert {use.partition(".")[0] for use in USES} <= FILES.keys()
    assert min(USES.values()) > 0


def test_a_program_gets_the_imports_that_it_lacks_and_is_left_alone_otherwise():
    assert with_imports("x = 1\n") == "x = 1\n"
    text = with_imports("def f(xs):\n    return heapq.nlargest(1, deque(xs))\n")
    assert ast.unparse(ast.parse(text)).splitlines()[:2] == [
        "from collections import deque",
        "import heapq",
    ]


def test_another_function_of_the_same_module_is_near():
    text = "import math\n\n\ndef f(x):\n    return math.floor(x)\n"
    context = context_of(SmallProgram("floor", text, "f", ((1.5,),)), Terms(localisation=False))
    cost = {edit.text: edit.cost for edit in edits(context, ceiling=5.0)}
    assert cost["math.ceil"] < 3.5
    assert "math.gcd" in cost
    assert "math.hypot" in cost
    assert "math.atan2" not in cost
