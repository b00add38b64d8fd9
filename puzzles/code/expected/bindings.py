"""What targets ask of what they are bound to: annotations, other bindings, and later uses."""

from __future__ import annotations

import ast
from functools import lru_cache

from latent_ebm.puzzles.code.annotations import to_type
from latent_ebm.puzzles.code.expected.analysis import OPERANDS, Analysis, Expectation, Rule, shown
from latent_ebm.puzzles.code.operations import (
    SYMBOLS,
    binary_result,
    stored_in,
)
from latent_ebm.puzzles.code.signatures import member
from latent_ebm.puzzles.code.types import (
    ANY,
    NONE,
    Type,
    fits,
    presented,
    union,
)


def _loop(_: Analysis, parent: ast.For | ast.AsyncFor, _node: ast.AST) -> Expectation:
    kind = "AsyncIterable" if isinstance(parent, ast.AsyncFor) else "Iterable"
    parts = len(parent.target.elts) if isinstance(parent.target, ast.Tuple) else 0
    item = Type("tuple", (ANY,) * parts) if parts else ANY
    return Expectation(Type(kind, (item,)), f"iterated by the for at line {parent.lineno}")


def _assign(analysis: Analysis, parent: ast.Assign, node: ast.AST) -> Expectation:
    found = [_target(analysis, target, node) for target in parent.targets]
    known = [one for one in found if one.type != ANY]
    return (known or found)[0]


def _target(analysis: Analysis, target: ast.expr, value: ast.AST) -> Expectation:
    match target:
        case ast.Name(id=name):
            return _variable(analysis, name, target)
        case ast.Subscript(value=container):
            kind = analysis.infer(container)
            where = f"stored in {shown(container)}, which is {kind}"
            return Expectation(presented(stored_in(kind)), where)
        case ast.Attribute(attr=attr, value=holder):
            found = analysis.inference.attribute(analysis.infer(holder), attr)
            known = presented(found.type) if found else ANY
            return Expectation(known, f"assigned to the attribute {attr!r}")
        case ast.Tuple(elts=elts) if not any(isinstance(e, ast.Starred) for e in elts):
            parts = (_target(analysis, one, value).type for one in elts)
            return Expectation(Type("tuple", tuple(parts)), f"unpacked to {len(elts)} targets")
    return Expectation(Type("Iterable", (ANY,)), "unpacked to several targets")


def _variable(analysis: Analysis, name: str, target: ast.Name) -> Expectation:
    """What the variable is elsewhere: as annotated, or as its other bindings have it."""
    kind = analysis.inference.name_type(name, target)
    found = analysis.inference.scopes.lookup(name, target)
    others = [one for one in found.bindings if one.node is not target] if found else []
    if kind == ANY:
        return _used(analysis, name, target)
    if not others:
        return Expectation(kind, f"assigned to {name!r}")
    places = [f"{getattr(one.node, 'lineno', 0)}" for one in others[:3]]
    where = f"line{'s' * (len(places) > 1)} {', '.join(places)}"
    return Expectation(kind, f"assigned to {name!r}, which is {kind} by {where}")


def _used(analysis: Analysis, name: str, target: ast.Name) -> Expectation:
    """What the places that read a variable expect, where its bindings say nothing."""
    plain = Expectation(ANY, f"assigned to {name!r}")
    holder = analysis.inference.scopes.resolve(name, analysis.inference.scopes.of(target))
    if holder is None or analysis.depth > 2:
        return plain
    for use in analysis.inference.usages.uses_of(name, holder):
        wanted = analysis.deeper().at(use)
        above = analysis.parents[use]
        if isinstance(above, ast.Attribute):
            owners = owners_of(above.attr)
            if owners:
                return Expectation(
                    union(owners),
                    f"assigned to {name!r}, whose {above.attr!r} is taken in line {use.lineno}",
                )
        if wanted.type != ANY and not wanted.boolean:
            reason = f"assigned to {name!r}, in line {use.lineno} {wanted.reason}"
            return Expectation(wanted.type, reason)
    return plain


def _annotated(analysis: Analysis, parent: ast.AnnAssign, _node: ast.AST) -> Expectation:
    kind = to_type(parent.annotation, analysis.inference.environments.names)
    return Expectation(kind, f"annotated as {ast.unparse(parent.annotation)}")


def _augmented(analysis: Analysis, parent: ast.AugAssign, _node: ast.AST) -> Expectation:
    symbol = SYMBOLS[type(parent.op)]
    target = parent.target
    beside = (
        analysis.infer(target)
        if not isinstance(target, ast.Name)
        else (analysis.inference.name_type(target.id, target))
    )
    if beside.name == "list" and symbol == "+":
        item = Type("Iterable", beside.args)
        return Expectation(item, f"extends {shown(target)}, which is {beside}")
    reason = f"right operand of {symbol}= on {shown(target)}"
    if beside == ANY:
        return Expectation(ANY, reason)
    found = []
    for one in dict.fromkeys((*beside.members, *OPERANDS)):
        result = None if one == NONE else binary_result(beside, symbol, one)
        if result is not None and fits(result, beside):
            found.append(one)
    return Expectation(union(found) if found else ANY, f"{reason}, which is {beside}")


def _named(analysis: Analysis, parent: ast.NamedExpr, _node: ast.AST) -> Expectation:
    return analysis.at(parent)


@lru_cache(maxsize=1_000)
def owners_of(attribute: str) -> tuple[Type, ...]:
    """The builtin types that have an attribute, if they are few.

    >>> [str(one) for one in owners_of("append")], [str(one) for one in owners_of("keys")]
    (['list'], ['dict'])
    """
    kinds = ("list", "dict", "set", "str", "bytes", "int", "float", "tuple")
    found = tuple(Type(kind) for kind in kinds if member(Type(kind), attribute) is not None)
    text = {"str", "bytes"}
    if {one.name for one in found} == text:
        return found[:1]
    return found if len(found) <= 2 else ()


RULES: dict[type[ast.AST], Rule] = {
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.NamedExpr: _named,
}
"""What asks, by the kind of the node above."""
