"""Typed holes: where a file is open, what is expected there, what is in reach, and why.

A hole is ``...`` or ``__hole__`` where an expression or a statement stands. An ``...`` that means
something is none: in a subscript (``tuple[int, ...]``, ``x[..., 0]``) or an annotation, compared by
``is`` or ``==``, or as the body of a class, of a stub file's function, of a protocol's, overloaded
or abstract one (docs/holes.md). ``__hole__`` always is one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from latent_ebm.puzzles.code.annotations import to_type
from latent_ebm.puzzles.code.callables import Function, decorators_of
from latent_ebm.puzzles.code.environments import own_nodes
from latent_ebm.puzzles.code.errors import Refusal
from latent_ebm.puzzles.code.expectations import Expectation
from latent_ebm.puzzles.code.inference import HOLE
from latent_ebm.puzzles.code.operators import Operation, OperationKind, applications, operations_of
from latent_ebm.puzzles.code.reading import Reading
from latent_ebm.puzzles.code.scopes import Kind, Name, ScopeKind
from latent_ebm.puzzles.code.signatures import members_of
from latent_ebm.puzzles.code.source import Place, Source, Span
from latent_ebm.puzzles.code.types import ANY, NONE, Type, fits, known

MAX_HOLES = 100


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


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole; ``number`` counts from 1 in the order of the text.

    ``span`` are the bytes to replace (``Source.data``), ``place`` and ``end`` the same as line and
    column from 1. ``needs`` are names that code behind a statement hole reads and nothing binds.
    """

    number: int
    position: str
    node: ast.expr | ast.stmt
    span: Span
    place: Place
    end: Place
    expected: Expectation
    names: tuple[HoleName, ...]
    grammar: tuple[Production, ...]
    needs: tuple[str, ...] = ()


def find_holes(reading: Reading) -> tuple[Hole, ...]:
    r"""Every hole of a file, in the order of the text.

    Raises
    ------
    Refusal
        For ``__hole__`` where no expression or statement can stand, or more than ``MAX_HOLES``.

    Examples
    --------
    >>> source = Source("def f(xs: list[int], s: str) -> int:\n    return len(...)\n")
    >>> hole, = find_holes(Reading(source))
    >>> hole.place.line, str(hole.expected), [(one.name, one.fits) for one in hole.names]
    (2, 'Sized: argument 1 (obj) of len', [('s', True), ('xs', True), ('f', False)])
    """
    nodes = sorted(hole_nodes(reading.source), key=lambda node: (node.lineno, node.col_offset))
    if len(nodes) > MAX_HOLES:
        line = nodes[MAX_HOLES].lineno
        raise Refusal("holes", reading.source.path, line, f"more than {MAX_HOLES} in one file")
    return tuple(_hole(reading, number, node) for number, node in enumerate(nodes, 1))


ARRAYS = ("numpy", "torch", "jax", "cupy", "xarray", "tensorflow")
"""Libraries of arrays, in whose subscripts ``...`` stands for all axes in between."""


def hole_nodes(source: Source) -> Iterator[ast.expr | ast.stmt]:
    """The nodes that are holes: expressions, or the statements that consist of one."""
    excluded = set(_meaningful(source))
    for node in ast.walk(source.tree):
        _refuse_odd(source, node)
        if not isinstance(node, (ast.Name, ast.Constant)):
            continue
        if isinstance(node, ast.Constant) and (node.value is not Ellipsis or node in excluded):
            continue
        if isinstance(node, ast.Name) and node.id != HOLE:
            continue
        source.span(node)  # refuses f-strings
        parent = source.parents[node]
        yield parent if isinstance(parent, ast.Expr) else node


def _refuse_odd(source: Source, node: ast.AST) -> None:
    match node:
        case ast.Name(id="__hole__", ctx=ast.Store() | ast.Del()):
            what = "a hole that is assigned to"
        case ast.Attribute(attr="__hole__"):
            what = "a hole as an attribute's name"
        case ast.arg(arg="__hole__") | ast.keyword(arg="__hole__"):
            what = "a hole as a parameter's name"
        case (
            ast.FunctionDef(name="__hole__")
            | ast.AsyncFunctionDef(name="__hole__")
            | ast.ClassDef(name="__hole__")
        ):
            what = "a hole as the name of a definition"
        case ast.alias(name="__hole__") | ast.alias(asname="__hole__"):
            what = "a hole in an import"
        case _:
            return
    line = getattr(node, "lineno", 0)
    raise Refusal(what, source.path, line, "put __hole__ for a whole expression or statement")


def _meaningful(source: Source) -> Iterator[ast.AST]:  # noqa: C901 - one case a kind
    """The ``...`` that stand for themselves."""
    stub = source.path.endswith(".pyi")
    arrays = imports_arrays(source.tree)
    for node in ast.walk(source.tree):
        match node:
            case ast.Subscript(slice=index) if arrays or isinstance(index, ast.Tuple):
                yield from _ellipses(index)
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[right]):
                yield from (left, right)
            case ast.AnnAssign(annotation=annotation):
                yield from _ellipses(annotation)
                if stub and node.value is not None:
                    yield node.value
            case ast.arg(annotation=annotation) if annotation is not None:
                yield from _ellipses(annotation)
            case ast.ClassDef(body=[*body]):
                for one in body:
                    if isinstance(one, ast.Expr):
                        yield one.value
        if isinstance(node, Function):
            if node.returns is not None:
                yield from _ellipses(node.returns)
            if stub or _is_declaration(source, node):
                yield from (one.value for one in node.body if isinstance(one, ast.Expr))
                yield from node.args.defaults
                yield from (one for one in node.args.kw_defaults if one is not None)


def imports_arrays(tree: ast.Module) -> bool:
    """Whether a module imports a library whose arrays are subscripted with ``...``."""
    names = (
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    )
    return any(name.partition(".")[0] in ARRAYS for name in names)


def _ellipses(top: ast.AST) -> Iterator[ast.AST]:
    yield from (
        node for node in ast.walk(top) if isinstance(node, ast.Constant) and node.value is Ellipsis
    )


def _is_declaration(source: Source, node: Function) -> bool:
    """Whether a function only declares: overloaded, abstract, or of a protocol."""
    if decorators_of(node) & {"overload", "abstractmethod", "abstractproperty"}:
        return True
    holder = source.parents[node]
    return isinstance(holder, ast.ClassDef) and any(
        "Protocol" in ast.unparse(base) for base in holder.bases
    )


# one hole


def _hole(reading: Reading, number: int, node: ast.expr | ast.stmt) -> Hole:
    source = reading.source
    statement = isinstance(node, ast.stmt)
    span = source.span(node)
    needs: tuple[str, ...] = ()
    if isinstance(node, ast.stmt):
        needs = _needs(reading, node)
        expected = _expected_statement(reading, node, needs)
        grammar = _statement_grammar(reading, node)
    else:
        expected = reading.expected(node)
        grammar = _expression_grammar(expected)
    # a statement may use any name, whatever it is to give
    names = _names(reading, node, Expectation(ANY, "") if statement else expected)
    if not statement:
        reached = _reached(reading, names, expected.type)
        grammar = (*_name_productions(names, expected), *reached, *grammar)
    return Hole(
        number,
        "statement" if statement else "expression",
        node,
        span,
        source.place(span.start),
        source.place(span.end),
        expected,
        names,
        grammar,
        needs,
    )


_ORDER = {
    Kind.PARAMETER: 0,
    Kind.LOCAL: 0,
    Kind.CLOSURE: 1,
    Kind.GLOBAL: 2,
    Kind.IMPORT: 3,
    Kind.BUILTIN: 4,
}


def _names(reading: Reading, node: ast.AST, expected: Expectation) -> tuple[HoleName, ...]:
    """The names in scope but for builtins: those that fit first, then the nearest, by name."""
    found = []
    for name in reading.scope_at(node).values():
        if name.kind is Kind.BUILTIN or name.name == HOLE or _bound_here(reading, name, node):
            continue
        good, reason = _fit(reading, name, expected)
        line = name.defined_at[0] if name.defined_at else None
        found.append(
            HoleName(name.name, name.kind, name.type, name.definitely_assigned, line, good, reason)
        )
    return tuple(sorted(found, key=lambda one: _rank(one, expected)))


def _bound_here(reading: Reading, name: Name, node: ast.AST) -> bool:
    """Whether only the statement that holds the hole binds the name."""
    above: ast.AST = node
    while not isinstance(above, (ast.stmt, ast.comprehension)):
        above = reading.source.parents[above]
    return isinstance(above, (ast.Assign, ast.AnnAssign)) and all(
        one.by is above for one in name.bindings
    )


def _rank(name: HoleName, expected: Expectation) -> tuple[bool, bool, bool, int, str]:
    exact = known(name.type) and name.fits and known(expected.type)
    sure = name.definitely_assigned
    return (not name.fits, not sure, not exact, _ORDER[name.kind], name.name)


def _fit(reading: Reading, name: Name, expected: Expectation) -> tuple[bool, str]:
    unsure = "" if name.definitely_assigned else "; may have no value yet"
    if name.type == ANY:
        return True, f"its type is not known{unsure}"
    callable_ = name.type.name in ("Callable", "type", "module")
    if not known(expected.type):
        return not callable_, f"any type may stand here{unsure}"
    if expected.boolean and not callable_:
        return True, f"{name.type} has a truth value{unsure}"
    if reading.fits(name.type, expected.type):
        return True, f"{name.type} fits {expected.type}{unsure}"
    return False, f"{name.type} does not fit {expected.type}{unsure}"


# grammar

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


def _expression_grammar(expected: Expectation) -> tuple[Production, ...]:
    wanted = expected.type if known(expected.type) else None
    by_kind: dict[OperationKind, list[Operation]] = {}
    for one in applications(wanted):
        by_kind.setdefault(one.kind, []).append(one)
    fitting = "" if wanted is None else f"; {len(applications(wanted))} fit {wanted}"
    return tuple(
        Production(kind.value, f"{_SAYS[kind]}{fitting if i == 0 else ''}", tuple(operations))
        for i, (kind, operations) in enumerate(by_kind.items())
    )


def _name_productions(names: tuple[HoleName, ...], expected: Expectation) -> tuple[Production, ...]:
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


def _reached(reading: Reading, names: tuple[HoleName, ...], wanted: Type) -> tuple[Production, ...]:
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


def _statement_grammar(reading: Reading, node: ast.stmt) -> tuple[Production, ...]:
    found = [
        Production("assignment", "a name, an element or an attribute gets a value"),
        Production("augmented assignment", "a variable in scope changes by an operator"),
        Production("expression statement", "a call for its effect"),
        Production("if-guard", "one of these statements under a condition"),
        Production("deletion", "nothing has to stand here: pass"),
    ]
    function = _function_around(reading, node)
    if function is not None:
        found.append(Production("return", f"within {function.name}"))
    loop = _loop_around(reading.source, node)
    if loop is not None:
        word = "while" if isinstance(loop, ast.While) else "for"
        found.append(Production("break", f"within the {word} at line {loop.lineno}"))
        found.append(Production("continue", f"within the {word} at line {loop.lineno}"))
    return tuple(found)


def _function_around(reading: Reading, node: ast.AST) -> Function | None:
    scope = reading.scopes.of(node)
    return scope.node if isinstance(scope.node, Function) else None


def _loop_around(source: Source, node: ast.AST) -> ast.For | ast.AsyncFor | ast.While | None:
    while not isinstance(node, (ast.Module, ast.ClassDef, ast.Lambda, *_FUNCTIONS)):
        below, node = node, source.parents[node]
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)) and below not in node.orelse:
            return node
    return None


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


# statements


def _needs(reading: Reading, node: ast.stmt) -> tuple[str, ...]:
    """Names that the hole's scope reads behind it and that nothing gives a value."""
    scope = reading.scopes.of(node)
    found: dict[str, None] = {}
    for other in ast.walk(scope.node):
        if not (isinstance(other, ast.Name) and isinstance(other.ctx, ast.Load)):
            continue
        behind = (other.lineno, other.col_offset) > (node.lineno, node.col_offset)
        if behind and other.id != HOLE and reading.scopes.lookup(other.id, other) is None:
            found[other.id] = None
    return tuple(sorted(found))


def _expected_statement(reading: Reading, node: ast.stmt, needs: tuple[str, ...]) -> Expectation:
    function = _function_around(reading, node)
    reasons = []
    if needs:
        verb = "is" if len(needs) == 1 else "are"
        reasons.append(f"{', '.join(needs)} {verb} read behind it and bound nowhere")
    wanted = ANY
    if function is not None and function.returns is not None:
        kind = to_type(function.returns, reading.inference.environments.names)
        scope = reading.scopes.opened[function]
        generator = any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in own_nodes(function))
        if scope.falls_through and not generator and not fits(NONE, kind):
            wanted = kind
            reasons.append(f"{function.name} may end without a return, and is annotated as {kind}")
    if not reasons:
        where = (
            function.name
            if function is not None
            else ("the module" if reading.scopes.of(node).kind is ScopeKind.MODULE else "the class")
        )
        reasons.append(f"a statement of {where}")
    return Expectation(wanted, "; ".join(reasons))
