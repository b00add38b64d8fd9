"""Running harmless programs inside the worker: the path of thousands of executions a second.

Each execution gets a fresh namespace in which the whole module is executed, fresh arguments,
a budget of ticks for each case; its outputs are compared as bytes first, and graded only
where they differ.
"""

from __future__ import annotations

import builtins
import marshal
import math
import random
import types
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.execution.alarm import Alarm
from latent_ebm.puzzles.code.execution.capture import Captured
from latent_ebm.puzzles.code.execution.finding import described, driven, found, lineage
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.programs import Filling, Program, Programs
from latent_ebm.puzzles.code.execution.records import SUSPICIOUS, packed
from latent_ebm.puzzles.code.execution.ticks import (
    TICK,
    HoleReached,
    OutOfTicks,
    OutOfTime,
    make_counter,
)
from latent_ebm.puzzles.code.execution.trials import Examples, Script, Trials
from latent_ebm.puzzles.code.testing.distance import (
    EXCEPTION_ENERGY,
    HOLE_ENERGY,
    TIMEOUT_ENERGY,
)
from latent_ebm.puzzles.code.testing.judging import exception_energy, value_energy
from latent_ebm.puzzles.code.testing.plain import TooLarge, plain

__all__ = ["CallCase", "Runner"]

_NAN = math.nan
_PASS, _WRONG, _EXCEPTION = bytes(range(3))
_TIMEOUT, _CRASH, _HOLE, _NOT_RUN = bytes(range(3, 7))
_FORMAT = 2  # of marshal: without references, so that equal data give equal bytes
_MOST_GRADES = 50_000
_SIMPLE = frozenset({int, float, str, bytes, bool, type(None)})


class CallCase(NamedTuple):
    """A case as the worker holds it."""

    args: bytes
    kwargs: bytes
    raises: str
    expected: Any


class Runner:
    """Runs programs against the cases of one suite.

    Parameters
    ----------
    function
        The function that the cases call, dotted for a method.
    module
        The `__name__` of the programs.
    cases
        [T].
    trials
        Where the cases judge themselves: what does it; the `cases` are empty then but for `raises`.
    limits, alarm, progress
        `progress[0]` counts executions, `progress[1:4]` are the case, job and filling that run.
    output
        What `sys.stdout` is.
    """

    def __init__(
        self,
        function: str,
        module: str,
        cases: Sequence[CallCase],
        trials: Script | Examples | None,
        limits: Limits,
        alarm: Alarm,
        progress: memoryview,
        output: Captured,
    ) -> None:
        self.programs = Programs()
        self.budgets = [limits.ticks] * len(cases)
        self.module_budget = limits.ticks
        self.output = output
        self.counter = make_counter()
        self._function = function
        self._module = module
        self._cases = list(cases)
        self._trials = trials
        self._limits = limits
        self._alarm = alarm
        self._progress = progress
        self._all = tuple(range(len(cases)))
        self._expected = [
            b"" if case.raises else marshal.dumps(case.expected, _FORMAT) for case in cases
        ]
        self._constant = [_constant_arguments(case) for case in cases]
        self._grades: dict[tuple[int, bytes], float] = {}
        self._reached = -1
        self._holes: dict[int, Callable[..., Any]] = {}

    def record(
        self,
        job: int,
        number: int,
        text: str,
        filling: Sequence[str | None],
        order: Sequence[int] | None,
        stop_early: bool,
    ) -> bytes:
        """Run one program with one filling; the packed outcome."""
        program = self.programs.program(text)
        holes = [None if source is None else self.programs.filling(source) for source in filling]
        count = len(self._cases)
        error = program.error or next((hole.error for hole in holes if hole and hole.error), "")
        if error:
            return self._failed(job, number, order, error)
        unsafe = program.screening.reason or (self._trials and self._trials.screening.reason)
        if unsafe or any(hole and hole.screening.reason for hole in holes):
            return packed(
                job, number, SUSPICIOUS, -1, 0, "", bytes([_NOT_RUN]) * count, [_NAN] * count
            )
        order = self._all if order is None else order
        try:
            return self._run(job, number, program, holes, order, stop_early)
        except OutOfTime:  # the alarm rang between two cases
            verdicts, energies = bytearray([_NOT_RUN]) * count, [_NAN] * count
            for index in order:
                verdicts[index], energies[index] = _TIMEOUT, TIMEOUT_ENERGY
            return packed(job, number, 0, -1, 0, "more time than the limit", verdicts, energies)

    def _failed(self, job: int, number: int, order: Sequence[int] | None, error: str) -> bytes:
        """The outcome of a program that does not compile: every case an exception."""
        count = len(self._cases)
        verdicts, energies = bytearray([_NOT_RUN]) * count, [_NAN] * count
        for index in self._all if order is None else order:
            verdicts[index], energies[index] = _EXCEPTION, EXCEPTION_ENERGY
        digest = blake2b(b"does not compile", digest_size=8).digest()
        behaviour = int.from_bytes(digest, "little")
        return packed(job, number, 0, -1, behaviour, error, verdicts, energies)

    def _run(
        self,
        job: int,
        number: int,
        program: Program,
        holes: Sequence[Filling | None],
        order: Sequence[int],
        stop_early: bool,
    ) -> bytes:
        cases, alarm, progress, counter = self._cases, self._alarm, self._progress, self.counter
        count = len(cases)
        verdicts, energies = bytearray([_NOT_RUN]) * count, [_NAN] * count
        pieces: list[bytes] = []
        error, first_hole = "", -1
        alarm.serial += 1
        alarm.rang = False
        progress[0] = alarm.serial
        progress[1] = order[0] if order else 0
        progress[2] = job
        progress[3] = number
        self._reached = -1
        if "random" in program.screening.imports:
            random.seed(0)
        made = types.ModuleType(self._module)
        namespace = made.__dict__
        namespace["__builtins__"] = builtins
        namespace[TICK] = counter.tick
        trial: Trials | None = None
        try:
            # everything up to the last line of the loop may be interrupted by the alarm, so
            # `active` is cleared in one place
            alarm.active = True
            try:
                counter.refill(self.module_budget)
                function = self._executed(program, holes, namespace)
                if self._trials:
                    trial = self._trials.trials(made, counter.tick)
            except BaseException as raised:
                verdict, energy, piece = self._ended(raised, "")
                for index in order:
                    verdicts[index], energies[index] = verdict, energy
                error, first_hole = described(raised), self._reached
                self._reached = -1
                pieces.extend([piece] * len(order))
                order = ()
            for index in order:
                progress[1] = index
                counter.refill(self.budgets[index])
                case = cases[index]
                try:
                    if trial is not None:
                        energy, piece, text = trial(index)
                        self._check_end()
                        pieces.append(blake2b(piece, digest_size=16).hexdigest().encode())
                        verdicts[index], energies[index] = _WRONG if energy else _PASS, energy
                        if energy:
                            error = error or text
                            if stop_early:
                                break
                        continue
                    constant = self._constant[index]
                    if constant is None:
                        args = marshal.loads(case.args)  # noqa: S302 - the suite's own
                        kwargs = marshal.loads(case.kwargs) if case.kwargs else {}  # noqa: S302
                        value = function(*args, **kwargs)
                    else:
                        value = function(*constant)
                    try:
                        data = marshal.dumps(value, _FORMAT)
                    except ValueError:
                        value = plain(driven(value))
                        data = marshal.dumps(value, _FORMAT)
                    if len(data) > self._limits.output:
                        raise TooLarge(f"an output of {len(data)} bytes")
                    self._check_end()
                except BaseException as raised:
                    verdict, energy, piece = self._ended(raised, case.raises)
                    verdicts[index], energies[index] = verdict, energy
                    pieces.append(piece)
                    if verdict:
                        error = error or described(raised)
                        if first_hole < 0:
                            first_hole = self._reached
                        self._reached = -1
                        if alarm.rang:
                            order_left = order[order.index(index) + 1 :]
                            for later in order_left:
                                verdicts[later], energies[later] = _TIMEOUT, TIMEOUT_ENERGY
                            break
                        if stop_early:
                            break
                    continue
                pieces.append(data)
                if data == self._expected[index]:
                    verdicts[index], energies[index] = _PASS, 0.0
                    continue
                energy = self._graded(index, data, value)
                verdicts[index], energies[index] = _WRONG if energy else _PASS, energy
                if energy and stop_early:
                    break
        finally:
            counter.refill(10_000)  # for what runs as the namespace goes away
            namespace.clear()
            alarm.active = False
            self.output.clear()
        digest = blake2b(b"\0".join(pieces), digest_size=8).digest()
        behaviour = int.from_bytes(digest, "little")
        return packed(job, number, 0, first_hole, behaviour, error, verdicts, energies)

    def _check_end(self) -> None:
        """Raise again what a program swallowed that should have ended it."""
        if self._reached >= 0:
            raise HoleReached
        if self.counter.left() < 0 or self._alarm.rang:
            raise OutOfTicks

    def _executed(
        self, program: Program, holes: Sequence[Filling | None], namespace: dict[str, Any]
    ) -> Callable[..., Any] | None:
        """Execute the module; the function under test, None where cases judge themselves."""
        for index, filling in enumerate(holes):
            name = f"__hole_{index}__"
            if filling is None:
                namespace[name] = self._open_hole(index)
            else:
                assert filling.code is not None  # noqa: S101 - errors were handled before
                namespace[name] = types.FunctionType(filling.code, namespace, name)
        assert program.code is not None  # noqa: S101
        exec(program.code, namespace)  # noqa: S102 - what a sandbox is for
        return None if self._trials else found(namespace, self._function)

    def _open_hole(self, index: int) -> Callable[..., Any]:
        if index not in self._holes:

            def hole(*args: Any, **kwargs: Any) -> Any:
                del args, kwargs
                if self._reached < 0:
                    self._reached = index
                raise HoleReached

            self._holes[index] = hole
        return self._holes[index]

    def _ended(self, raised: BaseException, raises: str) -> tuple[int, float, bytes]:
        """Verdict, energy and trace of a case that ended in an exception."""
        kind = type(raised)
        if self._reached >= 0:
            return _HOLE, HOLE_ENERGY, b"H%d" % self._reached
        if self.counter.left() < 0 or self._alarm.rang or kind is OutOfTicks or kind is OutOfTime:
            return _TIMEOUT, TIMEOUT_ENERGY, b"T"
        names = lineage(kind)
        energy = exception_energy(names, raises)
        verdict = _EXCEPTION if energy else _PASS
        return verdict, energy, b"E" + names[0].encode("utf-8", "replace")

    def _graded(self, index: int, data: bytes, value: Any) -> float:
        key = (index, data)
        energy = self._grades.get(key)
        if energy is None:
            if len(self._grades) >= _MOST_GRADES:
                self._grades.clear()
            case = self._cases[index]
            try:
                energy = value_energy(plain(value), case.expected, case.raises)
            except TooLarge:
                energy = 1.0
            self._grades[key] = energy
        return energy


def _constant_arguments(case: CallCase) -> tuple[Any, ...] | None:
    """The arguments themselves if nothing can change them."""
    if case.kwargs or not case.args:
        return None
    args: tuple[Any, ...] = marshal.loads(case.args)  # noqa: S302 - the suite's own
    return args if all(type(value) in _SIMPLE for value in args) else None
