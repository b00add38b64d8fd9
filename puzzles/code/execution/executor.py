"""The executor: jobs to outcomes, over warm sandboxed workers."""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Sequence
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Any

from latent_ebm.puzzles.code.execution.asking import Answer, Asking, described
from latent_ebm.puzzles.code.execution.exploring.hosting import Explorations
from latent_ebm.puzzles.code.execution.isolation.backends import chosen
from latent_ebm.puzzles.code.execution.judged import judged
from latent_ebm.puzzles.code.execution.observations import Kind
from latent_ebm.puzzles.code.execution.outcomes import Job, Limits, Outcome
from latent_ebm.puzzles.code.execution.pool import Pool
from latent_ebm.puzzles.code.execution.profiles import Profile, profile_from
from latent_ebm.puzzles.code.execution.requests import Isolated, calls_for, marshalled
from latent_ebm.puzzles.code.execution.spreading import Spread
from latent_ebm.puzzles.code.testing.cases import Suite, SuiteError

__all__ = ["Executor"]

_BUDGET_FACTOR = 10
_ENDED_FACTOR = 2
_BUDGET_LEAST = 1000
_PROFILE_LEAST = 500
_SLOW = 10.0
_PROFILED_TICKS = 20_000
_LONG = 32
_WALL_LEAST = 0.4
"""Seconds of wall-clock time that every program has."""
_QUESTION, _QUESTION_LEAST = 0.2, 1.0
"""The share of the time left that one question may take, and the seconds that it has anyhow."""


def imports_of(text: str) -> tuple[str, ...]:
    r"""The modules that a program's text imports at its top, absolutely.

    >>> imports_of("import math, os.path\nfrom re import sub")
    ('math', 'os.path', 're')
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:  # the programs to run may be better
        return ()
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
    return tuple(dict.fromkeys(names))


class Executor:
    """Runs candidate programs against one suite.

    Parameters
    ----------
        suite
            The tests.
        context
            The text of the original module; what it imports is imported before candidates run.
        project
            The user's folder: importable, read only. None for none.
        workers
            Processes that run at once; the machine's cores by default.
        limits
            Of each program.
        isolation
            "auto", "bubblewrap", "landlock", or "none" with `allow_unsandboxed`.
        until
            When `run` stops, on the clock of `time.monotonic`; other questions but `verify` take
            no more than a share of the time until then.

    Attributes
    ----------
        isolation
            The name of the back end in use.
        executions
            The number of candidate executions so far.

    Raises
    ------
        IsolationError
            If programs cannot be confined as asked.

    Examples
    --------
    >>> from latent_ebm.puzzles.code.testing.cases import Case, Suite
    >>> suite = Suite("double", (Case("two", (2,), expected=4), Case("three", (3,), expected=6)))
    >>> fillings = (("lambda x: x + 2",), ("lambda x: x + x",))
    >>> with Executor(suite, workers=1) as executor:
    ...     ((wrong, right),) = executor.run([Job("def double(x): return __hole_0__(x)", fillings)])
    >>> wrong.passed, list(wrong.verdicts), right.passed
    (False, [0, 1], True)
    """

    def __init__(
        self,
        suite: Suite,
        *,
        context: str = "",
        project: Path | None = None,
        workers: int | None = None,
        limits: Limits | None = None,
        isolation: str = "auto",
        allow_unsandboxed: bool = False,
        until: float = inf,
    ) -> None:
        backend = chosen(isolation, allow_unsandboxed=allow_unsandboxed)
        self.isolation = backend.name
        self.suite = suite
        self.limits = limits or Limits()
        self.executions = 0
        self._until = until
        self._waited = False
        self._asking: Asking | None = None
        self._explorations: Explorations | None = None
        count = len(os.sched_getaffinity(0)) if workers is None else workers
        if count < 1:
            raise ValueError(f"workers must be at least 1, not {workers}")
        self._pool = Pool(suite, backend, self.limits, project, count, imports_of(context))

    def run(self, jobs: Sequence[Job]) -> list[list[Outcome]]:
        """Run jobs; for each one outcome per filling, of cases not run where time is up.

        Raises
        ------
        ValueError
            For a job whose cases are not in the suite.
        WorkerError
            If workers do not start.
        """
        for number, job in enumerate(jobs):
            wrong = [case for case in job.cases or () if not 0 <= case < len(self.suite)]
            if wrong:
                raise ValueError(f"job {number} asks for case {wrong[0]} of {len(self.suite)}")
        outcomes = Spread(self._pool, jobs).outcomes(self._until)
        self.executions += sum(len(job.fillings) for job in jobs)
        return outcomes

    def verify(self, program: str) -> Outcome:
        """Run every test on a whole program in a fresh sandbox; the last word on a patch.

        The process is started for this and knows no expected values; the budgets of ticks are
        ten times those of `run`, and at least ten times those of the limits.
        """
        self.executions += 1
        least = _BUDGET_FACTOR * self.limits.ticks
        budgets = [max(least, _BUDGET_FACTOR * budget) for budget in self._pool.budgets]
        calls = calls_for(self.suite, self._order, budgets)
        with Asking(self._pool.start) as asking:
            return self._judged(asking.ask(self._request(program, calls, patient=True)))

    def calibrate(self, program: str) -> Outcome:
        """Set every case's budget of ticks from those that `program` needs; its outcome.

        The budget is the larger of ten times the most ticks of a case that passes and twice the
        most of a case that ends with a value, right or wrong, and 1,000 more. Where no case
        passes, it is at least that of the limits. What waits has ten times the wall-clock time
        that `program` took, within the limit.
        """
        self.executions += 1
        calls = calls_for(self.suite, self._order, [10 * self.limits.ticks] * len(self.suite))
        answer = self._bench().ask(self._request(program, calls))
        outcome = self._judged(answer)
        used = {
            seen.case: seen.value for seen in answer.observations if seen.kind is Kind.TICKS_USED
        }
        passing = [count for case, count in used.items() if not outcome.verdicts[case]]
        ended = _ENDED_FACTOR * max(used.values(), default=0)
        budget = _BUDGET_LEAST + max(ended, _BUDGET_FACTOR * max(passing, default=0))
        if not passing:
            budget = max(budget, self.limits.ticks)
        self._pool.set_budgets(self.limits.ticks, [budget] * len(self.suite))
        ample = max(_WALL_LEAST, _BUDGET_FACTOR * answer.seconds)
        self._pool.wall_seconds = min(self.limits.wall_seconds, ample)
        self._waited = self._waited or answer.timed_out
        if self._explorations is not None:
            self._explorations.set_budgets()
        return outcome

    @property
    def explorations(self) -> Explorations:
        """Expression holes explored in the warm workers."""
        if self._explorations is None:
            self._explorations = Explorations(self._pool)
        return self._explorations

    @property
    def budgets(self) -> tuple[int, ...]:
        """The budget of ticks of each case, [T]."""
        return tuple(self._pool.budgets)

    def observe(
        self, program: str, inputs: Sequence[tuple[Any, ...]], function: str | None = None
    ) -> list[str]:
        """What a function, by default the suite's, gives for each tuple of arguments, as text.

        A value as Python writes it, with a digest where it is long; "raises KeyError"; "does not
        end"; "ends its process". It runs in a child of its own, without the suite's tests.

        Raises
        ------
        SuiteError
            For arguments that are no plain data, or where neither the caller nor the suite names a
            function.
        """
        called = function or self.suite.function
        if called is None:
            raise SuiteError(f"{self.suite.source}: the suite names no function to call")
        budget = max(self._pool.budgets)
        calls = [
            (number, marshalled(tuple(args), f"input {number}"), b"", budget)
            for number, args in enumerate(inputs)
        ]
        self.executions += 1
        answer = self._bench().ask(self._request(program, calls, function=called), len(calls))
        return described(answer.observations, len(calls), answer.timed_out)

    def profile(
        self, program: str, function: str | None = None, cases: Sequence[int] | None = None
    ) -> Profile:
        """What a program's expressions are at run time, over all cases: one slow run.

        A case is cut after its budget of ticks, at most 20,000; `calibrate` before for small ones.

        Parameters
        ----------
        cases
            Only these; None for all.
        function
            Only what is in this function (dotted for a method); None for the whole module.
        """
        self.executions += 1
        order = self._order if cases is None else tuple(cases)
        # twice what passes: a recorded run is slow, and one that does not end shows enough by then
        budgets = [
            min(budget // 5 + _PROFILE_LEAST, _PROFILED_TICKS) for budget in self._pool.budgets
        ]
        calls = calls_for(self.suite, order, budgets)
        request = self._request(program, calls, profile=function or "")
        answer = self._bench().ask(request)
        outcome = judged(self.suite, order, answer.observations, answer.timed_out, False)
        return profile_from(answer.observations, outcome)

    def _request(
        self, program: str, calls: Sequence[Any], *, patient: bool = False, **what: Any
    ) -> Isolated:
        limits = self.limits
        seconds, most = _SLOW * limits.seconds, _LONG * limits.output
        # a busy machine may give a quarter of a processor; what has waited in vain waits again
        wall = limits.wall_seconds + (0 if self._waited else 4 * (seconds - limits.seconds))
        if not patient:
            wall = min(wall, max(_QUESTION_LEAST, _QUESTION * (self._until - time.monotonic())))
        return Isolated(program, (), calls, 10 * limits.ticks, seconds, wall, most, **what)

    @property
    def _order(self) -> tuple[int, ...]:
        return tuple(range(len(self.suite)))

    def _judged(self, answer: Answer) -> Outcome:
        seen, late = answer.observations, answer.timed_out
        return judged(self.suite, self._order, seen, late, False, answer.waited)

    def _bench(self) -> Asking:
        """The warm process for single questions."""
        if self._asking is None:
            self._asking = Asking(self._pool.start)
        return self._asking

    def close(self) -> None:
        """End the workers and remove their scratch folders."""
        if self._asking is not None:
            self._asking.close()
            self._asking = None
        if self._explorations is not None:
            self._explorations.close()
            self._explorations = None
        self._pool.close()

    def __enter__(self) -> Executor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
