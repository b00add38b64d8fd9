"""Analysis: the type that an expression's place asks for, and the reason in words."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.expected import arguments, bindings, containers, operators, results
from latent_ebm.puzzles.code.expected.analysis import Analysis, Expectation, Rule
from latent_ebm.puzzles.code.types import ANY, CALLABLE, Type, union

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference

__all__ = ["Expectation", "expectation"]

_EXCEPTION = Type("BaseException")
_RULES: dict[type[ast.AST], Rule] = {
    **operators.RULES,
    **arguments.RULES,
    **containers.RULES,
    **bindings.RULES,
    **results.RULES,
}


def expectation(inference: Inference, node: ast.expr) -> Expectation:
    """What the place of ``node`` asks for; ``Any`` with the reason why no more is known."""
    return Analysis(inference, _RULES, _plain).at(node)


def _plain(_: Analysis, parent: ast.AST, __: ast.AST) -> Expectation:
    match parent:
        case ast.Expr():
            return Expectation(ANY, "a statement of its own: its value is not used")
        case ast.Attribute(attr=attr):
            return Expectation(ANY, f"its attribute {attr!r} is taken")
        case ast.FormattedValue():
            return Expectation(ANY, "formatted into a string")
        case ast.Raise():
            kinds = (_EXCEPTION, Type("type", (_EXCEPTION,)))
            return Expectation(union(kinds), f"raised in line {parent.lineno}")
        case ast.withitem():
            return Expectation(Type("AbstractContextManager"), "entered by with")
        case ast.Await():
            return Expectation(Type("Awaitable", (ANY,)), "awaited")
        case ast.YieldFrom():
            return Expectation(Type("Iterable", (ANY,)), "yielded from")
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return Expectation(CALLABLE, f"decorates {parent.name}")
        case ast.Delete():
            return Expectation(ANY, "deleted")
    return Expectation(ANY, f"part of a {type(parent).__name__}")
