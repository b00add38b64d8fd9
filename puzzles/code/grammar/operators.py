"""Small changes of operations: another operator, operands exchanged or left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import FAR, OPERATOR, SHRINK, SWAP
from latent_ebm.puzzles.code.grammar.statistics import cost
from latent_ebm.puzzles.code.grammar.syntax import LEVELS, OPERATORS

FAMILIES = (
    ("+", "-", "*", "//", "%", "/", "**"),
    ("<", "<=", ">", ">=", "==", "!="),
    ("&", "|", "^", "<<", ">>"),
    ("in", "not in"),
    ("is", "is not", "==", "!="),
    ("and", "or"),
)
"""Operators that may come for each other."""
CLOSE = frozenset(
    frozenset(pair)
    for pair in (
        ("<", "<="),
        (">", ">="),
        ("==", "!="),
        ("<", ">"),
        ("<=", ">="),
        ("+", "-"),
        ("in", "not in"),
        ("and", "or"),
        ("//", "/"),
        ("&", "|"),
        ("*", "+"),
        ("%", "//"),
        ("is", "is not"),
        ("<<", ">>"),
    )
)
"""Pairs of operators that people take for each other."""
UNORDERED = ("==", "!=", "and", "or")
"""Operators whose operands are not exchanged."""
UNCHAINED = (e.COMPARE, e.AND, e.OR, e.POWER)
"""Levels whose first operand has to bind more tightly than the operation."""


def price_of_operator(old: str, new: str) -> float:
    """What it costs to write one operator for another, in nats.

    >>> price_of_operator("<", "<=") < price_of_operator("<", "!=")
    True
    """
    return OPERATOR + (0.0 if frozenset((old, new)) in CLOSE else FAR * cost(new))


def operations(place: Place, node: ast.BinOp | ast.Compare | ast.BoolOp) -> Iterator[Change]:
    """Changes of an operation."""
    symbols, parts = _parts(node)
    operands = [place.part(part) for part in parts]
    for old, new, changed in _changed(symbols, parts, at_once=isinstance(node, ast.BoolOp)):
        whole = infix(operands, changed, place.type)
        yield Change(whole, "operator", price_of_operator(old, new))
    if len(parts) == 2 and symbols[0] not in UNORDERED:
        yield Change(infix(operands[::-1], symbols, place.type), "swap", SWAP)
    if isinstance(node, ast.Compare):
        return
    for at in range(len(parts)):
        rest = operands[:at] + operands[at + 1 :]
        whole = infix(rest, symbols[1:], place.type) if len(rest) > 1 else rest[0]
        yield Change(whole, "shrink", SHRINK)


def infix(operands: Sequence[Expression], symbols: Sequence[str], kind: str) -> Expression:
    """Operands with operators of one level between them.

    >>> parts = [Expression("a or b", "bool", 0.0, e.OR), Expression("c", "bool", 0.0)]
    >>> infix(parts, ["and"], "bool").text
    '(a or b) and c'
    """
    level = LEVELS[symbols[0]]
    text = operands[0].within(level + (level in UNCHAINED))
    for symbol, operand in zip(symbols, operands[1:], strict=True):
        text += f" {symbol} {operand.within(e.UNARY if level == e.POWER else level + 1)}"
    return Expression(text, kind, 0.0, level, symbols[0])


def _parts(node: ast.BinOp | ast.Compare | ast.BoolOp) -> tuple[list[str], list[ast.expr]]:
    """The symbols and the operands."""
    operators: Sequence[ast.AST]
    match node:
        case ast.Compare():
            operators, parts = node.ops, [node.left, *node.comparators]
        case ast.BoolOp():
            operators, parts = [node.op] * (len(node.values) - 1), node.values
        case ast.BinOp():
            operators, parts = [node.op], [node.left, node.right]
    return [OPERATORS[type(operator)][0] for operator in operators], parts


def _changed(
    symbols: list[str], parts: list[ast.expr], *, at_once: bool
) -> Iterator[tuple[str, str, list[str]]]:
    """(old, new, all symbols) for each operator that may change, or all of them at once."""
    for at, old in enumerate(symbols[:1] if at_once else symbols):
        for new in (new for family in FAMILIES if old in family for new in family):
            if new == old or (new.startswith("is") and not _has_singleton(parts)):
                continue
            yield old, new, _with(symbols, at, new, at_once=at_once)


def _with(symbols: list[str], at: int, new: str, *, at_once: bool) -> list[str]:
    return [new] * len(symbols) if at_once else [*symbols[:at], new, *symbols[at + 1 :]]


def _has_singleton(parts: list[ast.expr]) -> bool:
    """Whether something is compared with None, True or False."""
    constants = [part.value for part in parts if isinstance(part, ast.Constant)]
    return any(constant is None or isinstance(constant, bool) for constant in constants)
