"""Imports that a program lacks, as edits and as a program that has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.imports import Imports
from latent_ebm.puzzles.code.grammar.prices import IMPORT
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.terms import FLAT


def import_edits(context: Context) -> Iterator[Edit]:
    """The imports of names that are read and bound nowhere: each, and all of them at once."""
    lacking = context.imports.missing
    choices: list[tuple[ast.Name, tuple[str, ...]]]
    choices = [(name, (line,)) for name, line in lacking.items()]
    if len(lacking) > 1:
        choices.insert(0, (next(iter(lacking)), tuple(sorted(set(lacking.values())))))
    for name, lines in choices:
        start, end = context.program.span(name)
        price = IMPORT if context.terms.prior else FLAT
        features = ("import", *(f"import {line}" for line in lines))
        yield Edit(start, end, name.id, price, "import", name.lineno, features, imports=lines)


def with_imports(text: str) -> str:
    r"""A program with the imports that it lacks.

    >>> with_imports("def f(xs):\n    return deque(xs)\n").splitlines()[0]
    'from collections import deque'
    """
    program = Program(text)
    lines = tuple(Imports(program).missing.values())
    return applied(program.source, [Edit(0, 0, "", 0.0, "import", 1, imports=lines)])
