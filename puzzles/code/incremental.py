"""Tree-sitter: parsing once, and again where the text changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import tree_sitter
import tree_sitter_python

from latent_ebm.puzzles.code.source import Edit, Place, Source, Span


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))


def parse(data: bytes) -> tree_sitter.Tree:
    """The whole tree of UTF-8 text; errors become nodes, nothing is raised."""
    return _parser().parse(data)


def reparse(
    tree: tree_sitter.Tree, before: bytes, edits: Sequence[Edit], after: bytes
) -> tree_sitter.Tree:
    """The tree of ``after``, sharing with ``tree`` what ``edits`` (sorted) of ``before`` left."""
    old = tree.copy()
    shift = 0
    text = before
    for edit in edits:
        new = edit.replacement.encode()
        start, end = edit.start_byte + shift, edit.end_byte + shift
        changed = text[:start] + new + text[end:]
        old.edit(
            start_byte=start,
            old_end_byte=end,
            new_end_byte=start + len(new),
            start_point=_point(text, start),
            old_end_point=_point(text, end),
            new_end_point=_point(changed, start + len(new)),
        )
        text = changed
        shift += len(new) - (end - start)
    return _parser().parse(after, old)


def _point(text: bytes, offset: int) -> tuple[int, int]:
    # tree-sitter counts rows by "\n" alone
    line_start = text.rfind(b"\n", 0, offset) + 1
    return text.count(b"\n", 0, offset), offset - line_start


def errors(source: Source) -> Iterator[tuple[Span, Place, str]]:
    """Where tree-sitter found no sense, in order: the bytes, the place and the text there.

    Unlike the compiler, which stops at the first, this goes on after each.
    """
    stack = [source.syntax_tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            text = source.data[node.start_byte : node.end_byte].decode("utf-8", "replace")
            shown = f"missing {node.type}" if node.is_missing else text
            yield Span(node.start_byte, node.end_byte), source.place(node.start_byte), shown
        elif node.has_error:
            stack.extend(reversed(node.children))
