"""What a program with a hole lacks: names nobody reads, loops that cannot end, a missing return.

These are the flow domain's couplings to what fills a hole: they make fillings likelier that mend
it, and those unlikelier that bind what nobody reads then.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.syntax import Function, Loop
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX

UNREAD, STALLED, RETURN, END = 2.0, 4.0, 4.0, 8.0
"""Nats by which a filling is likelier that reads what nobody reads, lets a loop go on, returns, and
returns at the end of the function whose tests want a value."""
DEAD, ITERATED = 6.0, 6.0
"""Nats for binding a name that nobody reads from there on, and for changing what a loop around runs
over."""
MOST_UNREAD = 2
MUTATORS = ("append", "pop", "extend", "remove", "add", "discard", "insert", "popleft", "clear")

_NAME = re.compile(r"[^\W\d]\w*")
_BOUND = re.compile(r"^([^\W\d]\w*)(?:\[.*\])?\s*(?:[-+*/%&|^<>@]{0,3}=)(?!=)")


@dataclass(frozen=True)
class Hints:
    """What a hole's program lacks.

    Attributes
    ----------
    unread
        Names that are bound and never read.
    stalled
        Names in the test of the loop around the hole that nothing in the loop changes.
    returns
        Nats by which a return is likelier: the hole ends a function that should give a value.
    dead
        Names that nothing reads from there on.
    holes
        How many holes are open: another may read what is unread.
    iterated
        Names of what the loops around run over.
    """

    unread: frozenset[str]
    stalled: frozenset[str]
    returns: float
    dead: frozenset[str] = frozenset()
    holes: int = 1
    iterated: frozenset[str] = frozenset()

    def bonus(self, text: str) -> float:
        """The nats by which a filling is likelier for what it mends.

        >>> Hints(frozenset("n"), frozenset(["gap"]), 0.0).bonus("gap //= n")
        6.0
        """
        bound = _BOUND.match(text)
        names = set(_NAME.findall(text[bound.end() :] if bound else text))
        total = UNREAD * min(len(names & self.unread), MOST_UNREAD) / self.holes
        if self.stalled and (
            (bound and bound.group(1) in self.stalled)
            or any(f"{n}.{m}(" in text for n in self.stalled for m in MUTATORS)
        ):
            total += STALLED
        if text.startswith("return "):
            total += self.returns
        if bound and bound.group(1) in self.dead and text[bound.end(1)] != "[":
            total -= DEAD
        if self.iterated and self._changes_iterated(text):
            total -= ITERATED
        return total

    def _changes_iterated(self, text: str) -> bool:
        return any(
            text.startswith(f"{name} += ") or any(f"{name}.{one}(" in text for one in MUTATORS)
            for name in self.iterated
        )


def hints(context: Context, node: ast.AST, wants_value: bool) -> Hints:
    """What the program lacks around a hole."""
    program = context.program
    function = program.function(node)
    if function is None or not (context.terms.flow and context.terms.couplings):
        return Hints(frozenset(), frozenset(), 0.0)
    statement = program.statement(node)
    return Hints(
        _unread(function),
        _stalled(context, node),
        _returns(context, function, wants_value) if function.body[-1] is statement else 0.0,
        _dead(context, statement, function) if statement is node else frozenset(),
        max(len(_open_holes(function)), 1),
        _iterated(context, node),
    )


def _iterated(context: Context, node: ast.AST) -> frozenset[str]:
    """The names that the loops around a hole run over as they are."""
    found = (one.iter for one in context.program.ancestors(node) if isinstance(one, ast.For))
    return frozenset(one.id for one in found if isinstance(one, ast.Name))


def _open_holes(function: Function) -> set[str]:
    """The names of the calls that stand for holes."""
    return {name for name in _names(function, ast.Load) if name.startswith(HOLE_PREFIX)}


def _returns(context: Context, function: Function, wants_value: bool) -> float:
    """Nats by which a return is likelier at a function's end."""
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(function)):
        return 0.0
    if context.results.get(function.name, "NoneType") != "NoneType":
        return END
    returns = any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(function))
    return RETURN if wants_value and not returns else 0.0


def _dead(context: Context, hole: ast.stmt, function: Function) -> frozenset[str]:
    """The visible names that no statement reads after a hole; other holes may read anything."""
    loops = [one for one in context.program.ancestors(hole) if isinstance(one, Loop)]
    own = [one for one in loops if function.lineno < one.lineno]
    begins = min((one.lineno for one in own), default=hole.lineno + 1)
    inside = {id(one) for one in ast.walk(hole)}
    reads = set[str]()
    for node in ast.walk(context.program.tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            reads |= set(node.names)
        elif isinstance(node, ast.Name) and id(node) not in inside:
            if node.lineno < begins and context.program.function(node) is function:
                continue
            if node.id.startswith(HOLE_PREFIX):
                return frozenset()
            updated = isinstance(context.program.parent(node), ast.AugAssign)
            if isinstance(node.ctx, ast.Load) or updated:
                reads.add(node.id)
    return frozenset(context.names.at(hole)) - reads


def _unread(function: Function) -> frozenset[str]:
    bound = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    bound |= _names(function, ast.Store)
    return frozenset(bound - _names(function, ast.Load) - {"self", "_"})


def _names(node: ast.AST, mode: type[ast.expr_context]) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, mode)}


def _stalled(context: Context, node: ast.AST) -> frozenset[str]:
    for above in context.program.ancestors(node):
        if isinstance(above, ast.While):
            read = _names(above.test, ast.Load) - set(context.functions)
            changed = set[str]()
            for part in above.body:
                changed |= _names(part, ast.Store)
                changed |= {
                    n.value.id
                    for n in ast.walk(part)
                    if isinstance(n, ast.Attribute | ast.Subscript)
                    and isinstance(n.value, ast.Name)
                    and (isinstance(n.ctx, ast.Store) or getattr(n, "attr", "") in MUTATORS)
                }
                if any(isinstance(n, ast.Break | ast.Return) for n in ast.walk(part)):
                    return frozenset()
            return frozenset() if read & changed else frozenset(read)
        if isinstance(above, Function):
            break
    return frozenset()
