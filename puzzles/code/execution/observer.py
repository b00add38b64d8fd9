"""Running one program in a process of its own, which knows no expected values.

What the program does in each case is written down as plain data, case by case, so that what
was done before a crash is not lost. The process that reads it, outside, judges.
"""

from __future__ import annotations

import asyncio
import builtins
import json
import marshal
import random
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.execution.alarm import Alarm
from latent_ebm.puzzles.code.execution.capture import Captured
from latent_ebm.puzzles.code.execution.finding import described, found, lineage
from latent_ebm.puzzles.code.execution.observations import HEAD, Kind
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.programs import Filling, Program
from latent_ebm.puzzles.code.execution.ticks import (
    TICK,
    HoleReached,
    OutOfTicks,
    OutOfTime,
    make_counter,
)
from latent_ebm.puzzles.code.execution.wire import write_all
from latent_ebm.puzzles.code.testing.codec import encoded
from latent_ebm.puzzles.code.testing.plain import TooLarge, plain

__all__ = ["Call", "observe"]


class Call(NamedTuple):
    """A call to observe: marshalled arguments and a budget."""

    case: int
    args: bytes
    kwargs: bytes
    ticks: int


class _Observer:
    def __init__(self, descriptor: int, limits: Limits) -> None:
        self.counter = make_counter()
        self.reached = -1
        self._descriptor = descriptor
        self._limits = limits

    def tell(self, kind: Kind, case: int, text: str = "") -> None:
        body = text.encode("utf-8", "surrogatepass")
        write_all(self._descriptor, HEAD.pack(kind, case, len(body)) + body)

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
            raise TooLarge(f"an output of {len(text)} characters")
        if self.reached >= 0:
            raise HoleReached
        if self.counter.left() < 0:
            raise OutOfTicks
        self.tell(Kind.VALUE, case, text)

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


def observe(
    descriptor: int,
    program: Program,
    holes: Sequence[Filling | None],
    calls: Sequence[Call],
    *,
    module: str,
    function: str,
    limits: Limits,
    module_ticks: int,
) -> None:
    """Execute the module and make the calls, writing to `descriptor` how each ended."""
    observer = _Observer(descriptor, limits)
    alarm = Alarm(limits.seconds)
    sys.stdout = sys.stderr = Captured(limits.output)
    sys.setrecursionlimit(limits.recursion)
    random.seed(0)
    made = types.ModuleType(module)
    namespace = made.__dict__
    namespace["__builtins__"] = builtins
    namespace["__package__"] = module.rpartition(".")[0]
    namespace[TICK] = observer.counter.tick
    sys.modules[module] = made
    for index, filling in enumerate(holes):
        name = f"__hole_{index}__"
        if filling is None:
            namespace[name] = observer.open_hole(index)
        elif filling.code is not None:
            namespace[name] = types.FunctionType(filling.code, namespace, name)
    alarm.start()
    alarm.serial += 1
    try:
        alarm.active = True
        observer.counter.refill(module_ticks)
        if program.code is not None:
            exec(program.code, namespace)  # noqa: S102 - what a sandbox is for
        callee = found(namespace, function)
    except BaseException as raised:
        for call in calls:
            observer.tell_end(call.case, raised)
        return
    for call in calls:
        _one(observer, call, callee, made, function)


def _one(
    observer: _Observer, call: Call, callee: Callable[..., Any], made: types.ModuleType, path: str
) -> None:
    del made, path
    counter = observer.counter
    counter.refill(call.ticks)
    try:
        args = marshal.loads(call.args)  # noqa: S302 - the host's own
        kwargs = marshal.loads(call.kwargs) if call.kwargs else {}  # noqa: S302
        value = callee(*args, **kwargs)
        observer.tell_value(call.case, finished(value))
        observer.tell(Kind.TICKS_USED, call.case, str(call.ticks - counter.left()))
    except BaseException as raised:
        observer.tell_end(call.case, raised)


def finished(value: Any) -> Any:
    """A coroutine's result or an asynchronous generator's items, by an event loop."""
    if isinstance(value, types.CoroutineType):
        return asyncio.run(value)
    if isinstance(value, types.AsyncGeneratorType):

        async def items() -> list[Any]:
            return [item async for item in value]

        return asyncio.run(items())
    return value
