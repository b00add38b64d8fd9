"""The fixtures of one test: their values, made when asked for, and what they do at its end."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from latent_ebm.puzzles.code.testing.stand_in import CheckError, is_fixture

__all__ = ["Fixtures"]


class Fixtures:
    """Gives a test what its parameters name.

    Parameters
    ----------
    namespace
        Of the test module.
    instance
        Of the test's class; None for a function.
    given
        Values of parameters that are no fixtures.

    Examples
    --------
    >>> from latent_ebm.puzzles.code.testing.stand_in import StandIn
    >>> @StandIn.fixture
    ... def numbers():
    ...     yield [1, 2]
    ...     print("the end")
    >>> with Fixtures({"numbers": numbers}, None, {"n": 3}) as fixtures:
    ...     fixtures.arguments(lambda numbers, n: None)
    {'n': 3, 'numbers': [1, 2]}
    the end
    """

    def __init__(self, namespace: Mapping[str, Any], instance: Any, given: dict[str, Any]) -> None:
        self._namespace, self._instance = namespace, instance
        self._values = dict(given)
        self._given = given
        self._being_made: set[str] = set()
        self._stack = ExitStack()

    def arguments(self, test: Callable[..., Any]) -> dict[str, Any]:
        """The arguments of a test, once the fixtures that every test uses have been made."""
        names = (*self._namespace, *(dir(self._instance) if self._instance is not None else ()))
        for name in names:
            if is_fixture(self._function(name), autouse=True):
                self._value(name)
        return self._given | {name: self._value(name) for name in _needed(test)}

    def _function(self, name: str) -> Any:
        of_class = getattr(type(self._instance), name, None)
        if self._instance is not None and is_fixture(of_class):
            return getattr(self._instance, name)
        return self._namespace.get(name)

    def _value(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        function = self._function(name)
        if not is_fixture(function):
            raise LookupError(f"there is no fixture {name!r}")
        if name in self._being_made:
            raise LookupError(f"the fixture {name!r} asks for itself")
        self._being_made.add(name)
        made = function(**{needed: self._value(needed) for needed in _needed(function)})
        if type(made) is types.GeneratorType:
            self._stack.callback(_end, made, name)
            made = next(made)
        self._values[name] = made
        return made

    def __enter__(self) -> Fixtures:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, raised, traceback)


def _needed(function: Any) -> list[str]:
    """The names of the parameters without a default; without the instance's of a method."""
    bound = isinstance(function, types.MethodType)
    code, defaults = function.__code__, function.__defaults__ or ()
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount - len(defaults)]
    return list(names[1 if bound else 0 :])


def _end(generator: types.GeneratorType[Any, Any, Any], name: str) -> None:
    for _ in generator:
        raise CheckError(f"the fixture {name} yields more than once", 1.0)
