"""What a program with a hole lacks: names nobody reads, loops that cannot end, a missing return.

These are the flow domain's couplings to what fills a hole: they only make fillings likelier.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.syntax import Function

UNREAD, STALLED, RETURN = 1.0, 2.0, 2.0
"""Nats by which a filling is likelier that reads what nobody reads, lets a loop go on, returns."""
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
    lacks_return
        Whether the hole ends a function that returns no value though its tests want one.
    """

    unread: frozenset[str]
    stalled: frozenset[str]
    lacks_return: bool

    def bonus(self, text: str) -> float:
        """The nats by which a filling is likelier for what it mends.

        >>> Hints(frozenset("n"), frozenset(["gap"]), False).bonus("gap //= n")
        3.0
        """
        bound = _BOUND.match(text)
        names = set(_NAME.findall(text[bound.end() :] if bound else text))
        total = UNREAD * min(len(names & self.unread), MOST_UNREAD)
        if self.stalled and (
            (bound and bound.group(1) in self.stalled)
            or any(f"{n}.{m}(" in text for n in self.stalled for m in MUTATORS)
        ):
            total += STALLED
        if self.lacks_return and text.startswith("return "):
            total += RETURN
        return total


def hints(context: Context, node: ast.AST, wants_value: bool) -> Hints:
    """What the program lacks around a hole."""
    program = context.program
    function = program.function(node)
    if function is None or not (context.terms.flow and context.terms.couplings):
        return Hints(frozenset(), frozenset(), False)
    statement = program.statement(node)
    returns = any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(function))
    generates = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(function))
    last = function.body[-1] is statement
    return Hints(
        _unread(function),
        _stalled(context, node),
        wants_value and last and not returns and not generates,
    )


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
