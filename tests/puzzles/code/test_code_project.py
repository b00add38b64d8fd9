"""Imports of the user's other files: resolved by reading those files, and nothing else."""

import ast

import pytest

from latent_ebm.puzzles.code.project import Project
from latent_ebm.puzzles.code.reading import Reading
from latent_ebm.puzzles.code.source import Source


@pytest.fixture
def project(tmp_path):
    """Write files and give the type of ``result`` in the first of them."""

    def build(**files):
        for name, text in files.items():
            path = tmp_path.joinpath(*name.split("/")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        first = tmp_path.joinpath(*next(iter(files)).split("/")).with_suffix(".py")
        found = Project(first)
        reading = Reading(Source.read(first), None, found)
        found.add(reading)
        return str(reading.inference.name_type("result", reading.source.tree)), reading

    return build


@pytest.mark.parametrize(
    ("main", "other", "kind"),
    [
        ("from other import f\nresult = f(1)", "def f(x: int) -> list[int]: ...", "list[int]"),
        ("from other import f as g\nresult = g(1)", "def f(x):\n    return str(x)", "str"),
        ("import other\nresult = other.f(1)", "def f(x): return {x: 'a'}", "dict[Any, str]"),
        ("import other as o\nresult = o.N", "N = 3", "int"),
        ("from other import N\nresult = [N]", "N: float = 3", "list[float]"),
        ("from other import *\nresult = f() + N", "N = 'a'\ndef f(): return N", "str"),
        (
            "from other import P\nresult = P(1).x",
            "class P:\n    def __init__(self, x: int):\n        self.x = x",
            "int",
        ),
        (
            "import other\nresult = other.P().m()",
            "class P:\n    def m(self): return [1]",
            "list[int]",
        ),
        (
            "from other import make\nresult = make().x",
            "class P:\n    x = 'a'\ndef make() -> P: ...",
            "str",
        ),
        (
            "from other import P\ndef f() -> P: ...\nresult = f().x",
            "class P:\n    x = 1.5",
            "float",
        ),
        (
            "from other import P\nclass Q(P): pass\nresult = Q().m()",
            "class P:\n    def m(self): return 1",
            "int",
        ),
        ("from other import missing\nresult = missing()", "x = 1", "Any"),
        ("from nowhere import f\nresult = f()", "x = 1", "Any"),
    ],
)
def test_names_of_another_file(project, main, other, kind):
    assert project(main=main, other=other)[0] == kind


@pytest.mark.parametrize(
    "statement",
    [
        "from .b import f",
        "from . import b\nf = b.f",
        "from ..p.b import f",
        "from top.p.b import f",
        "import top.p.b\nf = top.p.b.f",
        "import top.p.b as b\nf = b.f",
        "from ..q.c import f",
        "from .. import q\nf = q.f",
        "from ..q import *",
    ],
)
def test_relative_and_absolute_imports_in_packages(project, statement):
    kind, _ = project(
        **{
            "top/p/a": f"{statement}\nresult = f()\n",
            "top/__init__": "",
            "top/p/__init__": "",
            "top/p/b": "def f(): return 1\n",
            "top/q/__init__": "from .c import f\n",
            "top/q/c": "def f(): return 1\n",
        }
    )
    assert kind == "int"


def test_cycles_end(project):
    kind, _ = project(
        a="from b import g\ndef f(n): return g(n)\nresult = f(1)\n",
        b="from a import f\ndef g(n): return f(n) or 1\n",
    )
    assert kind in ("int", "Any")
    assert project(c="from c import result\n")[0] == "Any"
    assert project(d="from e import *\nresult = x\n", e="from d import *\n")[0] == "Any"


def test_a_file_of_the_user_hides_the_standard_library(project):
    assert (
        project(
            main="from random import choice\nresult = choice([1])",
            random="def choice(x): return 'a'",
        )[0]
        == "str"
    )
    assert (
        project(
            main="import random\nresult = random.choice([1])", random="def choice(x): return 'a'"
        )[0]
        == "str"
    )


def test_nothing_is_executed_and_nothing_above_the_project_is_read(project, tmp_path):
    outside = tmp_path / "secret.py"
    outside.write_text("x = 1\n")
    kind, reading = project(**{"sub/main": "from ..secret import x\nresult = x\n"})
    assert kind == "Any"
    _, reading = project(main2="import bomb\nresult = bomb.x\n", bomb="raise SystemExit\nx = 1\n")
    assert reading.project.problems == {}


def test_files_that_cannot_be_read_are_reported(project):
    kind, reading = project(main="from other import x\nresult = x", other="def (\n")
    assert kind == "Any"
    assert ["other.py:1:" in problem for problem in reading.project.problems.values()] == [True]


def test_links_out_of_the_project_are_not_followed(project, tmp_path):
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "target.py").write_text("x = 1\n")
    (folder / "link.py").symlink_to(tmp_path / "target.py")
    assert project(**{"inner/main": "from link import x\nresult = x\n"})[0] == "Any"


def test_signatures_of_imported_functions_guide_expectations(project):
    _, reading = project(
        main="from other import f\nresult = f(1, __hole__)\n",
        other="def f(a: int, b: 'list[str]') -> None: ...\n",
    )
    hole = next(
        n for n in ast.walk(reading.source.tree) if isinstance(n, ast.Name) and n.id == "__hole__"
    )
    assert str(reading.expected(hole)) == "list[str]: argument 2 (b) of f"
