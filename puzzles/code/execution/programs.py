"""Program texts and fillings to instrumented, screened code, once each."""

from __future__ import annotations

import ast
import types
from dataclasses import dataclass

from latent_ebm.puzzles.code.execution.line_ticks import LineTicks
from latent_ebm.puzzles.code.execution.screening import Screening, screened
from latent_ebm.puzzles.code.execution.ticks import TICK, instrumented

__all__ = ["MOST_HOLES", "Filling", "Program", "Programs"]

MOST_HOLES = 64
MOST_PROGRAMS = 512
MOST_FILLINGS = 20_000


@dataclass(frozen=True)
class Program:
    """A module that can be executed, or the error of one that cannot.

    Attributes
    ----------
    code
        Of the module, None if there is an `error`.
    screening
        Whether it may run inside the worker.
    error
        "SyntaxError: ... (line 3)".
    """

    code: types.CodeType | None
    screening: Screening
    error: str = ""


@dataclass(frozen=True)
class Filling:
    """A hole's function without its namespace, or the error of a text that is none."""

    code: types.CodeType | None
    screening: Screening
    error: str = ""


_HOLES = tuple(f"__hole_{index}__" for index in range(MOST_HOLES))
_OURS = frozenset({TICK, *_HOLES})
_UNCOMPILABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
_HARMLESS = Screening("", frozenset(), False)


class Programs:
    """A cache of programs and fillings by their texts."""

    def __init__(self) -> None:
        self._programs: dict[str, Program] = {}
        self._fillings: dict[str, Filling] = {}
        self._line_ticks = LineTicks()

    def program(self, text: str) -> Program:
        """The program with this text."""
        found = self._programs.get(text)
        if found is None:
            if len(self._programs) >= MOST_PROGRAMS:
                self._programs.clear()
            found = self._programs[text] = _program(text, self._line_ticks)
        return found

    def filling(self, text: str) -> Filling:
        """The hole's function with this text."""
        found = self._fillings.get(text)
        if found is None:
            if len(self._fillings) >= MOST_FILLINGS:
                self._fillings.clear()
            found = self._fillings[text] = _filling(text)
        return found


def _described(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"
    return f"{type(error).__name__}: {error}"[:200]


def _program(text: str, line_ticks: LineTicks) -> Program:
    try:
        code = _compiled(text, line_ticks)
    except _UNCOMPILABLE as error:
        return Program(None, _HARMLESS, _described(error))
    if TICK in text:
        return Program(code, Screening(f"uses {TICK}", frozenset(), True))
    return Program(code, screened(code, _OURS, text))


def _compiled(text: str, line_ticks: LineTicks) -> types.CodeType:
    with_ticks = line_ticks.instrumented(text)
    if with_ticks is not None:
        try:
            return compile(with_ticks, "<program>", "exec", dont_inherit=True, optimize=0)
        except _UNCOMPILABLE:
            pass  # the error is to name the line of the text itself
    tree = instrumented(ast.parse(text))
    return compile(tree, "<program>", "exec", dont_inherit=True, optimize=0)


def _filling(text: str) -> Filling:
    try:
        tree = ast.parse(text.strip(), mode="eval")
        if not isinstance(tree.body, ast.Lambda) or tree.body.args.defaults:
            raise ValueError(f"a filling is a lambda without defaults, not {text[:80]!r}")
        body = tree.body.body
        instrumented(ast.Module([ast.Expr(body)], []))
        outer = compile(tree, "<hole>", "eval", dont_inherit=True, optimize=0)
    except _UNCOMPILABLE as error:
        return Filling(None, _HARMLESS, _described(error))
    code = next(value for value in outer.co_consts if isinstance(value, types.CodeType))
    if TICK in text:
        return Filling(code, Screening(f"uses {TICK}", frozenset(), True))
    return Filling(code, screened(code, _OURS, text))
