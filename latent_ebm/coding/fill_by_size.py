"""The baseline of filling: whole fillings in the order of what they cost together."""

from __future__ import annotations

import heapq
import sys

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.partly_filled import BUDGETS, SIZE, Filled, site_of
from latent_ebm.coding.trials import Deadline
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.holes import fillings, opened, sites
from latent_ebm.puzzles.code.grammar.program import Program


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
        site = site_of(context.program, hole.number)
        lists.append(fillings(context, site, results, BUDGETS[2]))
    executions = 0
    survivors: list[tuple[Candidate, int]] = []
    if not all(lists):
        return Filled([], 0, len(holes))
    start = (0,) * len(holes)
    queue = [(sum(options[0].cost for options in lists), start)]
    seen = {start}
    most = sys.maxsize if most is None else most
    while queue and deadline.left > 0 and not survivors and executions < most:
        batch: list[tuple[float, list[Edit]]] = []
        while queue and len(batch) < 128:
            cost, at = heapq.heappop(queue)
            edits = [
                Edit(b.start, b.end, options[i].text, options[i].cost, "fill", b.line)
                for options, i, b in zip(lists, at, blanks, strict=True)
            ]
            batch.append((cost, edits))
            for h in range(len(holes)):
                following = (*at[:h], at[h] + 1, *at[h + 1 :])
                if following[h] < len(lists[h]) and following not in seen:
                    seen.add(following)
                    step = lists[h][following[h]].cost - lists[h][at[h]].cost
                    heapq.heappush(queue, (cost + step, following))
        jobs = [Job(applied(program.source, edits), stop_early=True) for _, edits in batch]
        for (cost, edits), (outcome,) in zip(batch, executor.run(jobs), strict=True):
            executions += 1
            if outcome.passed:
                chosen = Candidate(applied(program.source, edits), cost, tuple(edits))
                survivors.append((chosen, executions))
    return Filled(survivors, executions, len(holes))
