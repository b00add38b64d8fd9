"""Functions of installed packages that stand alone, called on inputs made at random by type."""

from __future__ import annotations

import ast
import builtins
import copy
import importlib
import itertools
import json
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HARMLESS = {
    "math",
    "collections",
    "itertools",
    "functools",
    "heapq",
    "bisect",
    "string",
    "operator",
}


HARMLESS |= {"typing", "__future__", "re", "fractions", "statistics"}


OUTSIDE = {"print", "input", "open", "exec", "eval", "random"}
SEEN, UNSEEN, TRIES = 8, 60, 400


@dataclass(frozen=True)
class Subject:
    """A function with what it needs, and calls with their results."""

    name: str
    program: str
    calls: tuple[tuple[list[Any], Any], ...]


class TooLongError(Exception):
    """A call took more than its time."""


def subjects_of(package: str, rng: random.Random) -> Iterator[Subject]:
    origin = Path(importlib.import_module(package).__file__ or "")
    paths = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    for path in paths:
        try:
            module = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        defined = {n.name: n for n in module.body if isinstance(n, ast.FunctionDef)}
        imports = [n for n in module.body if isinstance(n, ast.Import | ast.ImportFrom)]
        for function in defined.values():
            program = standalone(function, defined, imports)
            if program is None:
                continue
            calls = call_it(program, function, rng)
            if calls:
                yield Subject(function.name, program, tuple(calls))


def standalone(
    function: ast.FunctionDef, defined: dict[str, ast.FunctionDef], imports: list[Any]
) -> str | None:
    """The text of the function with the helpers and imports it needs; None if it needs more."""
    if function.decorator_list or function.args.kwonlyargs or function.args.vararg:
        return None
    if function.args.kwarg or not 1 <= len(function.args.args) <= 4:
        return None
    wanted = with_helpers(function, defined)
    if any(one.decorator_list for one in wanted.values()):
        return None
    head = needed_imports(wanted, imports)
    if head is None:
        return None
    known = set(dir(builtins)) | set(wanted) | {line.split()[-1] for line in head}
    if any(needs_more(one, known) for one in wanted.values()):
        return None
    texts = [ast.unparse(bare(f)) for name, f in reversed(wanted.items()) if name != function.name]
    body = ast.unparse(bare(function))
    if not 4 <= body.count("\n") + 1 <= 40:
        return None
    return "\n\n".join([*(["\n".join(head)] if head else []), *texts, body]) + "\n"


def names_in(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def with_helpers(
    function: ast.FunctionDef, defined: dict[str, ast.FunctionDef]
) -> dict[str, ast.FunctionDef]:
    """The function and all that it calls of its module."""
    wanted: dict[str, ast.FunctionDef] = {}
    todo = [function.name]
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted[name] = defined[name]
            nodes = ast.walk(defined[name])
            todo += [n.id for n in nodes if isinstance(n, ast.Name) and n.id in defined]
    return wanted


def needed_imports(wanted: dict[str, ast.FunctionDef], imports: list[Any]) -> list[str] | None:
    """The imports of names that are read; None if one is not harmless."""
    names = set().union(*map(names_in, wanted.values()))
    head = []
    for node in imports:
        module = node.module if isinstance(node, ast.ImportFrom) else None
        for alias in node.names:
            if (alias.asname or alias.name).split(".")[0] not in names:
                continue
            top = (module or alias.name).split(".")[0]
            if top not in HARMLESS or getattr(node, "level", 0):
                return None
            kept = copy.deepcopy(node)
            kept.names = [alias]
            head.append(ast.unparse(kept))
    return head


def needs_more(function: ast.FunctionDef, known: set[str]) -> bool:
    """Whether a function reads globals, yields, or touches the world outside."""
    nodes = list(ast.walk(function))
    local = {n.id for n in nodes if isinstance(n, ast.Name) and type(n.ctx) is ast.Store}
    local |= {a.arg for n in nodes if isinstance(n, ast.arguments) for a in n.args}
    local |= {n.name for n in nodes if isinstance(n, ast.FunctionDef)}
    names = names_in(function)
    unusual = any(isinstance(n, ast.Yield | ast.Await | ast.ClassDef) for n in nodes)
    return bool(unusual or names - local - known or names & OUTSIDE)


def bare(function: ast.FunctionDef) -> ast.FunctionDef:
    """Without docstrings and annotations of the arguments, which may need imports."""
    function = copy.deepcopy(function)
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef):
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and len(node.body) > 1
            ):
                node.body = node.body[1:]
            node.returns = None
            for argument in ast.walk(node.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
    return function


def make_int(r: random.Random) -> int:
    return r.choice([r.randint(0, 9), r.randint(0, 40), r.randint(-9, 120)])


def make_word(r: random.Random) -> str:
    return "".join(r.choice("aabbcdeABxyz01 ()-") for _ in range(r.randint(0, 9)))


MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "int": make_int,
    "list": lambda r: [make_int(r) for _ in range(r.randint(0, 8))],
    "sorted": lambda r: sorted(make_int(r) for _ in range(r.randint(1, 8))),
    "str": make_word,
    "digits": lambda r: "".join(r.choice("0123456789") for _ in range(r.randint(1, 6))),
    "words": lambda r: [make_word(r) for _ in range(r.randint(0, 5))],
    "matrix": lambda r: (lambda n, m: [[make_int(r) for _ in range(m)] for _ in range(n)])(
        *([r.randint(1, 4)] * 2 if r.random() < 0.5 else [r.randint(1, 4), r.randint(1, 4)])
    ),
    "pairs": lambda r: [sorted([make_int(r), make_int(r)]) for _ in range(r.randint(0, 5))],
    "float": lambda r: round(r.uniform(-5, 20), 2),
}


def call_it(
    program: str, function: ast.FunctionDef, rng: random.Random
) -> list[tuple[list[Any], Any]] | None:
    """Calls on inputs of the types under which it answers most often and most diversely."""
    required = len(function.args.args) - len(function.args.defaults)
    arity = max(required, 1)
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    for types in itertools.product(MAKERS, repeat=arity):
        if arity > 2 and rng.random() > 0.25:
            continue
        results = attempt(program, function.name, types, 8, rng)
        answers = {json.dumps(v) for _, v in results}
        score = len(results) + 2 * len(answers)
        if score > best[0]:
            best = (score, types)
    if best[0] < 16:
        return None
    calls = attempt(program, function.name, best[1], TRIES, rng)
    distinct = list({json.dumps(args): (args, value) for args, value in calls}.values())
    values = [json.dumps(v) for _, v in distinct]
    if (
        len(distinct) < SEEN + 20
        or len(set(values)) < 3
        or values.count(max(set(values), key=values.count)) > 0.9 * len(values)
    ):
        return None
    return distinct[: SEEN + UNSEEN]


def attempt(
    program: str, name: str, types: tuple[str, ...], count: int, rng: random.Random
) -> list[tuple[list[Any], Any]]:
    inputs = [[MAKERS[t](rng) for t in types] for _ in range(count)]
    return [
        (args, value)
        for args, value in zip(inputs, run(program, name, inputs), strict=True)
        if value is not FAILED and len(json.dumps(value)) < 2000
    ]


FAILED = object()


def run(program: str, name: str, inputs: list[list[Any]], seconds: float = 0.05) -> list[Any]:
    """The JSON value of each call, or FAILED."""
    space: dict[str, Any] = {}
    exec(compile(program, "<subject>", "exec"), space)
    return [call(space[name], copy.deepcopy(args), seconds) for args in inputs]


def call(function: Callable[..., Any], args: list[Any], seconds: float) -> Any:
    def alarm(*_: Any) -> None:
        raise TooLongError

    signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return json.loads(json.dumps(function(*args), allow_nan=False))
        finally:  # the alarm may ring even here
            signal.setitimer(signal.ITIMER_REAL, 0)
    except (Exception, RecursionError):
        return FAILED
