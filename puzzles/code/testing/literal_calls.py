"""Calls with literal arguments in tests that judge themselves: inputs as records would show them.

`assert f([1, 2], 3) == 4` of a pytest file, `f(a, b)` below `parametrize("a, b", [(1, 2)])` and
`>>> f(1)` of a docstring say what a function's arguments look like; what must come of the calls
is not looked at.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from latent_ebm.puzzles.code.testing.cases import Case, Example, Suite

__all__ = ["with_literal_calls"]

_MOST_SETS = 50
"""Sets of parameters of one decorator."""
_Names = Mapping[str, ast.expr]


def with_literal_calls(suite: Suite, functions: Sequence[str]) -> Suite | None:
    r"""The suite as records that call one function: the one that most different calls are of.

    Parameters
    ----------
    functions
        Of the module under test.

    Returns
    -------
    Suite or None
        Its cases have no expected values; None where no call has literal arguments alone.

    Examples
    --------
    >>> from latent_ebm.puzzles.code.testing.cases import TestCall
    >>> script = "def test_f():\n    __check__('==', f(1, [2]), 3)\n    f(4, [])\n    g(x)"
    >>> found = with_literal_calls(Suite(None, (TestCall("a", "test_f"),), script), ["f", "g"])
    >>> found.function, [case.args for case in found.cases]
    ('f', [(1, [2]), (4, [])])
    """
    if suite.function is not None and all(isinstance(case, Case) for case in suite.cases):
        return suite
    examples = [case.source for case in suite.cases if isinstance(case, Example)]
    found: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for text in (suite.script, *examples):
        for name, args in _calls(ast.parse(text), {}):
            if name in functions:
                found[name].setdefault(repr(args), args)
    if not found:
        return None
    function = max(found, key=lambda name: len(found[name]))
    cases = tuple(Case(f"call {i}", args) for i, args in enumerate(found[function].values(), 1))
    return replace(suite, function=function, cases=cases, script="")


def _calls(node: ast.AST, names: _Names) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(function, arguments) of all calls below a node, with names put in where they are known."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for given in _sets(node):
            for statement in node.body:
                yield from _calls(statement, {**names, **given})
        return
    if isinstance(node, ast.Call) and not node.keywords:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        # others are arguments that only running shows
        with suppress(ValueError, TypeError, MemoryError, RecursionError):
            yield name, tuple(ast.literal_eval(_put_in(one, names)) for one in node.args)
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, names)


def _put_in(node: ast.expr, names: _Names) -> ast.expr:
    return names.get(node.id, node) if isinstance(node, ast.Name) else node


def _sets(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[dict[str, ast.expr]]:
    """What parametrize gives to the parameters, decorator by decorator; one empty set without."""
    sets: list[dict[str, ast.expr]] = []
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and len(decorator.args) == 2:
            names, values = decorator.args
            if isinstance(names, ast.Constant) and isinstance(values, ast.List | ast.Tuple):
                known = str(names.value).replace(",", " ").split()
                sets += [_one_set(known, value) for value in values.elts[:_MOST_SETS]]
    return sets or [{}]


def _one_set(names: Sequence[str], value: ast.expr) -> dict[str, ast.expr]:
    if isinstance(value, ast.Call):  # pytest.param
        parts = value.args
    elif len(names) > 1 and isinstance(value, ast.Tuple | ast.List):
        parts = value.elts
    else:
        parts = [value]
    return dict(zip(names, parts, strict=False))
