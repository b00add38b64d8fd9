"""Python's operators on terms of Z3, integers and booleans alike."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import z3

Term = Any  # z3's own classes are untyped


ARITHMETIC: dict[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}


COMPARISONS: dict[type[ast.cmpop], Callable[[Term, Term], Term]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}


BITWISE: dict[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.BitAnd: z3.And,
    ast.BitOr: z3.Or,
    ast.BitXor: z3.Xor,
}


def truth_of(term: Term) -> Term:
    """A term as a condition."""
    return term if z3.is_bool(term) else term != 0


def number_of(term: Term) -> Term:
    """A term as an integer; True counts 1."""
    return z3.If(term, z3.IntVal(1), z3.IntVal(0)) if z3.is_bool(term) else term


def either(condition: Term, first: Term, second: Term) -> Term:
    """One term or the other, by a condition."""
    if z3.is_bool(first) and z3.is_bool(second):
        return z3.If(condition, first, second)
    return z3.If(condition, number_of(first), number_of(second))
