"""``latent-ebm rules`` and ``solve --rules``: what was learned, shown, applied and judged."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice

from latent_ebm.cli.options import Exit
from latent_ebm.cli.solve import Request
from latent_ebm.learning.rules.evaluation import evaluate
from latent_ebm.learning.rules.learned import LearnedRules
from latent_ebm.puzzles.problem import BadPuzzle, Problem
from latent_ebm.puzzles.reading import ReadError
from latent_ebm.settings import Settings


def run_show(name: str) -> None:
    """Print in words what rules were learned."""
    sys.stdout.write(f"{LearnedRules.from_pretrained(name)}\n")


def run_evaluate(name: str, request: Request, settings: Settings, limit: int | None) -> Exit:
    """Solve a file by learned and by given rules; exit 0 if all that can be is solved right."""
    rules = LearnedRules.from_pretrained(name)
    problems: list[Problem] = []
    found = request.puzzle_kind.read(request.file, options=request.options)
    for item in islice(found, limit):
        if isinstance(item, BadPuzzle):
            raise ReadError(str(item))
        problems.append(item)
    result = evaluate(rules, problems, settings)
    sys.stdout.write(f"{result}\n")
    return Exit.SOLVED if result.right >= result.given else Exit.UNKNOWN


def ruled(items: Iterable[Problem | BadPuzzle], name: str) -> Iterator[Problem | BadPuzzle]:
    """The same givens under learned rules; what is of another shape becomes a BadPuzzle."""
    return _ruled(items, LearnedRules.from_pretrained(name))


def _ruled(
    items: Iterable[Problem | BadPuzzle], rules: LearnedRules
) -> Iterator[Problem | BadPuzzle]:
    for item in items:
        if isinstance(item, BadPuzzle):
            yield item
            continue
        try:
            yield rules.problem(item)
        except ValueError as error:
            file, _, line = item.source.rpartition(":")
            yield BadPuzzle(file or item.source, int(line) if line.isdigit() else 1, "", str(error))
