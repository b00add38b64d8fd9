"""Putting an expression's text in the place of another, in parentheses only where it needs them.

Every expression has a level; every place in the grammar has the least level that it takes without
parentheses (Python's reference, "Operator precedence").
"""

from __future__ import annotations

import ast
from enum import IntEnum
from typing import cast

from latent_ebm.puzzles.code.source import Edit, Source, Span


class Level(IntEnum):
    """How tightly an expression binds; a place takes its own level and the tighter ones."""

    TUPLE = 0  # also yield and starred lists
    NAMED = 1  # walrus
    TEST = 2  # conditional expression, lambda
    OR = 3
    AND = 4
    NOT = 5
    COMPARE = 6
    BIT_OR = 7
    BIT_XOR = 8
    BIT_AND = 9
    SHIFT = 10
    SUM = 11
    TERM = 12
    FACTOR = 13
    POWER = 14
    AWAIT = 15
    ATOM = 16


BINARY: dict[type[ast.operator], Level] = {
    ast.BitOr: Level.BIT_OR,
    ast.BitXor: Level.BIT_XOR,
    ast.BitAnd: Level.BIT_AND,
    ast.LShift: Level.SHIFT,
    ast.RShift: Level.SHIFT,
    ast.Add: Level.SUM,
    ast.Sub: Level.SUM,
    ast.Mult: Level.TERM,
    ast.MatMult: Level.TERM,
    ast.Div: Level.TERM,
    ast.FloorDiv: Level.TERM,
    ast.Mod: Level.TERM,
    ast.Pow: Level.POWER,
}

_PLAIN: dict[type[ast.expr], Level] = {
    ast.Yield: Level.TUPLE,
    ast.YieldFrom: Level.TUPLE,
    ast.Starred: Level.TUPLE,
    ast.NamedExpr: Level.NAMED,
    ast.IfExp: Level.TEST,
    ast.Lambda: Level.TEST,
    ast.Compare: Level.COMPARE,
    ast.Await: Level.AWAIT,
}


def level_of(node: ast.expr) -> Level:
    """The level of an expression as it is written without parentheses around it."""
    match node:
        case ast.BoolOp(op=ast.And()):
            return Level.AND
        case ast.BoolOp():
            return Level.OR
        case ast.UnaryOp(op=ast.Not()):
            return Level.NOT
        case ast.UnaryOp():
            return Level.FACTOR
        case ast.BinOp(op=op):
            return BINARY[type(op)]
        case ast.Tuple():
            return Level.TUPLE  # callers look whether it has its own parentheses
    return _PLAIN.get(type(node), Level.ATOM)


# places that take a bare tuple, and so all else; (parent, field)
_WHOLE = {
    (ast.Expr, "value"),
    (ast.Return, "value"),
    (ast.Assign, "value"),
    (ast.AugAssign, "value"),
    (ast.AnnAssign, "value"),
}
_TUPLE_ONLY = {(ast.For, "iter"), (ast.Subscript, "slice"), (ast.Yield, "value")}
_NAMED = {
    (ast.If, "test"),
    (ast.While, "test"),
    (ast.Call, "args"),
    (ast.List, "elts"),
    (ast.Set, "elts"),
    (ast.comprehension, "ifs"),
    (ast.match_case, "guard"),
}


def level_at(  # noqa: C901 - one case a kind of node
    parent: ast.AST, field: str, node: ast.AST
) -> Level:
    """The least level that the place ``parent.field`` (where ``node`` is now) takes bare."""
    match parent:
        case ast.BinOp(op=op):
            level = BINARY[type(op)]
            if isinstance(op, ast.Pow):
                return Level.AWAIT if field == "left" else Level.FACTOR
            return level if field == "left" else Level(level + 1)
        case ast.BoolOp(op=op):
            return Level.NOT if isinstance(op, ast.And) else Level.AND
        case ast.UnaryOp(op=ast.Not()):
            return Level.NOT
        case ast.UnaryOp():
            return Level.FACTOR
        case ast.Compare():
            return Level.BIT_OR
        case ast.IfExp():
            return Level.TEST if field == "orelse" else Level.OR
        case ast.comprehension() if field == "iter" or field == "ifs":
            return Level.OR
        case ast.Await() | ast.Attribute():
            return Level.ATOM
        case ast.Subscript(value=value) if value is node:
            return Level.ATOM
        case ast.Call(func=func) if func is node:
            return Level.ATOM
        case ast.Starred():
            return Level.BIT_OR
        case ast.Dict(keys=keys, values=values) if field == "values":
            where = next(i for i, value in enumerate(values) if value is node)
            return Level.BIT_OR if keys[where] is None else Level.TEST
        case ast.For(target=target) | ast.comprehension(target=target) if target is node:
            return Level.BIT_OR
    return Level.NAMED if (type(parent), field) in _NAMED else Level.TEST


def replace_node(source: Source, node: ast.expr, text: str) -> Edit:
    r"""The edit that puts the expression ``text`` where ``node`` stands, and nothing else.

    ``text`` may also be a slice (``1:n``) where ``node`` is a subscript's index, and a starred
    expression where ``node`` is one. Parentheses are added where the place needs them, blanks where
    two words would grow together.

    Raises
    ------
    ValueError
        If ``text`` is not an expression.
    Refusal
        If ``node`` lies in an f-string.

    Examples
    --------
    >>> source = Source("y = a * b\n")
    >>> source.apply([replace_node(source, source.tree.body[0].value.left, "c + d")]).text
    'y = (c + d) * b\n'
    """
    text = text.strip()
    start, end = source.span(node)
    parent = source.parents[node]
    field = _field_of(parent, node)
    written, several_lines = _parsed(text, parent, field)
    if not _is_grouped(source, Span(start, end)) and (
        several_lines or _needs_parentheses(written, text, parent, field, node)
    ):
        text = f"({text})"
    if _shares_parentheses(source, node, parent, Span(start, end)):
        text = f"({text})"
    before = source.data[start - 1 : start].decode("latin-1") if start else ""
    after = source.data[end : end + 1].decode("latin-1")
    if (_word(before) and (_word(text[0]) or text[0] in "'\"")) or (
        before == "{" and text[0] == "{"
    ):
        text = " " + text
    if _word(after) and _word(text[-1]):
        text += " "
    return Edit(start, end, text)


def _word(character: str) -> bool:
    return character.isalnum() or character == "_" or character > "\x7f"


def _field_of(parent: ast.AST, node: ast.AST) -> str:
    for name, value in ast.iter_fields(parent):
        if value is node or (isinstance(value, list) and any(item is node for item in value)):
            return name
    raise ValueError(f"{ast.dump(node)} is not in the tree that it is to be replaced in")


def _parsed(text: str, parent: ast.AST, field: str) -> tuple[ast.expr, bool]:
    """The expression, and whether it needs parentheses because it spans lines."""
    in_index = isinstance(parent, ast.Subscript) and field == "slice"
    for opening, closing, several_lines in (("", "", False), ("(", ")", True)):
        try:
            tree = ast.parse(opening + text + closing, mode="eval").body
        except SyntaxError:
            continue
        if not several_lines:
            return tree, False
        # "a) + (b" parses between parentheses too, and is no expression
        if isinstance(tree, (ast.Yield, ast.YieldFrom, ast.NamedExpr)) or _is_whole(text):
            return tree, "\n" in text or "\r" in text
    try:
        if in_index:
            index = ast.parse(f"_[{text}]", mode="eval").body
            return cast("ast.Subscript", index).slice, False
        if text.startswith("*"):
            elements = cast("ast.List", ast.parse(f"[{text}]", mode="eval").body).elts
            if len(elements) == 1:
                return elements[0], False
    except SyntaxError:
        pass  # said below
    raise ValueError(f"{text!r} is no expression; give one expression, as text")


def _is_whole(text: str) -> bool:
    """Whether a text is one expression between brackets of another kind as well."""
    try:
        shown = cast("ast.List", ast.parse(f"[{text}]", mode="eval").body)
    except SyntaxError:
        return False
    return isinstance(shown, ast.List) and ("\n" in text or "\r" in text)


def _needs_parentheses(
    written: ast.expr, text: str, parent: ast.AST, field: str, node: ast.AST
) -> bool:
    if isinstance(written, (ast.Slice, ast.Starred)):
        return False
    if isinstance(written, ast.Tuple):
        if _has_own_parentheses(written, text):
            # "with (a, b):" would be two items
            return isinstance(parent, ast.withitem)
        sliced = any(isinstance(part, (ast.Slice, ast.Starred)) for part in written.elts)
        bare = (type(parent), field) in _WHOLE | _TUPLE_ONLY
        return not bare and not (sliced and isinstance(parent, ast.Subscript))
    place = (type(parent), field)
    if isinstance(written, (ast.Yield, ast.YieldFrom)):
        return place not in _WHOLE
    if isinstance(written, ast.NamedExpr):
        return place not in _NAMED
    if isinstance(written, ast.Constant) and isinstance(parent, ast.Attribute):
        return isinstance(written.value, (int, float, complex))  # 1.real is no attribute
    if isinstance(written, ast.GeneratorExp):
        return False  # it has its own
    return level_of(written) < level_at(parent, field, node)


def _has_own_parentheses(node: ast.Tuple, text: str) -> bool:
    if not text.startswith("("):
        return False
    return not node.elts or (
        not (node.elts[0].lineno == 1 and node.elts[0].col_offset == 0) and not _opens_first(text)
    )


def _opens_first(text: str) -> bool:
    """Whether the first parenthesis of a tuple's text closes before its end, as in "(a), b"."""
    tree = ast.parse(f"f{text}", mode="eval").body
    return isinstance(tree, ast.Tuple)


def _is_grouped(source: Source, span: Span) -> bool:
    """Whether parentheses that only group stand around the node already."""
    if not source.data[: span.start].rstrip().endswith(b"("):
        return False
    inner = source.syntax_tree.root_node.descendant_for_byte_range(span.start, span.end)
    while inner is not None and inner.start_byte == span.start and inner.end_byte == span.end:
        inner = inner.parent
    return inner is not None and inner.type == "parenthesized_expression"


def _shares_parentheses(source: Source, node: ast.expr, parent: ast.AST, span: Span) -> bool:
    """Whether ``node`` is a generator expression between the parentheses of a call."""
    if not (isinstance(node, ast.GeneratorExp) and isinstance(parent, ast.Call)):
        return False
    return len(parent.args) == 1 and not parent.keywords and source.span(parent).end == span.end
