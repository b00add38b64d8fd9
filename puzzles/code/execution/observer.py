"""Running one program in a process of its own, which knows no expected values.

What the program does in each case is written down as plain data, case by case, so that what
was done before a crash is not lost. The process that reads it, outside, judges.
"""

from __future__ import annotations

import builtins
import json
import marshal
import random
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.execution.alarm import Alarm
from latent_ebm.puzzles.code.execution.capture import Captured
from latent_ebm.puzzles.code.execution.finding import described, found, lineage
from latent_ebm.puzzles.code.execution.importing import imported
from latent_ebm.puzzles.code.execution.observations import HEAD, Kind
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.programs import Filling, Program
from latent_ebm.puzzles.code.execution.recorder import Recorder
from latent_ebm.puzzles.code.execution.ticks import (
    TICK,
    HoleReached,
    OutOfTicks,
    OutOfTime,
    make_counter,
)
from latent_ebm.puzzles.code.execution.trials import Examples, Script, Trial
from latent_ebm.puzzles.code.execution.wire import write_all
from latent_ebm.puzzles.code.testing.codec import encoded
from latent_ebm.puzzles.code.testing.plain import TooLargeError, plain

_RECORDING_TICKS = 1_000_000

__all__ = ["Call", "Task", "observe"]


class Call(NamedTuple):
    """A call to observe: marshalled arguments and a budget."""

    case: int
    args: bytes
    kwargs: bytes
    ticks: int


class _Observer:
    def __init__(self, descriptor: int, limits: Limits) -> None:
        self.alarm = Alarm(limits.seconds)
        self.counter = make_counter()
        self.reached = -1
        self._descriptor = descriptor
        self._limits = limits

    def tell(self, kind: Kind, case: int, text: str = "") -> None:
        body = text.encode("utf-8", "surrogatepass")
        # half an observation would spoil those that follow
        running, self.alarm.active = self.alarm.active, False
        write_all(self._descriptor, HEAD.pack(kind, case, len(body)) + body)
        self.alarm.active = running

    def open_hole(self, index: int) -> Callable[..., Any]:
        def hole(*args: Any, **kwargs: Any) -> Any:
            del args, kwargs
            if self.reached < 0:
                self.reached = index
            raise HoleReached

        return hole

    def tell_value(self, case: int, value: Any) -> None:
        text = encoded(plain(value))
        if len(text) > self._limits.output:
            raise TooLargeError(f"an output of {len(text)} characters")
        self._check()
        self.tell(Kind.VALUE, case, text)

    def tell_trial(self, case: int, trial: Trial) -> None:
        self._check()
        trace = blake2b(trial.trace, digest_size=16).hexdigest()
        self.tell(Kind.JUDGED, case, json.dumps([trial.energy, trial.text, trace]))

    def _check(self) -> None:
        """Raise again what a program swallowed that should have ended it."""
        if self.reached >= 0:
            raise HoleReached
        if self.counter.left() < 0:
            raise OutOfTicks

    def tell_end(self, case: int, raised: BaseException) -> None:
        kind = type(raised)
        if self.reached >= 0:
            self.tell(Kind.HOLE, case, str(self.reached))
        elif kind is OutOfTime:
            self.tell(Kind.TIME, case)
        elif kind is OutOfTicks or self.counter.left() < 0:
            self.tell(Kind.TICKS, case)
        else:
            self.tell(Kind.RAISED, case, json.dumps([lineage(kind), described(raised)]))
        self.reached = -1


@dataclass(frozen=True)
class Task:
    """What to run: a program with its holes filled, and the calls or trials to make."""

    text: str
    program: Program
    holes: Sequence[Filling | str | None]
    calls: Sequence[Call]
    module: str
    function: str
    module_ticks: int
    trials: Script | Examples | None
    profile: str | None


def observe(task: Task, descriptor: int, output: Captured, limits: Limits) -> None:
    """Execute the module and make the calls, writing to `descriptor` how each ended."""
    observer = _Observer(descriptor, limits)
    recorder = None if task.profile is None else Recorder(task.text, task.profile)
    alarm = observer.alarm
    sys.stdout = sys.stderr = output
    sys.setrecursionlimit(limits.recursion)
    random.seed(0)
    alarm.start()
    alarm.serial += 1
    try:
        alarm.active = True
        observer.counter.refill(task.module_ticks)
        made = imported(task.module, lambda module: _execute(task, observer, module, recorder))
        if task.trials is not None:
            trial = task.trials.trials(made, observer.counter.tick, finished)
        else:
            callee = found(made.__dict__, task.function)
    except BaseException as raised:
        alarm.active = False
        for call in task.calls:
            observer.tell_end(call.case, raised)
        return
    for call in task.calls:
        if recorder is not None:
            recorder.start(call.case)
        observer.counter.refill(call.ticks)
        if alarm.rang:
            # the time is up for all that is left
            alarm.active = False
            observer.tell(Kind.TIME, call.case)
            continue
        try:
            if task.trials is not None:
                observer.tell_trial(call.case, trial(call.case))
            else:
                args = marshal.loads(call.args)  # noqa: S302 - the host's own
                kwargs = marshal.loads(call.kwargs) if call.kwargs else {}  # noqa: S302
                observer.tell_value(call.case, finished(callee(*args, **kwargs)))
            used = call.ticks - observer.counter.left()
            observer.tell(Kind.TICKS_USED, call.case, str(used))
        except BaseException as raised:
            alarm.active = not alarm.rang
            observer.tell_end(call.case, raised)
    if recorder is not None:
        observer.counter.refill(_RECORDING_TICKS)
        observer.tell(Kind.PROFILE, 0, recorder.text())


def _execute(
    task: Task, observer: _Observer, module: types.ModuleType, recorder: Recorder | None
) -> None:
    namespace = module.__dict__
    namespace["__builtins__"] = builtins
    namespace[TICK] = observer.counter.tick
    for index, filling in enumerate(task.holes):
        name = f"__hole_{index}__"
        if isinstance(filling, Filling) and filling.code is not None:
            namespace[name] = types.FunctionType(filling.code, namespace, name)
        else:
            namespace[name] = observer.open_hole(index)
    if task.program.code is None:
        raise SyntaxError(task.program.error)
    code = task.program.code
    if recorder is not None:
        namespace.update(recorder.names)
        code = recorder.code
    exec(code, namespace)  # noqa: S102 - what a sandbox is for


def finished(value: Any) -> Any:
    """A coroutine's result or an asynchronous generator's items, by an event loop."""
    if not isinstance(value, (types.CoroutineType, types.AsyncGeneratorType)):
        return value
    import asyncio  # slow to import, seldom needed

    if isinstance(value, types.CoroutineType):
        return asyncio.run(value)

    async def items() -> list[Any]:
        return [item async for item in value]

    return asyncio.run(items())
