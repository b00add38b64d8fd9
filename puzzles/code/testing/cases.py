"""A test case, a suite of cases, and the error of a suite that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Case", "Example", "Suite", "SuiteError", "TestCall", "UnnamedFunctionError"]

MOST_CASES = 10_000
"""Of one suite."""

LARGEST_SUITE = 16 * 1024 * 1024
"""In bytes, of the file that a suite is read from."""


class SuiteError(ValueError):
    """Tests that cannot be read; says in which file and line, and what to do."""


class UnnamedFunctionError(SuiteError):
    """Records that do not say which function they call."""


@dataclass(frozen=True)
class Case:
    """One call of the function under test and what has to come of it.

    Attributes
    ----------
    name
        For people: "case 3", "test_add[2-3]".
    args, kwargs
        Plain data; every execution gets a copy of its own.
    expected
        The value that the call must return, where `raises` is empty.
    raises
        The name of the exception type that the call must raise, or of a base of it.
    """

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = None
    raises: str = ""


@dataclass(frozen=True)
class Example:
    """One example of a docstring, after the examples before it in the same docstring.

    Attributes
    ----------
    name
        "module.function[2]": the second example of that docstring.
    setup
        Source texts of the examples before it, run first and not judged.
    source
        The source text of the example.
    want
        What it must print, as in the docstring, "" for nothing.
    raises
        The name of the exception type where the docstring shows a traceback.
    options
        The doctest option flags set, by name ("ELLIPSIS", "NORMALIZE_WHITESPACE").
    """

    name: str
    setup: tuple[str, ...]
    source: str
    want: str
    raises: str = ""
    options: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TestCall:
    """One call of a test function of the suite's script, with one set of parameters.

    Attributes
    ----------
    name
        "test_add[1]": the function and, if it is parametrised, the index of the set.
    function
        Its name in the script, "Class.method" for a method.
    indices
        One index into each of its parametrisations, outermost decorator first.
    """

    __test__ = False  # the name must not make pytest collect it

    name: str
    function: str
    indices: tuple[int, ...] = ()


@dataclass(frozen=True)
class Suite:
    """The tests of one program.

    Attributes
    ----------
    function
        The function that the cases call, "Class.method" for a method; None where the
        script's functions or the examples do the calling.
    cases
        All of one kind: `Case`, `Example` or `TestCall`; T of them.
    script
        The rewritten text of the test module whose functions are called.
    module
        The dotted name under which the script and others import the program.
    source
        Where the tests were read, for messages.
    """

    function: str | None
    cases: tuple[Case, ...] | tuple[Example, ...] | tuple[TestCall, ...]
    script: str = ""
    module: str = "candidate"
    source: str = "<tests>"

    def __post_init__(self) -> None:
        if not self.cases:
            raise SuiteError(f"{self.source}: there is no test in it")
        if len(self.cases) > MOST_CASES:
            raise SuiteError(
                f"{self.source}: {len(self.cases)} cases, at most {MOST_CASES} are read"
            )

    def __len__(self) -> int:
        return len(self.cases)
