"""What kinds of small statements there are, and what around a hole speaks for each."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.roles import GROWING
from latent_ebm.puzzles.code.grammar.syntax import Function, Jump, Loop

BIND, REBIND = "bind", "rebind"
"""An assignment to a name that is not bound before, and to one that is."""
_COMPOUND: dict[type[ast.AST], str] = {
    ast.For: "for",
    ast.AsyncFor: "for",
    ast.While: "while",
    ast.If: "if",
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "def",
    ast.ClassDef: "def",
}
_SIMPLE: dict[type[ast.stmt], str] = {
    ast.Break: "break",
    ast.Continue: "continue",
    ast.Pass: "pass",
    ast.Raise: "raise",
    ast.Assert: "assert",
    ast.AnnAssign: REBIND,
    ast.Return: "return",
}


def kind_of(statement: ast.stmt) -> str:
    r"""What a statement does; an assignment to names counts as `REBIND`.

    >>> [kind_of(node) for node in ast.parse("x[0] = 1\nx.append(1)\nif x: break").body]
    ['store', 'grow', 'if break']
    """
    match statement:
        case ast.Assign(targets=[ast.Tuple() as left], value=ast.Tuple() as right) if _parts(
            left
        ) == _parts(right):
            return "swap"
        case ast.Assign(targets=[ast.Subscript(), *_]):
            return "store"
        case ast.Assign(targets=[ast.Attribute(), *_]):
            return "attribute"
        case ast.Assign():
            return REBIND
        case ast.AugAssign(target=ast.Name()):
            return "update"
        case ast.AugAssign():
            return "store update"
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))) if name in GROWING:
            return "grow"
        case ast.Expr():
            return "call"
        case ast.If(body=[ast.Break() | ast.Continue() | ast.Return() as jump], orelse=[]):
            return f"if {kind_of(jump)}"
    return _SIMPLE.get(type(statement)) or _COMPOUND.get(type(statement), "other")


def _parts(display: ast.Tuple) -> set[str]:
    return {ast.unparse(part) for part in display.elts}


def targets(statement: ast.stmt) -> frozenset[str]:
    """The names that an assignment binds."""
    found = statement.targets if isinstance(statement, ast.Assign) else []
    return frozenset(
        node.id
        for part in found
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def surroundings(program: Program, hole: ast.stmt, *, unbound: bool) -> tuple[str, ...]:
    """What is known of the place of a statement.

    Parameters
    ----------
    unbound
        Whether the function reads names that are not bound there.
    """
    function = program.function(hole)
    if function is None:
        return ()
    found = [*_in_block(program, hole, function), *_in_loops(program, hole)]
    inside = {id(node) for node in ast.walk(hole)}
    others = [node for node in ast.walk(function) if id(node) not in inside]
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in others):
        found.append("generator")
    elif not any(isinstance(node, ast.Return) and node.value for node in others):
        found.append("no return, at end" if function.body[-1] is hole else "no return")
    if unbound:
        found.append("unbound")
    if _unread(function, others):
        found.append("unread")
    return tuple(found)


def _in_block(program: Program, hole: ast.stmt, function: Function) -> Iterator[str]:
    """Where in its block it stands."""
    parent, field, index = program.place(hole)
    block: list[ast.stmt] = getattr(parent, field)
    owner = "else" if field == "orelse" else _COMPOUND.get(type(parent), "other")
    yield f"in {owner}"
    if len(block) == 1:
        yield f"only in {owner}"
    elif index == len(block) - 1:
        yield f"last in {owner}"
    elif index == 0:
        yield f"first in {owner}"
    if function.body[-1] is hole:
        yield "ends function"
    yield f"after {kind_of(block[index - 1])}" if index else "after nothing"
    yield f"before {kind_of(block[index + 1])}" if index + 1 < len(block) else "before nothing"


def _in_loops(program: Program, hole: ast.stmt) -> Iterator[str]:
    """Whether a loop around it needs something to go on, or to end."""
    for above in program.ancestors(hole):
        if isinstance(above, Function):
            return
        if isinstance(above, Loop):
            yield "in loop"
            if isinstance(above, ast.While):
                yield from _in_while(above, hole)
            return


def _in_while(loop: ast.While, hole: ast.stmt) -> Iterator[str]:
    inside = {id(node) for node in ast.walk(hole)}
    others = [n for part in loop.body for n in ast.walk(part) if id(n) not in inside]
    read = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    changed = {n.id for n in others if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    changed |= {
        n.value.id
        for n in others
        if isinstance(n, ast.Attribute | ast.Subscript) and isinstance(n.value, ast.Name)
    }
    leaves = any(isinstance(node, Jump | ast.Return) for node in others)
    if not read & changed:
        yield "stalled" if read and not leaves else "stalled, leaves"


def _unread(function: Function, nodes: list[ast.AST]) -> bool:
    """Whether some name is bound and never read."""
    bound = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    read = set[str]()
    for node in nodes:
        if isinstance(node, ast.Name):
            (bound if isinstance(node.ctx, ast.Store) else read).add(node.id)
    return bool(bound - read - {"self", "cls", "_"})
