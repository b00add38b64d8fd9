"""The names of productions that bind names or give keywords, as ``statistics.COUNTS`` has them."""

from __future__ import annotations

import ast

from latent_ebm.puzzles.code.grammar.syntax import Comprehension, head

LOOPS = ("enumerate", "items", "zip", "range")
"""What a comprehension may loop over that shows in its name."""
_DISPLAYS: dict[type[ast.expr], str] = {
    ast.ListComp: "list-of",
    ast.SetComp: "set-of",
    ast.DictComp: "dict-of",
}


def forms(node: ast.AST) -> list[str]:
    """The names of a comprehension, a lambda, or a call with keywords or a generator; else none.

    >>> def of(text):
    ...     return forms(ast.parse(text, mode="eval").body)
    >>> of("[x for x in xs if x]"), of("[f(i, x) for i, x in enumerate(xs)]")
    (['list-of filter'], ['list-of enumerate'])
    >>> of("any(x > 0 for x in xs)"), of("sorted(xs, key=lambda x: -x, reverse=True)")
    (['any-of'], ['sorted key=lambda', 'sorted reverse='])
    """
    match node:
        case ast.ListComp() | ast.SetComp() | ast.DictComp():
            return [_DISPLAYS[type(node)] + _shape(node)]
        case ast.Call(args=[ast.GeneratorExp() as inner], keywords=[]):
            return [f"{head(node)}-of{_shape(inner)}"]
        case ast.Call(args=[ast.GeneratorExp() as inner, _], func=ast.Name(id="next")):
            return [f"next-of{_shape(inner)}"]
        case ast.Call(keywords=[_, *_]):
            return [f"{head(node)} {_keyword(one)}" for one in node.keywords if one.arg]
    return []


def _keyword(keyword: ast.keyword) -> str:
    return f"{keyword.arg}={'lambda' if isinstance(keyword.value, ast.Lambda) else ''}"


def _shape(node: Comprehension) -> str:
    """How it loops, and whether it only filters or has a condition."""
    (first, *further) = node.generators
    if further:
        return " nested"
    target = ast.unparse(first.target).strip("()")
    parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    kept = ", ".join(map(ast.unparse, parts)).strip("()") == target
    shape = ""
    if first.ifs:
        shape = " filter" if kept else " if"
    match first.iter:
        case ast.Call() as call if head(call) in LOOPS:
            return f"{shape} {head(call)}"
    return f"{shape} pairs" if isinstance(first.target, ast.Tuple) else shape
