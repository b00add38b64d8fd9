"""Suites from the examples in docstrings; nothing is imported to find them."""

from __future__ import annotations

import ast
import doctest
import re

from latent_ebm.puzzles.code.testing.cases import Example, Suite, SuiteError
from latent_ebm.puzzles.code.testing.printed import OPTIONS

__all__ = ["suite_from_doctests"]

_FLAGS = {flag: name for name, flag in doctest.OPTIONFLAGS_BY_NAME.items()}


def suite_from_doctests(
    text: str,
    *,
    function: str | None = None,
    module: str = "candidate",
    source: str = "<doctests>",
) -> Suite:
    r"""The suite of the examples in the docstrings of a module.

    Each example is one case; the examples before it in its docstring are run first.

    Parameters
    ----------
    function
        Only the examples in this function's docstring, or that name it; None for all.

    Raises
    ------
    SuiteError
        If there is none, or one that cannot be read.

    >>> suite_from_doctests('def f(x):\n    ">>> f(1)\\n2"\n    return x').cases[0].want
    '2\n'
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise SuiteError(f"{source}, line {error.lineno}: {error.msg}") from error
    cases: list[Example] = []
    for name, docstring, line in _docstrings(tree):
        cases.extend(
            case
            for case in _examples(name, docstring, line, source)
            if function is None or _concerns(case, function, name)
        )
    if not cases:
        about = f" of {function}" if function else ""
        raise SuiteError(
            f"{source}: no docstring has an example{about}; write one, or name tests (--tests)"
        )
    return Suite(function, tuple(cases), module=module, source=source)


def _docstrings(tree: ast.Module) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []

    def look(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                add(child, prefix + child.name)
                if isinstance(child, ast.ClassDef):
                    look(child, f"{prefix}{child.name}.")

    def add(
        node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name: str
    ) -> None:
        docstring = ast.get_docstring(node, clean=False)
        if docstring:
            found.append((name, docstring, node.body[0].lineno))

    add(tree, "")
    look(tree, "")
    return found


def _examples(name: str, docstring: str, line: int, source: str) -> list[Example]:
    try:
        examples = doctest.DocTestParser().get_examples(docstring, name)
    except ValueError as error:
        raise SuiteError(f"{source}, line {line}: {error}") from error
    made: list[Example] = []
    setup: list[str] = []
    for number, example in enumerate(examples, 1):
        flags = {_FLAGS[flag] for flag, on in example.options.items() if on}
        if "SKIP" in flags:
            continue
        unknown = sorted(flags - OPTIONS)
        if unknown:
            where = f"{source}, line {line + example.lineno}"
            raise SuiteError(f"{where}: the doctest option {unknown[0]} is not understood")
        raises = example.exc_msg or ""
        made.append(
            Example(
                f"{name or 'module'}[{number}]",
                tuple(setup),
                example.source,
                example.want if not raises else "",
                raises,
                frozenset(flags),
            )
        )
        setup.append(example.source)
    return made


def _concerns(case: Example, function: str, name: str) -> bool:
    wanted = re.compile(rf"\b{re.escape(function.rpartition('.')[2])}\b")
    return name == function or name.startswith(function + ".") or bool(wanted.search(case.source))
