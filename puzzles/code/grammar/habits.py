"""How usual expressions are where they stand: what the standard library writes in such places.

The energy of a production h in a place p is

    E(h | p) = -log( P(h | p) / P(h) ) / TEMPERATURE,    P(h | p) = (n_ph + S P(h)) / (n_p + S)

with counts n over the standard library: nothing where a place says nothing of what comes, and below
0 for what it makes likelier. It adds to the cost of the production itself (``statistics.py``) where
whole programs are compared; fillings have a share of -log P(h | p) as it is, their `surprise`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from math import log
from typing import TypeGuard

from latent_ebm.puzzles.code.grammar.habit_statistics import TABLE
from latent_ebm.puzzles.code.grammar.statistics import COUNTS, TEMPERATURE
from latent_ebm.puzzles.code.grammar.syntax import OPERATORS, PLACES, head

__all__ = [
    "habits",
    "is_counted",
    "kind_of",
    "place_of",
    "places",
    "surprise",
    "surprise_of",
    "unlikeliness",
]

SMOOTHING = 20.0
"""S: places count for what is usual anywhere as if it had been seen there so often."""
_LOAD = ast.Load()
_FIELDS = {
    **PLACES,
    (ast.AnnAssign, "value"): "=",
    (ast.Subscript, "slice"): "[]",
    (ast.Slice, "lower"): "[:",
    (ast.Slice, "upper"): ":]",
    (ast.IfExp, "body"): "else",
    (ast.IfExp, "orelse"): "else",
    (ast.List, "elts"): "display",
    (ast.Tuple, "elts"): "display",
}


def place_of(parent: ast.AST, field: str, index: int = 0) -> str:
    """What a place is called; empty for one that is not counted.

    >>> place_of(ast.parse("a // 2", mode="eval").body, "right")
    '// right'
    """
    match parent:
        case ast.BinOp():
            return f"{OPERATORS[type(parent.op)][0]} {field}"
        case ast.BoolOp() | ast.UnaryOp():
            return OPERATORS[type(parent.op)][0]
        case ast.AugAssign() if field == "value":
            return f"{OPERATORS[type(parent.op)][0]}="
        case ast.Compare():
            operator = parent.ops[max(index, 0)] if field == "comparators" else parent.ops[0]
            return f"{OPERATORS[type(operator)][0]} {'left' if field == 'left' else 'right'}"
        case ast.Call() if field == "args":
            name = head(parent)
            return f"{name}()" if name in COUNTS else "()"
    return _FIELDS.get((type(parent), field), "")


def kind_of(node: ast.expr) -> str:
    """What an expression counts as: a production, or a sort of atom.

    >>> [kind_of(ast.parse(text, mode="eval").body) for text in ("x", "2", "7", "'ab'", "a + b")]
    ['name', '2', 'number', 'text', '+']
    """
    match node:
        case ast.Constant(value=bool() | None):
            return str(node.value)
        case ast.Constant(value=int() | float()):
            return str(node.value) if node.value in (0, 1, 2) else "number"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            return "-1"
        case ast.Constant(value=str()):
            return "text" if node.value else "''"
        case ast.Name():
            return "name"
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return "empty"
    name = head(node)
    return name if name in COUNTS else "other"


def places(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(place, kind) of every expression in a tree whose place is counted."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(node, ast.expr):
                    place = place_of(parent, field, index)
                    if place:
                        yield place, kind_of(node)


@cache
def _counts() -> tuple[dict[str, dict[str, int]], Counter[str]]:
    """[place][kind] counts, and those of kinds anywhere."""
    table: dict[str, dict[str, int]] = {}
    total: Counter[str] = Counter()
    for line in TABLE.strip().splitlines():
        place, _, rest = line.partition(": ")
        for item in rest.split(", "):
            kind, _, count = item.rpartition(" ")
            table.setdefault(place, {})[kind] = int(count)
            total[kind] += int(count)
    return table, total


@cache
def _energy(place: str, kind: str) -> float:
    if place not in _counts()[0]:
        return 0.0
    return (_log_share("", kind) - _log_share(place, kind)) / TEMPERATURE


def habits(text: str) -> float:
    r"""The energy of a whole program, over all its places, in nats.

    >>> habits("if n > 1:\n    x = (a + b) // 2") < habits("if n:\n    x = (1 - a) % b")
    True
    """
    return sum(_energy(place, kind) for place, kind in places(ast.parse(text)))


@lru_cache(maxsize=65536)
def surprise(text: str, place: str | None = "") -> float:
    """-sum of log P(h | p) over the expressions of a filling, in nats.

    Parameters
    ----------
    place
        Of the whole, as `place_of` names it; empty where that is not counted, None for a statement.

    Examples
    --------
    >>> surprise("n // 2") < surprise("2 // n")
    True
    >>> surprise("n", "return") < surprise("n", "if")
    True
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a piece that is no whole statement
        return 0.0
    found = [
        (place_of(parent, field, index), kind_of(node))
        for parent in ast.walk(tree)
        for field, value in ast.iter_fields(parent)
        for index, node in enumerate(value if isinstance(value, list) else [value])
        if is_counted(node, parent, field)
    ]
    match tree.body:
        case [ast.Expr(value=value)] if place is not None:
            found.append((place, kind_of(value)))
    return sum(unlikeliness(where, kind) for where, kind in found)


def surprise_of(kind: str) -> float:
    """-log P(h) of a production, wherever it comes, in nats."""
    return unlikeliness("", kind)


def is_counted(node: object, parent: ast.AST, field: str) -> TypeGuard[ast.expr]:
    """Whether a part of a filling is an expression that is read, and not its root."""
    if not isinstance(node, ast.expr) or isinstance(parent, ast.Expr):
        return False
    called = isinstance(parent, ast.Call) and field == "func"
    return not called and isinstance(getattr(node, "ctx", _LOAD), ast.Load)


def unlikeliness(place: str, kind: str) -> float:
    """-log P(h | p), and -log P(h) where the place is not counted, in nats."""
    return -_log_share(place, kind)


@cache
def _log_share(place: str, kind: str) -> float:
    """Log P(h | p), and log P(h) where the place is not counted."""
    table, total = _counts()
    count = total[kind] or COUNTS.get(kind, 0)  # what stands alone on its line has no place
    usual = (count + 1) / (total.total() + len(total))
    here = table.get(place)
    if here is None:
        return log(usual)
    return log((here.get(kind, 0) + SMOOTHING * usual) / (sum(here.values()) + SMOOTHING))
