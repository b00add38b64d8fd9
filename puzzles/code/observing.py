"""Types that running the tests shows, for those who read the text with its holes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from latent_ebm.puzzles.code.evidence import by_expression
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations, Span
from latent_ebm.puzzles.code.grammar.sites import opened, sites
from latent_ebm.puzzles.code.grammar.syntax import Function
from latent_ebm.puzzles.code.testing.cases import Suite

__all__ = ["Columns", "observed_types"]


def observed_types(
    text: str, suite: Suite, project: Path | None = None
) -> dict[Span, Counter[str]]:
    r"""How often each expression and argument of a text had each type while its tests ran.

    A test ends where it reaches a hole, so what only runs behind one is not seen.

    Parameters
    ----------
    text
        With ``\n`` for line breaks.
    project
        The folder that its imports of other modules of the user's are found in.

    Raises
    ------
    IsolationError
        If the machine allows no sandbox.
    """
    program = Program(text)
    edits = opened(program, sites(program))
    blank = Program(applied(program.source, edits))
    with Executor(suite, context=text, project=project, workers=1) as executor:
        profile = executor.profile(blank.text)
    seen = Observations(profile.types, profile.locals, profile.lines, [])
    functions = [node for node in ast.walk(blank.tree) if isinstance(node, Function)]
    back = Columns(program, edits)
    return {back.span(span): counts for span, counts in by_expression(functions, seen).items()}


class Columns:
    """From places in a text with its holes opened to those in the text as given.

    Holes stand in one line, and so does what opens them: only columns behind them differ.
    """

    def __init__(self, program: Program, edits: Sequence[Edit]) -> None:
        self._grown: dict[int, list[tuple[int, int]]] = {}
        for edit in sorted(edits, key=lambda one: one.start):
            line = program.source.count(b"\n", 0, edit.start) + 1
            begin = edit.start - program.offset(line, 0)
            growth = len(edit.text.encode()) - (edit.end - edit.start)
            self._grown.setdefault(line, []).append((begin, growth))

    def span(self, span: Span) -> Span:
        """The same expression's place in the text as given."""
        line, column, end_line, end_column = span
        return line, self._back(line, column), end_line, self._back(end_line, end_column)

    def _back(self, line: int, column: int) -> int:
        shift = 0
        for begin, growth in self._grown.get(line, ()):
            if column > begin + shift:
                shift += growth
        return column - shift
