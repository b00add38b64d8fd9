"""Scopes agree with CPython's own symbol tables; definite assignment with CPython's own runs."""

import ast
import symtable
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.puzzles.code.scope_model import Kind, ScopeKind
from latent_ebm.puzzles.code.scopes import Scopes
from latent_ebm.puzzles.code.source import Source

STDLIB = Path(sysconfig.get_paths()["stdlib"])
SAMPLE = ["bisect.py", "dataclasses.py", "functools.py", "inspect.py", "typing.py", "enum.py"]
SAMPLE += [
    "asyncio/tasks.py",
    "argparse.py",
    "test/test_scope.py",
    "test/test_named_expressions.py",
]
SAMPLE += ["test/test_patma.py", "test/test_generators.py", "test/test_listcomps.py"]


def _tables(table):
    yield table
    for child in table.get_children():
        yield from _tables(child)


# by the compiler, to classes and their methods
ADDED = ("__class__", "__classdict__", "__static_attributes__", "__firstlineno__")


def _unmangled(name, owner):
    """Private names as they stand in the text: ``_C__x`` of class C is ``__x``."""
    prefix = f"_{owner.lstrip('_')}__"
    return name[len(prefix) - 2 :] if owner and name.startswith(prefix) else name


def _by_cpython(text):
    """(kind of scope, line, name) -> set of (bound names, names from around, globals)."""
    found = []

    def visit(table, owner):
        inner = table.get_name() if table.get_type() == "class" else owner
        kind = table.get_type()
        locals_, frees, globals_ = set(), set(), set()
        for symbol in table.get_symbols():
            name = _unmangled(symbol.get_name(), inner)
            if name.startswith(".") or name in ADDED:
                continue
            if symbol.is_free():
                frees.add(name)
            elif symbol.is_global() and kind != "module":
                globals_.add(name)
            elif symbol.is_local():
                locals_.add(name)
        found.append((table.get_lineno(), table.get_name(), locals_, frees, globals_))
        for child in table.get_children():
            visit(child, inner)

    visit(symtable.symtable(text, "f.py", "exec"), "")
    return found


_NAMES = {ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp"}
_NAMES |= {ast.GeneratorExp: "genexpr", ast.Lambda: "lambda", ast.Module: "top"}


def _by_us(source):
    scopes = Scopes(source)
    used = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name):
            used.setdefault(scopes.of(node), set()).add(node.id)
    found = []
    for scope in scopes.all():
        name = getattr(scope.node, "name", None) or _NAMES[type(scope.node)]
        line = 0 if isinstance(scope.node, ast.Module) else scope.node.lineno
        own = {n for n in scope.bindings if n not in scope.globals | scope.nonlocals}
        frees, globals_ = set(), set()
        for used_name in used.get(scope, set()) | set(scope.bindings) | scope.globals:
            holder = scopes.resolve(used_name, scope)
            if holder is scope:
                continue
            if used_name == "__class__":
                continue
            is_global = holder is None or holder.kind is ScopeKind.MODULE
            (globals_ if is_global else frees).add(used_name)
        found.append((line, name, own, frees, globals_))
    return found


def _compare(text):
    source = Source(text)
    theirs, ours = _by_cpython(text), _by_us(source)
    assert sorted((line, name) for line, name, *_ in theirs) == sorted(
        (line, name) for line, name, *_ in ours
    )
    for line, name, locals_, frees, globals_ in theirs:
        twins = [one for one in ours if one[:2] == (line, name)]
        # CPython's table of the module lacks what only functions bind, by "global"
        same = set.issubset if name == "top" else set.__eq__
        assert any(same(locals_, one[2]) for one in twins), (line, name, locals_, twins)
        # a scope also passes on what only its inner scopes use; we list what it uses itself
        assert any(one[3] <= frees for one in twins), (line, name, frees, twins)
        if name != "top":
            assert any(one[4] <= globals_ for one in twins), (line, name, globals_, twins)


@pytest.mark.parametrize("name", [name for name in SAMPLE if (STDLIB / name).exists()])
def test_scopes_are_those_of_the_symbol_table(name):
    _compare((STDLIB / name).read_text())


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\ndef f():\n    global x\n    x = 2\n    def g():\n        return x\n",
        "def f():\n    def g():\n        nonlocal y\n        y += 1\n    y = 0\n    return g\n",
        "class C:\n    a = 1\n    b = [a for _ in range(a)]\n    def f(self):\n        return a\n",
        "def f(a, /, b=1, *c, d, **e):\n    return lambda a, *f: (a, b, f)\n",
        "def f(xs):\n    return [y := x for x in xs], y\n",
        "def f(x):\n match x:\n  case {'a': a, **rest}: a\n  case [b, *c] | (b, c): b\n",
        "def f(x):\n match x:\n  case C(d=D) as e: return e\n  case {**f}: return f\n",
        "def f():\n try:\n  pass\n except E as e:\n  import a.b, c as d\n del e\n",
        "@d(x := 1)\nasync def f():\n async with a as b:\n  async for c in b: yield c\n",
        "class C:\n    __p = 1\n    def f(self):\n        __q = self.__p\n        return __q\n",
        "ﬁ = 1\ndef f():\n    return fi\n",
        "def f(x):\n class C(x):\n  y = x\n  def g(self): return y, __class__\n return C\n",
    ],
)
def test_scopes_of_small_programs(text):
    _compare(text)


def _at(text, mark="here"):
    """The names where the name ``here`` is read."""
    source = Source(text)
    node = next(n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == mark)
    return Scopes(source).at(node)


def test_kinds_of_names():
    names = _at(
        "import os\nfrom math import floor as fl\nG = 1\n"
        "def f(p, *q):\n    v = 1\n    def g(r):\n        w = 2\n        return [here for c in r]\n"
    )
    kinds = {
        name: names[name].kind for name in ("os", "fl", "G", "f", "p", "q", "v", "w", "r", "c")
    }
    assert kinds == {
        "os": Kind.IMPORT,
        "fl": Kind.IMPORT,
        "G": Kind.GLOBAL,
        "f": Kind.GLOBAL,
        "p": Kind.CLOSURE,
        "q": Kind.CLOSURE,
        "v": Kind.CLOSURE,
        "w": Kind.LOCAL,
        "r": Kind.PARAMETER,
        "c": Kind.LOCAL,
    }
    assert names["len"].kind is Kind.BUILTIN
    assert names["v"].defined_at == (5, 4)
    assert next(iter(names)) == "c"


def test_a_method_does_not_see_the_names_of_its_class():
    names = _at("class C:\n    a = 1\n    def f(self):\n        here\n")
    assert "a" not in names
    assert names["self"].kind is Kind.PARAMETER


@pytest.mark.parametrize(
    ("body", "assigned"),
    [
        ("if a:\n    x = 1\nhere", False),
        ("if a:\n    x = 1\nelse:\n    x = 2\nhere", True),
        ("if a:\n    x = 1\nelse:\n    return\nhere", True),
        ("while a:\n    x = 1\nhere", False),
        ("while True:\n    x = 1\n    if a: break\nhere", True),
        ("while True:\n    if a: break\n    x = 1\nhere", False),
        ("for i in a:\n    x = 1\nelse:\n    x = 2\nhere", True),
        ("for i in a:\n    if i: break\nelse:\n    x = 2\nhere", False),
        ("for x in a:\n    here", True),
        ("for x in a:\n    pass\nhere", False),
        ("try:\n    x = a()\nexcept E:\n    pass\nhere", False),
        ("try:\n    x = a()\nexcept E:\n    raise\nhere", True),
        ("try:\n    x = a()\nexcept E:\n    x = 0\nfinally:\n    b()\nhere", True),
        ("try:\n    a()\nfinally:\n    x = 1\nhere", True),
        ("try:\n    x = 1\nfinally:\n    here", False),
        ("try:\n    a()\nexcept E as x:\n    here", True),
        ("x = 1\ntry:\n    a()\nexcept E as x:\n    pass\nhere", False),
        ("with open(a) as f:\n    x = 1\nhere", True),
        ("with suppress(E):\n    x = 1\nhere", False),
        ("x = 1\ndel x\nhere", False),
        ("x = 1\nfor i in a:\n    here\n    del x", False),
        ("if a and (x := b):\n    here", True),
        ("if a and (x := b):\n    pass\nelse:\n    here", False),
        ("if not (a and (x := b)):\n    return\nhere", True),
        ("if a or (x := b):\n    here", False),
        ("here if (x := a) else 0", True),
        ("[here for i in a if (x := i)]", True),
        ("[(x := i) for i in a]\nhere", False),
        ("match a:\n    case [x, _]: here", True),
        ("match a:\n    case [x, _]: pass\nhere", False),
        ("match a:\n    case 1: x = 1\n    case _: x = 2\nhere", True),
        ("match a:\n    case x if x > 1: pass\n    case _: here", True),
        ("def x(): here", False),
        ("x = 1\ndef g(): here", True),
        ("assert (x := a)\nhere", False),
        ("x: int\nhere", False),
        ("a < (x := 1) < b\nhere", True),
        ("a < b < (x := 1)\nhere", False),
        ("x = 1\ndef g():\n    nonlocal x\n    del x\ng()\nhere", False),
    ],
)
def test_definite_assignment(body, assigned):
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    names = _at(f"def f(a, b):\n{lines}\n    x = 3\n")
    assert names["x"].definitely_assigned is assigned


def test_code_behind_a_return_is_unreachable():
    source = Source("def f(a):\n    while True:\n        if a: return 1\n    here\n")
    scopes = Scopes(source)
    function = source.tree.body[0]
    assert not scopes.reachable(function.body[1])
    assert scopes.reachable(function.body[0].body[0])
    assert not scopes.opened[function].falls_through


# random programs, run for real: a name that is definitely assigned is never unbound when read

NAMES = ("x", "y", "z")


@st.composite
def _blocks(draw, depth, loop):
    kinds = ["assign", "read", "del", "walrus", "aug", "raise", "return", "expr"]
    if depth:
        kinds += ["if", "if", "while", "for", "try", "try", "with", "match", "def"]
    if loop:
        kinds += ["break", "continue"]
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(_statements(draw(st.sampled_from(kinds)), depth, loop))
    return lines


def _indent(lines):
    return ["    " + line for line in lines]


@st.composite
def _statements(draw, kind, depth, loop):  # noqa: C901 - one case a kind
    name = draw(st.sampled_from(NAMES))
    block = _blocks(depth - 1, loop)
    match kind:
        case "assign":
            return [f"{name} = c()"]
        case "read":
            return [f"read({name})"]
        case "del":
            return [f"del {name}"]
        case "walrus":
            other = draw(st.sampled_from(NAMES))
            forms = [
                f"if c() and ({name} := 1) or ({other} := 0): read({name})",
                f"[({name} := i) for i in r() if c() or ({other} := 0)]",
                f"t(({name} := 1) if c() else ({other} := 1))",
                f"t(0 < c() < ({name} := 2))",
                f"while not c() or not ({name} := c()): read({other})",
                f"assert c() or ({name} := 1)",
            ]
            return [draw(st.sampled_from(forms))]
        case "aug":
            return [f"{name} += 1"]
        case "raise":
            return ["t(0)"]
        case "return":
            return ["if c(): return"]
        case "expr":
            return [f"t([read({name}) for {name} in r()])"]
        case "if":
            return ["if c():", *_indent(draw(block)), "else:", *_indent(draw(block))]
        case "while":
            test = draw(st.sampled_from(["c()", "True", f"({name} := c())"]))
            lines = [f"while {test}:", *_indent(["t(0)", *draw(_blocks(depth - 1, True))])]
            return lines + (["else:", *_indent(draw(block))] if draw(st.booleans()) else [])
        case "for":
            lines = [f"for {name} in r():", *_indent(draw(_blocks(depth - 1, True)))]
            return lines + (["else:", *_indent(draw(block))] if draw(st.booleans()) else [])
        case "try":
            alias = draw(st.sampled_from(["", f" as {name}"]))
            lines = ["try:", *_indent(draw(block))]
            if draw(st.booleans()):
                lines += [f"except E{alias}:", *_indent(draw(block))]
                if draw(st.booleans()):
                    lines += ["else:", *_indent(draw(block))]
                if draw(st.booleans()):
                    return lines
            return [*lines, "finally:", *_indent(draw(block))]
        case "with":
            return [f"with S() as {name}:", *_indent(draw(block))]
        case "match":
            other = draw(st.sampled_from(NAMES))
            return [
                "match c(), c():",
                *_indent([f"case (1, {name}):", *_indent(draw(block))]),
                *_indent([f"case ({other}, _) if c():", *_indent(draw(block))]),
                *_indent(
                    [f"case {draw(st.sampled_from(['_', '(0, 0)']))}:", *_indent(draw(block))]
                ),
            ]
        case "def":
            body = [f"nonlocal {name}", draw(st.sampled_from([f"del {name}", f"{name} = 1"]))]
            return ["def inner():", *_indent(body), "inner()"]
    return [kind]


class E(Exception):  # noqa: N818
    def __add__(self, other):
        return other


class _Swallows:
    def __enter__(self):
        return 1

    def __exit__(self, *error):
        return error[0] is E


def _surely_assigned(source):
    scopes = Scopes(source)
    return {
        (node.lineno, node.id)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load)
        if scopes.lookup(node.id, node).definitely_assigned
    }


def _unbound(code, chooser):
    """Run ``f`` with random choices: (line, name) of an unbound local, if one ends it."""
    left = iter(range(60))  # so many choices a run

    def chance():
        if next(left, None) is None:
            raise TimeoutError
        return chooser.randint(0, 1)

    def tick(_value):
        if chance() and chance():
            raise E

    def values():
        return range(chooser.randint(0, 2))

    scope = {"c": chance, "t": tick, "r": values, "read": tick, "E": E, "S": _Swallows}
    exec(code, scope)
    try:
        scope["f"]()
    except UnboundLocalError as error:
        frame = error.__traceback__
        while frame.tb_next:
            frame = frame.tb_next
        return frame.tb_lineno, str(error).split("'")[1]
    except (E, TimeoutError, AssertionError, NameError):
        return None  # NameError: "nonlocal x; del x" where x is unbound
    return None


@settings(max_examples=100)
@given(body=_blocks(3, False), chooser=st.randoms(use_true_random=False))
def test_a_definitely_assigned_name_is_never_unbound(body, chooser):
    text = "\n".join(["def f():", *_indent([*body, "x = y = z = 0"])]) + "\n"
    sure = _surely_assigned(Source(text))
    code = compile(text, "<program>", "exec")
    for _ in range(20):
        assert _unbound(code, chooser) not in sure, text
