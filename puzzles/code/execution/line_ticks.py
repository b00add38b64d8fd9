"""Ticks put into the text of a program, line by line, many times faster than into its tree.

Candidates differ from each other in a line or two. So each logical line (physical lines joined
while a bracket or string is open) is parsed once, and what it becomes is kept: a loop or
function header asks for a tick before the next line, a comprehension or lambda is rewritten by
`ticks.instrumented`, everything else stays as it is. The result has the same syntax tree as
`ticks.instrumented` gives; where a line cannot be treated alone there is no result, and the
tree is instrumented instead.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from latent_ebm.puzzles.code.execution.ticks import TICK, instrumented

__all__ = ["LineTicks"]

MOST_LINES = 100_000
LONGEST_JOINED = 400
"""Physical lines of one logical line."""

_CALL = f"{TICK}()"
_TOKENS = re.compile(r"\\.|\"\"\"|'''|[\"'#\[\](){}]", re.DOTALL)
_TICKED = re.compile(r"\b(for|while|def|lambda)\b")
_TRIPLE = ('"""', "'''")

_LOOP, _DEFINITION = 1, 2
_SCAFFOLDS = {
    "elif": ("if 0:\n    pass\n", "\n    pass", 2),
    "except": ("try:\n    pass\n", "\n    pass", 2),
    "case": ("match 0:\n    ", "\n        pass", 1),
    "match": ("", "\n    case _:\n        pass", 0),
    "@": ("", "\ndef f():\n    pass", 0),
}
_BODY = ("", "\n    pass", 0)
_BARE = re.compile(r"(else|try|finally)\s*:\s*(#[^\n]*)?")


class _Line(NamedTuple):
    """What a logical line becomes.

    Attributes
    ----------
    text
        With its indentation.
    indentation
        For a tick before it.
    then
        Whether a tick has to follow: of a loop, of a definition, or 0.
    docstring
        Whether it is nothing but a string.
    """

    text: str
    indentation: str
    then: int = 0
    docstring: bool = False


_BLANK = _Line("", "")
_OPEN = _Line("open", "")
_COMPLEX = _Line("complex", "")


class LineTicks:
    """Instruments texts, remembering lines."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._lengths: dict[str, list[int]] = {}

    def instrumented(self, text: str) -> str | None:
        r"""The text with its ticks; None where that needs the syntax tree.

        >>> print(LineTicks().instrumented("while x:\n  x = [y for y in x]\n"))
        while x:
          __tick__()
          x = [y for y in x if __tick__()]
        """
        if len(self._lines) > MOST_LINES:
            self._lines.clear()
            self._lengths.clear()
        known = self._lines
        made: list[str] = []
        then = 0
        lines = text.replace("\r\n", "\n").split("\n")
        position, count = 0, len(lines)
        while position < count:
            line = lines[position]
            position += 1
            found = known.get(line) or self._learned(line)
            if found is _OPEN:
                found, position = self._joined(lines, position - 1)
            if found is _BLANK:
                continue
            if found is _COMPLEX:
                return None
            if then:
                if then == _DEFINITION and found.docstring:
                    made.append(found.text)
                    made.append(found.indentation + _CALL)
                    then = 0
                    continue
                made.append(found.indentation + _CALL)
            made.append(found.text)
            then = found.then
        return None if then else "\n".join(made)

    def _joined(self, lines: list[str], start: int) -> tuple[_Line, int]:
        """The logical line that begins in line `start`, and the line after it."""
        lengths = self._lengths.setdefault(lines[start], [])
        for length in lengths:
            found = self._lines.get("\n".join(lines[start : start + length]))
            if found is not None:
                return found, start + length
        end = start + 2
        while end <= min(len(lines), start + LONGEST_JOINED):
            joined = "\n".join(lines[start:end])
            if not _is_open(joined):
                lengths.append(end - start)
                return self._learned(joined), end
            end += 1
        return _COMPLEX, end

    def _learned(self, line: str) -> _Line:
        learned = self._lines[line] = _line(line)
        return learned


def _line(text: str) -> _Line:
    stripped = text.strip()
    if not stripped or (stripped[0] == "#" and "\n" not in text):
        return _BLANK
    if "\f" in text or "\r" in text:
        return _COMPLEX
    if _is_open(text):
        return _OPEN
    indentation = text[: len(text) - len(text.lstrip())]
    if "\n" in indentation:
        return _COMPLEX
    if _BARE.fullmatch(stripped):
        return _Line(text, indentation)
    body = text[len(indentation) :]
    for before, after, skipped in _scaffolds(body):
        try:
            tree = ast.parse(before + body + after)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return _instrumented_line(tree, text, indentation, (before, after, skipped))
    return _COMPLEX


def _scaffolds(body: str) -> list[tuple[str, str, int]]:
    """What may have to stand around a line for it to be a program: before, after, lines before."""
    word = "@" if body[0] == "@" else re.split(r"\W", body, maxsplit=1)[0]
    return [("", "", 0), _SCAFFOLDS.get(word, _BODY)]


def _instrumented_line(
    tree: ast.Module, text: str, indentation: str, scaffold: tuple[str, str, int]
) -> _Line:
    before, after, skipped = scaffold
    statement = tree.body[0]
    then = 0
    nodes = list(ast.walk(tree)) if _TICKED.search(text) else []
    if not (before or after) and any(isinstance(node, _BLOCKS) for node in nodes):
        return _COMPLEX  # its body is in the same line
    if isinstance(statement, (ast.For, ast.While, ast.AsyncFor)):
        then = _LOOP
    elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and text.lstrip()[0] != "@":
        then = _DEFINITION
    docstring = (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
    if docstring and len(tree.body) > 1:
        return _COMPLEX
    if not any(isinstance(node, (ast.comprehension, ast.Lambda)) for node in nodes):
        return _Line(text, indentation, then, docstring)
    _without_blocks(instrumented(tree))
    wanted = ast.dump(tree)
    lines = ast.unparse(tree).split("\n")
    rewritten = lines[skipped].strip()
    try:
        same = ast.dump(ast.parse(before + rewritten + after)) == wanted
    except SyntaxError:
        same = False
    return _Line(indentation + rewritten, indentation, then, docstring) if same else _COMPLEX


_BLOCKS = (ast.For, ast.While, ast.AsyncFor, ast.FunctionDef, ast.AsyncFunctionDef)


def _without_blocks(tree: ast.Module) -> None:
    """Take the tick of the header's own body out again: it comes with the next line."""
    for node in ast.walk(tree):
        if isinstance(node, _BLOCKS):
            node.body = [each for each in node.body if isinstance(each, ast.Pass)]


def _is_open(text: str) -> bool:  # noqa: C901 - a scanner is one loop
    """Whether a bracket or string is open at the end, or a backslash joins the next line."""
    depth = 0
    quote = ""
    comment = False
    position = 0
    while found := _TOKENS.search(text, position):
        mark = found.group()
        position = found.end()
        if quote:
            if mark == quote:
                quote = ""
            elif mark in _TRIPLE and len(quote) == 1:
                # an empty string's end, or the end of one and the start of another
                position = found.start() + 1
                quote = "" if mark[0] == quote else quote
            elif len(quote) == 3 and len(mark) == 1:
                continue
            continue
        if mark == "#":
            end = text.find("\n", position)
            if end < 0:
                comment = True
                break
            position = end
        elif mark in _TRIPLE or mark in "\"'":
            quote = mark
        elif mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
    return bool(quote) or depth > 0 or (not comment and text.endswith("\\"))
