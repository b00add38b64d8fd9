"""Cases that judge themselves: test functions of a script, and examples of docstrings.

A trial runs one case against one executed candidate and gives its energy and a trace, bytes
that are equal where the candidates behaved equally. What the candidate raises passes through.
"""

from __future__ import annotations

import ast
import builtins
import marshal
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.execution.capture import Captured
from latent_ebm.puzzles.code.execution.finding import driven, lineage
from latent_ebm.puzzles.code.execution.screening import Screening, screened
from latent_ebm.puzzles.code.execution.ticks import (
    TICK,
    HoleReached,
    OutOfTicks,
    OutOfTime,
    instrumented,
)
from latent_ebm.puzzles.code.testing.distance import WRONG_EXCEPTION_ENERGY, distance
from latent_ebm.puzzles.code.testing.fixtures import Fixtures
from latent_ebm.puzzles.code.testing.printed import printed_energy
from latent_ebm.puzzles.code.testing.rewriting import (
    CANDIDATE,
    CHECK,
    NAMES,
    PYTEST,
    TAKE,
    TAKE_ALL,
)
from latent_ebm.puzzles.code.testing.stand_in import CheckError, StandIn, holds, sets_of, shortfall

__all__ = ["Examples", "Script", "Trial", "Trials"]

_FORMAT = 2
_OURS = frozenset({TICK, *NAMES})
_LARGEST_TRACE = 4096


class Trial(NamedTuple):
    """What came of one case.

    Attributes
    ----------
    energy
        0 for a pass.
    trace
        Bytes that tell behaviours apart.
    text
        What failed, "" for a pass.
    """

    energy: float
    trace: bytes
    text: str = ""


Trials = Callable[[int], Trial]
"""From the index of a case to its trial, for one executed candidate."""


class Script:
    """The test functions of a rewritten test module.

    Parameters
    ----------
    text
        The module's text.
    calls
        (function, indices of its sets of parameters) of each case, [T].
    """

    def __init__(self, text: str, calls: Sequence[tuple[str, tuple[int, ...]]]) -> None:
        tree = instrumented(ast.parse(text))
        self._code = compile(tree, "<tests>", "exec", dont_inherit=True, optimize=0)
        self._calls = calls
        self.screening: Screening = screened(self._code, _OURS)

    def trials(
        self,
        candidate: types.ModuleType,
        tick: Callable[[], bool],
        drive: Callable[[Any], Any] = driven,
    ) -> Trials:
        """Execute the test module against a candidate; ``drive`` ends what a test awaits."""
        traces: list[bytes] = []
        passed = 0

        def check(
            operator: str, left: Any, right: Any, message: Callable[[], Any] | None = None
        ) -> None:
            nonlocal passed
            if len(traces) < 64:
                traces.append(_trace(left))
                traces.append(_trace(right))
            if holds(operator, left, right):
                passed += 1
                return
            text = "a check" if message is None else str(message())[:100]
            # the more checks came before the one that fails, the nearer the test is
            weight = (1 + 3 * 0.5**passed) / 4
            raise CheckError(f"{text} does not hold", shortfall(operator, left, right) * weight)

        def take(name: str) -> Any:
            try:
                return getattr(candidate, name)
            except AttributeError as error:
                raise ImportError(f"cannot import name {name!r}") from error

        def take_all() -> None:
            public = candidate.__dict__.get("__all__") or [
                name for name in candidate.__dict__ if not name.startswith("_")
            ]
            namespace.update({name: take(name) for name in public})

        namespace: dict[str, Any] = {
            "__name__": "tests",
            "__builtins__": builtins,
            TICK: tick,
            CHECK: check,
            PYTEST: StandIn(),
            CANDIDATE: candidate,
            TAKE: take,
            TAKE_ALL: take_all,
        }
        exec(self._code, namespace)  # noqa: S102 - what a sandbox is for

        def trial(index: int) -> Trial:
            nonlocal passed
            traces.clear()
            passed = 0
            try:
                _perform(namespace, *self._calls[index], drive)
            except CheckError as failure:
                return Trial(max(failure.energy, 1e-6), b"".join(traces) + b"F", str(failure))
            except AssertionError:
                return Trial(1.0, b"".join(traces) + b"A", "AssertionError")
            return Trial(0.0, b"".join(traces))

        return trial


def _perform(
    namespace: Mapping[str, Any],
    path: str,
    indices: Sequence[int],
    drive: Callable[[Any], Any],
) -> None:
    """Call a test function, of a fresh instance for a method, with its parameters and fixtures."""
    owner, _, name = path.rpartition(".")
    instance = namespace[owner]() if owner else None
    function = getattr(instance, name) if owner else namespace[name]
    own = sets_of(function)
    given: dict[str, Any] = {}
    for choices, index in zip(
        (*sets_of(namespace[owner]), *own) if owner else own, indices, strict=True
    ):
        given.update(choices[index])
    with Fixtures(namespace, instance, given) as fixtures:
        drive(function(**fixtures.arguments(function)))


def _trace(value: Any) -> bytes:
    try:
        return marshal.dumps(value, _FORMAT)[:_LARGEST_TRACE]
    except ValueError:  # not plain data, and an iterator must not be drained
        return lineage(type(value))[0].encode("utf-8", "replace")


class Examples:
    """The examples of docstrings.

    Parameters
    ----------
    examples
        (setup, source, want, raises, options) of each case, [T].
    output
        Where examples print.
    """

    def __init__(self, examples: Sequence[tuple[Any, ...]], output: Captured) -> None:
        self._examples = [
            (
                [_single(text) for text in setup],
                _single(source),
                want,
                raises,
                options,
            )
            for setup, source, want, raises, options in examples
        ]
        self._output = output
        codes = [code for setup, code, *_ in self._examples for code in (*setup, code)]
        found = [screened(code, _OURS) for code in codes]
        suspicious = [screening for screening in found if screening.reason]
        self.screening = suspicious[0] if suspicious else Screening("", frozenset(), False)

    def trials(
        self,
        candidate: types.ModuleType,
        tick: Callable[[], bool],
        drive: Callable[[Any], Any] = driven,
    ) -> Trials:
        """The trials of one candidate."""
        del tick, drive
        output = self._output

        def display(value: object) -> None:
            if value is not None:
                output.write(repr(value) + "\n")

        sys.displayhook = display

        def trial(index: int) -> Trial:
            setup, code, want, raises, options = self._examples[index]
            namespace = dict(candidate.__dict__)
            for before in setup:
                with suppress(Exception):  # an example may show an exception
                    exec(before, namespace)  # noqa: S102
            output.clear()
            if not raises:
                exec(code, namespace)  # noqa: S102
                got = output.text
                energy = printed_energy(want, got, options)
                text = "" if not energy else f"printed {got[:80]!r}, not {want[:80]!r}"
                return Trial(energy, got.encode("utf-8", "replace"), text)
            return _raising(code, namespace, raises, options)

        return trial


def _raising(
    code: types.CodeType, namespace: dict[str, Any], raises: str, options: frozenset[str]
) -> Trial:
    try:
        exec(code, namespace)  # noqa: S102
    except (OutOfTicks, OutOfTime, HoleReached):
        raise
    except BaseException as raised:
        got = _shown(raised)
        trace = got.encode("utf-8", "replace")
        if got == raises.strip() or (
            "IGNORE_EXCEPTION_DETAIL" in options and _kind(got) == _kind(raises)
        ):
            return Trial(0.0, trace)
        if _kind(got) == _kind(raises):
            energy = 0.1 + distance(got, raises.strip()) / 4
            return Trial(energy, trace, f"raised {got[:80]!r}, not {raises.strip()[:80]!r}")
        return Trial(WRONG_EXCEPTION_ENERGY, trace, f"raised {got[:80]!r}")
    return Trial(1.0, b"returned", f"did not raise {_kind(raises)}")


def _shown(raised: BaseException) -> str:
    """As the last line of a traceback shows it."""
    kind = type(raised)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    text = str(raised)
    return f"{name}: {text}" if text else name


def _kind(shown: str) -> str:
    return shown.partition(":")[0].strip().rpartition(".")[2]


def _single(source: str) -> types.CodeType:
    tree = ast.parse(source, mode="single")
    instrumented(ast.Module(tree.body, []))
    return compile(tree, "<example>", "single", dont_inherit=True, optimize=0)
