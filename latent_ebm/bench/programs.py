"""``latent-ebm bench-code``: programs of a file repaired by several strategies, side by side."""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from latent_ebm.coding.filling import FILLERS, fill_problem, has_holes
from latent_ebm.coding.options import STRATEGIES, RepairSettings
from latent_ebm.coding.preparing import PATIENT, executor_for
from latent_ebm.coding.repairing import repair_program
from latent_ebm.puzzles.code.problem import CodeProblem, functions_in
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.testing.reading import read_suite
from latent_ebm.solution import Status

__all__ = ["Record", "Result", "Totals", "measured", "read_records", "run_bench_code"]

LARGEST = 256 << 20
"""Bytes of a file of records."""

_NUMBER = re.compile(r"-\d+$")


@dataclass(frozen=True)
class Record:
    """One program with its tests.

    Attributes
    ----------
    id
        Its name; up to a trailing ``-N`` the function's, if there is such a function.
    program, tests
        What is to be repaired.
    function
        What the tests call, None to go by the id.
    unseen
        Tests that judge a patch and that no strategy sees; None if there are none.
    """

    id: str
    program: str
    tests: tuple[Mapping[str, Any], ...]
    function: str | None = None
    unseen: tuple[Mapping[str, Any], ...] | None = None

    def problem(self) -> CodeProblem:
        """The problem; raises like :meth:`CodeProblem.of`."""
        source = Source(self.program, self.id)
        known = functions_in(source.tree)
        named = _NUMBER.sub("", self.id)
        function = self.function or (named if named in known else (known or [named])[-1])
        return CodeProblem.of(source, self.tests, function)


@dataclass(frozen=True)
class Result:
    """How one strategy did on one record; ``right`` is None where there are no unseen tests."""

    id: str
    strategy: str
    status: str
    executions: int
    seconds: float
    diff: str
    right: bool | None = None
    message: str = ""

    @property
    def solved(self) -> bool:
        """Whether there is a verified patch."""
        return self.status == Status.SOLVED.label

    def as_json(self) -> dict[str, Any]:
        """As ``bench-code --json`` prints it."""
        found: dict[str, Any] = {
            "id": self.id,
            "strategy": self.strategy,
            "status": self.status,
            "executions": self.executions,
            "seconds": round(self.seconds, 3),
            "diff": self.diff,
        }
        if self.right is not None:
            found["right"] = self.right
        if self.message:
            found["message"] = self.message
        return found


@dataclass(frozen=True)
class Totals:
    """How one strategy did on all records.

    Attributes
    ----------
    records, solved
        How many there are, and how many have a verified patch.
    right
        How many patches also pass the unseen tests; None where no record has any.
    executions, seconds
        Medians over what is solved: until the patch; in all.
    mean_seconds
        Over all records.
    """

    records: int
    solved: int
    right: int | None
    executions: float
    seconds: float
    mean_seconds: float

    @classmethod
    def of(cls, results: Sequence[Result]) -> Totals:
        """The totals of one strategy's results."""
        solved = [result for result in results if result.solved]
        judged = [result.right for result in results if result.right is not None]
        return cls(
            len(results),
            len(solved),
            sum(judged) if judged else None,
            statistics.median([result.executions for result in solved] or [0]),
            statistics.median([result.seconds for result in solved] or [0.0]),
            statistics.fmean([result.seconds for result in results] or [0.0]),
        )

    def as_json(self) -> dict[str, Any]:
        """As ``bench-code --json`` prints it."""
        return {
            "records": self.records,
            "solved": self.solved,
            "right": self.right,
            "median_executions": self.executions,
            "median_seconds": round(self.seconds, 3),
            "mean_seconds": round(self.mean_seconds, 3),
        }


def read_records(path: Path) -> list[Record]:
    """The records of a file, one JSON object a line.

    Raises
    ------
    ValueError
        With the line of what is no record.
    """
    records = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if line.strip():
            records.append(_record(line, f"{path}, line {number}"))
    if not records:
        raise ValueError(f"{path}: there is no record in it")
    return records


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"{path}: more than {LARGEST} bytes of records are not read")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error


def _record(line: str, where: str) -> Record:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where}, column {error.colno}: no JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: {error}") from error
    if not isinstance(data, dict):
        raise ValueError(f'{where}: a record is an object {{"id", "program", "tests"}}')
    for name, kind in (("id", str), ("program", str), ("tests", list)):
        if not isinstance(data.get(name), kind):
            found = type(data.get(name)).__name__
            raise ValueError(f'{where}: "{name}" must be a {kind.__name__}; found {found}')
    unseen = data.get("unseen")
    return Record(
        data["id"],
        data["program"],
        tuple(data["tests"]),
        data.get("function"),
        None if unseen is None else tuple(unseen),
    )


def measured(record: Record, strategy: str, settings: RepairSettings) -> Result:
    """How a strategy does on a record, within the settings' time."""
    try:
        return _measured(record, strategy, settings)
    except ValueError as error:
        label = Status.INVALID.label
        return Result(record.id, strategy, label, 0, 0.0, "", None, str(error))


def _measured(record: Record, strategy: str, settings: RepairSettings) -> Result:
    problem = record.problem()
    chosen = replace(settings, strategy=strategy)
    if has_holes(problem):
        if strategy not in FILLERS:
            message = f"{strategy} does not fill holes"
            return Result(record.id, strategy, Status.UNKNOWN.label, 0, 0.0, "", None, message)
        answer = fill_problem(problem, chosen)
    else:
        answer = repair_program(problem, chosen)
    if answer.interrupted:
        raise KeyboardInterrupt  # a record cut short is no measurement
    right = None
    if record.unseen is not None:
        right = bool(answer.patches) and _passes(record, problem, answer.text, settings)
    executions = answer.patches[0].executions if answer.patches else answer.steps
    diff, message = answer.diff, ""
    if answer.undecided and answer.closest is not None:
        diff = answer.closest.diff
        message = f"not verified: {', '.join(answer.undecided)} did not end in time; others pass"
    status = answer.status.label
    return Result(record.id, strategy, status, executions, answer.seconds, diff, right, message)


def _passes(record: Record, problem: CodeProblem, text: str, settings: RepairSettings) -> bool:
    """Whether a patched program passes the tests that were kept back."""
    suite = read_suite(record.unseen or (), function=problem.suite.function)
    with executor_for(replace(problem, suite=suite), settings, PATIENT, workers=1) as judge:
        return judge.verify(text).passed


def run_bench_code(
    path: Path,
    strategies: str,
    settings: RepairSettings,
    *,
    as_json: bool = False,
    limit: int | None = None,
) -> int:
    """Measure and print, result by result; exit code 1 if the first strategy left some open.

    Raises
    ------
    ValueError
        For a file that cannot be read, or an unknown strategy.
    """
    names = [name.strip() for name in strategies.split(",") if name.strip()]
    for name in names or [strategies]:
        if name not in STRATEGIES:
            raise ValueError(f"no strategy {name!r}; choose from {', '.join(STRATEGIES)}")
    records = read_records(path)[:limit]
    results: dict[str, list[Result]] = {name: [] for name in names}
    for row in _rows(records, names, settings):
        for result in row:
            results[result.strategy].append(result)
        sys.stdout.write(_json_lines(row) if as_json else _line(row))
        sys.stdout.flush()
    totals = {name: Totals.of(found) for name, found in results.items()}
    if as_json:
        sys.stdout.write(json.dumps({"totals": {n: t.as_json() for n, t in totals.items()}}) + "\n")
    else:
        sys.stdout.write(_table(totals))
    first = totals[names[0]]
    return 0 if first.solved == first.records else 1


def _rows(
    records: Iterable[Record], names: Sequence[str], settings: RepairSettings
) -> Iterator[list[Result]]:
    for record in records:
        yield [measured(record, name, settings) for name in names]


def _json_lines(row: Sequence[Result]) -> str:
    return "".join(json.dumps(result.as_json()) + "\n" for result in row)


def _line(row: Sequence[Result]) -> str:
    cells = []
    for result in row:
        right = {None: "", True: " right", False: " wrong" if result.solved else ""}[result.right]
        cells.append(
            f"{result.strategy} {result.status}{right} {result.executions} {result.seconds:.2f} s"
        )
    lines = [f"{row[0].id:24} " + " | ".join(cells)]
    changed = next((result.diff for result in row if result.diff), "")
    lines += [f"    {line}" for line in changed.splitlines() if line[:1] in "+-"][2:]
    lines += [f"    {result.message}" for result in row[:1] if result.message]
    return "\n".join(lines) + "\n"


def _table(totals: Mapping[str, Totals]) -> str:
    heads = ("solved", "right", "executions", "seconds", "mean s")
    lines = ["", f"{'':12}" + "".join(f"{head:>14}" for head in heads)]
    for name, row in totals.items():
        right = "-" if row.right is None else f"{row.right} ({row.right / row.records:.0%})"
        solved = f"{row.solved} of {row.records}"
        lines.append(
            f"{name:12}{solved:>14}{right:>14}{row.executions:>14.0f}{row.seconds:>14.2f}"
            f"{row.mean_seconds:>14.2f}"
        )
    return "\n".join([*lines, "(executions and seconds: medians over what is solved)", ""])
