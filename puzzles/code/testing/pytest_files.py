"""Suites from pytest files: test functions, fixtures, parametrised tests, `pytest.raises`.

The file is rewritten, not imported: its asserts become calls that grade what they compare,
`pytest` becomes a small stand-in, and the module under test the candidate. pytest itself is
not needed. Tests marked `skip` or `xfail` are left out. What the stand-in cannot do (fixtures of
pytest's own or of other files, marks with arguments, set-up functions, unittest classes) is
refused by name.
"""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

from latent_ebm.puzzles.code.testing.cases import Suite, SuiteError, TestCall
from latent_ebm.puzzles.code.testing.rewriting import Rewriter

__all__ = ["is_unittest", "suite_from_pytest"]

_SET_UPS = frozenset(
    {
        *(f"setup_{what}" for what in ("module", "function", "class", "method")),
        *(f"teardown_{what}" for what in ("module", "function", "class", "method")),
        *("setUp", "tearDown", "setUpClass", "tearDownClass", "pytest_plugins", "pytestmark"),
    }
)


_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def suite_from_pytest(
    text: str,
    *,
    module_path: Path | None = None,
    module: str = "candidate",
    source: str = "<pytest>",
) -> Suite:
    r"""The suite of a pytest file's text.

    Parameters
    ----------
    module_path
        The file of the module under test; imports that lead to it give the candidate.
    module
        Its dotted name.

    Raises
    ------
    SuiteError
        For what cannot be run without pytest, by name and line.

    >>> text = "from candidate import f\ndef test_f():\n    assert f(1) == 2"
    >>> [case.name for case in suite_from_pytest(text).cases]
    ['test_f']
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise SuiteError(f"{source}, line {error.lineno}: {error.msg}") from error
    finder = _Finder(tree, source)
    cases = finder.calls()
    if not cases:
        raise SuiteError(f"{source}: there is no test function in it")
    rewriter = Rewriter(module, module_path, source)
    script = ast.unparse(ast.fix_missing_locations(rewriter.visit(tree)))
    if not rewriter.found_module:
        raise SuiteError(f"{source}: it imports nothing from {module}, the module under test")
    return Suite(None, tuple(cases), script, module, source)


def is_unittest(node: ast.ClassDef) -> bool:
    """Whether a class is a test case of unittest."""
    return any(ast.unparse(base).rpartition(".")[2] == "TestCase" for base in node.bases)


class _Finder:
    """Finds the test functions of a file and how often each is called."""

    def __init__(self, tree: ast.Module, source: str) -> None:
        self._tree = tree
        self._source = source
        self._fixtures = {name for node in tree.body if (name := self._fixture(node))}
        self._lists = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def calls(self) -> list[TestCall]:
        found: list[TestCall] = []
        for node in self._tree.body:
            name = getattr(node, "name", "")
            if name in _SET_UPS:
                raise self._refused(node, f"the set-up function {name}")
            if isinstance(node, _FUNCTIONS):
                if name in self._fixtures:
                    self._needed(node, self._fixtures, 0)
                elif name.startswith("test"):
                    found.extend(self._of_function(node, "", (), self._fixtures))
            elif isinstance(node, ast.ClassDef) and self._is_test_class(node):
                found.extend(self._of_class(node))
        return found

    def _is_test_class(self, node: ast.ClassDef) -> bool:
        if is_unittest(node):
            raise self._refused(node, f"the unittest class {node.name}")
        return node.name.startswith("Test")

    def _of_class(self, node: ast.ClassDef) -> list[TestCall]:
        counts = self._counts(node)
        if counts is None:
            return []
        fixtures = self._fixtures | {
            name for member in node.body if (name := self._fixture(member))
        }
        found: list[TestCall] = []
        for member in node.body:
            name = getattr(member, "name", "")
            if name in _SET_UPS or name == "__init__":
                raise self._refused(member, f"{node.name}.{name}")
            if isinstance(member, _FUNCTIONS) and name in fixtures:
                self._needed(member, fixtures, 1)
            elif isinstance(member, _FUNCTIONS) and name.startswith("test"):
                found.extend(self._of_function(member, f"{node.name}.", tuple(counts), fixtures))
        return found

    def _of_function(
        self,
        node: _Function,
        prefix: str,
        outer: tuple[tuple[int, set[str]], ...],
        fixtures: set[str],
    ) -> list[TestCall]:
        counts = self._counts(node)
        if counts is None:
            return []
        sets = [*outer, *counts]
        given: set[str] = set().union(*(names for _, names in sets))
        self._needed(node, fixtures | given, 1 if prefix else 0)
        name = prefix + node.name
        if not sets:
            return [TestCall(name, name)]
        return [
            TestCall(f"{name}[{'-'.join(map(str, indices))}]", name, indices)
            for indices in product(*(range(count) for count, _ in sets))
        ]

    def _needed(self, node: _Function, known: set[str], skipped: int) -> None:
        """Refuse a test or a fixture that needs a fixture which the file does not define."""
        arguments = node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        needed = names[skipped : len(names) - len(arguments.defaults)]
        missing = [name for name in needed if name not in known]
        if missing:
            what = f"the fixture {missing[0]} of {node.name}, which the file does not define,"
            raise self._refused(node, what)

    def _fixture(self, node: ast.stmt) -> str:
        """The name of a fixture; "" for what is none."""
        if not isinstance(node, _FUNCTIONS):
            return ""
        for decorator in node.decorator_list:
            text = ast.unparse(decorator).partition("(")[0]
            if text in ("fixture", "pytest.fixture"):
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                wrong = [one.arg for one in keywords if one.arg not in ("scope", "autouse")]
                if wrong:
                    raise self._refused(node, f"the option {wrong[0]} of the fixture {node.name}")
                if isinstance(node, ast.AsyncFunctionDef):
                    raise self._refused(node, f"the asynchronous fixture {node.name}")
                return node.name
        return ""

    def _counts(self, node: _Function | ast.ClassDef) -> list[tuple[int, set[str]]] | None:
        """The sets of parameters of a test; None for one that is skipped, or expected to fail."""
        found = []
        for decorator in node.decorator_list:
            call = isinstance(decorator, ast.Call)
            _, marked, mark = ast.unparse(decorator).partition("(")[0].rpartition("mark.")
            if marked and mark in ("skip", "xfail"):
                return None
            if not marked or call or mark == "parametrize":
                found.append(self._count(decorator, node.name))
        return found

    def _count(self, decorator: ast.expr, name: str) -> tuple[int, set[str]]:
        """How many sets of parameters a decorator gives, and the names that it gives."""
        text = ast.unparse(decorator).partition("(")[0]
        if not (isinstance(decorator, ast.Call) and text.endswith("mark.parametrize")):
            raise self._refused(decorator, f"the decorator {text} of {name}")
        given = {keyword.arg: keyword.value for keyword in decorator.keywords}
        if given.keys() - {"ids", "argnames", "argvalues"}:
            raise self._refused(decorator, f"the options of parametrize at {name}")
        arguments = [*decorator.args, *(given[k] for k in ("argnames", "argvalues") if k in given)]
        if len(arguments) != 2:
            raise self._refused(decorator, f"parametrize with {len(arguments)} arguments")
        return self._length(arguments[1], name), self._names(arguments[0], name)

    def _names(self, node: ast.expr, name: str) -> set[str]:
        try:
            names = ast.literal_eval(node)
        except ValueError as error:
            raise self._refused(node, f"computed parameter names at {name}") from error
        return set(names.replace(",", " ").split() if isinstance(names, str) else names)

    def _length(self, node: ast.expr, name: str) -> int:
        if isinstance(node, ast.Name) and node.id in self._lists:
            node = self._lists[node.id]
        if isinstance(node, (ast.List, ast.Tuple)) and not any(
            isinstance(item, ast.Starred) for item in node.elts
        ):
            return len(node.elts)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "range":
            try:
                return len(range(*map(ast.literal_eval, node.args)))
            except (ValueError, TypeError):
                pass
        raise self._refused(node, f"the computed list of parameters at {name} (write it out)")

    def _refused(self, node: ast.AST, what: str) -> SuiteError:
        line = getattr(node, "lineno", 0)
        return SuiteError(f"{self._source}, line {line}: {what} cannot be run without pytest")
