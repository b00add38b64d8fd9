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

import heapq
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from latent_ebm.coding.blanks import Blanks, Filling
from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.explored_hole import ExploredHole
from latent_ebm.coding.latent import Latent
from latent_ebm.coding.partly_filled import SIZE, Filled, State, Trial
from latent_ebm.coding.place import BUDGETS, Place
from latent_ebm.coding.search import OnProgress, Patience
from latent_ebm.coding.soft_hole import SoftHole
from latent_ebm.coding.trials import Deadline
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job, Outcome, Verdict
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.holes import (
    as_filling,
)
from latent_ebm.puzzles.code.grammar.valued import ValuedHole
from latent_ebm.puzzles.code.relaxed.looking import open_site

ALIVE = (Verdict.PASS, Verdict.HOLE, Verdict.TIMEOUT)
"""Verdicts of tests that a partly filled program may still pass."""
AMPLE_TICKS = 300_000
"""For whole programs that ran out of their budget in some tests."""
DEEP_FROM = 4
"""The stage from which on expressions are drawn from the soft AST, too."""
STATES, LEAST_STATES, NEAR = 4, 2, 0.7
"""Looked at side by side: at most and at least so many, and between them those within so many nats
of the first. They would come before it had twice its work."""
AHEAD = 1.0
"""Seconds that listed fillings may take before explorations have taken as long."""
CHUNK, BESIDE = 48, 12
"""Fillings of one state that are run together, and those beside a stretch of an exploration."""


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
        Nats times log(1 + n) for n states before it that reach the next hole in the same way.
    slow
        Nats for running out of the budget in some tests, but not in all.
    """

    expected: float = 2.5
    gain: float = 3.0
    alike: float = 1.0
    slow: float = 4.0


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
        self._blanks = Blanks.of(text)
        self._executor, self._terms, self._results = executor, terms, results
        self._schedule = FillSchedule()
        self._latent = Latent(use_tests=terms.tests, use_surrogate=terms.surrogate)
        self._alike: Counter[tuple[object, ...]] = Counter()
        self._queue: list[tuple[float, int, State]] = []
        self._texts: set[int] = set()
        self._count = 0
        self._first: Workspace | None = None
        self._places: dict[tuple[object, ...], Place] = {}
        self._slow: list[tuple[float, int, Filling]] = []
        self._slow_seconds = 0.0
        self._ahead = 0.0  # seconds by which runs of listed fillings took longer than explorations
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
        holes = len(self._blanks.holes)
        return Filled(self.survivors, self.executions, holes, self._closest, interrupted)

    def _descend(
        self,
        deadline: Deadline,
        patience: Patience,
        most: int | None,
        on_progress: OnProgress | None,
    ) -> None:
        nothing = self._blanks.nothing
        ((outcome,),) = self._executor.run([self._blanks.job(nothing, self._executor.budgets)])
        self.executions += 1
        self._take(nothing, 0.0, 0.0, outcome)
        found_at, begun = 0, time.monotonic()
        while (self._queue or self._slow) and deadline.left > 0:
            if most is not None and self.executions >= most:
                break
            self._retry(begun)
            states = self._pop()
            started = time.monotonic()
            for state in states:
                self._ask(state)
            for state in states:
                self._widen(state)
            self._run(self._explored(states))
            between = time.monotonic()
            self._run([trial for state in states for trial in self._next(state)])
            self._ahead += (time.monotonic() - between) - (between - started)
            for state in states:
                state.visits += 1
                if not state.exhausted:
                    self._push(state)
            if on_progress is not None:
                on_progress(self.executions, 0.0)
            if self.survivors:
                found_at = found_at or self.survivors[0][1]
                if self.executions - found_at > max(patience.factor * found_at, patience.least):
                    break

    def _widen(self, state: State) -> float | None:
        """List what comes before explorations come to it: up to which cost; None while that waits.

        What is explored costs little: the rest waits for its turn, and takes half of the time.
        """
        limit = state.explored.least if state.explored else float("inf")
        if self._ahead > AHEAD and limit < float("inf"):
            return None
        while state.stage < len(BUDGETS) and min(state.least(self._latent), limit) > state.budget:
            state.widen(self._latent)
        return limit

    def _next(self, state: State) -> list[Trial]:
        """The fillings of a state's hole that come next: listed ones, and deep ones drawn."""
        limit = self._widen(state)
        if limit is None:
            return []
        deep = self._deep(state) if state.stage >= DEEP_FROM else []
        at = np.flatnonzero(state.open)
        values = state.cost[at] - self._latent.bonus(state.features[at])
        at, values = at[values <= limit], values[values <= limit]
        count = CHUNK - len(deep) if state.explored is None else BESIDE
        best = at[np.argsort(values, kind="stable")[:count]]
        state.open[best] = False
        listed = [(state.choices[i], int(i)) for i in best]
        return [Trial(state, edit, max(edit.cost, 0.0), at) for edit, at in listed] + deep

    def _deep(self, state: State) -> list[Trial]:
        """Expressions drawn from the soft AST of the state's hole."""
        place = state.place
        if place is None or state.explored or place.site.is_statement:
            return []
        if state.soft is None:
            tree = place.tree()
            if tree is None:
                return []
            state.soft = SoftHole(tree, np.random.default_rng(self._seed))
            state.known = {edit.text for edit in state.choices}
        context, trials = place.workspace.context, []
        for values, expression in state.soft.draw(CHUNK // 2, state.known):
            edit = as_filling(context, place.site, expression, self._results)
            trials.append(Trial(state, edit, max(edit.cost, 0.0), values=values))
        return trials

    def _ask(self, state: State) -> None:
        """Look at a state, and let its hole be explored: workers do while others are looked at."""
        if state.place is None:
            self._look(state)
        if state.explored and state.explored.least < float("inf"):
            state.explored.ask(self._executor, state.visits)

    def _explored(self, states: Sequence[State]) -> list[Trial]:
        """What explorations found that may pass: values tell it before anything is run whole."""
        answers = self._executor.explorations.answers()
        trials: list[Trial] = []
        for state in states:
            if state.explored is None or state.explored.number not in answers:
                continue
            found = answers[state.explored.number]
            if found is None:
                state.relist()
                continue
            self.executions += found.runs
            edits = state.explored.take(found, self._schedule.alike)
            trials += [Trial(state, edit, effort) for edit, effort in edits]
        return trials

    def _look(self, state: State) -> None:
        """Choose the hole that a state fills next; states of one shape share what may fill it."""
        state.hole = self._first_reached(state)
        shape = (state.hole, *(edit and (edit.type or "?") for edit in state.filled))
        text = self._blanks.text(state.filled)
        if shape not in self._places:
            name = self._executor.suite.function
            returns = {name: self._results[0]} if name and self._results else {}
            found = Workspace.of(
                text, self._executor, self._terms, None, self._first, SIZE, returns
            )
            self._first = self._first or found
            site = open_site(found.context.program, state.hole)
            tests = self._terms.tests
            valued = ValuedHole.at(found.context, site, self._results) if tests else None
            self._places[shape] = Place(found, site, self._results, valued)
        state.place = self._places[shape]
        if state.place.valued is not None:
            state.explored = ExploredHole.of(
                self._executor, state.place.valued, text, len(self._blanks.holes)
            )

    def _first_reached(self, state: State) -> int:
        open_ = [number for number, edit in enumerate(state.filled) if edit is None]
        return state.outcome.hole if state.outcome.hole in open_ else open_[0]

    def _run(self, chosen: list[Trial]) -> None:
        """Run fillings, learn from them, and queue what is alive."""
        jobs: list[Job] = []
        trials: list[tuple[Trial, Filling]] = []
        for trial in chosen:
            state = trial.state
            filled = self._blanks.with_one(state.filled, state.hole, trial.edit)
            key = hash(self._blanks.text(filled))
            if key not in self._texts:
                self._texts.add(key)
                jobs.append(self._blanks.job(filled, self._executor.budgets, state.outcome))
                trials.append((trial, filled))
        outcomes = [outcome for (outcome,) in self._executor.run(jobs)] if jobs else []
        self.executions += len(outcomes)
        self._learn([trial for trial, _ in trials], outcomes)
        for (trial, filled), outcome in zip(trials, outcomes, strict=True):
            state = trial.state
            effort, spent = state.effort + trial.effort, state.spent + trial.edit.cost
            self._take(filled, spent, effort, outcome)

    def _learn(self, trials: Sequence[Trial], outcomes: Sequence[Outcome]) -> None:
        """Move the latent by listed fillings, and those of soft ASTs by drawn ones."""
        rows, changes = [], []
        drawn: dict[int, tuple[SoftHole, list[tuple[int, ...]], list[float]]] = {}
        for trial, outcome in zip(trials, outcomes, strict=True):
            state = trial.state
            change = outcome.energy - state.outcome.energy
            change = change if isfinite(change) else 1.0  # no test was run to its end
            if trial.at is not None:
                rows.append(state.features[trial.at])
                changes.append(change)
            elif trial.values is not None and state.soft is not None:
                _, values, changed = drawn.setdefault(id(state), (state.soft, [], []))
                values.append(trial.values)
                changed.append(change)
        if rows:
            self._latent.learn(np.stack(rows), np.clip(np.array(changes), -1.0, 1.0))
        for soft, values, changed in drawn.values() if self._terms.tests else ():
            soft.learn(values, changed)

    def _take(self, filled: Filling, spent: float, effort: float, outcome: Outcome) -> None:
        """Keep a program: a survivor, alive, or dead."""
        left = sum(edit is None for edit in filled)
        verdicts = [Verdict(verdict) for verdict in outcome.verdicts]
        if outcome.passed:
            self._survives(filled, spent)
            return
        if left == 0 and outcome.energy < self._least:
            self._least, self._closest = outcome.energy, self._blanks.candidate(filled, spent)
        slow = verdicts.count(Verdict.TIMEOUT)
        if any(verdict not in ALIVE for verdict in verdicts) or slow == len(verdicts):
            return
        if left == 0:
            self._count += 1
            heapq.heappush(self._slow, (spent, self._count, filled))
            return
        schedule = self._schedule
        passing = verdicts.count(Verdict.PASS) / len(verdicts)
        kind = (outcome.behaviour, *(edit is None for edit in filled))
        alike = self._alike[kind]
        self._alike[kind] += 1
        value = (
            effort
            + schedule.expected * left
            + schedule.alike * np.log1p(alike)
            + schedule.slow * bool(slow)
        )
        if self._terms.tests:
            value -= schedule.gain * passing
        self._push(State(filled, spent, value, effort, outcome))

    def _retry(self, begun: float) -> None:
        """Run whole programs again that only ran out of their budget, with an ample one.

        They get no more than a quarter of the time while there is anything else to do.
        """
        while self._slow:
            started = time.monotonic()
            if self._queue and self._slow_seconds > 0.25 * (started - begun) + 0.5:
                return
            spent, _, filled = heapq.heappop(self._slow)
            job = self._blanks.job(filled, self._executor.budgets)
            job = replace(job, ticks=AMPLE_TICKS, stop_early=True, share=1.0)
            ((outcome,),) = self._executor.run([job])
            self.executions += 1
            if outcome.passed:
                self._survives(filled, spent)
            self._slow_seconds += time.monotonic() - started

    def _survives(self, filled: Filling, spent: float) -> None:
        """Keep a program that passes every test."""
        self.survivors.append((self._blanks.candidate(filled, spent), self.executions))

    def _pop(self) -> list[State]:
        """The states with the least F."""
        states: list[State] = []
        first = self._queue[0][0] if self._queue else 0.0
        while self._queue and len(states) < STATES:
            if len(states) >= LEAST_STATES and self._queue[0][0] > first + NEAR:
                break
            states.append(heapq.heappop(self._queue)[2])
        return states

    def _push(self, state: State) -> None:
        """Queue a state by F with the filling that comes next."""
        self._count += 1
        key = state.value
        if state.place is not None:
            key += state.coming(self._latent)
        heapq.heappush(self._queue, (key, self._count, state))
