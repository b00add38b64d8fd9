"""``latent-ebm solve``: a stream of puzzles in, a stream of answers out."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from latent_ebm.cli.options import Exit
from latent_ebm.cli.resume import open_results
from latent_ebm.puzzles.kinds import Kind, ReadOptions, kind_of, named
from latent_ebm.puzzles.problem import BadPuzzle, Problem
from latent_ebm.puzzles.sudoku import Shape, Sudoku
from latent_ebm.solution import Solution, Status
from latent_ebm.solving import Settings
from latent_ebm.stream import solve_stream
from latent_ebm.warmup import warm_up


@dataclass(frozen=True)
class Request:
    """What the command line asked for, besides how to solve."""

    file: str
    output: Path | None
    resume: bool
    as_json: bool
    unique: bool
    workers: int | None
    box: str | None
    kind: str | None = None
    colors: int | None = None
    rules: str | None = None

    @property
    def puzzle_kind(self) -> Kind:
        """The kind asked for, or the one that the file's name and content tell."""
        return named(self.kind) if self.kind else kind_of(self.file)

    @property
    def options(self) -> ReadOptions:
        """What the file need not say."""
        return ReadOptions(self.box, self.colors)


@dataclass(frozen=True)
class Tally:
    """How the puzzles came out."""

    by_status: Counter[Status]

    @property
    def count(self) -> int:
        """All of them."""
        return self.by_status.total()

    @property
    def solved(self) -> int:
        """Those that are solved."""
        return self.by_status[Status.SOLVED]

    @property
    def infeasible(self) -> int:
        """Those that were proved to have no solution."""
        return self.by_status[Status.INFEASIBLE]

    @property
    def invalid(self) -> int:
        """Those that are no puzzles, or contradict themselves."""
        return self.by_status[Status.INVALID]

    @property
    def unknown(self) -> int:
        """The others."""
        return self.count - self.solved - self.infeasible - self.invalid

    def __str__(self) -> str:
        infeasible = f"{self.infeasible} infeasible, " if self.infeasible else ""
        return f"{self.solved} solved, {infeasible}{self.unknown} unknown, {self.invalid} invalid"

    @property
    def exit(self) -> Exit:
        """The exit code; a proof that there is no solution is an answer."""
        if self.invalid:
            return Exit.INPUT
        return Exit.UNKNOWN if self.unknown else Exit.SOLVED

    def add(self, answer: Solution | BadPuzzle) -> None:
        """Count one more."""
        self.by_status[Status.INVALID if isinstance(answer, BadPuzzle) else answer.status] += 1


def run_solve(request: Request, settings: Settings) -> Exit:
    """Solve, write, and say how it went: of all results, those of earlier runs too."""
    if request.box:
        Shape.parse(request.box)  # refused before the results are begun anew
    source = sys.stdin.buffer if request.file == "-" else Path(request.file)
    with open_results(request.output, resume=request.resume) as (sink, seen), _progress() as show:
        tally, done = Tally(seen), seen.total()
        items = islice(_given(request, source), done, None)
        first_two = list(islice(items, 2))
        alone = len(first_two) < 2 and done == 0
        puzzles = _warmed(chain(first_two, items), settings)
        answers = solve_stream(puzzles, settings, workers=request.workers)
        for index, answer in enumerate(answers, start=done):
            tally.add(answer)
            sink.write(_text(index, answer, request.as_json, alone) + "\n")
            sink.flush()
            for remark in _remarks(answer, request.unique):
                _say(remark)
            show(tally)
    if tally.count == done > 0:
        _say(f"nothing left to do: all {done} results are there")
    if tally.count > 1:
        earlier = f"; {done} of them earlier" if done else ""
        _say(f"{tally}{earlier}")
    return tally.exit


def _given(request: Request, source: BinaryIO | Path) -> Iterator[Problem | BadPuzzle]:
    """The puzzles, under their kind's rules or under those asked for."""
    found = request.puzzle_kind.read(source, options=request.options)
    if request.rules is None:
        return found
    from latent_ebm.cli.rules import ruled

    return ruled(found, request.rules)


def _warmed(
    items: Iterable[Problem | BadPuzzle], settings: Settings
) -> Iterator[Problem | BadPuzzle]:
    """Load or compile kernels outside the puzzles' own time: before the first sound puzzle."""
    cold = True
    for item in items:
        if cold and not isinstance(item, BadPuzzle) and not item.faults():
            warm_up(item.landscape, settings)
            cold = False
        yield item


def record(index: int, answer: Solution | BadPuzzle) -> dict[str, Any]:
    """One answer as the JSON object that files carry; ``unique`` only where it was found out."""
    if isinstance(answer, BadPuzzle):
        return {
            "index": index,
            "status": Status.INVALID.label,
            "solution": None,
            "steps": 0,
            "restarts": 0,
            "energy": None,
            "violations": [answer.message],
            "seconds": 0.0,
            "engine": None,
            "backend": None,
        }
    return {
        "index": index,
        "status": answer.status.label,
        "solution": _encoded(answer),
        "steps": answer.steps,
        "restarts": answer.restarts,
        "energy": answer.energy if math.isfinite(answer.energy) else None,
        "violations": list(answer.violations),
        "seconds": round(answer.seconds, 7),
        "engine": answer.engine,
        "backend": answer.backend,
        **({} if answer.unique is None else {"unique": answer.unique}),
    }


def _encoded(answer: Solution) -> str | None:
    if not answer.solved or answer.values is None:
        return None
    return answer.problem.encode(answer.values)


def _text(index: int, answer: Solution | BadPuzzle, as_json: bool, alone: bool) -> str:
    if as_json:
        return json.dumps(record(index, answer))
    if isinstance(answer, BadPuzzle):
        return f"{index} invalid"
    if alone:
        return str(answer)
    return " ".join(filter(None, (str(index), answer.status.label, _encoded(answer))))


def _remarks(answer: Solution | BadPuzzle, unique: bool) -> Iterator[str]:
    """What a person should hear about an answer, one clear line each."""
    if isinstance(answer, BadPuzzle):
        yield str(answer)
        return
    where = answer.problem.source or "the puzzle"
    if answer.status is Status.INVALID:
        yield f"{where}: {'; '.join(answer.violations)}"
    elif answer.status is Status.INFEASIBLE:
        yield f"{where}: infeasible; these cannot hold together: {'; '.join(answer.violations)}"
    elif not answer.solved:
        yield (
            f"{where}: {answer.status.label}; {len(answer.violations)} violated: "
            + "; ".join(answer.violations[:3])
            + (" ..." if len(answer.violations) > 3 else "")
        )
    elif answer.unique is False:
        yield f"{where}: several solutions; one of its solutions is shown"
    elif isinstance(answer.problem, Sudoku) and answer.unique is None:
        doubt = answer.problem.ambiguity(exact=unique)
        if doubt:
            yield f"{where}: {doubt}; one of its solutions is shown"


@contextmanager
def _progress() -> Iterator[Callable[[Tally], None]]:
    """A live count on standard error, where that is a terminal."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("solving")
        yield lambda tally: bar.update(
            task, description=f"{tally.solved} of {tally.count} puzzles solved"
        )


def _say(line: str) -> None:
    sys.stderr.write(f"latent-ebm: {line}\n")
