"""What operators and conditions ask of their operands."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.expected.analysis import (
    NUMBER,
    OPERANDS,
    Analysis,
    Expectation,
    Rule,
    shown,
)
from latent_ebm.puzzles.code.operations import (
    SYMBOLS,
    binary_result,
    contained,
)
from latent_ebm.puzzles.code.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    Type,
    fits,
    optional,
    union,
)


def _condition(_: Analysis, parent: ast.AST, node: ast.AST) -> Expectation:
    if isinstance(parent, ast.Assert) and node is parent.msg:
        return Expectation(ANY, "message of the assert")
    word = {ast.If: "if", ast.While: "while", ast.Assert: "assert"}.get(type(parent), "case")
    line = getattr(parent, "lineno", getattr(node, "lineno", 0))
    return Expectation(BOOL, f"condition of the {word} at line {line}", boolean=True)


def _if_expression(analysis: Analysis, parent: ast.IfExp, node: ast.AST) -> Expectation:
    if node is parent.test:
        line = parent.lineno
        return Expectation(BOOL, f"condition of the if expression at line {line}", boolean=True)
    outer = analysis.at(parent)
    other = parent.orelse if node is parent.body else parent.body
    if outer.type == ANY and analysis.infer(other) != ANY:
        return Expectation(analysis.infer(other), "one of two values, as is the other")
    return outer


def _bool_op(analysis: Analysis, parent: ast.BoolOp, node: ast.AST) -> Expectation:
    symbol = SYMBOLS[type(parent.op)]
    outer = analysis.at(parent)
    if outer.boolean:
        return Expectation(BOOL, f"operand of {symbol}, {outer.reason}", boolean=True)
    last = node is parent.values[-1]
    if not last and isinstance(parent.op, ast.And):
        return Expectation(BOOL, f"operand of {symbol}", boolean=True)
    return Expectation(outer.type, f"operand of {symbol}, {outer.reason}")


def _unary(analysis: Analysis, parent: ast.UnaryOp, _node: ast.AST) -> Expectation:
    if isinstance(parent.op, ast.Not):
        return Expectation(BOOL, "operand of not", boolean=True)
    outer = analysis.at(parent).type
    kind = INT if isinstance(parent.op, ast.Invert) or outer == INT else NUMBER
    return Expectation(kind, f"operand of the unary {SYMBOLS[type(parent.op)]}")


def _binary(analysis: Analysis, parent: ast.BinOp, node: ast.AST) -> Expectation:
    on_left = node is parent.left
    other = parent.right if on_left else parent.left
    symbol = SYMBOLS[type(parent.op)]
    return _operand(analysis, symbol, other, on_left, analysis.outer(parent))


def _operand(
    analysis: Analysis, symbol: str, other: ast.expr, on_left: bool, wanted: Type
) -> Expectation:
    side = "left" if on_left else "right"
    beside = analysis.infer(other)
    reason = f"{side} operand of {symbol}"
    if beside != ANY:
        reason += f" beside {shown(other)}, which is {beside}"
    if symbol == "%" and not on_left and beside == STR:
        return Expectation(ANY, reason)  # what is formatted
    if wanted == ANY and beside in (BOOL, INT, FLOAT):
        return Expectation(NUMBER, reason)  # strings are rarely multiplied
    candidates = list(dict.fromkeys((*beside.members, *wanted.members, *OPERANDS)))
    found = []
    for one in candidates:
        if one in (ANY, NONE, NEVER) or (beside == ANY and wanted == ANY):
            continue
        result = (
            binary_result(one, symbol, beside) if on_left else (binary_result(beside, symbol, one))
        )
        if result in (None, ANY) and beside == ANY and one in wanted.members:
            result = one
        if result is not None and result != ANY and fits(result, wanted):
            found.append(one)
    if not found and symbol not in ("+", "*", "%", "|", "&", "-", "^"):
        return Expectation(NUMBER, reason)
    return Expectation(union(found) if found else ANY, reason)


def _compare(analysis: Analysis, parent: ast.Compare, node: ast.AST) -> Expectation:
    operands = [parent.left, *parent.comparators]
    index = next(i for i, one in enumerate(operands) if one is node)
    # the operator before the operand, or for the first the one after it
    place = index - 1 if index else 0
    symbol = SYMBOLS[type(parent.ops[place])]
    other = operands[place] if index else operands[1]
    beside = analysis.infer(other)
    known = f", which is {beside}" if beside != ANY else ""
    reason = f"compared by {symbol} with {shown(other)}{known}"
    if symbol in ("in", "not in"):
        if index:
            reason = f"searched by {symbol} for {shown(other)}{known}"
            wanted = (
                union((STR, Type("Container", (STR,))))
                if beside == STR
                else (Type("Container", (beside,)))
            )
            return Expectation(wanted, reason)
        return Expectation(contained(beside), f"looked for by {symbol} in {shown(other)}{known}")
    if symbol in ("is", "is not"):
        return Expectation(ANY if beside in (ANY, NONE) else optional(beside), reason)
    if beside == INT:
        return Expectation(NUMBER, reason)
    return Expectation(ANY if beside == NONE else beside, reason)


RULES: dict[type[ast.AST], Rule] = {
    ast.If: _condition,
    ast.While: _condition,
    ast.IfExp: _if_expression,
    ast.Assert: _condition,
    ast.match_case: _condition,
    ast.BoolOp: _bool_op,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Compare: _compare,
}
"""What asks, by the kind of the node above."""
