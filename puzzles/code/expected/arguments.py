"""What calls ask of their arguments, and of what is called."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.annotations import dotted_name, substitute
from latent_ebm.puzzles.code.callables import Signature
from latent_ebm.puzzles.code.calls import unify
from latent_ebm.puzzles.code.expected.analysis import Analysis, Expectation, Rule
from latent_ebm.puzzles.code.meaning import meant
from latent_ebm.puzzles.code.types import (
    ANY,
    ELLIPSIS,
    STR,
    Type,
    presented,
    union,
)


def _keyword(analysis: Analysis, parent: ast.keyword, node: ast.AST) -> Expectation:
    call = analysis.parents[parent]
    if not isinstance(call, ast.Call):
        return Expectation(ANY, f"keyword {parent.arg} of a class")
    if parent.arg is None:
        return Expectation(Type("Mapping", (STR, ANY)), "keywords of a call")
    return _argument(analysis, call, parent.arg, node, f"argument {parent.arg}=")


def _call(analysis: Analysis, parent: ast.Call, node: ast.AST) -> Expectation:
    if node is parent.func:
        count = len(parent.args) + len(parent.keywords)
        wanted = Type("Callable", (ELLIPSIS, analysis.outer(parent)))
        return Expectation(wanted, f"called with {count} argument{'s' * (count != 1)}")
    index = next(i for i, one in enumerate(parent.args) if one is node)
    if any(isinstance(one, ast.Starred) for one in parent.args[:index]):
        return Expectation(ANY, "an argument behind a starred one")
    return _argument(analysis, parent, index, node, f"argument {index + 1}")


def _argument(
    analysis: Analysis, call: ast.Call, place: int | str, node: ast.AST, what: str
) -> Expectation:
    name = dotted_name(call.func) or "the call"
    signatures = analysis.inference.callee(call.func)
    found: list[Type] = []
    names: list[str] = []
    for signature in signatures:
        wanted = _by(analysis, signature, call, place, node)
        if wanted is not None:
            kind, parameter = wanted
            found.append(kind)
            names.append(parameter)
    if not found:
        why = "whose signature is not known" if not signatures else "which takes no such"
        return Expectation(ANY, f"{what} of {name}, {why}")
    shown = f" ({names[0]})" if isinstance(place, int) and names[0] else ""
    return Expectation(meant(union(found)), f"{what}{shown} of {name}")


def _by(
    analysis: Analysis, signature: Signature, call: ast.Call, place: int | str, node: ast.AST
) -> tuple[Type, str] | None:
    """What one overload asks for here, with variables settled by the other arguments."""
    values: dict[str, Type] = {}
    places: list[tuple[int | str, ast.expr]] = []
    for index, one in enumerate(call.args):
        if isinstance(one, ast.Starred):
            break
        places.append((index, one))
    places += [(k.arg, k.value) for k in call.keywords if k.arg is not None]
    for where, given in places:
        parameter = signature.parameter(where)
        if parameter is None:
            return None
        if given is node or isinstance(given, ast.Lambda):
            continue
        kind = analysis.infer(given)
        if not analysis.inference.fits(kind, substitute(parameter.type, {}, ANY)):
            return None
        unify(parameter.type, kind, values)
    parameter = signature.parameter(place)
    if parameter is None:
        return None
    return presented(substitute(parameter.type, values, ANY)), parameter.name


RULES: dict[type[ast.AST], Rule] = {
    ast.Call: _call,
    ast.keyword: _keyword,
}
"""What asks, by the kind of the node above."""
