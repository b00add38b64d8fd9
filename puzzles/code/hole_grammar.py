"""The productions that may stand in a hole, with instances and the reason for each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from latent_ebm.puzzles.code.callables import Function
from latent_ebm.puzzles.code.expectations import Expectation
from latent_ebm.puzzles.code.operators import Operation, OperationKind, applications, operations_of
from latent_ebm.puzzles.code.reading import Reading
from latent_ebm.puzzles.code.scope_model import Kind
from latent_ebm.puzzles.code.signatures import members_of
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.types import ANY, NONE, Type, fits, known


@dataclass(frozen=True, slots=True)
class HoleName:
    """A name in scope of a hole and how well it fits; ``reason`` says so in words."""

    name: str
    kind: Kind
    type: Type
    definitely_assigned: bool
    line: int | None
    fits: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Production:
    """A production of the grammar that applies at a hole, with instances and the reason."""

    name: str
    reason: str
    operations: tuple[Operation, ...] = ()


_SAYS = {
    OperationKind.ARITHMETIC: "gives a number, a string or a sequence",
    OperationKind.BITWISE: "gives an int, a set or a dict",
    OperationKind.COMPARISON: "gives a bool",
    OperationKind.MEMBERSHIP: "gives a bool",
    OperationKind.BOOLEAN: "gives one of its operands",
    OperationKind.UNARY: "gives a number or a bool",
    OperationKind.SUBSCRIPT: "gives an element",
    OperationKind.SLICE: "gives a sequence of the same type",
    OperationKind.CONDITIONAL: "gives one of two values",
    OperationKind.DISPLAY: "makes a container",
    OperationKind.COMPREHENSION: "makes or reduces a container",
    OperationKind.CALL: "common functions with such a result",
}


def expression_grammar(expected: Expectation) -> tuple[Production, ...]:
    """The productions that give the expected type."""
    wanted = expected.type if known(expected.type) else None
    by_kind: dict[OperationKind, list[Operation]] = {}
    for one in applications(wanted):
        by_kind.setdefault(one.kind, []).append(one)
    fitting = "" if wanted is None else f"; {len(applications(wanted))} fit {wanted}"
    return tuple(
        Production(kind.value, f"{_SAYS[kind]}{fitting if i == 0 else ''}", tuple(operations))
        for i, (kind, operations) in enumerate(by_kind.items())
    )


def name_productions(names: tuple[HoleName, ...], expected: Expectation) -> tuple[Production, ...]:
    """Names and literals that fit."""
    good = [one.name for one in names if one.fits]
    found = []
    if good:
        found.append(Production("name", f"{len(good)} names in scope fit: {', '.join(good[:5])}"))
    literals = [
        one
        for one in ("bool", "int", "float", "str", "bytes", "None")
        if fits(Type(one), expected.type)
    ]
    if literals:
        found.append(Production("constant", f"literals of {', '.join(literals)} fit"))
    return tuple(found)


def reached_names(
    reading: Reading, names: tuple[HoleName, ...], wanted: Type
) -> tuple[Production, ...]:
    """Calls and attributes of the names in scope that give what is expected."""
    calls: list[Operation] = []
    attributes: list[Operation] = []
    for one in names:
        if one.definitely_assigned and one.type.name in ("Callable", "type"):
            calls += _calls(reading, one)
        elif one.definitely_assigned:
            attributes += _attributes(one)
    says = {
        "call in scope": (calls, "functions and classes of the file"),
        "attribute": (attributes, "attributes and methods of the names in scope, by their types"),
    }
    made = []
    for name, (operations, reason) in says.items():
        fitting = tuple(one for one in dict.fromkeys(operations) if _gives(one, wanted))
        if fitting:
            made.append(Production(name, reason, fitting))
    return tuple(made)


def _calls(reading: Reading, name: HoleName) -> Iterator[Operation]:
    holder = reading.scopes.resolve(name.name, reading.scopes.module)
    signatures = reading.inference.call_signatures(name.type)
    if holder is not None:
        signatures = reading.inference.environments.signatures_of(name.name, holder)
    for signature in signatures:
        yield from operations_of(name.name, signature)


def _attributes(name: HoleName) -> Iterator[Operation]:
    for attribute in members_of(name.type):
        reach = f"{name.name}.{attribute.name}"
        if not attribute.signatures:
            yield Operation(reach, (), attribute.type, OperationKind.CALL)
        for signature in attribute.signatures:
            yield from operations_of(reach, signature)


def _gives(operation: Operation, wanted: Type) -> bool:
    if operation.result == NONE and not fits(NONE, wanted):
        return False
    settled = operation.result != ANY and not operation.result.name.startswith("~")
    return fits(operation.result, wanted) and (settled or not known(wanted))


def statement_grammar(reading: Reading, node: ast.stmt) -> tuple[Production, ...]:
    """The statements that may stand where a node does."""
    found = [
        Production("assignment", "a name, an element or an attribute gets a value"),
        Production("augmented assignment", "a variable in scope changes by an operator"),
        Production("expression statement", "a call for its effect"),
        Production("if-guard", "one of these statements under a condition"),
        Production("deletion", "nothing has to stand here: pass"),
    ]
    function = function_around(reading, node)
    if function is not None:
        found.append(Production("return", f"within {function.name}"))
    loop = _loop_around(reading.source, node)
    if loop is not None:
        word = "while" if isinstance(loop, ast.While) else "for"
        found.append(Production("break", f"within the {word} at line {loop.lineno}"))
        found.append(Production("continue", f"within the {word} at line {loop.lineno}"))
    return tuple(found)


def function_around(reading: Reading, node: ast.AST) -> Function | None:
    """The function that a node belongs to."""
    scope = reading.scopes.of(node)
    return scope.node if isinstance(scope.node, Function) else None


def _loop_around(source: Source, node: ast.AST) -> ast.For | ast.AsyncFor | ast.While | None:
    while not isinstance(node, (ast.Module, ast.ClassDef, ast.Lambda, *_FUNCTIONS)):
        below, node = node, source.parents[node]
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)) and below not in node.orelse:
            return node
    return None


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
