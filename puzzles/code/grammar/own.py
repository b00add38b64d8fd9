"""The program's own small expressions as atoms: programs repeat themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.habits import surprise
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, value
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.syntax import Function, binding, head
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX

COST, EACH = 2.2, 0.25
"""What such an atom costs, and each of its nodes, in nats."""
COPY, LONGEST_COPY = 2.5, 60
"""-log P of copying a compound expression, in nats, and letters of those that are copied."""
COMPOUND = (ast.BinOp, ast.Subscript, ast.Call, ast.Attribute, ast.Compare, ast.UnaryOp)
MOST_NODES, MOST = 7, 24
"""Larger expressions, and further ones, are left out."""
READING = (
    *("abs", "all", "any", "bool", "chr", "dict", "enumerate", "float", "int", "isinstance", "len"),
    *("list", "max", "min", "ord", "range", "reversed", "round", "set", "sorted", "str", "sum"),
    *("tuple", "zip"),
)
"""Functions that change nothing."""
INTEGERS = ("len", "sum", "int", "ord", "abs", "index", "find", "count")


def own_expressions(
    program: Program, seen: Observations, function: Function | None, types: Mapping[str, str]
) -> list[Expression]:
    """Subscripts, calls, attributes and sums of a function whose types are known."""
    found: dict[str, Expression] = {}
    for node in _candidates(function):
        size = sum(isinstance(part, ast.expr) for part in ast.walk(node))
        kind = seen.type_of(node) or _inferred(node, types)
        text = program.segment(node)
        if not kind or size > MOST_NODES or "\n" in text or "__hole_" in text or "..." in text:
            continue
        read = (n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        names = frozenset(name for name in read if name in types)
        price = COST + EACH * size
        made = Expression(
            text, kind, price, binding(node), head(node), names, by_value=_only_reads(node)
        )
        found.setdefault(text, made)
    return list(found.values())[:MOST]


def copied(program: Program) -> list[tuple[str, float]]:
    """The texts of compound expressions of a program, long ones first, and what copying one saves.

    That is by how much it is less surprising than one put together anew, in nats.
    """
    found: dict[str, float] = {}
    for node in ast.walk(program.tree):
        if isinstance(node, COMPOUND) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            text = ast.unparse(node)
            if len(text) <= LONGEST_COPY and HOLE_PREFIX not in text:
                found[text] = surprise(text) - COPY
    return sorted(((t, s) for t, s in found.items() if s > 0), key=lambda one: -len(one[0]))


def saved(text: str, known: list[tuple[str, float]]) -> float:
    """What copies within a text save; none counts within another.

    >>> saved("f(a[i] + a[i]) + ba[i]", [("a[i]", 2.0)])
    2.0
    """
    total = 0.0
    for part, nats in known:
        if part in text:
            rest = _whole(part).sub("", text)
            total += nats if rest != text else 0.0
            text = rest
    return total


@lru_cache(maxsize=4096)
def _whole(part: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(part)}(?![\w(\[.])")


def _candidates(function: Function | None) -> Iterator[ast.expr]:
    if function is None:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript | ast.Call | ast.Attribute | ast.BinOp) and isinstance(
            getattr(node, "ctx", ast.Load()), ast.Load
        ):
            local = any(isinstance(part, ast.Lambda | ast.comprehension) for part in ast.walk(node))
            if not local:
                yield node
        elif isinstance(node, ast.Subscript):  # what is assigned to can be read as well
            yield node


def _only_reads(node: ast.expr) -> bool:
    """Whether an expression is made of operators, subscripts and harmless functions."""
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Name(id=name)) if name in READING:
                continue
            case ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom() | ast.NamedExpr():
                return False
    return True


def _inferred(node: ast.expr, types: Mapping[str, str]) -> str:
    """The type of what was never evaluated, where that is plain."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=index):
            kind = types.get(name, UNKNOWN)
            return kind if isinstance(index, ast.Slice) else value(kind)
        case ast.Call(func=ast.Name(id=name)) if name in INTEGERS:
            return "int"
        case ast.BinOp(left=ast.Name(id=left), right=ast.Name(id=right)):
            one, other = types.get(left, UNKNOWN), types.get(right, UNKNOWN)
            return one if one == other else UNKNOWN
        case ast.BinOp(left=ast.Name(id=left), right=ast.Constant(value=int())):
            return "int" if types.get(left) == "int" else UNKNOWN
    return UNKNOWN
