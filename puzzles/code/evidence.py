"""The types of expressions as the search knows them: what a run showed, else what the text says.

There are two vocabularies. ``types.Type`` is what annotations, typeshed and inference speak;
a name such as ``list[int]`` is what a run showed. A run is better evidence, as it saw the value, so
the text only speaks where nothing was seen: in code that no test reaches, behind the hole that
ends every test, in a program that does not load. Inference in turn starts from what was seen.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.errors import BadSource
from latent_ebm.puzzles.code.execution.outcomes import Outcome, Verdict
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations, Span
from latent_ebm.puzzles.code.grammar.syntax import Function, span_of
from latent_ebm.puzzles.code.source import Source, end_of
from latent_ebm.puzzles.code.types import ELLIPSIS, EMPTY, Type, without_none

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.execution.executor import Executor

__all__ = ["by_expression", "completed", "observed", "run_time_name"]

CONCRETE = frozenset(
    "bool int float complex str bytes bytearray list tuple dict set frozenset range slice".split()  # noqa: SIM905
)
"""Builtin types that values have at run time, unlike ``Iterable`` or ``object``."""
WITHIN = {
    "collections.deque": "deque",
    "collections.defaultdict": "defaultdict",
    "collections.OrderedDict": "OrderedDict",
    "collections.Counter": "Counter",
}
"""Those of modules, by their run-time names."""
MOST = 5_000
"""At most so many expressions are asked for; the others stay unknown."""


def observed(
    program: Program, executor: Executor, *, text_too: bool, cases: Sequence[int] | None = None
) -> tuple[Observations, Outcome]:
    """What one slow run of a program over some cases (None: all) shows, and what came of them.

    Parameters
    ----------
    text_too
        Whether the text speaks where nothing was seen.
    """
    profile = executor.profile(program.text, cases=cases)
    passed = (Verdict.PASS, Verdict.NOT_RUN)
    failed = [verdict not in passed for verdict in profile.outcome.verdicts]
    seen = Observations(profile.types, profile.locals, profile.lines, failed)
    return completed(program, seen) if text_too else seen, profile.outcome


def run_time_name(item: Type, own: frozenset[str] = frozenset()) -> str:
    """The name that a run gives to values of a type; empty where that cannot be told.

    A type that may be None counts as what it else is. ``own`` are classes of the user's.

    >>> from latent_ebm.puzzles.code.types import parse_type
    >>> [run_time_name(parse_type(name)) for name in ("dict[str, list[int]]", "int | None")]
    ['dict[str,list[int]]', 'int']
    >>> [run_time_name(parse_type(name)) for name in ("Iterable[int]", "int | str", "list[Any]")]
    ['', '', 'list']
    """
    item = without_none(item)
    name = WITHIN.get(item.name, item.name)
    if name not in CONCRETE and name not in WITHIN.values() and name not in own:
        return ""
    if item.args == (EMPTY,):
        return name
    held = [run_time_name(one, own) for one in item.args if one != ELLIPSIS]
    if not held or not all(held):
        return name
    return f"{name}[{','.join(held)}{',...' if ELLIPSIS in item.args else ''}]"


def completed(program: Program, seen: Observations) -> Observations:
    """Observations with the types that the text gives to what no run has shown.

    Such types count as seen zero times, so that they never outweigh what was seen. A text that is
    nested too deeply for the reader is left at what was seen.
    """
    missing = [node for node in _read(program.tree) if span_of(node) not in seen.types][:MOST]
    functions = [node for node in ast.walk(program.tree) if isinstance(node, Function)]
    unseen = {function: _unseen(function, seen) for function in functions}
    if not missing and not any(unseen.values()):
        return seen
    from latent_ebm.puzzles.code.reading import Reading  # loads the stubs

    try:
        reading = Reading(Source(program.text), by_expression(functions, seen))
        nodes = {span_of(n): n for n in ast.walk(reading.source.tree) if isinstance(n, ast.expr)}
        bodies = {
            n.lineno: n.body[0] for n in ast.walk(reading.source.tree) if isinstance(n, Function)
        }
    except BadSource:
        return seen
    own = frozenset(n.name for n in ast.walk(program.tree) if isinstance(n, ast.ClassDef))
    types: dict[Span, Counter[str]] = dict(seen.types)
    for node in missing:
        name = run_time_name(reading.infer(nodes[span_of(node)]), own)
        if name:
            types[span_of(node)] = Counter({name: 0})
    local_types = {line: dict(names) for line, names in seen.local_types.items()}
    for function, names in unseen.items():
        types_there = ((n, reading.inference.name_type(n, bodies[function.lineno])) for n in names)
        found = {name: run_time_name(kind, own) for name, kind in types_there}
        known = {name: Counter({kind: 0}) for name, kind in found.items() if kind}
        if known:
            local_types[function.lineno] = {**known, **local_types.get(function.lineno, {})}
    return Observations(types, local_types, seen.lines, seen.failed)


def _read(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions within functions that are evaluated."""
    within = (
        part
        for function in ast.walk(tree)
        if isinstance(function, Function)
        for statement in function.body
        for part in ast.walk(statement)
    )
    for node in dict.fromkeys(within):
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            yield node


def _unseen(function: Function, seen: Observations) -> list[str]:
    """The names of a function that no run has shown a value of."""
    lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
    known = {name for line in lines for name in seen.local_types.get(line, ())}
    names = dict.fromkeys(
        part.arg if isinstance(part, ast.arg) else part.id
        for part in ast.walk(function)
        if isinstance(part, ast.arg)
        or (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    )
    return [name for name in names if name not in known]


def by_expression(functions: list[Function], seen: Observations) -> dict[Span, Counter[str]]:
    """What was seen by expression, and the arguments of functions by their own places."""
    found = dict(seen.types)
    for function in functions:
        lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
        for part in ast.walk(function.args):
            if isinstance(part, ast.arg):
                counts: Counter[str] = Counter()
                for line in lines:
                    counts.update(seen.local_types.get(line, {}).get(part.arg, {}))
                if counts:
                    found[part.lineno, part.col_offset, *end_of(part)] = counts
    return found
