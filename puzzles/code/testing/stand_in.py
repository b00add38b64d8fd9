"""What a rewritten pytest file calls: graded checks, and a stand-in for pytest."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from latent_ebm.puzzles.code.testing.distance import LEAST, distance
from latent_ebm.puzzles.code.testing.plain import plain

__all__ = ["Approx", "CheckError", "StandIn", "holds", "is_fixture", "sets_of", "shortfall"]

_DEFINITE = 0.05
"""Of two values that a test tells apart although a reader of JSON would not: (1,) and [1]."""

_TRUTH = 0.8
_SETS = "__sets__"
_AUTOUSE = "__autouse__"


class CheckError(AssertionError):
    """A check that does not hold, with its energy."""

    def __init__(self, text: str, energy: float) -> None:
        super().__init__(text)
        self.energy = energy


def holds(operator: str, left: Any, right: Any) -> bool:
    """Whether a check holds, by Python's own operators.

    Where one side is plain data and the other only pretends to equal it (a subclass of int
    with its own `__eq__`, an object equal to everything), it does not.

    >>> holds("==", 1, True), holds("in", 2, [1, 2])
    (True, True)
    """
    if operator == "==":
        return bool(left == right) and not _pretends(left, right)
    if operator == "!=":
        return bool(left != right)
    if operator in ("<", "<=", ">", ">="):
        return bool(
            left < right
            if operator == "<"
            else left <= right
            if operator == "<="
            else left > right
            if operator == ">"
            else left >= right
        )
    if operator in ("in", "not in"):
        return (left in right) == (operator == "in")
    if operator in ("is", "is not"):
        return (left is right) == (operator == "is")
    return bool(left) == (operator == "true")


_DATA = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None))


def _pretends(left: Any, right: Any) -> bool:
    if type(left) in _DATA and type(right) in _DATA:
        # containers may hold pretenders; equal copies in exact types settle it
        return _nested(left, right) and not _copies_equal(left, right)
    if type(left) not in _DATA and type(right) not in _DATA:
        return False
    stranger = left if type(left) not in _DATA else right
    if isinstance(stranger, Approx):
        return False
    if isinstance(stranger, _DATA):
        return not _copies_equal(left, right)
    return bool(stranger == object())


def _nested(left: Any, right: Any) -> bool:
    return type(left) in (list, tuple, dict) and left is not right


def _copies_equal(left: Any, right: Any) -> bool:
    one, other = plain(left), plain(right)
    if type(one) is tuple and type(other) is list:
        return False
    return bool(one == other) or one != one


def shortfall(operator: str, left: Any, right: Any) -> float:
    """The energy of a check that does not hold: in (0, 1]."""
    try:
        if operator == "==":
            return max(_distance(left, right), _DEFINITE)
        if operator in ("<", "<=", ">", ">="):
            return max(_distance(left, right), LEAST)
        if operator == "in":
            members = list(right)[:20]
            return max(min((_distance(left, item) for item in members), default=1.0), _DEFINITE)
    except Exception:  # a stranger's own comparison or iterator failed: no grade
        return 1.0
    return _TRUTH


def _distance(left: Any, right: Any) -> float:
    if isinstance(right, Approx):
        left, right = left, right.expected
    elif isinstance(left, Approx):
        left = left.expected
    return distance(plain(left), plain(right))


class Approx:
    """`pytest.approx`: equal within a relative 1e-6 or an absolute 1e-12."""

    def __init__(
        self,
        expected: Any,
        rel: float | None = None,
        abs: float | None = None,  # noqa: A002 - pytest's name
        nan_ok: bool = False,
    ) -> None:
        self.expected = expected
        self._relative = (0.0 if abs is not None else 1e-6) if rel is None else rel
        self._absolute = 1e-12 if abs is None else abs
        self._nan = nan_ok

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, actual: object) -> bool:
        return self._near(actual, self.expected)

    def __repr__(self) -> str:
        return f"approx({self.expected!r})"

    def _near(self, actual: Any, expected: Any) -> bool:
        if isinstance(expected, Mapping):
            return (
                isinstance(actual, Mapping)
                and actual.keys() == expected.keys()
                and all(self._near(actual[key], expected[key]) for key in expected)
            )
        if isinstance(expected, Sequence) and not isinstance(expected, (str, bytes)):
            return (
                isinstance(actual, Sequence)
                and len(actual) == len(expected)
                and all(map(self._near, actual, expected))
            )
        if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
            if math.isnan(expected):
                return self._nan and math.isnan(actual)
            margin = max(self._absolute, self._relative * abs(expected))
            return actual == expected or abs(actual - expected) <= margin
        return bool(actual == expected)


class _Raised:
    """What `pytest.raises` gives: the exception as `value`, `type` and text."""

    value: BaseException | None = None

    @property
    def type(self) -> object:
        return type(self.value)

    def match(self, pattern: str) -> bool:
        if not re.search(pattern, str(self.value)):
            raise CheckError(f"{self.value!r} does not match {pattern!r}", _TRUTH / 2)
        return True


class _Raises:
    def __init__(self, expected: Any, match: str | None) -> None:
        self._expected = expected
        self._match = match
        self._raised = _Raised()

    def __enter__(self) -> _Raised:
        return self._raised

    def __exit__(self, kind: Any, value: BaseException | None, traceback: object) -> bool:
        if kind is None:
            raise CheckError(f"did not raise {self._expected!r}", 1.0)
        if not issubclass(kind, self._expected):
            return False
        self._raised.value = value
        if self._match is not None:
            self._raised.match(self._match)
        return True


class _Mark:
    __slots__ = ()

    def parametrize(
        self, argnames: str | Sequence[str], argvalues: Iterable[Any], ids: object = None
    ) -> Callable[[Any], Any]:
        del ids
        single = isinstance(argnames, str) and "," not in argnames
        names = argnames.replace(",", " ").split() if isinstance(argnames, str) else list(argnames)
        sets = []
        for values in argvalues:
            if isinstance(values, _Parameters):
                sets.append(dict(zip(names, values.values, strict=True)))
            else:
                sets.append(dict(zip(names, (values,) if single else values, strict=True)))

        def decorate(target: Any) -> Any:
            # decorators are applied from the inside; the outermost comes first
            own = vars(target).get(_SETS, ())
            setattr(target, _SETS, (sets, *own))
            return target

        return decorate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Any other mark, with or without arguments: it does nothing."""
        del name
        return _unheeded


def _unheeded(*arguments: Any, **options: Any) -> Any:
    marked = len(arguments) == 1 and callable(arguments[0]) and not options
    return arguments[0] if marked else lambda target: target


class _Parameters:
    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values


class StandIn:
    """Stands in for pytest: raises, approx, fail, param, fixture, mark.parametrize."""

    __slots__ = ()
    mark = _Mark()
    approx = Approx

    @staticmethod
    def raises(expected: Any, *call: Any, match: str | None = None, **kwargs: Any) -> Any:
        """A context manager, or a check of a call, that must raise `expected`."""
        context = _Raises(expected, match)
        if not call:
            return context
        with context as raised:
            call[0](*call[1:], **kwargs)
        return raised

    @staticmethod
    def fixture(function: Any = None, *, autouse: bool = False, scope: str = "") -> Any:
        """Mark a function as a fixture; each test has its values made anew, whatever the scope."""
        del scope

        def marked(target: Any) -> Any:
            setattr(target, _AUTOUSE, autouse)
            return target

        return marked if function is None else marked(function)

    @staticmethod
    def fail(reason: str = "") -> None:
        """Fail the test."""
        raise CheckError(reason, 1.0)

    @staticmethod
    def param(*values: Any, id: object = None) -> Any:  # noqa: A002
        """One set of parameters."""
        del id
        return _Parameters(values)


def is_fixture(target: Any, *, autouse: bool = False) -> bool:
    """Whether a function was marked as a fixture, or as one that every test uses."""
    marked = getattr(target, "__dict__", {}).get(_AUTOUSE)
    return marked is not None and (marked or not autouse)


def sets_of(target: Any) -> tuple[list[dict[str, Any]], ...]:
    """The sets of parameters that a function or class was decorated with, outermost first."""
    found: tuple[list[dict[str, Any]], ...] = vars(target).get(_SETS, ())
    return found
