"""Typed holes: where a file is open, what is expected there, what is in reach, and why.

A hole is ``...`` or ``__hole__`` where an expression or a statement stands. An ``...`` that means
something is none: in a subscript (``tuple[int, ...]``, ``x[..., 0]``) or an annotation, compared by
``is`` or ``==``, or as the body of a class, of a stub file's function, of a protocol's, overloaded
or abstract one (docs/holes.md). ``__hole__`` always is one.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from latent_ebm.puzzles.code.annotations import to_type
from latent_ebm.puzzles.code.environments import own_nodes
from latent_ebm.puzzles.code.errors import Refusal
from latent_ebm.puzzles.code.expectations import Expectation
from latent_ebm.puzzles.code.hole_grammar import (
    HoleName,
    Production,
    expression_grammar,
    function_around,
    name_productions,
    reached_names,
    statement_grammar,
)
from latent_ebm.puzzles.code.hole_marks import MAX_HOLES, hole_nodes
from latent_ebm.puzzles.code.inference import HOLE
from latent_ebm.puzzles.code.reading import Reading
from latent_ebm.puzzles.code.scope_model import Kind, Name, ScopeKind
from latent_ebm.puzzles.code.source import Place, Span
from latent_ebm.puzzles.code.types import ANY, NONE, fits, known


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
    >>> from latent_ebm.puzzles.code.source import Source
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


# one hole


def _hole(reading: Reading, number: int, node: ast.expr | ast.stmt) -> Hole:
    source = reading.source
    statement = isinstance(node, ast.stmt)
    span = source.span(node)
    needs: tuple[str, ...] = ()
    if isinstance(node, ast.stmt):
        needs = _needs(reading, node)
        expected = _expected_statement(reading, node, needs)
        grammar = statement_grammar(reading, node)
    else:
        expected = reading.expected(node)
        grammar = expression_grammar(expected)
    # a statement may use any name, whatever it is to give
    names = _names(reading, node, Expectation(ANY, "") if statement else expected)
    if not statement:
        reached = reached_names(reading, names, expected.type)
        grammar = (*name_productions(names, expected), *reached, *grammar)
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
    function = function_around(reading, node)
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
