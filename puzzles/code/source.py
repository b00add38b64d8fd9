"""A Python file: its text, its trees, and edits that leave every other byte alone.

Positions are offsets into ``Source.data``, the text as UTF-8 without a byte-order mark; both
``ast`` (lines and UTF-8 columns) and tree-sitter count in these units. What is on disk is
``Source.bytes``: the same text in the file's own encoding, with its mark.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from latent_ebm.puzzles.code.errors import BadSource, Refusal

if TYPE_CHECKING:
    import tree_sitter

MAX_BYTES = 2_000_000
MAX_DEPTH = 200  # nested nodes; readers here recurse, three frames a level
BOM = b"\xef\xbb\xbf"


class Span(NamedTuple):
    """Offsets into ``Source.data``, the end excluded."""

    start: int
    end: int


class Place(NamedTuple):
    """Line and column as editors show them, both from 1; the column counts characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put ``replacement`` where bytes ``start_byte`` to ``end_byte`` of ``Source.data`` were."""

    start_byte: int
    end_byte: int
    replacement: str


@dataclass(frozen=True, eq=False)
class Source:
    r"""One Python file; edits give new ones.

    Parameters
    ----------
    text
        The decoded text with its own line breaks.
    path
        Named in messages; nothing is read from it.
    encoding
        Of the file, as PEP 263 finds it.
    bom
        Whether the file starts with a UTF-8 byte-order mark.

    Examples
    --------
    >>> source = Source("x = 1  # one\r\ny = 2\r\n")
    >>> source.newline, source.apply([Edit(4, 5, "10")]).text
    ('\r\n', 'x = 10  # one\r\ny = 2\r\n')
    """

    text: str
    path: str = "<string>"
    encoding: str = "utf-8"
    bom: bool = False
    # the parsed source that edits made this one from, for incremental parsing
    _before: tuple[Source, tuple[Edit, ...]] | None = field(default=None, repr=False)

    @classmethod
    def read(cls, path: str | Path, max_bytes: int = MAX_BYTES) -> Source:
        """The file at ``path``.

        Raises
        ------
        BadSource
            For a folder, a missing or unreadable file, one over ``max_bytes``, one that is binary
            or does not decode; the message says which. Syntax is not looked at yet.
        """
        return cls.from_bytes(_bytes_of(Path(path), max_bytes), str(path), max_bytes)

    @classmethod
    def from_bytes(cls, data: bytes, path: str = "<string>", max_bytes: int = MAX_BYTES) -> Source:
        """The file whose content is ``data``; raises like ``read``."""
        if len(data) > max_bytes:
            raise BadSource(f"{len(data):,} bytes; at most {max_bytes:,} are read", path)
        if b"\0" in data:
            line = data[: data.index(b"\0")].count(b"\n") + 1
            raise BadSource(f"a binary file: it has a NUL byte in line {line}", path)
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            if not _declares_nothing(data):
                raise BadSource(f"the encoding is unclear ({error.msg or error})", path) from None
            encoding = "utf-8"  # decoding says where it is not
        bom = data.startswith(BOM)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        body = data[len(BOM) :] if bom else data
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            line = body[: error.start].count(b"\n") + 1
            found = body[error.start : error.start + 1].hex()
            raise BadSource(
                f"byte 0x{found} in line {line} is not {encoding}: name the encoding in a comment "
                "in line 1 or 2, or save the file as UTF-8",
                path,
            ) from None
        source = cls(text, path, encoding, bom)
        if source.bytes != data:
            raise BadSource(f"{encoding} does not give the same bytes back: save it as UTF-8", path)
        return source

    @cached_property
    def data(self) -> bytes:
        """The text as UTF-8; all offsets count its bytes."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def bytes(self) -> bytes:
        """What stands in the file, or is to be written there.

        Raises
        ------
        BadSource
            If an edit brought in a character that the file's encoding does not have.
        """
        try:
            body = self.text.encode(self.encoding)
        except UnicodeEncodeError as error:
            found = self.text[error.start]
            line = self.text.count("\n", 0, error.start) + 1
            raise BadSource(
                f"{found!r} in line {line} cannot be written in {self.encoding}", self.path
            ) from None
        return (BOM if self.bom else b"") + body

    @cached_property
    def line_starts(self) -> list[int]:
        r"""Offset of each line; ``\n``, ``\r\n`` and ``\r`` end lines, as for the compiler."""
        starts, data = [0], self.data
        if b"\r" not in data:
            at = data.find(b"\n")
            while at >= 0:
                starts.append(at + 1)
                at = data.find(b"\n", at + 1)
            return starts
        for at, byte in enumerate(data):
            if byte == 10 or (byte == 13 and data[at + 1 : at + 2] != b"\n"):
                starts.append(at + 1)
        return starts

    @cached_property
    def newline(self) -> str:
        """The line break that most lines have."""
        data = self.data
        pairs = data.count(b"\r\n")
        counts = {"\n": data.count(b"\n") - pairs, "\r\n": pairs, "\r": data.count(b"\r") - pairs}
        return max(counts, key=lambda style: counts[style])

    @cached_property
    def indent_unit(self) -> str:
        """One level of indentation as the file has it: its first indented block's."""
        from latent_ebm.puzzles.code.statements import block_unit

        return block_unit(self)

    @cached_property
    def tree(self) -> ast.Module:
        """The file as ``ast``.

        Raises
        ------
        BadSource
            At a syntax error, with its line, column and text, or where nesting is too deep.
        """
        return parse_ast(self)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node of ``tree`` but its root."""
        found: dict[ast.AST, ast.AST] = {}
        stack: list[ast.AST] = [self.tree]
        while stack:
            node = stack.pop()
            for child in ast.iter_child_nodes(node):
                found[child] = node
                stack.append(child)
        return found

    @cached_property
    def syntax_tree(self) -> tree_sitter.Tree:
        """The file as tree-sitter sees it, errors and all; incremental after ``apply``."""
        from latent_ebm.puzzles.code.incremental import parse, reparse

        if self._before is None:
            return parse(self.data)
        before, edits = self._before
        return reparse(before.syntax_tree, before.data, edits, self.data)

    def apply(self, edits: Iterable[Edit]) -> Source:
        """The source with all ``edits`` made at once; offsets are those of this source.

        Raises
        ------
        ValueError
            If an edit lies outside the text, cuts a character, or overlaps another.
        """
        ordered = tuple(sorted(edits))
        pieces, done = [], 0
        for edit in ordered:
            if not 0 <= edit.start_byte <= edit.end_byte <= len(self.data):
                raise ValueError(f"{edit} lies outside of {self.path}: 0 to {len(self.data)}")
            if edit.start_byte < done:
                raise ValueError(f"{edit} overlaps an edit that ends at byte {done}")
            pieces += [self.data[done : edit.start_byte], edit.replacement.encode()]
            done = edit.end_byte
        pieces.append(self.data[done:])
        try:
            text = b"".join(pieces).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise ValueError(f"an edit of {self.path} cuts a character in two: {ordered}") from None
        return Source(text, self.path, self.encoding, self.bom, self._past(ordered))

    def _past(self, edits: tuple[Edit, ...]) -> tuple[Source, tuple[Edit, ...]] | None:
        """What an edited source may parse from; only the last parsed one is kept."""
        if "syntax_tree" not in self.__dict__:
            return None
        object.__setattr__(self, "_before", None)
        return self, edits

    def span(self, node: ast.AST) -> Span:
        """The bytes of a node of ``tree``; parentheses around an expression are not part of it.

        A definition's decorators are part of it.

        Raises
        ------
        Refusal
            For expressions in f-strings: Python 3.11 does not say where they are.
        """
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            first = self.span(decorators[0]).start
            start = self.data.rindex(b"@", self.line_starts[0], first)
        else:
            start = -1
        if not isinstance(node, _PLACED):
            raise Refusal(f"a node of kind {type(node).__name__}", self.path, 0, "has no place")
        if isinstance(node, (ast.expr, ast.keyword)) and self.in_fstring(node):
            raise Refusal(
                "an expression in an f-string",
                self.path,
                node.lineno,
                "its place is not known; edit the whole string",
            )
        if start < 0:
            start = self.line_starts[node.lineno - 1] + node.col_offset
        end_line, end_column = end_of(node)
        return Span(start, self.line_starts[end_line - 1] + end_column)

    def in_fstring(self, node: ast.AST) -> bool:
        """Whether an f-string (a template string) holds the node."""
        parents = self.parents
        above = parents.get(node)
        while isinstance(above, (ast.expr, ast.comprehension, ast.keyword)):
            if isinstance(above, (ast.JoinedStr, ast.FormattedValue)):
                return True
            above = parents.get(above)
        return False

    def segment(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode("utf-8", "surrogatepass")

    def place(self, offset: int) -> Place:
        """Line and column of a byte offset."""
        line = bisect_right(self.line_starts, offset) - 1
        before = self.data[self.line_starts[line] : offset]
        return Place(line + 1, len(before.decode("utf-8", "replace")) + 1)

    def line(self, number: int) -> str:
        """Line ``number``, from 1, without its line break."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.data)
        return self.data[start:end].decode("utf-8", "surrogatepass").rstrip("\r\n")


Placed = ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | ast.alias | ast.pattern
_PLACED = (
    ast.expr,
    ast.stmt,
    ast.excepthandler,
    ast.arg,
    ast.keyword,
    ast.alias,
    ast.pattern,
)


def end_of(node: Placed) -> tuple[int, int]:
    """Line and UTF-8 column of a node's end, as ``ast`` counts; the parser always sets them."""
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _declares_nothing(data: bytes) -> bool:
    """Whether the first two lines name no encoding."""
    return b"coding" not in b"".join(data.split(b"\n", 2)[:2])


def _bytes_of(path: Path, max_bytes: int) -> bytes:
    try:
        if path.is_dir():
            raise BadSource("a folder; name one Python file in it", str(path))
        with path.open("rb") as file:
            # a device or a growing file never gives more than one byte over the bound
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise BadSource("there is no such file", str(path)) from None
    except OSError as error:
        raise BadSource(f"cannot be read ({error.strerror})", str(path)) from None
    if len(data) > max_bytes:
        raise BadSource(f"more than {max_bytes:,} bytes; larger files are not read", str(path))
    return data


def parse_ast(source: Source) -> ast.Module:
    """``source`` as ``ast``, with errors located; see ``Source.tree``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the user's odd escapes are not ours to report
            tree = ast.parse(source.text, source.path)
    except SyntaxError as error:
        raise _located(source, error) from None
    except (RecursionError, MemoryError):
        raise BadSource("nested too deeply for Python's own parser", source.path) from None
    except ValueError as error:  # lone surrogates
        raise BadSource(f"not parsed: {error}", source.path) from None
    _check_depth(source, tree)
    return tree


def _located(source: Source, error: SyntaxError) -> BadSource:
    line = min(max(error.lineno or 1, 1), len(source.line_starts))
    return BadSource(
        str(error.msg), source.path, line, max(error.offset or 1, 1), source.line(line)
    )


def _check_depth(source: Source, tree: ast.Module) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    line = next((node.lineno for node in level if isinstance(node, (ast.expr, ast.stmt))), 1)
    raise BadSource(
        f"more than {MAX_DEPTH} levels of nesting", source.path, line, 1, source.line(line)
    )
