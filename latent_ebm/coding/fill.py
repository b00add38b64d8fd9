"""Filling several holes together, by descent over partly filled programs that run.

A program with open holes still runs: reaching an open hole ends a test there, with the state in
which it was reached. So a partly filled program has an energy of its own:

    F = sum of the fillings' energies + open holes * expected - gain * tests that pass

A test that ends without reaching an open hole and does not pass can never pass: the state is dead.
States that reach the next hole in the same way in every test go on alike: the cheapest stands for
them. The state with the least F has its first-reached hole filled next, cheapest fillings first,
moved by the latent, which learns what kind of filling (productions, names, types) takes energy
off; deep expressions are drawn from the soft AST of the hole.
"""

from __future__ import annotations

import ast
import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.latent import Latent
from latent_ebm.coding.partly_filled import BUDGETS, SIZE, WIDTH, Filled, State, Trial, site_of
from latent_ebm.coding.search import OnProgress, Patience
from latent_ebm.coding.soft_hole import SoftHole
from latent_ebm.coding.trials import Deadline
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job, Outcome, Verdict
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.hints import hints
from latent_ebm.puzzles.code.grammar.holes import (
    as_filling,
    expected,
    fillings,
    opened,
    sites,
)
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.soft_ast import SoftAst

ALIVE = (Verdict.PASS, Verdict.HOLE, Verdict.TIMEOUT)
"""Verdicts of tests that a partly filled program may still pass."""
AMPLE_TICKS = 300_000
"""For whole programs that ran out of their budget in some tests."""
DEEP_FROM = 3
"""The stage from which on expressions are drawn from the soft AST, too."""
CHUNK = 48
"""Fillings of one state that are run together."""


@dataclass(frozen=True)
class FillSchedule:
    """How filling is steered; measured in docs/programs.md.

    Attributes
    ----------
    expected
        Nats that a hole is expected to cost.
    gain
        Nats for all tests passing.
    alike
        Nats for each cheaper state that reaches the next hole in the same way.
    slow
        Nats for running out of the budget in some tests, but not in all.
    """

    expected: float = 4.0
    gain: float = 3.0
    alike: float = 1.5
    slow: float = 1.0
    step: float = 0.5


def fill_program(
    text: str,
    executor: Executor,
    deadline: Deadline,
    *,
    terms: Terms | None = None,
    patience: Patience | None = None,
    results: tuple[str, ...] = (),
    seed: int = 0,
    most: int | None = None,
    on_progress: OnProgress | None = None,
) -> Filled:
    """Fill all holes of a program so that every test of the executor's suite passes.

    Parameters
    ----------
    results
        Run-time types of the values that the tests expect, which steer what is returned.
    most
        About so many executions at most: the last batch is finished.
    """
    run = _Filling(text, executor, terms or Terms(), results, seed)
    return run.search(deadline, patience or Patience(), most, on_progress)


class _Filling:
    def __init__(
        self,
        text: str,
        executor: Executor,
        terms: Terms,
        results: tuple[str, ...],
        seed: int = 0,
    ) -> None:
        self._seed = seed
        self._program = Program(text)
        self._holes = sites(self._program)
        self._open = opened(self._program, self._holes)
        self._executor, self._terms, self._results = executor, terms, results
        self._schedule = FillSchedule()
        self._latent = Latent(use_tests=terms.tests, use_surrogate=terms.surrogate)
        self._alike: Counter[tuple[object, ...]] = Counter()
        self._queue: list[tuple[float, int, State]] = []
        self._texts: set[int] = set()
        self._count = 0
        self._first: Workspace | None = None
        self.executions = 0
        self.survivors: list[tuple[Candidate, int]] = []
        self._closest: Candidate | None = None
        self._least = np.inf

    def search(
        self,
        deadline: Deadline,
        patience: Patience,
        most: int | None,
        on_progress: OnProgress | None,
    ) -> Filled:
        interrupted = False
        try:
            self._descend(deadline, patience, most, on_progress)
        except KeyboardInterrupt:
            interrupted = True
        holes = len(self._holes)
        return Filled(self.survivors, self.executions, holes, self._closest, interrupted)

    def _descend(
        self,
        deadline: Deadline,
        patience: Patience,
        most: int | None,
        on_progress: OnProgress | None,
    ) -> None:
        blank: tuple[Edit | None, ...] = (None,) * len(self._holes)
        ((outcome,),) = self._executor.run([self._job(blank)])
        self.executions += 1
        self._take(blank, 0.0, outcome)
        found_at = 0
        while self._queue and deadline.left > 0 and (most is None or self.executions < most):
            states = [heapq.heappop(self._queue)[2] for _ in range(min(2, len(self._queue)))]
            self._run([trial for state in states for trial in self._next(state)])
            for state in states:
                if not state.exhausted:
                    self._push(state)
            if on_progress is not None:
                on_progress(self.executions, 0.0)
            if self.survivors:
                found_at = found_at or self.survivors[0][1]
                least = self.survivors[0][0].energy
                done = self.executions - found_at
                dear = not self._queue or self._queue[0][0] > least + patience.nats
                if dear or done > max(patience.factor * found_at, patience.least):
                    break

    def _job(self, filled: Sequence[Edit | None]) -> Job:
        """A run in which reaching a hole that is still open ends the test."""
        return Job(self._text(filled), ((None,) * len(self._holes),))

    def _text(self, filled: Sequence[Edit | None]) -> str:
        edits = [edit or blank for edit, blank in zip(filled, self._open, strict=True)]
        return applied(self._program.source, edits)

    def _next(self, state: State) -> list[Trial]:
        """The fillings of a state's hole that come next: listed ones, and deep ones drawn."""
        if state.workspace is None:
            state.workspace = self._prepared(state)
        while state.stage < len(BUDGETS) and state.least(self._latent) > state.budget:
            self._widen(state, state.workspace)
        deep = self._deep(state) if state.stage >= DEEP_FROM else []
        at = np.flatnonzero(state.open)
        values = state.cost[at] - self._latent.bonus(state.features[at])
        best = at[np.argsort(values, kind="stable")[: CHUNK - len(deep)]]
        state.open[best] = False
        return [Trial(state, state.choices[i], int(i)) for i in best] + deep

    def _deep(self, state: State) -> list[Trial]:
        """Expressions drawn from the soft AST of the state's hole."""
        workspace = state.workspace
        if workspace is None or self._holes[state.hole].is_statement:
            return []
        context = workspace.context
        site = site_of(context.program, state.hole)
        if state.soft is None:
            node = site.node
            wanted = () if isinstance(node, ast.Expr) else expected(context, node, self._results)
            tree = SoftAst.at(context, node, wanted if self._terms.types else ())
            if tree is None:
                return []
            state.soft = SoftHole(tree, np.random.default_rng(self._seed))
            state.known = {edit.text for edit in state.choices}
        drawn = state.soft.draw(CHUNK // 2, state.known)
        return [
            Trial(state, as_filling(context, site, expression, self._results), -1, values)
            for values, expression in drawn
        ]

    def _prepared(self, state: State) -> Workspace:
        """Choose the hole that a state fills next, and look at what its run shows."""
        state.hole = self._first_reached(state)
        text = self._text(state.filled)
        found = Workspace.of(text, self._executor, self._terms, None, self._first, SIZE)
        self._first = self._first or found
        return found

    def _widen(self, state: State, workspace: Workspace) -> None:
        """List what may fill the state's hole up to the next budget."""
        low, high = state.budget, BUDGETS[state.stage]
        state.stage += 1
        context = workspace.context
        site = site_of(context.program, state.hole)
        lacking = hints(context, site.node, wants_value=bool(self._results))
        found = fillings(context, site, self._results, high)
        more = [
            replace(edit, flow=edit.flow - lacking.bonus(edit.text))
            for edit in found
            if edit.cost > low
        ]
        rows = np.full((len(more), WIDTH), -1, np.int32)
        for row, edit in zip(rows, more, strict=True):
            numbers = self._latent.numbers(edit.features[:WIDTH])
            row[: len(numbers)] = numbers
        state.choices += more
        state.cost = np.concatenate([state.cost, [edit.cost for edit in more]])
        state.features = np.concatenate([state.features, rows])
        state.open = np.concatenate([state.open, np.ones(len(more), np.bool_)])

    def _first_reached(self, state: State) -> int:
        open_ = [number for number, edit in enumerate(state.filled) if edit is None]
        return state.outcome.hole if state.outcome.hole in open_ else open_[0]

    def _run(self, chosen: list[Trial]) -> None:
        """Run fillings, learn from them, and queue what is alive."""
        jobs: list[Job] = []
        trials: list[tuple[Trial, tuple[Edit | None, ...]]] = []
        for trial in chosen:
            state, blank = trial.state, self._open[trial.state.hole]
            placed = replace(trial.edit, start=blank.start, end=blank.end, line=blank.line)
            filled = (*state.filled[: state.hole], placed, *state.filled[state.hole + 1 :])
            key = hash(self._text(filled))
            if key not in self._texts:
                self._texts.add(key)
                jobs.append(self._job(filled))
                trials.append((trial, filled))
        if not jobs:
            return
        rows, changes = [], []
        deep: dict[int, list[tuple[tuple[int, ...], float]]] = {}
        for (trial, filled), (outcome,) in zip(trials, self._executor.run(jobs), strict=True):
            self.executions += 1
            state = trial.state
            change = outcome.energy - state.outcome.energy
            if trial.values is None:
                rows.append(state.features[trial.at])
                changes.append(change)
            else:
                deep.setdefault(id(state), []).append((trial.values, change))
            self._take(filled, state.spent + trial.edit.cost, outcome)
        if rows:
            self._latent.learn(np.stack(rows), np.clip(np.array(changes), -1.0, 1.0))
        if self._terms.tests:
            for state in {id(trial.state): trial.state for trial, _ in trials}.values():
                if state.soft is not None and id(state) in deep:
                    state.soft.learn(*zip(*deep[id(state)], strict=True))

    def _take(self, filled: tuple[Edit | None, ...], spent: float, outcome: Outcome) -> None:
        """Keep a program: a survivor, alive, or dead."""
        left = sum(edit is None for edit in filled)
        verdicts = [Verdict(verdict) for verdict in outcome.verdicts]
        if outcome.passed:
            self._survives(filled, spent)
            return
        if left == 0 and outcome.energy < self._least:
            self._least, self._closest = outcome.energy, self._candidate(filled, spent)
        slow = verdicts.count(Verdict.TIMEOUT)
        if any(verdict not in ALIVE for verdict in verdicts) or slow == len(verdicts):
            return
        if left == 0:
            self._put_off(filled, spent)
            return
        schedule = self._schedule
        passing = verdicts.count(Verdict.PASS) / len(verdicts)
        kind = (outcome.behaviour, *(edit is None for edit in filled))
        alike = self._alike[kind]
        self._alike[kind] += 1
        value = (
            spent + schedule.expected * left + schedule.alike * alike + schedule.slow * bool(slow)
        )
        if self._terms.tests:
            value -= schedule.gain * passing
        self._push(State(filled, spent, value, outcome))

    def _put_off(self, filled: tuple[Edit | None, ...], spent: float) -> None:
        """Run a whole program again that only ran out of its budget, with an ample one."""
        job = self._job(filled)
        ((outcome,),) = self._executor.run([replace(job, ticks=AMPLE_TICKS, stop_early=True)])
        self.executions += 1
        if outcome.passed:
            self._survives(filled, spent)

    def _survives(self, filled: tuple[Edit | None, ...], spent: float) -> None:
        """Keep a program that passes every test."""
        self.survivors.append((self._candidate(filled, spent), self.executions))

    def _candidate(self, filled: tuple[Edit | None, ...], spent: float) -> Candidate:
        """A whole program; holes that no test reaches get the least."""
        chosen = []
        for hole, edit, blank in zip(self._holes, filled, self._open, strict=True):
            least = "pass" if hole.is_statement else "None"
            chosen.append(edit or replace(blank, text=least))
        text = applied(self._program.source, chosen)
        return Candidate(text, spent, tuple(chosen))

    def _push(self, state: State) -> None:
        """Queue a state by F with the filling that comes next."""
        self._count += 1
        key = state.value
        if state.workspace is not None:
            coming = min(state.least(self._latent), max(state.budget, 0.0))
            if state.stage == len(BUDGETS):
                coming = state.least(self._latent)
            key += max(coming - self._schedule.expected, 0.0)
        heapq.heappush(self._queue, (key, self._count, state))
