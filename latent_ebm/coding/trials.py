"""Trials: candidates through the executor, none twice, and those that take long put off."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import fsum, isnan
from types import CodeType

from latent_ebm.coding.candidate import Candidate
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import WAITED, Job, Outcome, Verdict

FAILED, GRADED = 0.75, 0.15
"""What a test that does not pass weighs, and each unit of its graded energy on top."""
OPEN = (Verdict.PASS, Verdict.TIMEOUT, Verdict.NOT_RUN)
"""Verdicts that do not show a program wrong."""
LARGEST_PROBE = 10
PUT_OFF, PUT_OFF_WAITING = 0.3, 2.0
"""Nats that a candidate pays for having run out of its budget, or for having waited in vain."""


@dataclass(eq=False)
class Trials:
    """Runs candidates and keeps count.

    Attributes
    ----------
    executor
        With tight budgets, set from what passes.
    patient
        Makes an executor with ample budgets, for what was put off.
    probe
        The cases that every candidate is run on: a few failing and passing ones, small ones first.
    rest
        The other cases, for what passes the probe.
    executions
        Candidates run so far.
    survivors
        Candidates that passed every test, in the order found, with the count at which each was.
    endless
        The cases in which the program as given runs out of an ample budget.
    undecided
        Candidates that pass all tests but some of those.
    put_off
        Candidates that ran out of their budget and might pass with a larger one.
    syntax
        Whether a candidate must compile, and to something new, to be run.
    """

    executor: Executor
    probe: tuple[int, ...]
    rest: tuple[int, ...]
    patient: Callable[[], Executor] | None = None
    endless: frozenset[int] = frozenset()
    executions: int = 0
    survivors: list[tuple[Candidate, int]] = field(default_factory=list)
    undecided: list[tuple[Candidate, int]] = field(default_factory=list)
    put_off: list[Candidate] = field(default_factory=list)
    syntax: bool = True
    _passes: dict[str, int] = field(default_factory=dict, repr=False)
    _due: dict[str, float] = field(default_factory=dict, repr=False)
    _slow_executor: Executor | None = None
    _slow_seconds: float = 0.0
    _begun: float = field(default_factory=time.monotonic)
    _forms: set[int] = field(default_factory=set, repr=False)

    def fresh(self, text: str, *, form: bool = True) -> bool:
        """Whether neither the text nor, if ``form``, a program of the same bytecode was run."""
        key = hash(text)
        if key in self._forms:
            return False
        self._forms.add(key)
        if form and self.syntax:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    code = compile(text, "<candidate>", "exec", dont_inherit=True, optimize=0)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return False
            key = hash(_bytecode(code))
            if key in self._forms:
                return False
            self._forms.add(key)
        return True

    def energy(self, outcome: Outcome) -> float:
        """The tests energy: the mean over the probe; what was not run counts as not passed.

        That a test passes weighs most. How far from passing it is shows little: a program cut
        short gives some wrong value, which is no nearer than an exception.
        """
        energies = (outcome.energies[case] for case in self.probe)
        graded = (FAILED if isnan(one) else one and FAILED + GRADED * one for one in energies)
        return fsum(graded) / len(self.probe)

    def run(self, candidates: Sequence[Candidate], *, stop_early: bool) -> list[Outcome]:
        """The outcome of each candidate on the probe, and on all cases where it passes that."""
        probe = self.probe
        jobs = [Job(one.text, cases=probe, stop_early=stop_early) for one in candidates]
        outcomes = [one for (one,) in self.executor.run(jobs)]
        for at, candidate in enumerate(candidates):
            self.executions += 1
            if not any(outcomes[at].verdicts[case] for case in probe):
                outcomes[at] = self._on_the_rest(candidate, outcomes[at])
            if outcomes[at].passed:
                self.survivors.append((candidate, self.executions))
            elif _only_slow(outcomes[at]):
                self.put_off.append(candidate)
                self._due[candidate.text] = candidate.energy + (
                    PUT_OFF_WAITING if outcomes[at].error == WAITED else PUT_OFF
                )
                self._passes[candidate.text] = outcomes[at].verdicts.count(Verdict.PASS)
        return outcomes

    def _on_the_rest(self, candidate: Candidate, outcome: Outcome) -> Outcome:
        """The outcome on all cases of what passes the probe; what it then fails joins the probe."""
        rest = tuple(case for case in self.rest if outcome.verdicts[case] == Verdict.NOT_RUN)
        if not rest:
            return outcome
        ((others,),) = self.executor.run([Job(candidate.text, cases=rest, stop_early=True)])
        wrong = [case for case in self.rest if others.verdicts[case] not in OPEN]
        if wrong and len(self.probe) < LARGEST_PROBE:
            self.probe = (wrong[0], *self.probe)
            self.rest = tuple(case for case in self.rest if case != wrong[0])
        verdicts, energies = bytearray(outcome.verdicts), list(outcome.energies)
        for case in rest:
            verdicts[case], energies[case] = others.verdicts[case], others.energies[case]
        behaviour = outcome.behaviour ^ others.behaviour
        return Outcome(bytes(verdicts), tuple(energies), -1, behaviour, others.error)

    def retry(self, frontier: float) -> None:
        """Run what was put off and is likelier than the frontier, with ample budgets.

        What passes most tests in its budget comes first. It gets no more than a third of the time.
        """
        due = [c for c in self.put_off if self._due[c.text] <= frontier]
        if not due or self.patient is None:
            return
        begun = time.monotonic()
        if self._slow_executor is None:
            self._slow_executor = self.patient()
        self.put_off = [c for c in self.put_off if self._due[c.text] > frontier]
        due.sort(key=lambda one: (-self._passes.get(one.text, 0), one.energy))
        for at in range(0, len(due), 4):
            if self._slow_seconds > 0.5 * (begun - self._begun) + 1.0:
                self.put_off += due[at:]
                break
            some = due[at : at + 4]
            order = sorted((*self.probe, *self.rest), key=self.endless.__contains__)
            jobs = [Job(c.text, cases=tuple(order), stop_early=True) for c in some]
            started = time.monotonic()
            for candidate, (outcome,) in zip(some, self._slow_executor.run(jobs), strict=True):
                self.executions += 1
                if outcome.passed:
                    self.survivors.append((candidate, self.executions))
                elif self._is_undecided(outcome):
                    self.undecided.append((candidate, self.executions))
            self._slow_seconds += time.monotonic() - started

    def _is_undecided(self, outcome: Outcome) -> bool:
        """Whether all tests pass but some that the program as given does not end either."""
        bad = {case for case, verdict in enumerate(outcome.verdicts) if verdict != Verdict.PASS}
        bad -= {case for case in bad if outcome.verdicts[case] == Verdict.NOT_RUN}
        wrong = any(outcome.verdicts[case] == Verdict.WRONG for case in bad)
        return bool(bad) and bad <= self.endless and not wrong

    def close(self) -> None:
        """End the executor that this made."""
        if self._slow_executor is not None:
            self._slow_executor.close()


def _bytecode(code: CodeType) -> tuple[object, ...]:
    """What a code object does, without where its text stood."""
    constants = tuple(
        _bytecode(one) if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts
    )
    return (code.co_code, code.co_names, code.co_varnames, code.co_cellvars, constants)


def _only_slow(outcome: Outcome) -> bool:
    """Whether nothing is wrong with the cases that ended, and some did not end."""
    kinds = {Verdict(verdict) for verdict in outcome.verdicts}
    return Verdict.TIMEOUT in kinds and kinds <= {Verdict.PASS, Verdict.TIMEOUT, Verdict.NOT_RUN}


@dataclass(frozen=True)
class Deadline:
    """A moment by which to end."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds until then, not below 0."""
        return max(self.at - time.monotonic(), 0.0)
