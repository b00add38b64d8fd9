"""``latent-ebm explain``: what is violated, or in conflict, by name."""

from __future__ import annotations

import sys
from pathlib import Path

from latent_ebm.cli.options import Exit
from latent_ebm.cli.solve import Request
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.solution import Solution, Status
from latent_ebm.solving import Settings
from latent_ebm.stream import solve_stream

HEADS = {
    Status.SOLVED: "solved; nothing is violated",
    Status.UNKNOWN: "not solved; the best candidate violates",
    Status.INFEASIBLE: "there is no solution; these cannot hold together",
    Status.INVALID: "the givens contradict each other",
}


def run_explain(request: Request, settings: Settings) -> Exit:
    """Solve each puzzle and name its violated or conflicting factors, one a line."""
    source = sys.stdin.buffer if request.file == "-" else Path(request.file)
    code = Exit.SOLVED
    puzzles = request.puzzle_kind.read(source, options=request.options)
    for answer in solve_stream(puzzles, settings):
        if isinstance(answer, BadPuzzle):
            sys.stderr.write(f"latent-ebm: {answer}\n")
            code = Exit.INPUT
            continue
        sys.stdout.write(_text(answer))
        sys.stdout.flush()
        if answer.status is Status.INVALID:
            code = Exit.INPUT
        elif answer.status is Status.UNKNOWN and code is Exit.SOLVED:
            code = Exit.UNKNOWN
    return code


def _text(answer: Solution) -> str:
    where = answer.problem.source or answer.problem.kind
    count = "" if answer.solved else f" ({len(answer.violations)})"
    lines = [f"{where}: {HEADS[answer.status]}{count}", *(f"  {v}" for v in answer.violations)]
    return "\n".join(lines) + "\n"
