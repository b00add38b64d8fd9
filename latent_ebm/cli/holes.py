"""``latent-ebm holes``: the holes of a Python file, as an editor would list them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from latent_ebm.cli.options import Exit
from latent_ebm.puzzles.code.errors import BadSource
from latent_ebm.puzzles.code.hole_grammar import HoleName, Production
from latent_ebm.puzzles.code.holes import Hole, find_holes
from latent_ebm.puzzles.code.project import Project
from latent_ebm.puzzles.code.reading import Reading
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.types import Observations, Type

SHOWN_NAMES = 12
SHOWN_OPERATIONS = 6


def run_holes(
    file: str, as_json: bool, tests: Path | None = None, function: str | None = None
) -> Exit:
    """Print every hole of ``file`` with its expected type, scope, grammar and the reasons.

    With ``tests``, these run in the sandbox, and the types that they show complete the others.

    Raises
    ------
    BadSource, Refusal
        For files that cannot be read; the message says where and why.
    """
    try:
        reading = _read(file, tests, function)
        holes = find_holes(reading)
    except RecursionError:
        raise BadSource("nested too deeply to be read", file) from None
    project = reading.project
    problems = {} if project is None else {str(k): v for k, v in project.problems.items()}
    if as_json:
        shown = {"file": file, "holes": [_json(hole) for hole in holes], "problems": problems}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        return Exit.SOLVED
    for problem in problems.values():
        sys.stderr.write(f"latent-ebm: not followed: {problem}\n")
    if not holes:
        sys.stdout.write(f"{file}: no holes; write ... or __hole__ where something is missing\n")
    for hole in holes:
        sys.stdout.write("\n".join(_text(file, hole)) + "\n")
    return Exit.SOLVED


def _read(file: str, tests: Path | None, function: str | None) -> Reading:
    if file == "-":
        if tests is not None:
            raise ValueError("--tests needs a file; standard input has no name to import it by")
        return Reading(Source.from_bytes(sys.stdin.buffer.read(), "<stdin>"))
    source = Source.read(file)
    project = Project(Path(file))
    reading = Reading(source, _seen(file, tests, function), project)
    project.add(reading)
    return reading


def _seen(file: str, tests: Path | None, function: str | None) -> Observations | None:
    """The types that the tests show; None without tests."""
    if tests is None:
        return None
    from latent_ebm.puzzles.code.execution.isolation.backends import IsolationError
    from latent_ebm.puzzles.code.observing import observed_types
    from latent_ebm.puzzles.code.problem import CodeProblem

    problem = CodeProblem.of(Path(file), tests, function)
    try:
        return observed_types(problem.text, problem.suite, problem.project)
    except IsolationError as error:
        raise ValueError(str(error)) from error


def _text(file: str, hole: Hole) -> Iterator[str]:
    line, column = hole.place
    what = "statement" if hole.position == "statement" else str(hole.expected.type)
    yield f"{file}:{line}:{column}: hole {hole.number}: expected {what}: {hole.expected.reason}"
    fitting = [name for name in hole.names if name.fits]
    for name in fitting[:SHOWN_NAMES]:
        where = f"{name.kind} of line {name.line}"
        yield f"    {name.name}: {name.type}  ({where}{_doubt(name)})"
    others = [name.name for name in fitting[SHOWN_NAMES:]]
    if others:
        yield f"    also {', '.join(others)}"
    unfit = [f"{name.name} ({_short(name.type)})" for name in hole.names if not name.fits]
    if unfit:
        yield f"    of other types: {', '.join(unfit)}"
    for production in hole.grammar:
        yield f"    {production.name}: {production.reason}{_examples(production)}"


def _doubt(name: HoleName) -> str:
    return "" if name.definitely_assigned else "; may have no value yet"


def _short(item: Type) -> str:
    text = str(item)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _examples(production: Production) -> str:
    if not production.operations:
        return ""
    shown = [str(one).rpartition(" -> ")[0] for one in production.operations[:SHOWN_OPERATIONS]]
    rest = len(production.operations) - len(shown)
    return f": {', '.join(shown)}{f' and {rest} more' if rest else ''}"


def _json(hole: Hole) -> dict[str, Any]:
    return {
        "number": hole.number,
        "position": hole.position,
        "line": hole.place.line,
        "column": hole.place.column,
        "end_line": hole.end.line,
        "end_column": hole.end.column,
        "bytes": list(hole.span),
        "expected": str(hole.expected.type),
        "reason": hole.expected.reason,
        "needs": list(hole.needs),
        "scope": [
            {
                "name": one.name,
                "kind": one.kind.value,
                "type": str(one.type),
                "definitely_assigned": one.definitely_assigned,
                "line": one.line,
                "fits": one.fits,
                "reason": one.reason,
            }
            for one in hole.names
        ],
        "grammar": [
            {
                "production": one.name,
                "reason": one.reason,
                "operations": [str(operation) for operation in one.operations],
            }
            for one in hole.grammar
        ],
    }
