"""Recording what every expression of a program is at run time, by rewriting its syntax tree.

Every expression that is read becomes `__record__(k, expression)`, which gives its value back,
and before every statement stands `__line__(k, locals())`. What a program does is the same, but
slower. What must stay as it is stays: patterns, annotations, docstrings, the parts of
f-strings, the `super` of `super()`.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from latent_ebm.puzzles.code.execution.naming import LONGEST_SAMPLE, sample_of, type_name
from latent_ebm.puzzles.code.execution.ticks import instrumented

__all__ = ["Recorder"]

MOST_TYPED = 2_000
"""Values of one expression whose types are counted; evaluations are counted on."""

MOST_SAMPLES = 8
_RECORD, _LINE, _LOCALS = "__record__", "__line__", "__locals__"


class Recorder:
    """Records one program.

    Parameters
    ----------
    text
        The program.
    function
        Only what is in this function, dotted for a method; "" for the whole module.

    Attributes
    ----------
    code
        Of the rewritten module.
    names
        What its namespace needs.
    """

    def __init__(self, text: str, function: str) -> None:
        self._spans: list[tuple[int, int, int, int]] = []
        self._lines: list[int] = []
        tree = ast.parse(text)
        within = _function(tree, function) if function else tree
        if within is not None:
            _Wrapper(self._spans, self._lines).body(within)
        instrumented(tree)
        ast.fix_missing_locations(tree)
        self.code = compile(tree, "<program>", "exec", dont_inherit=True, optimize=0)
        self._types: list[Counter[str]] = [Counter() for _ in self._spans]
        self._samples: list[dict[str, None]] = [{} for _ in self._spans]
        self._typed = [0] * len(self._spans)
        self._local_types: dict[int, dict[str, Counter[str]]] = {}
        self._cases: dict[int, tuple[Counter[int], Counter[int]]] = {}
        self.names: Mapping[str, Any] = {
            _RECORD: self._record,
            _LINE: self._line,
            _LOCALS: locals,
        }
        self.start(-1)

    def start(self, case: int) -> None:
        """What comes belongs to this case; -1 for executing the module."""
        self._counts, self._line_counts = self._cases.setdefault(case, (Counter(), Counter()))

    def _record(self, index: int, value: Any) -> Any:
        self._counts[index] += 1
        if self._typed[index] < MOST_TYPED:
            self._typed[index] += 1
            self._types[index][type_name(value)] += 1
            samples = self._samples[index]
            if len(samples) < MOST_SAMPLES:
                samples[sample_of(value)[:LONGEST_SAMPLE]] = None
        return value

    def _line(self, index: int, names: Mapping[str, Any] | None = None) -> None:
        line = self._lines[index]
        self._line_counts[line] += 1
        if names is None or self._line_counts[line] > MOST_TYPED:
            return
        types = self._local_types.setdefault(line, {})
        for name, value in list(names.items()):
            if not name.startswith(("__", ".")):
                types.setdefault(name, Counter())[type_name(value)] += 1

    def text(self) -> str:
        """All that was recorded, as JSON."""
        return json.dumps(
            {
                "spans": self._spans,
                "types": self._types,
                "samples": [list(samples) for samples in self._samples],
                "locals": self._local_types,
                "cases": {
                    case: [dict(counts), dict(lines)]
                    for case, (counts, lines) in self._cases.items()
                },
            }
        )


_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _function(tree: ast.Module, path: str) -> _Scope | None:
    found: _Scope = tree
    for name in path.split("."):
        inner = [
            node
            for node in found.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and node.name == name
        ]
        if not inner:
            return None
        found = inner[-1]
    return found


class _Wrapper:
    """Wraps expressions and statements, and numbers them."""

    def __init__(self, spans: list[tuple[int, int, int, int]], lines: list[int]) -> None:
        self._spans = spans
        self._lines = lines
        self._in_function = False

    def body(self, scope: _Scope) -> None:
        outer = self._in_function
        if not isinstance(scope, ast.Module):
            self._in_function = not isinstance(scope, ast.ClassDef)
        scope.body = self._statements(scope.body)
        self._in_function = outer

    def _statements(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for position, statement in enumerate(statements):
            is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
            if not future and not (is_text and position == 0):
                made.append(self._marker(statement))
            self._statement(statement)
            made.append(statement)
        return made

    def _marker(self, statement: ast.stmt) -> ast.stmt:
        self._lines.append(statement.lineno)
        arguments: list[ast.expr] = [ast.Constant(len(self._lines) - 1)]
        if self._in_function:
            arguments.append(ast.Call(ast.Name(_LOCALS, ast.Load()), [], []))
        call = ast.Call(ast.Name(_LINE, ast.Load()), arguments, [])
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), statement))

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.args.defaults = [self._read(each) for each in node.args.defaults]
            node.args.kw_defaults = [each and self._read(each) for each in node.args.kw_defaults]
            self.body(node)
        elif isinstance(node, ast.ClassDef):
            self.body(node)
        elif not isinstance(node, (ast.Global, ast.Nonlocal)) and _kind(node) != "TypeAlias":
            self._fields(node)

    def _fields(self, node: ast.AST) -> None:
        """Wrap what the fields of a node read, statements, handlers and cases included."""
        for name, value in ast.iter_fields(node):
            if name == "annotation":
                continue
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, self._statements(value))
            elif isinstance(value, list):
                setattr(node, name, [self._child(item) for item in value])
            elif isinstance(value, ast.AST):
                setattr(node, name, self._child(value))

    def _child(self, node: Any) -> Any:
        if isinstance(node, ast.expr):
            return self._read(node)
        if isinstance(node, ast.AST) and not isinstance(node, ast.pattern):
            self._fields(node)
        return node

    def _read(self, node: ast.expr) -> ast.expr:
        """The expression, wrapped if it is one that is read as a whole."""
        if isinstance(node, ast.Lambda):
            node.args.defaults = [self._read(each) for each in node.args.defaults]
            node.body = self._read(node.body)
        elif isinstance(node, ast.JoinedStr):
            self._pieces(node)
        elif not (isinstance(node, ast.Call) and _is_super(node)):
            self._fields(node)
        if not _whole(node):
            return node
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        self._spans.append((node.lineno, node.col_offset, end_line, end_column))
        index = ast.Constant(len(self._spans) - 1)
        call = ast.Call(ast.Name(_RECORD, ast.Load()), [index, node], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))

    def _pieces(self, node: ast.JoinedStr) -> None:
        """Wrap the values in an f-string, whose literal parts and specifications must stay."""
        for piece in node.values:
            if isinstance(piece, ast.FormattedValue):
                piece.value = self._read(piece.value)
                if isinstance(piece.format_spec, ast.JoinedStr):
                    self._pieces(piece.format_spec)


def _is_super(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "super"


def _kind(node: ast.AST) -> str:
    return type(node).__name__


def _whole(node: ast.expr) -> bool:
    if isinstance(node, (ast.Starred, ast.Slice)):
        return False
    if isinstance(node, ast.Tuple) and any(isinstance(item, ast.Slice) for item in node.elts):
        return False
    context = getattr(node, "ctx", None)
    return context is None or isinstance(context, ast.Load)
