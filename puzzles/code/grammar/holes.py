"""What fits into a typed hole: expressions and small statements, cheapest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expressions import Expression, Pool
from latent_ebm.puzzles.code.grammar.flow import flow_of_expression
from latent_ebm.puzzles.code.grammar.program import OPERATORS, Program
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    SEQUENCES,
    UNKNOWN,
    base,
    fits,
    key,
)
from latent_ebm.puzzles.code.grammar.statements import fresh_statements
from latent_ebm.puzzles.code.holes import hole_nodes
from latent_ebm.puzzles.code.source import Source

HOLE_NAMES = ("__hole__",)
MISFIT = 2.0
MISSING_NAME = 2.5
"""Nats by which binding a name that is read but never bound is likelier."""
NEUTRAL = ("0", "''", "None", "False")
"""What names mostly start from."""
ITERABLES = (*SEQUENCES, *MAPPINGS, "set", "frozenset", "enumerate", "zip", "map", "filter")


@dataclass(frozen=True, eq=False)
class Site:
    """A hole in a program.

    Attributes
    ----------
    number
        In the order of the text.
    node
        The expression, or the statement that consists of it.
    """

    number: int
    node: ast.expr | ast.Expr

    @property
    def is_statement(self) -> bool:
        """Whether a statement has to come."""
        return isinstance(self.node, ast.Expr)


def sites(program: Program) -> list[Site]:
    """The holes of a program, as docs/holes.md has them: no ``...`` that means something.

    Raises
    ------
    Refusal
        For a hole where nothing can be filled in, with its line.
    """
    places = {(node.lineno, node.col_offset) for node in hole_nodes(Source(program.text))}
    found: list[ast.expr | ast.Expr] = []
    for node in ast.walk(program.tree):
        is_hole = (isinstance(node, ast.Constant) and node.value is ...) or (
            isinstance(node, ast.Name) and node.id in HOLE_NAMES
        )
        if not is_hole or not isinstance(node, ast.expr):
            continue
        if (node.lineno, node.col_offset) not in places:
            continue
        parent = program.parent(node)
        found.append(parent if isinstance(parent, ast.Expr) else node)
    found.sort(key=lambda node: program.span(node))
    return [Site(number, node) for number, node in enumerate(found)]


def opened(program: Program, holes: list[Site]) -> list[Edit]:
    """The edits that make every hole a call that stops where it is reached."""
    edits = []
    for hole in holes:
        start, end = program.span(hole.node)
        line = program.statement(hole.node).lineno
        edits.append(Edit(start, end, f"__hole_{hole.number}__()", 0.0, "hole", line))
    return edits


def fillings(context: Context, hole: Site, results: tuple[str, ...], budget: float) -> list[Edit]:
    """What may fill a hole and costs at most ``budget``, cheapest first.

    Parameters
    ----------
    results
        The types of what the function should return, from its tests.
    """
    found: dict[str, Edit] = {}
    make = _statements if hole.is_statement else _expressions
    for edit in make(context, hole, results, budget):
        if edit.cost > budget:
            continue
        if edit.text not in found or found[edit.text].cost > edit.cost:
            found[edit.text] = edit
    return sorted(found.values(), key=lambda edit: edit.cost)


def _expressions(
    context: Context, hole: Site, results: tuple[str, ...], budget: float
) -> Iterator[Edit]:
    assert not isinstance(hole.node, ast.Expr)
    node = hole.node
    program = context.program
    start, end = program.span(node)
    line = program.statement(node).lineno
    visible = context.names_at(node)
    level = program.demanded(node)
    wanted = expected(context, node, results)
    for expression in _pool(context, node).of():
        if expression.cost > budget:
            break
        if expression.names <= visible.keys():
            yield as_filling(context, hole, expression, results, wanted)
    parent, field, _ = program.place(node)
    if isinstance(parent, ast.Call) and field == "func":
        for name in context.functions:
            yield Edit(start, end, name, 2.0, "fill", line, (f"hole {hole.number} {name}",))


def as_filling(
    context: Context,
    hole: Site,
    expression: Expression,
    results: tuple[str, ...],
    wanted: tuple[str, ...] | None = None,
) -> Edit:
    """An expression as the filling of a hole, with its energies."""
    node = hole.node.value if isinstance(hole.node, ast.Expr) else hole.node
    if wanted is None:
        wanted = expected(context, node, results)
    start, end = context.program.span(node)
    return Edit(
        start,
        end,
        expression.within(context.program.demanded(node)),
        expression.cost,
        "fill",
        context.program.statement(node).lineno,
        _features(hole, expression),
        expression.type,
        misfit(expression, wanted) if context.terms.types else 0.0,
        flow_of_expression(context, node, expression) if context.terms.flow else 0.0,
    )


def _features(hole: Site, expression: Expression) -> tuple[str, ...]:
    prefix = f"hole {hole.number}"
    return (
        f"{prefix} head {expression.head}",
        f"{prefix} type {expression.type}",
        f"{prefix} size {expression.size}",
        *(f"{prefix} name {name}" for name in sorted(expression.names)),
    )


def _pool(context: Context, node: ast.AST) -> Pool:
    return context.pool(context.program.function(node))


def misfit(expression: Expression, wanted: tuple[str, ...]) -> float:
    """The types energy of an expression where types are expected, the likeliest first."""
    if not wanted:
        return 0.0
    if any(fits(expression.type, one) and expression.type for one in wanted):
        return 0.0
    return MISFIT


def expected(context: Context, node: ast.expr, results: tuple[str, ...]) -> tuple[str, ...]:
    """The types that fit where an expression stands; empty if nothing is known."""
    program = context.program
    parent, field, _ = program.place(node)
    types = context.local_types(program.function(node))

    def kind(other: ast.expr) -> str:
        seen = context.observations.type_of(other)
        if not seen and isinstance(other, ast.Name):
            seen = types.get(other.id, UNKNOWN)
        if not seen and isinstance(other, ast.Constant) and other.value is not ...:
            seen = type(other.value).__name__
        return seen

    match parent:
        case ast.If() | ast.While() | ast.IfExp() | ast.Assert() if field == "test":
            return ("bool",)
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return ("bool",)
        case ast.comprehension() if field == "ifs":
            return ("bool",)
        case ast.For() | ast.comprehension() if field == "iter":
            return ITERABLES
        case ast.BinOp():
            other = parent.right if parent.left is node else parent.left
            return tuple(filter(None, (kind(other),)))
        case ast.Compare():
            sides = [kind(side) for side in (parent.left, *parent.comparators) if side is not node]
            symbol = OPERATORS[type(parent.ops[0])][0]
            if symbol in ("in", "not in"):
                return tuple(ITERABLES) if parent.left is not node else ()
            return tuple(filter(None, sides))
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
            return tuple(filter(None, (types.get(name, UNKNOWN),)))
        case ast.Return():
            return results
        case ast.Subscript() if field == "slice":
            return tuple(filter(None, (key(kind(parent.value)) if kind(parent.value) else "int",)))
        case ast.Subscript():
            return (*SEQUENCES, *MAPPINGS)
        case ast.Slice():
            return ("int",)
        case ast.Call() if field == "args":
            return _argument(context, parent, node, kind)
    return ()


def _argument(context: Context, call: ast.Call, node: ast.expr, kind: object) -> tuple[str, ...]:
    at = call.args.index(node)
    own = isinstance(call.func, ast.Name)
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if own and name in ("range", "chr"):
        return ("int",)
    shift = 0 if own else 1
    found = {
        production.operands[at + shift]
        for production in context.productions(context.program.function(call))
        if production.head == name and len(production.operands) == len(call.args) + shift
    }
    if name in ("append", "add") and isinstance(call.func, ast.Attribute) and callable(kind):
        held = kind(call.func.value)
        inner = held[held.index("[") + 1 : -1] if "[" in held else ""
        return (inner,) if inner else ()
    return tuple(sorted(found))


def _statements(
    context: Context, hole: Site, results: tuple[str, ...], budget: float
) -> Iterator[Edit]:
    program = context.program
    node = hole.node
    start, end = program.span(node)
    statement = program.statement(node)
    indent = program.indentation(statement)
    visible = context.names_at(node)
    prefix = f"hole {hole.number}"
    made = fresh_statements(context, node, visible, budget, results)
    for text, price, head, names in made:
        features = (f"{prefix} {head}", *(f"{prefix} name {name}" for name in sorted(names)))
        whole = text.replace("\n", "\n" + indent)
        yield Edit(start, end, whole, price, "fill", statement.lineno, features)
    missing = context.unbound_before(node)
    for expression in _pool(context, node).of() if missing else ():
        if expression.cost > budget + MISSING_NAME:
            break
        if expression.names <= visible.keys() and not expression.names & set(missing):
            for name in missing:
                price = max(1.0 + expression.cost - MISSING_NAME, 0.5)
                if expression.head == "constant" and expression.text not in NEUTRAL:
                    price += 1.0
                features = (f"{prefix} binds {name}", *_features(hole, expression))
                text = f"{name} = {expression.text}"
                yield Edit(start, end, text, price, "fill", statement.lineno, features)
    calls = _own_calls(context, visible)
    for text, price, names in calls:
        features = (f"{prefix} call", *(f"{prefix} name {name}" for name in sorted(names)))
        yield Edit(start, end, text, price, "fill", statement.lineno, features)
        yield Edit(start, end, f"return {text}", price + 0.5, "fill", statement.lineno, features)
    for left in visible:
        for right in visible:
            if left < right:
                text = f"{left}, {right} = {right}, {left}"
                yield Edit(start, end, text, 6.0, "fill", statement.lineno, (f"{prefix} swap",))
    yield from _swaps(context, hole, visible, budget)
    yield Edit(start, end, "pass", 4.0, "fill", statement.lineno, (f"{prefix} pass",))


def _swaps(context: Context, hole: Site, visible: dict[str, str], budget: float) -> Iterator[Edit]:
    """Two items of a list exchanged."""
    program = context.program
    start, end = program.span(hole.node)
    line = program.statement(hole.node).lineno
    indices = [
        x
        for x in _pool(context, hole.node).of("int")
        if x.cost < 5.5 and x.type == "int" and x.names
    ]
    for name, kind in visible.items():
        if base(kind) != "list":
            continue
        for i, left in enumerate(indices):
            for right in indices[:i]:
                if 3.0 + left.cost + right.cost > budget:
                    break
                if left.names | right.names <= visible.keys():
                    one, two = f"{name}[{left.text}]", f"{name}[{right.text}]"
                    price = 3.0 + left.cost + right.cost
                    text = f"{one}, {two} = {two}, {one}"
                    yield Edit(start, end, text, price, "fill", line, (f"hole {hole.number} swap",))


def _own_calls(
    context: Context, visible: dict[str, str]
) -> Iterator[tuple[str, float, frozenset[str]]]:
    """Calls of the program's own functions with visible names."""
    names = list(visible)
    for function, arity in context.functions.items():
        if 1 <= arity <= 2:
            for first in names:
                if arity == 1:
                    yield f"{function}({first})", 5.0, frozenset([first])
                    continue
                for second in names:
                    if first != second:
                        yield f"{function}({first}, {second})", 6.0, frozenset([first, second])
