"""Inserting, deleting and replacing statements: lines and indentation stay in the block's style."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize

from latent_ebm.puzzles.code.errors import Refusal
from latent_ebm.puzzles.code.source import Edit, Source, Span, end_of

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def block_of(source: Source, statement: ast.stmt) -> tuple[list[ast.stmt], int]:
    """The block that holds a statement, and its index there."""
    parent = source.parents[statement]
    for field in _BLOCKS:
        block = getattr(parent, field, None)
        if isinstance(block, list):
            for index, other in enumerate(block):
                if other is statement:
                    return block, index
    raise ValueError(f"the statement in line {statement.lineno} is in no block")


def block_unit(source: Source) -> str:
    """One level of indentation: what the first indented block has more than its header."""
    for node in ast.walk(source.tree):
        for field in _BLOCKS:
            block = getattr(node, field, None)
            if (
                isinstance(block, list)
                and block
                and isinstance(block[0], ast.stmt)
                and isinstance(node, (ast.stmt, ast.excepthandler))
                and block[0].lineno > node.lineno
                and not is_elif(source, node, block)
            ):
                inner, outer = indent_of(source, block[0]), indent_of(source, node)
                if inner.startswith(outer) and len(inner) > len(outer):
                    return inner[len(outer) :]
    return "    "


def is_elif(source: Source, node: ast.AST, block: list[ast.stmt]) -> bool:
    """Whether ``block`` is the ``elif`` of ``node``, and so has no lines of its own."""
    if not (isinstance(node, ast.If) and block is node.orelse and len(block) == 1):
        return False
    return isinstance(block[0], ast.If) and source.data.startswith(
        b"elif", source.span(block[0]).start
    )


def indent_of(source: Source, node: ast.stmt | ast.excepthandler) -> str:
    """The blanks before the line in which a statement starts."""
    start = source.span(node).start
    line_start = source.line_starts[source.place(start).line - 1]
    line = source.data[line_start:start]
    return line[: len(line) - len(line.lstrip(b" \t\f"))].decode()


def _alone(source: Source, statement: ast.stmt) -> bool:
    """Whether no other code stands in the lines of a statement."""
    start, end = source.span(statement)
    first, last = source.place(start).line, source.place(end).line
    before = source.data[source.line_starts[first - 1] : start]
    after = source.line(last).encode()[end - source.line_starts[last - 1] :].lstrip()
    return not before.strip() and (not after or after.startswith(b"#"))


def line_span(source: Source, statement: ast.stmt) -> Span:
    """The whole lines of a statement that has them for itself, the last line break included."""
    start, end = source.span(statement)
    first, last = source.place(start).line, source.place(end).line
    stop = source.line_starts[last] if last < len(source.line_starts) else len(source.data)
    return Span(source.line_starts[first - 1], stop)


def indented(source: Source, text: str, indent: str) -> str:
    """Statements' text, dedented, with ``indent`` before each line and the file's line breaks.

    Lines that continue a string stay as they are.
    """
    text = textwrap.dedent(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    inside = _string_lines(text)
    unit = source.indent_unit
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        if number in inside or not line.strip():
            lines.append(line)
            continue
        body = line.lstrip(" ")
        depth, rest = divmod(len(line) - len(body), 4)
        # the text is written with four blanks a level; the file may have tabs
        lines.append(indent + unit * depth + " " * rest + body)
    return source.newline.join(lines)


def _string_lines(text: str) -> set[int]:
    found: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
            if token.type == tokenize.STRING or "MIDDLE" in tokenize.tok_name[token.type]:
                found.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError) as error:
        raise ValueError(f"{text!r} is no statement: {error}") from None
    return found


def insert_before(source: Source, statement: ast.stmt, text: str) -> list[Edit]:
    r"""Edits that put the statements ``text`` before ``statement``, in its block.

    ``text`` is written with four blanks a level.

    Examples
    --------
    >>> source = Source("def f(x):\n\treturn x\n")
    >>> new = insert_before(source, source.tree.body[0].body[0], "if x:\n    x = 1")
    >>> source.apply(new).text
    'def f(x):\n\tif x:\n\t\tx = 1\n\treturn x\n'
    """
    return _inserted(source, statement, text, after=False)


def insert_after(source: Source, statement: ast.stmt, text: str) -> list[Edit]:
    """Edits that put the statements ``text`` behind ``statement``; see ``insert_before``."""
    return _inserted(source, statement, text, after=True)


def _inserted(source: Source, statement: ast.stmt, text: str, *, after: bool) -> list[Edit]:
    if _is_elif(source, statement):
        raise Refusal("elif", source.path, statement.lineno, "no statement fits beside it")
    block, index = block_of(source, statement)
    if not all(_alone(source, one) for one in block):
        return _rewritten(source, block, index + after, index + after, text)
    new = indented(source, text, indent_of(source, statement))
    lines = line_span(source, statement)
    if not after:
        return [Edit(lines.start, lines.start, new + source.newline)]
    if source.data[lines.start : lines.end].endswith((b"\n", b"\r")):
        return [Edit(lines.end, lines.end, new + source.newline)]
    return [Edit(lines.end, lines.end, source.newline + new)]


def delete_statement(source: Source, statement: ast.stmt) -> list[Edit]:
    r"""Edits that take a statement away, ``pass`` in its place where it was alone in its block.

    Examples
    --------
    >>> source = Source("if x:\n    y = 1  # why\n")
    >>> source.apply(delete_statement(source, source.tree.body[0].body[0])).text
    'if x:\n    pass  # why\n'
    """
    block, index = block_of(source, statement)
    start, end = source.span(statement)
    if isinstance(statement, ast.If) and _is_elif(source, statement):
        return _without_elif(source, statement)
    if len(block) == 1:
        if isinstance(source.parents[statement], ast.Module) and _alone(source, statement):
            return [Edit(*line_span(source, statement), "")]
        return [Edit(start, end, "pass")]
    if _alone(source, statement):
        return [Edit(*line_span(source, statement), "")]
    return _rewritten(source, block, index, index + 1, "")


def replace_statement(source: Source, statement: ast.stmt, text: str) -> list[Edit]:
    """Edits that put the statements ``text`` in the place of one; comments beside it stay."""
    if _is_elif(source, statement):
        raise Refusal("elif", source.path, statement.lineno, "replace its test or its body")
    new = indented(source, text, "")
    body = ast.parse(textwrap.dedent(text)).body
    simple = len(body) == 1 and not hasattr(body[0], "body") and "match" not in new[:5]
    if simple and "\n" not in new and "\r" not in new:
        return [Edit(*source.span(statement), new)]
    block, index = block_of(source, statement)
    if not _alone(source, statement):
        return _rewritten(source, block, index, index + 1, text)
    start, end = source.span(statement)
    return [Edit(start, end, indented(source, text, indent_of(source, statement)).lstrip(" \t"))]


def _is_elif(source: Source, statement: ast.stmt) -> bool:
    parent = source.parents[statement]
    return (
        isinstance(parent, ast.If)
        and parent.orelse == [statement]
        and is_elif(source, parent, parent.orelse)
    )


def _without_elif(source: Source, statement: ast.If) -> list[Edit]:
    """An ``elif`` goes with its body; what follows it stays."""
    start, end = source.span(statement)
    if statement.orelse and is_elif(source, statement, statement.orelse):
        follower = source.span(statement.orelse[0]).start
        return [Edit(start, follower, "")]
    first = source.line_starts[source.place(start).line - 1]
    if statement.orelse:
        stop = source.line_starts[end_of(statement.body[-1])[0]]
        return [Edit(first, stop, "")]
    number = source.place(end).line
    stop = source.line_starts[number] if number < len(source.line_starts) else len(source.data)
    return [Edit(first, stop, "")]


def _rewritten(
    source: Source, block: list[ast.stmt], first: int, last: int, text: str
) -> list[Edit]:
    """A block that shares lines with other code, anew, a line for each of its statements.

    Statements ``first`` to ``last`` (excluded) give way to ``text``.
    """
    parent = source.parents[block[0]]
    start, end = source.span(block[0]).start, source.span(block[-1]).end
    if isinstance(parent, ast.Module):
        indent, lead = "", ""
    elif source.place(start).line == _header_line(source, block):
        if not isinstance(parent, (ast.stmt, ast.excepthandler)):
            raise Refusal("a case in one line", source.path, block[0].lineno, "give it lines")
        indent = indent_of(source, parent) + source.indent_unit
        lead = source.newline + indent
        while source.data[start - 1 : start] in (b" ", b"\t"):
            start -= 1
    else:
        indent, lead = indent_of(source, block[0]), ""
    kept = [[source.segment(one)] for one in block]
    kept[first:last] = [[indented(source, text, indent).lstrip(" \t")]] if text else []
    pieces = [piece for one in kept for piece in one]
    # a semicolon behind the last statement, or a comment behind one within, goes with the lines
    rest = source.line(source.place(end).line).encode()
    column = end - source.line_starts[source.place(end).line - 1]
    tail = rest[column:]
    if tail.lstrip().startswith(b";"):
        end += len(tail) - len(tail.lstrip()) + 1
    return [Edit(start, end, lead + (source.newline + indent).join(pieces))]


def _header_line(source: Source, block: list[ast.stmt]) -> int:
    """The line of the colon that opens a block: the first code before it, looking backwards."""
    start = source.span(block[0]).start
    before = source.data[:start].rstrip(b" \t")
    return source.place(len(before)).line if before.endswith(b":") else -1
