"""The executor: jobs to outcomes, over warm sandboxed workers."""

from __future__ import annotations

import marshal
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from latent_ebm.puzzles.code.execution.isolation.backends import chosen
from latent_ebm.puzzles.code.execution.outcomes import Job, Limits, Outcome
from latent_ebm.puzzles.code.execution.pool import Pool
from latent_ebm.puzzles.code.testing.cases import Case, Suite

__all__ = ["Executor"]

_BUDGET_FACTOR = 10
_BUDGET_LEAST = 1000


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

    Attributes
    ----------
    isolation
        The name of the back end in use.
    executions
        The number of candidate executions so far.

    Raises
    ------
    IsolationUnavailable
        If programs cannot be confined as asked.

    Examples
    --------
    >>> from latent_ebm.puzzles.code.testing.cases import Case, Suite
    >>> suite = Suite("double", (Case("two", (2,), expected=4), Case("three", (3,), expected=6)))
    >>> job = Job("def double(x): return __hole_0__(x)", (("lambda x: x + 2",), ("lambda x: x + x",)))
    >>> with Executor(suite, workers=1) as executor:
    ...     ((wrong, right),) = executor.run([job])
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
    ) -> None:
        backend = chosen(isolation, allow_unsandboxed=allow_unsandboxed)
        self.isolation = backend.name
        self.suite = suite
        self.limits = limits or Limits()
        self.executions = 0
        self._project = project
        self._backend = backend
        self._context = context
        count = len(os.sched_getaffinity(0)) if workers is None else workers
        if count < 1:
            raise ValueError(f"workers must be at least 1, not {workers}")
        self._pool = Pool(suite, backend, self.limits, project, count)

    def run(self, jobs: Sequence[Job]) -> list[list[Outcome]]:
        """Run jobs; for each one outcome per filling.

        Raises
        ------
        ValueError
            For a job whose cases are not in the suite.
        WorkersBroken
            If workers do not start.
        """
        for number, job in enumerate(jobs):
            wrong = [case for case in job.cases or () if not 0 <= case < len(self.suite)]
            if wrong:
                raise ValueError(f"job {number} asks for case {wrong[0]} of {len(self.suite)}")
        outcomes = self._pool.run(jobs)
        self.executions += sum(len(job.fillings) for job in jobs)
        return outcomes

    def close(self) -> None:
        """End the workers and remove their scratch folders."""
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
