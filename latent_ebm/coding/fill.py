"""Filling several holes together, by descent over partly filled programs that run.

A program with open holes still runs: reaching an open hole ends a test there, with the state in which
it was reached. So a partly filled program has an energy of its own:

    F = sum of the fillings' energies + open holes * expected + wrong tests - gain * tests that pass

A test that ends without reaching an open hole and does not pass can never pass: the state is dead.
States that reach the next hole in the same way in every test go on alike: the cheapest stands for
them. The state with the least F has its first-reached hole filled next, cheapest fillings first,
moved by the latent, which learns what kind of filling (its productions, names, types) takes energy off.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job, Outcome, Verdict
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.holes import Site, fillings, opened, sites
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.latent import Latent
from latent_ebm.coding.search import OnProgress, Patience
from latent_ebm.coding.trials import Deadline
from latent_ebm.coding.workspace import Workspace

WIDTH = 10
SIZE = (11.0, 2500)
"""Up to which cost expressions are made, and how many of each type."""
BUDGETS = (4.5, 6.0, 7.5, 9.0, 10.5)
"""Fillings are listed up to these costs, one after the other."""
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
    """

    expected: float = 4.0
    gain: float = 3.0
    alike: float = 1.5
    step: float = 0.5


@dataclass(eq=False)
class State:
    """A partly filled program.

    Attributes
    ----------
    filled
        The filling of each hole so far; None for open ones.
    spent
        Energy of the fillings.
    value
        F without the filling that comes next.
    outcome
        What came of its tests.
    """

    filled: tuple[Edit | None, ...]
    spent: float
    value: float
    outcome: Outcome
    hole: int = -1
    choices: list[Edit] = field(default_factory=list)
    cost: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    features: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, WIDTH), np.int32))
    open: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    workspace: Workspace | None = None
    stage: int = 0

    @property
    def budget(self) -> float:
        """Up to which cost its fillings are listed."""
        return BUDGETS[self.stage - 1] if self.stage else 0.0

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left to fill its hole with."""
        return self.stage == len(BUDGETS) and not self.open.any()

    def least(self, latent: Latent) -> float:
        """The least energy of a filling that is listed and was not run."""
        at = np.flatnonzero(self.open)
        if len(at) == 0:
            return float("inf")
        return float((self.cost[at] - latent.bonus(self.features[at])).min())


@dataclass(frozen=True, eq=False)
class Filled:
    """What filling found.

    Attributes
    ----------
    survivors
        Whole programs that pass every test, with the executions after which each was found.
    executions
        Programs run in all.
    holes
        How many there were.
    """

    survivors: list[tuple[Candidate, int]]
    executions: int
    holes: int


def fill_program(
    text: str,
    executor: Executor,
    deadline: Deadline,
    *,
    terms: Terms | None = None,
    patience: Patience | None = None,
    results: tuple[str, ...] = (),
    on_progress: OnProgress | None = None,
) -> Filled:
    """Fill all holes of a program so that every test of the executor's suite passes.

    Parameters
    ----------
    results
        Run-time types of the values that the tests expect, which steer what is returned.
    """
    run = _Filling(text, executor, terms or Terms(), results)
    return run.search(deadline, patience or Patience(), on_progress)


class _Filling:
    def __init__(
        self, text: str, executor: Executor, terms: Terms, results: tuple[str, ...]
    ) -> None:
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

    def search(
        self, deadline: Deadline, patience: Patience, on_progress: OnProgress | None
    ) -> Filled:
        blank: tuple[Edit | None, ...] = (None,) * len(self._holes)
        ((outcome,),) = self._executor.run([self._job(blank)])
        self.executions += 1
        self._take(blank, 0.0, outcome)
        found_at = 0
        while self._queue and deadline.left > 0:
            states = [heapq.heappop(self._queue)[2] for _ in range(min(2, len(self._queue)))]
            chosen = [(state, at) for state in states for at in self._next(state)]
            self._run(chosen)
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
        return Filled(self.survivors, self.executions, len(self._holes))

    def _job(self, filled: Sequence[Edit | None]) -> Job:
        """A run in which reaching a hole that is still open ends the test."""
        return Job(self._text(filled), ((None,) * len(self._holes),))

    def _text(self, filled: Sequence[Edit | None]) -> str:
        edits = [edit or blank for edit, blank in zip(filled, self._open, strict=True)]
        return applied(self._program.source, edits)

    def _next(self, state: State) -> list[int]:
        """The fillings of a state's hole that come next."""
        if state.workspace is None:
            self._prepare(state)
        while state.stage < len(BUDGETS) and state.least(self._latent) > state.budget:
            self._widen(state)
        at = np.flatnonzero(state.open)
        values = state.cost[at] - self._latent.bonus(state.features[at])
        best = at[np.argsort(values, kind="stable")[:CHUNK]]
        state.open[best] = False
        return [int(i) for i in best]

    def _prepare(self, state: State) -> None:
        """Look at what the state's run shows."""
        state.hole = self._first_reached(state)
        text = self._text(state.filled)
        state.workspace = Workspace.of(text, self._executor, self._terms, None, self._first, SIZE)
        self._first = self._first or state.workspace

    def _widen(self, state: State) -> None:
        """List what may fill the state's hole up to the next budget."""
        assert state.workspace is not None
        low, high = state.budget, BUDGETS[state.stage]
        state.stage += 1
        context = state.workspace.context
        site = self._site(context.program, state.hole)
        found = fillings(context, site, self._results, high)
        more = [edit for edit in found if edit.cost > low]
        rows = np.full((len(more), WIDTH), -1, np.int32)
        for row, edit in zip(rows, more, strict=True):
            numbers = self._latent.numbers(edit.features[:WIDTH])
            row[: len(numbers)] = numbers
        state.choices += more
        state.cost = np.concatenate([state.cost, [edit.cost for edit in more]])
        state.features = np.concatenate([state.features, rows])
        state.open = np.concatenate([state.open, np.ones(len(more), np.bool_)])

    def _site(self, program: Program, number: int) -> Site:
        """The call that stands for a hole in a partly filled program."""
        import ast

        name = f"__hole_{number}__"
        for node in ast.walk(program.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == name
            ):
                parent = program.parent(node)
                return Site(number, parent if isinstance(parent, ast.Expr) else node)
        raise ValueError(f"hole {number} is not open in this program")

    def _first_reached(self, state: State) -> int:
        open_ = [number for number, edit in enumerate(state.filled) if edit is None]
        return state.outcome.hole if state.outcome.hole in open_ else open_[0]

    def _run(self, chosen: list[tuple[State, int]]) -> None:
        """Run fillings, learn from them, and queue what is alive."""
        jobs, what = [], []
        for state, at in chosen:
            filled = list(state.filled)
            edit = state.choices[at]
            blank = self._open[state.hole]
            filled[state.hole] = Edit(
                blank.start,
                blank.end,
                edit.text,
                edit.prior,
                "fill",
                blank.line,
                edit.features,
                edit.type,
                edit.types,
            )
            text = self._text(filled)
            if hash(text) in self._texts:
                continue
            self._texts.add(hash(text))
            jobs.append(self._job(filled))
            what.append((state, at, tuple(filled)))
        if not jobs:
            return
        rows, energies = [], []
        for (state, at, filled), (outcome,) in zip(what, self._executor.run(jobs), strict=True):
            self.executions += 1
            rows.append(state.features[at])
            energies.append(self._energy(outcome) - self._energy(state.outcome))
            self._take(filled, state.spent + state.cost[at], outcome)
        self._latent.learn(np.stack(rows), np.clip(np.array(energies), -1.0, 1.0))

    def _energy(self, outcome: Outcome) -> float:
        return outcome.energy

    def _take(self, filled: tuple[Edit | None, ...], spent: float, outcome: Outcome) -> None:
        """Keep a program: a survivor, alive, or dead."""
        left = sum(edit is None for edit in filled)
        verdicts = [Verdict(verdict) for verdict in outcome.verdicts]
        if outcome.passed:
            chosen = tuple(
                edit
                or Edit(
                    b.start,
                    b.end,
                    "pass" if self._holes[i].is_statement else "None",
                    0.0,
                    "fill",
                    b.line,
                )
                for i, (edit, b) in enumerate(zip(filled, self._open, strict=True))
            )
            text = applied(self._program.source, chosen)
            self.survivors.append((Candidate(text, spent, chosen), self.executions))
            return
        if left == 0 or any(verdict not in (Verdict.PASS, Verdict.HOLE) for verdict in verdicts):
            return
        schedule = self._schedule
        passing = verdicts.count(Verdict.PASS) / len(verdicts)
        kind = (outcome.behaviour, *(edit is None for edit in filled))
        alike = self._alike[kind]
        self._alike[kind] += 1
        value = spent + schedule.expected * left + schedule.alike * alike
        if self._terms.tests:
            value -= schedule.gain * passing
        self._push(State(filled, spent, value, outcome))

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


def enumerate_fillings(
    text: str, executor: Executor, deadline: Deadline, *, results: tuple[str, ...] = ()
) -> Filled:
    """The baseline: whole fillings in order of their cost, each run on all tests."""
    program = Program(text)
    holes = sites(program)
    blanks = opened(program, holes)
    stopped = applied(program.source, blanks)
    workspace = Workspace.of(stopped, executor, Terms(), size=SIZE)
    lists = []
    for hole in holes:
        context = workspace.context
        node = _Filling.__dict__["_site"](None, context.program, hole.number)
        lists.append(fillings(context, node, results, BUDGETS[2]))
    executions, survivors = 0, []
    if not all(lists):
        return Filled([], 0, len(holes))
    start = (0,) * len(holes)
    queue = [(sum(options[0].cost for options in lists), start)]
    seen = {start}
    while queue and deadline.left > 0 and not survivors:
        batch = []
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
