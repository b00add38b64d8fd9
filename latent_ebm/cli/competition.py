"""Answers to SAT and MaxSAT files as their competitions ask for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from latent_ebm.cli.options import Exit
from latent_ebm.cli.resume import open_results
from latent_ebm.cli.solve import Request
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.wcnf import Wcnf
from latent_ebm.solution import Solution, Status
from latent_ebm.solving import Settings
from latent_ebm.stream import solve_stream
from latent_ebm.version import __version__

VERDICTS = {
    Status.SOLVED: ("SATISFIABLE", 10),
    Status.INFEASIBLE: ("UNSATISFIABLE", 20),
    Status.UNKNOWN: ("UNKNOWN", 0),
}

OPTIMUM = ("OPTIMUM FOUND", 30)

WIDTH = 78
"""Of value lines."""


def run_competition(request: Request, settings: Settings) -> int:
    """Solve one formula; the exit code is 10, 20, 0 for unknown, or 2 for a faulty file.

    With soft clauses, ``o COST`` is written as soon as a solution costs less than those before,
    and a proof that none costs less is ``OPTIMUM FOUND``, exit code 30.
    """
    if request.resume:
        raise ValueError("--resume is for --json output; a formula has one answer")
    source = sys.stdin.buffer if request.file == "-" else Path(request.file)
    code = int(Exit.INPUT)
    with open_results(request.output, resume=False) as (sink, _):
        formulas = request.puzzle_kind.read(source, options=request.options)

        def improved(solution: Solution) -> None:
            sink.write(f"o {_cost(solution)}\n")
            sink.flush()

        answers = solve_stream(formulas, settings, workers=request.workers, on_improvement=improved)
        for answer in answers:
            if isinstance(answer, BadPuzzle):
                sys.stderr.write(f"latent-ebm: {answer}\n")
                continue
            verdict, code = OPTIMUM if answer.optimal else VERDICTS[answer.status]
            sink.write(f"c latent-ebm {__version__}\n")
            sink.write(f"c {answer.problem.render().splitlines()[0]}\n")
            sink.write(f"c {answer.steps} steps, {answer.seconds:.3f} s, {answer.engine}\n")
            sink.write(f"s {verdict}\n")
            sink.writelines(_value_lines(answer))
    return code


def _cost(answer: Solution) -> int:
    if not isinstance(answer.problem, Wcnf) or answer.values is None:
        raise AssertionError("only weighted formulas have soft clauses; please report this")
    return answer.problem.cost(answer.values)


def _value_lines(answer: Solution) -> Iterator[str]:
    if answer.status is not Status.SOLVED or answer.values is None:
        return
    line = "v"
    for literal in answer.problem.encode(answer.values).split():
        if len(line) + 1 + len(literal) > WIDTH:
            yield line + "\n"
            line = "v"
        line += f" {literal}"
    yield line + "\n"
