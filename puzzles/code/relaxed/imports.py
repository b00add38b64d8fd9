"""Imports that a program lacks: modules that it names and nothing binds."""

from __future__ import annotations

import ast
import builtins
import sys

from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.program import Program

__all__ = ["import_edit", "lacking_modules", "modules_named"]

_FUTURE = "__future__"


def lacking_modules(program: Program) -> tuple[str, ...]:
    r"""The modules of the standard library that a program reads by name and never binds.

    >>> lacking_modules(Program("import re\n\ndef f(x):\n    return math.sqrt(x) + len(re.A)\n"))
    ('math',)
    """
    return tuple(sorted(_read(program.tree) & _modules_free_in(program)))


def modules_named(program: Program, text: str) -> tuple[str, ...]:
    """The modules that a piece of text reads by name and that the program never binds."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a piece that is no statement by itself, such as an elif
        return ()
    return tuple(sorted(_read(tree) & _modules_free_in(program)))


def import_edit(program: Program, module: str) -> Edit:
    """The edit that imports a module, above the first statement that is not to stay first."""
    for node in program.tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == _FUTURE
        if not (docstring or future):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            at = program.offset(first, 0)
            break
    else:
        at, first = len(program.source), program.text.count("\n") + 1
    return Edit(at, at, f"import {module}\n", 0.0, "import", first)


def _read(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _modules_free_in(program: Program) -> set[str]:
    """Names of modules that nothing in a program binds."""
    return set(sys.stdlib_module_names) - set(dir(builtins)) - _bound(program.tree)


def _bound(tree: ast.AST) -> set[str]:
    """Every name that is bound anywhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.alias():
                found.add(node.asname or node.name.partition(".")[0])
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                found.add(name)
    return found
