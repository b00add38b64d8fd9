"""Names that a function reads and has not bound."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.syntax import Function
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX


def unbound_before(program: Program, node: ast.AST, known: frozenset[str]) -> list[str]:
    """Names that a node's function reads but has not bound where the node stands.

    Parameters
    ----------
    known
        Names that are bound anyway, as builtins and the module's functions.
    """
    function = program.function(node)
    if function is None:
        return []
    line = program.statement(node).lineno
    bound = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)} | known
    for part in ast.walk(program.tree):
        if isinstance(part, ast.alias):
            bound.add((part.asname or part.name).split(".")[0])
        elif isinstance(part, ast.ClassDef):
            bound.add(part.name)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            parent = program.parent(part)
            inside = function.lineno <= part.lineno <= (function.end_lineno or 0)
            earlier = part.lineno < line and not isinstance(parent, ast.AugAssign)
            if not inside or earlier or isinstance(parent, ast.comprehension):
                bound.add(part.id)
    names = dict.fromkeys(name for name in _read(program, function) if name not in bound)
    return [name for name in names if not name.startswith(HOLE_PREFIX)]


def _read(program: Program, function: Function) -> list[str]:
    """The names that a function reads; an augmented assignment reads its target."""
    return [
        part.id
        for part in ast.walk(function)
        if isinstance(part, ast.Name)
        and (
            isinstance(part.ctx, ast.Load)
            or (isinstance(part.ctx, ast.Store) and isinstance(program.parent(part), ast.AugAssign))
        )
    ]


def unstarted(program: Program, function: Function, known: frozenset[str]) -> frozenset[str]:
    """The names that a function reads above the first line that binds them, or that nothing binds.

    What stands in one line is read first. ``known`` are names that are bound anyway.
    """
    outer = [one for one in program.ancestors(function) if isinstance(one, Function)]
    arguments = (one for scope in (function, *outer) for one in ast.walk(scope))
    bound = {one.arg: 0 for one in arguments if isinstance(one, ast.arg)}
    read: dict[str, int] = {}
    for part in ast.walk(program.tree):
        match part:
            case ast.alias(name=name, asname=other):
                bound[(other or name).partition(".")[0]] = 0
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound[part.name] = 0
            case ast.Name(id=name, ctx=ast.Store()) if program.function(part) in (None, *outer):
                bound[name] = 0
            case ast.comprehension(target=target):
                bound |= {one.id: 0 for one in ast.walk(target) if isinstance(one, ast.Name)}
    for part in ast.walk(function):
        if isinstance(part, ast.Name):
            updated = isinstance(program.parent(part), ast.AugAssign)
            lines = read if isinstance(part.ctx, ast.Load) or updated else bound
            lines[part.id] = min(lines.get(part.id, part.lineno), part.lineno)
    late = (name for name, line in read.items() if bound.get(name, line) >= line)
    return frozenset(
        name for name in late if name not in known and not name.startswith(HOLE_PREFIX)
    )
