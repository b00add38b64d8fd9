"""Tests of any kind to a suite: by suffix and content."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from latent_ebm.puzzles.code.testing.cases import LARGEST_SUITE, Suite, SuiteError
from latent_ebm.puzzles.code.testing.doctests import suite_from_doctests
from latent_ebm.puzzles.code.testing.pytest_files import is_unittest, suite_from_pytest
from latent_ebm.puzzles.code.testing.records import (
    suite_from_json,
    suite_from_json_lines,
    suite_from_records,
)

__all__ = ["module_name", "read_suite"]


def read_suite(
    tests: str | Path | Iterable[Mapping[str, Any]],
    *,
    module_path: Path | str | None = None,
    function: str | None = None,
) -> Suite:
    """The suite of a file, or of records.

    Parameters
    ----------
    tests
        A path to a `.json` or `.jsonl` file of records, to a `.py` file with pytest functions, or
        to the module itself, whose docstrings then hold the examples; or a list of records.
    module_path
        The file of the program under test: what a pytest file imports.
    function
        The function that records call, or that examples are about.

    Raises
    ------
    SuiteError
        For tests that cannot be read, with file and line.
    """
    module_path = None if module_path is None else Path(module_path)
    module = "candidate" if module_path is None else module_name(module_path)
    if not isinstance(tests, (str, Path)):
        return suite_from_records(tests, function=function, module=module)
    path = Path(tests)
    text = _text_of(path)
    source = str(path)
    if path.suffix == ".json":
        return suite_from_json(text, function=function, module=module, source=source)
    if path.suffix == ".jsonl":
        return suite_from_json_lines(text, function=function, module=module, source=source)
    if path.suffix != ".py":
        raise SuiteError(f"{source}: tests are a .json, .jsonl or .py file, not {path.suffix!r}")
    itself = module_path is not None and path.resolve() == module_path.resolve()
    if not itself and _has_tests(text, source):
        return suite_from_pytest(text, module_path=module_path, module=module, source=source)
    if not itself and ">>>" not in text:
        raise SuiteError(f"{source}: there is no test function in it, and no docstring example")
    return suite_from_doctests(text, function=function, module=module, source=source)


def module_name(path: Path) -> str:
    """The dotted name of a module: its packages are the folders with an `__init__.py`.

    >>> module_name(Path("/nowhere/tool.py"))
    'tool'
    """
    path = path.resolve()
    names = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        names.append(folder.name)
        folder = folder.parent
    return ".".join(reversed(names)) or path.parent.name


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_SUITE + 1)
    except OSError as error:
        raise SuiteError(f"{path}: {error.strerror or error}") from error
    if len(data) > LARGEST_SUITE:
        raise SuiteError(f"{path}: more than {LARGEST_SUITE} bytes of tests are not read")
    if b"\0" in data:
        raise SuiteError(f"{path}: a binary file; tests are a .json, .jsonl or .py file")
    if not data.strip():
        raise SuiteError(f"{path}: an empty file; there is no test in it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SuiteError(f"{path}, line {line}: not UTF-8: {error.reason}") from error


def _has_tests(text: str, source: str) -> bool:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise SuiteError(f"{source}, line {error.lineno}: {error.msg}") from error
    return any(
        (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"))
        or (isinstance(node, ast.ClassDef) and (node.name.startswith("Test") or is_unittest(node)))
        for node in tree.body
    )
