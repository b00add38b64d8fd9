"""Running harmless programs inside the worker: the path of thousands of executions a second.

Each execution gets a fresh namespace in which the whole module is executed, fresh arguments,
a budget of ticks for each case; its outputs are compared as bytes first, and graded only
where they differ.
"""

from __future__ import annotations

import builtins
import marshal
import random
import sys
import types
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

from latent_ebm.puzzles.code.execution.alarm import Alarm
from latent_ebm.puzzles.code.execution.capture import Captured
from latent_ebm.puzzles.code.execution.digests import state_digest
from latent_ebm.puzzles.code.execution.finding import described, driven, found, lineage
from latent_ebm.puzzles.code.execution.grading import (
    FORMAT,
    CallCase,
    Grades,
    constant_arguments,
)
from latent_ebm.puzzles.code.execution.harmless import Guard
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.programs import Filling, Program, Programs
from latent_ebm.puzzles.code.execution.records import SUSPICIOUS, packed
from latent_ebm.puzzles.code.execution.tally import Tally
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
from latent_ebm.puzzles.code.testing.judging import exception_energy
from latent_ebm.puzzles.code.testing.plain import TooLargeError, plain

__all__ = ["Hole", "Runner"]

_PASS, _WRONG, _EXCEPTION, _TIMEOUT, _CRASH, _HOLE = bytes(range(6))  # of Verdict, as ints
_FAILED = (_WRONG, _EXCEPTION, _CRASH)
_LAST_TICKS = 10_000
_SHARE = 0.2
"""Of the seconds of a program, for a case of an exploration, which runs few ticks."""

Hole = Filling | Callable[..., Any] | None
"""What fills a hole: a function's code, a function; None for nothing yet."""


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
        `progress[0]` counts executions, `progress[1:4]` are the case, job and filling that run,
        `progress[4]` marks the expression that an exploration judges.
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
        self._grades = Grades(self._cases)
        self._constant = [constant_arguments(case) for case in cases]
        self._guard = Guard()
        self._reached = -1
        self._ticks: int | None = None
        self._tight: int | None = None
        self._holes: dict[int, Callable[..., Any]] = {}
        self._state = b""
        self._left = 0

    def record(
        self,
        job: int,
        number: int,
        text: str,
        filling: Sequence[str | None],
        order: Sequence[int] | None,
        stop_early: bool,
        ticks: int | None,
        tight: int | None = None,
    ) -> bytes:
        """Run one program with one filling; the packed outcome."""
        self._ticks, self._tight = ticks, tight
        program = self.programs.program(text)
        holes = [None if source is None else self.programs.filling(source) for source in filling]
        order = self._all if order is None else order
        tally = Tally(len(self._cases))
        flags = 0
        error = program.error or next((hole.error for hole in holes if hole and hole.error), "")
        if error:
            tally.error = error
            tally.fill(order, _EXCEPTION, EXCEPTION_ENERGY, b"does not compile")
        elif self._unsafe(program, holes):
            flags = SUSPICIOUS
        else:
            self._progress[1] = order[0] if order else 0
            self._progress[2] = job
            self._progress[3] = number
            self._run(program, holes, order, stop_early, tally)
            flags = self._mended(program)
        return packed(
            job,
            number,
            flags,
            tally.hole,
            tally.behaviour,
            tally.error,
            tally.verdicts,
            tally.energies,
        )

    def _mended(self, program: Program) -> int:
        """The flag of a program that changed a module, which is as it was again."""
        screening = program.screening
        if screening.stores and screening.imports and self._guard.mended(screening.imports):
            return SUSPICIOUS
        return 0

    def case(self, program: Program, holes: Sequence[Hole], index: int, ticks: int) -> Tally:
        """Run one case of a harmless program in a namespace of its own."""
        tally = Tally(len(self._cases))
        self._ticks, self._tight = min(ticks, self.budgets[index]), None
        self._alarm.share = _SHARE
        self._run(program, holes, (index,), True, tally)
        self._alarm.share = 1.0
        self._mended(program)
        return tally

    def namespace(self, program: Program, holes: Sequence[Hole]) -> dict[str, Any]:
        """The names of a harmless program's module, to evaluate expressions with.

        Raises
        ------
        Exception
            Whatever the module raises.
        """
        made = types.ModuleType(self._module)
        self.counter.refill(self.module_budget)
        self._execute(program, holes, made.__dict__)
        return made.__dict__

    def pulse(self) -> None:
        """Start the clock anew, for what runs here besides programs."""
        self._alarm.serial += 1
        self._progress[0] = self._alarm.serial
        self._alarm.rang = False
        self._alarm.active = True
        self.counter.refill(_LAST_TICKS)

    def judging(self, mark: int) -> None:
        """Tell the host what is being judged: it may end this process."""
        self._progress[4] = mark

    def rest(self) -> None:
        """Stop the clock."""
        self._alarm.active = False

    @property
    def left(self) -> int:
        """Ticks that the case that ran last has not used."""
        return self._left

    @property
    def late(self) -> bool:
        """Whether the clock ended the case that ran last."""
        return self._alarm.rang

    def refuses(self, program: Program) -> bool:
        """Whether a program must not run in this process, or cannot."""
        return bool(program.error) or self._unsafe(program, ())

    def _unsafe(self, program: Program, holes: Sequence[Hole]) -> bool:
        if program.screening.reason or (self._trials and self._trials.screening.reason):
            return True
        return any(isinstance(hole, Filling) and hole.screening.reason for hole in holes)

    def _run(
        self,
        program: Program,
        holes: Sequence[Hole],
        order: Sequence[int],
        stop_early: bool,
        tally: Tally,
    ) -> None:
        alarm = self._alarm
        alarm.serial += 1
        alarm.rang = False
        self._progress[0] = alarm.serial
        self._reached = -1
        for module in program.screening.imports:
            self._guard.watch(module)
        if "random" in program.screening.imports:
            random.seed(0)
        made = types.ModuleType(self._module)
        try:
            # the alarm may ring anywhere between here and the end of the block
            alarm.active = True
            one = self._prepared(program, holes, made, order, tally)
            if one is not None:
                failed = _FAILED if None not in holes else (*_FAILED, _TIMEOUT)
                for index in order:
                    if one(index, tally):
                        continue
                    if stop_early or alarm.rang:
                        break
                    if self._tight is not None and tally.verdicts[index] in failed:
                        self._ticks = self._tight
        except OutOfTime:
            tally.error = tally.error or described(OutOfTime())
        finally:
            self._left = self.counter.left()
            self.counter.refill(_LAST_TICKS)  # for what runs as the namespace goes away
            made.__dict__.clear()
            alarm.active = False
            self.output.clear()
        if alarm.rang:
            tally.fill(order, _TIMEOUT, TIMEOUT_ENERGY, b"T")

    def _prepared(
        self,
        program: Program,
        holes: Sequence[Hole],
        made: types.ModuleType,
        order: Sequence[int],
        tally: Tally,
    ) -> Callable[[int, Tally], bool] | None:
        """Execute the module; what runs one case, None if the module does not come to its end."""
        try:
            self.counter.refill(self.module_budget)
            self._execute(program, holes, made.__dict__)
            if self._trials is not None:
                return partial(self._try, self._trials.trials(made, self.counter.tick))
            return partial(self._call, found(made.__dict__, self._function))
        except BaseException as raised:
            verdict, energy, piece = self._ended(raised, "")
            tally.error, tally.hole = described(raised), self._reached
            tally.fill(order, verdict, energy, piece)
            return None

    def _call(self, function: Callable[..., Any], index: int, tally: Tally) -> bool:
        """Run a case that calls the function; whether it passes."""
        self._progress[1] = index
        self.counter.refill(self.budgets[index] if self._ticks is None else self._ticks)
        try:
            args = self._constant[index]
            if args is not None:
                value = function(*args)
            else:
                case = self._cases[index]
                args = marshal.loads(case.args)  # noqa: S302 - the suite's own
                kwargs = marshal.loads(case.kwargs) if case.kwargs else {}  # noqa: S302
                value = function(*args, **kwargs)
            try:
                data = marshal.dumps(value, FORMAT)
            except ValueError:
                value = plain(driven(value))
                data = marshal.dumps(value, FORMAT)
            if len(data) > self._limits.output:
                raise TooLargeError(f"an output of {len(data)} bytes")
            self._check_end()
            energy = self._grades.energy(index, data, value)
        except BaseException as raised:
            return self._raised(raised, index, tally)
        tally.add(index, _WRONG if energy else _PASS, energy, data)
        return not energy

    def _try(self, trial: Trials, index: int, tally: Tally) -> bool:
        """Run a case that judges itself; whether it passes."""
        self._progress[1] = index
        self.counter.refill(self.budgets[index] if self._ticks is None else self._ticks)
        try:
            energy, trace, text = trial(index)
            self._check_end()
        except BaseException as raised:
            return self._raised(raised, index, tally)
        piece = blake2b(trace, digest_size=16).hexdigest().encode()
        tally.add(index, _WRONG if energy else _PASS, energy, piece)
        tally.error = tally.error or text
        return not energy

    def _raised(self, raised: BaseException, index: int, tally: Tally) -> bool:
        """Note a case that ended in an exception; whether that is a pass."""
        verdict, energy, piece = self._ended(raised, self._cases[index].raises)
        if verdict != _PASS:
            tally.error = tally.error or described(raised)
            if tally.hole < 0:
                tally.hole = self._reached
            self._reached = -1
        tally.add(index, verdict, energy, piece)
        return verdict == _PASS

    def _check_end(self) -> None:
        """Raise again what a program swallowed that should have ended it."""
        if self._reached >= 0:
            raise HoleReached
        if self.counter.left() < 0 or self._alarm.rang:
            raise OutOfTicks

    def _execute(self, program: Program, holes: Sequence[Hole], namespace: dict[str, Any]) -> None:
        namespace["__builtins__"] = builtins
        namespace[TICK] = self.counter.tick
        for index, filling in enumerate(holes):
            name = f"__hole_{index}__"
            if filling is None:
                namespace[name] = self.open_hole(index)
            elif isinstance(filling, Filling):
                assert filling.code is not None  # noqa: S101 - errors were handled before
                namespace[name] = types.FunctionType(filling.code, namespace, name)
            else:
                namespace[name] = filling
        assert program.code is not None  # noqa: S101
        exec(program.code, namespace)  # noqa: S102 - what a sandbox is for

    def open_hole(self, index: int) -> Callable[..., Any]:
        """A function that ends the test, and notes that this hole was reached."""
        if index not in self._holes:

            def hole(*args: Any, **kwargs: Any) -> Any:
                del args, kwargs
                if self._reached < 0:
                    self._reached = index
                    self._state = state_digest(sys._getframe(1))
                raise HoleReached

            self._holes[index] = hole
        return self._holes[index]

    def _ended(self, raised: BaseException, raises: str) -> tuple[int, float, bytes]:
        """Verdict, energy and trace of a case that ended in an exception."""
        kind = type(raised)
        if self._reached >= 0:
            return _HOLE, HOLE_ENERGY, b"H%d" % self._reached + self._state
        if self.counter.left() < 0 or self._alarm.rang or kind is OutOfTicks or kind is OutOfTime:
            return _TIMEOUT, TIMEOUT_ENERGY, b"T"
        names = lineage(kind)
        energy = exception_energy(names, raises)
        verdict = _EXCEPTION if energy else _PASS
        return verdict, energy, b"E" + names[0].encode("utf-8", "replace")
