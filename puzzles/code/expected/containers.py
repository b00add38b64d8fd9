"""What containers, subscripts and comprehensions ask of their parts."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.expected.analysis import Analysis, Expectation, Rule, shown
from latent_ebm.puzzles.code.operations import (
    index_of,
)
from latent_ebm.puzzles.code.stubs import as_instance_of
from latent_ebm.puzzles.code.types import (
    ANY,
    BOOL,
    ELLIPSIS,
    INT,
    NEVER,
    SLICE,
    Type,
    joined,
    presented,
    tuple_of,
)


def _subscript(analysis: Analysis, parent: ast.Subscript, node: ast.AST) -> Expectation:
    if node is parent.value:
        return Expectation(ANY, f"subscripted with {shown(parent.slice)}")
    container = analysis.infer(parent.value)
    known = f", which is {container}" if container != ANY else ""
    wanted = SLICE if isinstance(node, ast.Slice) else presented(index_of(container))
    return Expectation(wanted, f"index of {shown(parent.value)}{known}")


def _slice(_: Analysis, parent: ast.Slice, node: ast.AST) -> Expectation:
    return Expectation(INT, "bound of a slice" if node is not parent.step else "step of a slice")


def _element(analysis: Analysis, parent: ast.List | ast.Set, node: ast.AST) -> Expectation:
    head = "list" if isinstance(parent, ast.List) else "set"
    others = [one for one in parent.elts if one is not node]
    return _within(analysis, parent, (head, "Iterable"), 0, others, f"element of a {head}")


def _within(
    analysis: Analysis,
    parent: ast.expr,
    heads: tuple[str, ...],
    argument: int,
    others: list[ast.expr],
    what: str,
) -> Expectation:
    outer = analysis.at(parent)
    for one in outer.type.members:
        for head in heads:
            seen = one if one.name == head else as_instance_of(one, head)
            if seen is not None and len(seen.args) > argument and seen.args[argument] != ANY:
                return Expectation(seen.args[argument], f"{what}, {outer.reason}")
    kinds = [analysis.infer(one) for one in others if not isinstance(one, ast.Starred)]
    beside = joined(kind for kind in kinds if kind != ANY)
    if beside != NEVER:
        return Expectation(beside, f"{what} beside {shown(others[0])}")
    return Expectation(ANY, what)


def _tuple(analysis: Analysis, parent: ast.Tuple, node: ast.AST) -> Expectation:
    index = next(i for i, one in enumerate(parent.elts) if one is node)
    above = analysis.parents[parent]
    if isinstance(above, ast.Subscript) and above.slice is parent:
        return Expectation(ANY, "part of an index")
    outer = analysis.at(parent)
    for one in outer.type.members:
        if one.name == "tuple" and one.args and one != tuple_of():
            kind = (
                one.args[0]
                if ELLIPSIS in one.args
                else (one.args[index] if index < len(one.args) else ANY)
            )
            return Expectation(kind, f"element {index + 1} of a tuple, {outer.reason}")
    return Expectation(ANY, f"element {index + 1} of a tuple")


def _dict(analysis: Analysis, parent: ast.Dict, node: ast.AST) -> Expectation:
    for index, key in enumerate(parent.keys):
        if key is node:
            others = [one for one in parent.keys if one is not None and one is not node]
            return _within(analysis, parent, ("dict", "Mapping"), 0, others, "key of a dict")
        if parent.values[index] is node and key is None:
            return Expectation(Type("Mapping", (ANY, ANY)), "merged into a dict")
    rest = [one for one in parent.values if one is not node]
    return _within(analysis, parent, ("dict", "Mapping"), 1, rest, "value of a dict")


def _comprehension(
    analysis: Analysis, parent: ast.ListComp | ast.SetComp | ast.GeneratorExp, _node: ast.AST
) -> Expectation:
    names = {ast.ListComp: "list", ast.SetComp: "set"}
    head = names.get(type(parent), "Iterable")
    return _within(analysis, parent, (head, "Iterable"), 0, [], "element of a comprehension")


def _dict_comprehension(analysis: Analysis, parent: ast.DictComp, node: ast.AST) -> Expectation:
    which = 0 if node is parent.key else 1
    what = "key of a comprehension" if which == 0 else "value of a comprehension"
    return _within(analysis, parent, ("dict", "Mapping"), which, [], what)


def _generator(_: Analysis, parent: ast.comprehension, node: ast.AST) -> Expectation:
    line = getattr(node, "lineno", 0)
    if node is parent.iter:
        return Expectation(
            Type("Iterable", (ANY,)), f"iterated by the comprehension at line {line}"
        )
    return Expectation(BOOL, f"condition of the comprehension at line {line}", boolean=True)


def _starred(_: Analysis, _parent: ast.Starred, _node: ast.AST) -> Expectation:
    return Expectation(Type("Iterable", (ANY,)), "unpacked by a star")


RULES: dict[type[ast.AST], Rule] = {
    ast.comprehension: _generator,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.List: _element,
    ast.Set: _element,
    ast.Tuple: _tuple,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Starred: _starred,
}
"""What asks, by the kind of the node above."""
