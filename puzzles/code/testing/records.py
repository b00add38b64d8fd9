"""Suites from records: a list of `{"args": [...], "expected": ...}`, as JSON, JSONL or Python.

Each record has `args` (a list), optionally `kwargs` (an object) and `name`, and either
`expected`, any value, or `raises`, the name of an exception type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from latent_ebm.puzzles.code.testing.cases import (
    Case,
    Suite,
    SuiteError,
    UnnamedFunctionError,
)

__all__ = ["suite_from_json", "suite_from_json_lines", "suite_from_records"]

_KEYS = frozenset({"args", "kwargs", "expected", "raises", "name"})


def suite_from_records(
    records: Iterable[Mapping[str, Any]],
    *,
    function: str | None,
    module: str = "candidate",
    source: str = "<records>",
) -> Suite:
    """The suite of a list of records.

    Raises
    ------
    SuiteError
        For a record that is no test, or where `function` is None.

    >>> suite_from_records([{"args": [2], "expected": 4}], function="double").cases[0].expected
    4
    """
    places = ((f"{source}: case {number}", record) for number, record in enumerate(records, 1))
    return _suite(places, function, module, source)


def suite_from_json(
    text: str, *, function: str | None, module: str = "candidate", source: str = "<json>"
) -> Suite:
    """The suite of a JSON text: a list of records, or `{"function": ..., "tests": [...]}`.

    Raises
    ------
    SuiteError
        With the line of what is no JSON, or the number of the record that is no test.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"{source}, line {error.lineno}, column {error.colno}"
        raise SuiteError(f"{where}: {error.msg}") from error
    except (RecursionError, ValueError) as error:
        raise SuiteError(f"{source}: {error}") from error
    if isinstance(data, dict):
        function = function or _name_in(data, source)
        if "tests" not in data:
            raise SuiteError(f'{source}: an object needs "tests", this one has {sorted(data)[:9]}')
        data = data["tests"]
    if not isinstance(data, list):
        raise SuiteError(f"{source}: tests are a list of records, not {_kind(data)}")
    return suite_from_records(data, function=function, module=module, source=source)


def suite_from_json_lines(
    text: str, *, function: str | None, module: str = "candidate", source: str = "<jsonl>"
) -> Suite:
    """The suite of a JSONL text, one record a line.

    Raises
    ------
    SuiteError
        With the line of what is no test.
    """

    def places() -> Iterable[tuple[str, Any]]:
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            where = f"{source}, line {number}"
            try:
                yield where, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise SuiteError(f"{where}: {error}") from error

    return _suite(places(), function, module, source)


def _suite(
    places: Iterable[tuple[str, Any]], function: str | None, module: str, source: str
) -> Suite:
    if not function:
        raise UnnamedFunctionError(
            f"{source}: records do not say which function they call; name it (--function)"
        )
    cases = tuple(_case(where, record, i) for i, (where, record) in enumerate(places, 1))
    return Suite(function, cases, module=module, source=source)


def _name_in(data: Mapping[str, Any], source: str) -> str | None:
    name = data.get("function")
    if name is not None and not isinstance(name, str):
        raise SuiteError(f'{source}: "function" is a name, not {_kind(name)}')
    return name


def _case(where: str, record: Any, number: int) -> Case:
    if not isinstance(record, Mapping):
        raise SuiteError(f'{where}: a test is an object with "args", not {_kind(record)}')
    unknown = sorted(str(key) for key in record.keys() - _KEYS)
    if unknown:
        known = ", ".join(sorted(_KEYS))
        raise SuiteError(f"{where}: {unknown[0]!r} is no key of a test; known are {known}")
    args = record.get("args", [])
    kwargs = record.get("kwargs", {})
    raises = record.get("raises", "")
    if not isinstance(args, Sequence) or isinstance(args, (str, bytes)):
        raise SuiteError(f'{where}: "args" is a list, not {_kind(args)}')
    if not isinstance(kwargs, Mapping) or not all(isinstance(key, str) for key in kwargs):
        raise SuiteError(f'{where}: "kwargs" is an object of names, not {_kind(kwargs)}')
    if not isinstance(raises, str):
        raise SuiteError(f'{where}: "raises" is the name of an exception, not {_kind(raises)}')
    if ("expected" in record) == bool(raises):
        raise SuiteError(f'{where}: a test has either "expected" or "raises"')
    name = str(record.get("name", f"case {number}"))
    return Case(name, tuple(args), dict(kwargs), record.get("expected"), raises)


def _kind(value: Any) -> str:
    return type(value).__name__
