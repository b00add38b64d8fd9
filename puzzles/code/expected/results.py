"""What functions ask of what they return, yield, and have as defaults."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.annotations import to_type
from latent_ebm.puzzles.code.callables import Function
from latent_ebm.puzzles.code.environments import own_nodes
from latent_ebm.puzzles.code.expected.analysis import Analysis, Expectation, Rule
from latent_ebm.puzzles.code.scope_model import ScopeKind
from latent_ebm.puzzles.code.types import (
    ANY,
    NEVER,
    NONE,
    Type,
    joined,
)


def _return(analysis: Analysis, parent: ast.Return, _node: ast.AST) -> Expectation:
    function = _function(analysis, parent)
    if function is None:
        return Expectation(ANY, "returned outside of a function")
    if function.returns is not None:
        kind = to_type(function.returns, analysis.inference.environments.names)
        kind = _of_generator(kind, 2)
        return Expectation(kind, f"returned by {function.name}, which is annotated as {kind}")
    others = [
        one.value
        for one in own_nodes(function)
        if isinstance(one, ast.Return) and one is not parent and one.value is not None
    ]
    kinds = [analysis.infer(one) for one in others]
    kind = joined(one for one in kinds if one != ANY)
    if kind in (NEVER, NONE):
        return Expectation(ANY, f"returned by {function.name}, which says no type")
    return Expectation(kind, f"returned by {function.name}, whose other returns give {kind}")


def _function(analysis: Analysis, node: ast.AST) -> Function | None:
    scope = analysis.inference.scopes.of(node)
    while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
        scope = scope.parent
    return scope.node if isinstance(scope.node, Function) else None


def _yielded(analysis: Analysis, parent: ast.Yield, _node: ast.AST) -> Expectation:
    function = _function(analysis, parent)
    if function is None or function.returns is None:
        return Expectation(ANY, "yielded")
    kind = _of_generator(to_type(function.returns, analysis.inference.environments.names), 0)
    return Expectation(kind, f"yielded by {function.name}")


def _lambda(analysis: Analysis, parent: ast.Lambda, _node: ast.AST) -> Expectation:
    wanted = analysis.at(parent)
    known = wanted.type.name == "Callable" and wanted.type.args
    kind = wanted.type.args[-1] if known else ANY
    return Expectation(kind, f"result of the lambda that is {wanted.reason}")


def _default(analysis: Analysis, parent: ast.arguments, node: ast.AST) -> Expectation:
    plain = [*parent.posonlyargs, *parent.args]
    pairs = [
        *zip(plain[len(plain) - len(parent.defaults) :], parent.defaults, strict=True),
        *zip(parent.kwonlyargs, parent.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        if default is node:
            kind = to_type(argument.annotation, analysis.inference.environments.names)
            return Expectation(kind, f"default of the parameter {argument.arg!r}")
    return Expectation(ANY, "default of a parameter")


def _of_generator(kind: Type, argument: int) -> Type:
    """The yielded (0) or returned (2) type of a generator's annotation."""
    if kind.name == "Generator" and len(kind.args) > argument:
        return kind.args[argument]
    if argument == 0 and kind.name in ("Iterator", "Iterable") and kind.args:
        return kind.args[0]
    return kind


RULES: dict[type[ast.AST], Rule] = {
    ast.Return: _return,
    ast.Lambda: _lambda,
    ast.arguments: _default,
    ast.Yield: _yielded,
}
"""What asks, by the kind of the node above."""
