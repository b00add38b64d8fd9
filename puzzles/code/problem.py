"""A program that fails its tests, as a problem."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latent_ebm.puzzles.code.errors import BadSource
from latent_ebm.puzzles.code.patches import unified_diff
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.testing.cases import Suite, SuiteError, UnnamedFunctionError
from latent_ebm.puzzles.code.testing.doctests import suite_from_doctests
from latent_ebm.puzzles.code.testing.reading import read_suite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.puzzles.code.relaxed.landscape import RelaxedProgram

__all__ = ["CodeProblem", "Tests"]

Tests = str | Path | Suite | Iterable[Mapping[str, Any]] | None
"""A file, a suite, or records `{"args": [...], "expected": ...}`; None for the doctests."""

_BREAKS = re.compile("\r\n?")
_MIXED_INDENT = re.compile(r"^(\t+)((?: {4})+)")


@dataclass(frozen=True, eq=False)
class CodeProblem:
    r"""A module and the tests that it has to pass.

    Its ``landscape`` has the slots of its holes as variables, or, where it has none, the location
    and the edit of a repair (docs/programs.md); it is made when first asked for, by one run in
    the sandbox. :func:`latent_ebm.solve` hands the problem to the searchers of
    :mod:`latent_ebm.coding`, which also combine changes that no list has.

    Attributes
    ----------
    original
        The module as it is on disk.
    suite
        Its tests.
    project
        The folder that its imports of other modules of the user's are found in; None if it has
        none.

    Examples
    --------
    >>> tests = [{"args": [3], "expected": 6}]
    >>> problem = CodeProblem.of("def double(n):\n    return n * n\n", tests)
    >>> problem.suite.function, problem.faults()
    ('double', ())
    """

    original: Source
    suite: Suite
    project: Path | None = None

    @classmethod
    def of(
        cls, program: str | Path | Source, tests: Tests = None, function: str | None = None
    ) -> CodeProblem:
        """The problem of a file, or of a module's text.

        Parameters
        ----------
        program
            A path, or the text itself; a string of one line that ends with ``.py`` is a path.
        tests
            See ``Tests``.
        function
            What records call, ``Class.method`` for a method; by default the only function there
            is. Of doctests, only those about it.

        Raises
        ------
        BadSource
            For a module that cannot be read or parsed, or has no such function.
        SuiteError
            For tests that cannot be read.
        """
        if not isinstance(program, str | Path | Source):
            raise BadSource(
                f"a program is a path, a text or a Source; found {type(program).__name__}",
                "<program>",
            )
        if isinstance(program, Source):
            source, path = program, None
        elif isinstance(program, Path) or ("\n" not in program and program.endswith(".py")):
            path = Path(program)
            source = Source.read(path)
        else:
            source, path = Source(program), None
        tree = source.tree
        suite = _suite(source, path, tests, function, tree)
        _check_function(source, suite.function or function, tree)
        return cls(source, suite, _project_of(path, tree, suite))

    @property
    def kind(self) -> str:
        """The kind's name."""
        return "program"

    @property
    def source(self) -> str:
        """The file's name."""
        return self.original.path

    @cached_property
    def text(self) -> str:
        r"""The module's text with ``\n`` for every line break, as searchers edit it."""
        return _BREAKS.sub("\n", self.original.text)

    def faults(self) -> tuple[str, ...]:
        """The syntax error, if there is one."""
        try:
            _ = self.original.tree
        except BadSource as error:
            return (str(error),)
        return ()

    def laid_out(self, text: str) -> Source:
        """A changed text with the file's own line breaks, byte-order mark, encoding and tabs.

        Lines that did not change keep their bytes.
        """
        old, new = self.text.split("\n"), text.split("\n")
        ends = _line_ends(self.original.text)
        made: list[str] = []
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
            if tag == "equal":
                made += [line + end for line, end in zip(old[a:b], ends[a:b], strict=True)]
            else:
                made += [_tabbed(line) + self.original.newline for line in new[c:d]]
        joined = "".join(made)
        if made and not ends[-1] and joined.endswith(self.original.newline) and new[-1]:
            joined = joined.removesuffix(self.original.newline)
        return Source(joined, self.original.path, self.original.encoding, self.original.bom)

    def diff(self, text: str) -> str:
        """What a changed text changes in the file, as a unified diff."""
        return unified_diff(self.original, self.laid_out(text))

    @cached_property
    def relaxed(self) -> RelaxedProgram:
        """The program as variables with states, and the way to texts and back.

        Raises
        ------
        ValueError
            If nothing that can be written in a hole has a type that is wanted there.
        IsolationError
            If the machine allows no sandbox.
        """
        from latent_ebm.puzzles.code.relaxed.landscape import RelaxedProgram

        return RelaxedProgram.of(self.text, self.suite, self.project)

    @property
    def landscape(self) -> Landscape:
        """The energies of the program; raises as ``relaxed``."""
        return self.relaxed.landscape

    def values(self, text: str) -> NDArray[np.int16] | None:
        r"""The states [N] of a changed text, with ``\n`` for line breaks; None if it has none.

        >>> tests = [{"args": [3], "expected": 6}]
        >>> problem = CodeProblem.of("def double(n):\n    return ...\n", tests)
        >>> states = problem.values("def double(n):\n    return n + n\n")
        >>> bool(problem.landscape.check(states[None])[0]), problem.render(states)
        (True, 'def double(n):\n    return n + n\n')
        """
        return self.relaxed.values(text)

    def energies(self, values: NDArray[np.integer]) -> dict[str, float]:
        """The energy of values [N] by domain: broken factors of hard ones, nats of soft ones."""
        landscape = self.landscape
        found = {
            domain.name: float(sum((~f.check(values[None])).sum() for f in domain.families))
            for domain in landscape.hard
        }
        return found | {domain.name: domain.price(values) for domain in landscape.soft}

    def render(self, values: NDArray[np.integer] | None = None) -> str:
        """The module's text, as given or with the states [N] written out."""
        if values is None:
            return self.original.text
        return self.laid_out(self.relaxed.text(values)).text

    def encode(self, values: NDArray[np.integer]) -> str:
        """The module's text with the states [N] written out.

        Raises
        ------
        ValueError
            Where the states are no program, with what is wrong.
        """
        return self.render(values)

    @classmethod
    def masks(cls, problems: Sequence[CodeProblem]) -> NDArray[np.bool_]:
        """[B, N, K] the states that may stand somewhere, by syntax and types."""
        import numpy as np

        return np.stack([problem.landscape.space.mask for problem in problems])

    @classmethod
    def clashing(cls, problems: Sequence[CodeProblem]) -> NDArray[np.bool_]:
        """[B] whether the text cannot be parsed."""
        import numpy as np

        return np.array([bool(problem.faults()) for problem in problems], np.bool_)

    @classmethod
    def verified(
        cls, problems: Sequence[CodeProblem], values: NDArray[np.integer]
    ) -> NDArray[np.bool_]:
        """[B] whether the programs that values [B, N] stand for pass all tests in a sandbox."""
        import numpy as np

        from latent_ebm.puzzles.code.relaxed.looking import passes

        pairs = zip(problems, values, strict=True)
        return np.array([passes(p.render(v), p.suite, p.project) for p, v in pairs], np.bool_)


def functions_in(tree: ast.Module) -> list[str]:
    """The functions at the top of a module, in order."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in tree.body if isinstance(node, kinds)]


def _suite(
    source: Source, path: Path | None, tests: Tests, function: str | None, tree: ast.Module
) -> Suite:
    if isinstance(tests, Suite):
        return tests
    if tests is None:
        if path is None:
            return suite_from_doctests(source.text, function=function, source=source.path)
        tests = path
    if isinstance(tests, Mapping) or not isinstance(tests, str | Path | Iterable):
        raise SuiteError(
            "tests are a file, or a list of records {'args': [...], 'expected': ...}; "
            f"found {type(tests).__name__}"
        )
    if not isinstance(tests, str | Path):
        tests = list(tests)
    try:
        return read_suite(tests, module_path=path, function=function)
    except UnnamedFunctionError as error:
        known = functions_in(tree)
        if len(known) != 1:
            has = ", ".join(known) if known else "no function at its top"
            raise SuiteError(f"{error}; {source.path} has {has}") from error
    return read_suite(tests, module_path=path, function=known[0])


def _check_function(source: Source, function: str | None, tree: ast.Module) -> None:
    """Refuse a function that the module does not bind."""
    if function is None:
        return
    first, _, method = function.partition(".")
    if not any(first in _bound(node) for node in ast.walk(tree)):
        known = ", ".join(functions_in(tree)) or "none"
        raise BadSource(f"there is no function {function!r}; it has {known}", source.path)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == first and method:
            _check_method(source, node, method)


def _check_method(source: Source, owner: ast.ClassDef, name: str) -> None:
    """Refuse a method that a class does not have, or that no instance can be made for."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    methods = {node.name: node for node in owner.body if isinstance(node, kinds)}
    if owner.bases or owner.keywords or owner.decorator_list:
        return  # these may give it others
    bound = {one for node in ast.walk(owner) for one in _bound(node)}
    if name.partition(".")[0] not in bound:
        known = ", ".join(methods) or "none"
        raise BadSource(f"{owner.name} has no method {name!r}; it has {known}", source.path)
    maker, method = methods.get("__init__"), methods.get(name)
    if maker is None or method is None or _is_static(method):
        return
    arguments = maker.args
    plain = [*arguments.posonlyargs, *arguments.args][1:]
    needed = plain[: max(len(plain) - len(arguments.defaults), 0)]
    if needed:
        raise BadSource(
            f"{owner.name}.{name} is called on an instance made without arguments, and "
            f"{owner.name}.__init__ needs {needed[0].arg}; test it by a pytest file",
            source.path,
            maker.lineno,
        )


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    marks = {ast.unparse(decorator) for decorator in node.decorator_list}
    return not marks.isdisjoint({"staticmethod", "classmethod"})


def _bound(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return (node.id,)
    if isinstance(node, ast.alias):
        return ("*", node.asname or node.name.partition(".")[0])
    return ()


def _project_of(path: Path | None, tree: ast.Module, suite: Suite) -> Path | None:
    """The folder of the outermost package, if the module or its tests import from there."""
    if path is None:
        return None
    folder = path.resolve().parent
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        folder = folder.parent
    for name, level in (*_imports(tree), *_imports(ast.parse(suite.script))):
        first = name.partition(".")[0]
        if level or (folder / f"{first}.py").is_file() or (folder / first).is_dir():
            return folder
    return None


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level


def _line_ends(text: str) -> list[str]:
    """The line break behind each line, the last one's empty."""
    return [*re.findall("\r\n|\r|\n", text), ""]


def _tabbed(line: str) -> str:
    """A line that goes on in spaces behind tabs, in tabs."""
    return _MIXED_INDENT.sub(lambda found: found[1] + "\t" * (len(found[2]) // 4), line)
