"""The baseline of filling: whole fillings in the order of what they cost together."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.partly_filled import SIZE, Filled
from latent_ebm.coding.trials import Deadline
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.holes import fillings, opened, sites
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.relaxed.looking import open_site

LISTED = 7.5
"""Fillings of each hole are listed up to this cost, in nats."""
BATCH = 128
"""Fillings that are run together."""


def enumerate_fillings(
    text: str,
    executor: Executor,
    deadline: Deadline,
    *,
    results: tuple[str, ...] = (),
    most: int | None = None,
) -> Filled:
    """The baseline: whole fillings in order of their cost, each run on all tests.

    ``most`` is how many are run, but for the last batch, which is finished.
    """
    program = Program(text)
    holes = sites(program)
    blanks = opened(program, holes)
    stopped = applied(program.source, blanks)
    workspace = Workspace.of(stopped, executor, Terms(), size=SIZE)
    lists = []
    for hole in holes:
        context = workspace.context
        site = open_site(context.program, hole.number)
        lists.append(fillings(context, site, results, LISTED))
    if not all(lists):
        return Filled([], 0, len(holes))
    executions, survivors, interrupted = 0, list[tuple[Candidate, int]](), False
    most = sys.maxsize if most is None else most
    fillings_left = _in_order(lists)
    try:
        while deadline.left > 0 and not survivors and executions < most:
            batch = [_placed(chosen, blanks, program) for chosen in islice(fillings_left, BATCH)]
            if not batch:
                break
            jobs = [Job(candidate.text, stop_early=True) for candidate in batch]
            for candidate, (outcome,) in zip(batch, executor.run(jobs), strict=True):
                executions += 1
                if outcome.passed:
                    survivors.append((candidate, executions))
    except KeyboardInterrupt:
        interrupted = True
    return Filled(survivors, executions, len(holes), None, interrupted)


def _in_order(lists: Sequence[Sequence[Edit]]) -> Iterator[tuple[Edit, ...]]:
    """One of each list, the cheapest together first."""
    start = (0,) * len(lists)
    queue, seen = [(sum(options[0].cost for options in lists), start)], {start}
    while queue:
        cost, at = heapq.heappop(queue)
        yield tuple(options[i] for options, i in zip(lists, at, strict=True))
        for h, options in enumerate(lists):
            following = (*at[:h], at[h] + 1, *at[h + 1 :])
            if following[h] < len(options) and following not in seen:
                seen.add(following)
                step = options[following[h]].cost - options[at[h]].cost
                heapq.heappush(queue, (cost + step, following))


def _placed(chosen: Sequence[Edit], blanks: Sequence[Edit], program: Program) -> Candidate:
    """The whole program with fillings where its holes are."""
    edits = tuple(
        replace(edit, start=b.start, end=b.end, line=b.line)
        for edit, b in zip(chosen, blanks, strict=True)
    )
    return Candidate(applied(program.source, edits), sum(e.cost for e in edits), edits)
