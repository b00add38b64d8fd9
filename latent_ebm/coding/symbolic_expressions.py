"""Expressions as terms of Z3, under the condition that the statement they stand in is reached."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import z3

from latent_ebm.coding.symbolic_terms import (
    ARITHMETIC,
    BITWISE,
    COMPARISONS,
    Term,
    either,
    number_of,
    truth_of,
)

if TYPE_CHECKING:
    from latent_ebm.coding.symbolic import Translation

__all__ = ["Expressions", "Frame", "Loop", "Outcome"]

LARGEST_EXPONENT = 16


@dataclass
class Outcome:
    """What calling a function comes to, as terms over its arguments.

    Attributes
    ----------
    value
        What it returns; None where no path returns a value.
    returns
        The condition under which it returns a value.
    raises
        Under which it raises.
    beyond
        Under which it needs more rounds than are unrolled.
    """

    value: Term | None = None
    returns: Term = field(default_factory=lambda: z3.BoolVal(False))
    raises: Term = field(default_factory=lambda: z3.BoolVal(False))
    beyond: Term = field(default_factory=lambda: z3.BoolVal(False))


@dataclass
class Loop:
    """Under which condition a loop was left, or its round."""

    broken: Term = field(default_factory=lambda: z3.BoolVal(False))
    continued: Term = field(default_factory=lambda: z3.BoolVal(False))


@dataclass
class Frame:
    """What a call is about: its names, where these are bound, which paths are alive."""

    names: dict[str, Term]
    bound: dict[str, Term]
    live: Term
    outcome: Outcome
    loops: list[Loop] = field(default_factory=list)


class Expressions:
    """The expressions of one call of a function."""

    def __init__(self, translation: Translation, frame: Frame, depth: int) -> None:
        self._translation, self._frame, self._depth = translation, frame, depth

    def raise_unless(self, holds: Term) -> None:
        """End the paths on which a condition does not hold."""
        frame = self._frame
        frame.outcome.raises = z3.Or(frame.outcome.raises, z3.And(frame.live, z3.Not(holds)))
        frame.live = z3.simplify(z3.And(frame.live, holds))

    def truth(self, node: ast.expr) -> Term:
        """Whether an expression is true."""
        return truth_of(self.value(node))

    def value(self, node: ast.expr) -> Term:  # noqa: C901 - one branch a construct
        """An expression's term; what it raises is noted."""
        match node:
            case ast.Constant(value=bool() as constant):
                return z3.BoolVal(constant)
            case ast.Constant(value=int() as constant):
                return z3.IntVal(constant)
            case ast.Name(id=name) if name in self._frame.names:
                self.raise_unless(self._frame.bound[name])
                return self._frame.names[name]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return z3.Not(self.truth(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -number_of(self.value(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return number_of(self.value(operand))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return -number_of(self.value(operand)) - 1
            case ast.BinOp():
                return self._binary(node)
            case ast.BoolOp():
                return self._chosen(node)
            case ast.Compare():
                return self._compared(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = self.truth(test)
                first = self._under(condition, body)
                return either(condition, first, self._under(z3.Not(condition), orelse))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._called(node, name, args)
        raise self._translation.cannot(node)

    def _under(self, condition: Term, node: ast.expr) -> Term:
        """An expression that is evaluated only under a condition."""
        frame = self._frame
        before = frame.live
        frame.live = z3.And(before, condition)
        value = self.value(node)
        frame.live = z3.simplify(z3.Or(frame.live, z3.And(before, z3.Not(condition))))
        return value

    def _chosen(self, node: ast.BoolOp) -> Term:
        """``and`` and ``or`` give one of their operands."""
        first, *rest = node.values
        value = self.value(first)
        for operand in rest:
            holds = truth_of(value)
            goes_on = holds if isinstance(node.op, ast.And) else z3.Not(holds)
            value = either(goes_on, self._under(goes_on, operand), value)
        return value

    def _compared(self, node: ast.Compare) -> Term:
        left, holds = self.value(node.left), z3.BoolVal(True)
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            if type(operator) not in COMPARISONS:
                raise self._translation.cannot(node)
            right = self._under(holds, operand)
            pair = COMPARISONS[type(operator)](number_of(left), number_of(right))
            holds, left = z3.And(holds, pair), right
        return holds

    def _binary(self, node: ast.BinOp) -> Term:
        left, right = self.value(node.left), self.value(node.right)
        kind = type(node.op)
        if kind in BITWISE and z3.is_bool(left) and z3.is_bool(right):
            return BITWISE[kind](left, right)
        a, b = number_of(left), number_of(right)
        if kind in ARITHMETIC:
            return ARITHMETIC[kind](a, b)
        if kind in (ast.FloorDiv, ast.Mod):
            self.raise_unless(b != 0)
            # Z3 rounds so that the remainder is not negative, Python towards minus infinity
            quotient = z3.If(b > 0, a / b, (-a) / (-b))
            return quotient if kind is ast.FloorDiv else a - b * quotient
        known = z3.simplify(b)
        if z3.is_int_value(known) and 0 <= known.as_long() <= LARGEST_EXPONENT:
            count = known.as_long()
            if kind is ast.Pow:
                return z3.Product([a] * count) if count else z3.IntVal(1)
            if kind is ast.LShift:
                return a * 2**count
            if kind is ast.RShift:
                return a / 2**count
        raise self._translation.cannot(node)

    def _called(self, node: ast.Call, name: str, args: Sequence[ast.expr]) -> Term:
        frame = self._frame
        terms = [self.value(arg) for arg in args]
        if name in self._translation.functions:
            found = self._translation.call(name, terms, frame.live, self._depth + 1)
            frame.outcome.beyond = z3.Or(frame.outcome.beyond, found.beyond)
            self.raise_unless(z3.Not(found.raises))
            frame.live = z3.simplify(z3.And(frame.live, found.returns))
            return z3.IntVal(0) if found.value is None else found.value
        match name, len(terms):
            case "abs", 1:
                number = number_of(terms[0])
                return z3.If(number < 0, -number, number)
            case "int", 1:
                return number_of(terms[0])
            case "bool", 1:
                return truth_of(terms[0])
            case (("min" | "max"), count) if count > 1:
                best = number_of(terms[0])
                for term in map(number_of, terms[1:]):
                    best = z3.If(term < best if name == "min" else term > best, term, best)
                return best
        raise self._translation.cannot(node)
