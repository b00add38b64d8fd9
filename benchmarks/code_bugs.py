"""Make broken programs with tests from the functions of installed packages.

    python benchmarks/code_bugs.py algorithms toolz --out /tmp/bugs --count 200

Functions of 5 to 40 lines that need only builtins, a few harmless modules and helpers of their
own module are called on inputs made at random by type. From each come, as JSON lines ``{id,
program, tests, reference, unseen}``: ``single.jsonl`` (one bug), ``double.jsonl`` (two),
``holes.jsonl`` (two to four pieces erased) and ``expressions.jsonl`` (an expression of 5 to 9
nodes erased). ``tests`` are for the solver; ``unseen`` are for the judge: right is what agrees
with the reference on them too.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from code_mutations import mutate, replace, target
from code_subjects import FAILED, SEEN, Subject, run, subjects_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    subjects = [s for name in options.packages for s in subjects_of(name, rng)]
    print(f"{len(subjects)} functions", file=sys.stderr)
    makers: dict[str, Callable[[Subject, random.Random], tuple[str, str] | None]] = {
        "single": lambda s, r: bugs(s, 1, r),
        "double": lambda s, r: bugs(s, 2, r),
        "holes": erased,
        "expressions": erased_expression,
    }
    for kind, make in makers.items():
        write(options.out / f"{kind}.jsonl", records(subjects, make, options.count, rng))


def write(path: Path, found: Iterator[dict[str, Any]]) -> None:
    lines = [json.dumps(record) for record in found]
    path.write_text("".join(line + "\n" for line in lines))
    print(f"{path}: {len(lines)} programs", file=sys.stderr)


def records(
    subjects: list[Subject],
    make: Callable[[Subject, random.Random], tuple[str, str] | None],
    count: int,
    rng: random.Random,
) -> Iterator[dict[str, Any]]:
    made, seen = 0, set()
    order = list(subjects)
    for round_ in range(1 + 4 * count // max(len(subjects), 1)):
        rng.shuffle(order)
        for subject in order:
            if made == count:
                return
            result = make(subject, rng)
            if result is None or result[0] in seen:
                continue
            seen.add(result[0])
            made += 1
            tests = [{"args": args, "expected": value} for args, value in subject.calls]
            yield {
                "id": f"{subject.name}-{round_}",
                "program": result[0],
                "what": result[1],
                "tests": tests[:SEEN],
                "reference": subject.program,
                "unseen": tests[SEEN:],
            }


# Functions and their inputs


# Bugs and holes


def bugs(subject: Subject, count: int, rng: random.Random) -> tuple[str, str] | None:
    """The program with so many bugs, each of which the tests see."""
    for _ in range(12):
        module = ast.parse(subject.program)
        kinds = []
        for _ in range(count):
            before = ast.unparse(module)
            kind = mutate(module, rng)
            text = ast.unparse(module) if kind else before
            if kind is None or text == before or not broken(subject, text):
                kinds = []
                break
            kinds.append(kind)
        if kinds and not agrees(subject, ast.unparse(module)):
            return ast.unparse(module) + "\n", "+".join(kinds)
    return None


def broken(subject: Subject, text: str) -> bool:
    """Whether it compiles, and some given test fails without all of them hanging."""
    return not agrees(subject, text)


def agrees(subject: Subject, text: str) -> bool:
    inputs = [args for args, _ in subject.calls[:SEEN]]
    try:
        values = run(text, subject.name, inputs)
    except Exception:
        return True  # does not even load: no bug of the kind we want
    return all(v is not FAILED and v == e for v, (_, e) in zip(values, subject.calls, strict=False))


def erased(subject: Subject, rng: random.Random) -> tuple[str, str] | None:
    """Two to four conditions, calls, arguments or small statements replaced by holes."""
    module = ast.parse(subject.program)
    function = target(module)
    places: list[tuple[str, ast.AST]] = []
    for node in computed(function):
        if isinstance(node, ast.If | ast.While):
            places.append(("condition", node.test))
        if isinstance(node, ast.Call):
            places.append(("call", node))
            places += [("argument", a) for a in node.args if not isinstance(a, ast.Starred)]
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr) and size(node) <= 9:
            places.append(("statement", node))
    rng.shuffle(places)
    chosen = apart(places, rng.choice([2, 2, 3, 3, 4]))
    if len(chosen) < 2:
        return None
    for _, node in chosen:
        hole: ast.AST = ast.Name("__hole__")  # ``...`` in a subscript is no hole
        replace(function, node, ast.Expr(hole) if isinstance(node, ast.stmt) else hole)
    return ast.unparse(ast.fix_missing_locations(module)) + "\n", "+".join(k for k, _ in chosen)


def apart(places: list[tuple[str, ast.AST]], count: int) -> list[tuple[str, ast.AST]]:
    """The first small places of which none holds another, as many as wanted."""
    chosen: list[tuple[str, ast.AST]] = []
    for kind, node in places:
        within = {id(n) for n in ast.walk(node)}
        around = {id(n) for _, other in chosen for n in ast.walk(other)}
        if id(node) in around or any(id(other) in within for _, other in chosen):
            continue
        if size(node) <= 9:
            chosen.append((kind, node))
        if len(chosen) == count:
            break
    return chosen


def erased_expression(subject: Subject, rng: random.Random) -> tuple[str, str] | None:
    """One expression of 5 to 9 nodes replaced by a hole."""
    module = ast.parse(subject.program)
    function = target(module)
    places = [
        n
        for n in computed(function)
        if isinstance(n, ast.expr)
        and isinstance(getattr(n, "ctx", ast.Load()), ast.Load)
        and 5 <= size(n) <= 9
    ]
    if not places:
        return None
    node = rng.choice(places)
    replace(function, node, ast.Name("__hole__"))  # ``...`` in a subscript is no hole
    return ast.unparse(ast.fix_missing_locations(module)) + "\n", f"{size(node)} nodes"


def computed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one that are computed: none of annotations and of f-strings."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST) and not isinstance(part, ast.JoinedStr):
                yield part
                yield from computed(part)


def size(node: ast.AST) -> int:
    kinds = (ast.expr, ast.stmt)
    return sum(isinstance(n, kinds) for n in ast.walk(node))


if __name__ == "__main__":
    main()
