"""Operators as methods: which types an operator takes and what it gives, by typeshed."""

from __future__ import annotations

import ast
from functools import lru_cache

from latent_ebm.puzzles.code.annotations import substitute
from latent_ebm.puzzles.code.calls import Arguments, accepts
from latent_ebm.puzzles.code.signatures import iterated, member
from latent_ebm.puzzles.code.types import (
    ANY,
    BOOL,
    BYTES,
    ELLIPSIS,
    EMPTY,
    FLOAT,
    INT,
    NEVER,
    SLICE,
    STR,
    Type,
    joined,
    tuple_any,
    tuple_of,
)

SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
}
_METHODS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "<<": "lshift",
    ">>": "rshift",
    "|": "or",
    "^": "xor",
    "&": "and",
}


@lru_cache(maxsize=50_000)
def binary_result(left: Type, symbol: str, right: Type) -> Type | None:
    """The type of ``left symbol right``; None if the types do not go together.

    ``Any`` beside a number or a string is guessed to be of the other's kind.

    Examples
    --------
    >>> from latent_ebm.puzzles.code.types import list_of
    >>> str(binary_result(INT, "+", FLOAT)), str(binary_result(STR, "*", INT))
    ('float', 'str')
    >>> str(binary_result(list_of(INT), "+", list_of(STR))), binary_result(INT, "+", STR)
    ('list[str | int]', None)
    """
    if NEVER in (left, right):
        return NEVER
    if left.name == "Union" or right.name == "Union":
        found = [binary_result(a, symbol, b) for a in left.members for b in right.members]
        fitting = [one for one in found if one is not None]
        return joined(fitting) if fitting else None
    if ANY in (left, right):
        return _guess(left, symbol, right)
    if left.name == right.name == "tuple" and symbol == "+":
        return _tuple_sum(left, right)
    if left == right == INT and symbol == "**":
        return INT  # a negative exponent is rare
    if left == STR and symbol == "%":
        return STR
    method = _METHODS[symbol]
    for receiver, name, other in ((left, f"__{method}__", right), (right, f"__r{method}__", left)):
        found_member = member(receiver, name)
        for signature in found_member.signatures if found_member else ():
            values = accepts(signature, Arguments((other,)))
            if values is not None:
                return substitute(signature.result, values, ANY)
    return None


def _guess(left: Type, symbol: str, right: Type) -> Type:
    one = right if left == ANY else left
    if symbol == "/" and one in (INT, FLOAT, BOOL):
        return FLOAT
    if symbol == "%" and left == STR:
        return STR
    # a sequence is repeated by a number and joined with its like
    if symbol in "+*" and one.name in ("list", "str", "tuple", "bytes"):
        return one if symbol == "*" or one in (STR, BYTES) else Type(one.name)
    return ANY


def _tuple_sum(left: Type, right: Type) -> Type:
    ours, theirs = ([a for a in one.args if a != EMPTY] for one in (left, right))
    if ELLIPSIS in (*ours, *theirs) or not (left.args and right.args):
        parts = [a for a in (*ours, *theirs) if a != ELLIPSIS]
        return tuple_any(joined(parts)) if left.args and right.args else Type("tuple")
    return tuple_of(*ours, *theirs)


def unary_result(symbol: str, operand: Type) -> Type:
    """The type of ``symbol operand``."""
    if symbol == "not":
        return BOOL
    if operand in (ANY, NEVER):
        return operand
    name = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}[symbol]
    found = member(operand, name)
    return joined(one.result for one in found.signatures) if found and found.signatures else ANY


@lru_cache(maxsize=50_000)
def item_of(container: Type, index: Type, position: int | None = None) -> Type:
    """The type of ``container[index]``; ``position`` is the index where it is a literal.

    Examples
    --------
    >>> str(item_of(tuple_of(INT, STR), INT, 1)), str(item_of(STR, SLICE))
    ('str', 'str')
    """
    if container.name == "Union":
        return joined(item_of(one, index, position) for one in container.args)
    if container in (ANY, NEVER):
        return container
    if container.name == "tuple":
        items = [one for one in container.args if one not in (ELLIPSIS, EMPTY)]
        if index == SLICE:
            return tuple_any(joined(items)) if items else Type("tuple")
        if position is not None and ELLIPSIS not in container.args and items:
            return items[position] if -len(items) <= position < len(items) else ANY
        return joined(items) if items else ANY
    if container.name == "list" and index == SLICE:
        return container
    found = member(container, "__getitem__")
    for signature in found.signatures if found else ():
        values = accepts(signature, Arguments((index,)))
        if values is not None:
            return substitute(signature.result, values, ANY)
    return ANY


@lru_cache(maxsize=10_000)
def index_of(container: Type) -> Type:
    """What may stand between the brackets: an index of a sequence, a key of a mapping.

    >>> str(index_of(Type("dict", (STR, INT)))), str(index_of(STR))
    ('str', 'int')
    """
    if container.name == "Union":
        return joined(index_of(one) for one in container.args)
    if container.name in ("list", "tuple", "str", "bytes", "bytearray", "range"):
        return INT
    found = member(container, "__getitem__")
    if not found or not found.signatures or not found.signatures[0].parameters:
        return ANY
    wanted = found.signatures[0].parameters[0].type
    return INT if wanted.name == "SupportsIndex" else wanted


@lru_cache(maxsize=10_000)
def stored_in(container: Type) -> Type:
    """What ``container[index] = value`` takes as its value."""
    found = member(container, "__setitem__")
    if not found or not found.signatures or len(found.signatures[0].parameters) < 2:
        return ANY
    return found.signatures[0].parameters[1].type


def contained(container: Type) -> Type:
    """What ``value in container`` is asked of: an element, a key, a part of a string."""
    return joined(
        one if one.name in ("str", "bytes") else iterated(one) for one in container.members
    )
