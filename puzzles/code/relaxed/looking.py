"""A first look at a program: one slow run of it in the sandbox shows the types of its names."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from latent_ebm.puzzles.code.evidence import observed
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.naming import type_name
from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.sites import Site, opened, sites
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX
from latent_ebm.puzzles.code.testing.cases import Case, Suite

__all__ = ["Look", "look_at", "open_site", "passes", "result_types"]


@dataclass(frozen=True, eq=False)
class Look:
    """A program, its holes, and what its run showed.

    Attributes
    ----------
    program
        As given.
    holes
        Where something is missing.
    context
        Of the program with its holes open, with names where they are bound.
    results
        The types of what the tests expect, the most detailed first.
    """

    program: Program
    holes: tuple[Site, ...]
    context: Context
    results: tuple[str, ...]

    @cached_property
    def wide(self) -> Context:
        """The context with every name of a function in all of it: what scope has to rule out."""
        return replace(self.context, terms=replace(self.context.terms, scope=False), pools={})


def look_at(text: str, executor: Executor, terms: Terms | None = None) -> Look:
    """Run a program with its holes open, once, and look at it."""
    program = Program(text)
    holes = sites(program)
    blank = Program(applied(program.source, opened(program, holes)))
    seen, _ = observed(blank, executor, text_too=terms is None or terms.types)
    if not any(seen.suspicion.values()):  # it did not load: all lines are alike
        lines = dict.fromkeys(range(1, text.count("\n") + 2), 1)
        seen = replace(seen, lines=[lines], failed=[True])
    context = Context(blank, seen, terms or Terms())
    return Look(program, tuple(holes), context, result_types(executor.suite))


def passes(text: str, suite: Suite, project: Path | None = None) -> bool:
    """Whether a program passes every test in a sandbox that is started for that."""
    with Executor(suite, context=text, project=project, workers=1) as executor:
        return executor.verify(text).passed


def open_site(program: Program, number: int) -> Site:
    """The call that stands for an open hole.

    Raises
    ------
    ValueError
        If the hole is not open there.
    """
    name = f"{HOLE_PREFIX}{number}__"
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            parent = program.parent(node)
            return Site(number, parent if isinstance(parent, ast.Expr) else node)
    raise ValueError(f"hole {number} is not open in this program")


def result_types(suite: Suite) -> tuple[str, ...]:
    """The run-time types of what the tests expect, the most detailed first."""
    cases = [case for case in suite.cases if isinstance(case, Case) and not case.raises]
    names = {type_name(case.expected) for case in cases}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))
