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
import builtins
import copy
import importlib
import itertools
import json
import random
import signal
import sys
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
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        value = json.loads(json.dumps(function(*args), allow_nan=False))
    except (Exception, RecursionError):
        return FAILED
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return value


# Bugs and holes

OPERATORS: tuple[tuple[type, ...], ...] = (
    (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod),
    (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
    (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift),
    (ast.In, ast.NotIn),
    (ast.Is, ast.IsNot),
)
CALLS = (
    ("min", "max", "sum", "len"),
    ("append", "extend"),
    ("any", "all"),
    ("sorted", "list", "set"),
    ("int", "float", "str"),
    ("lower", "upper"),
    ("pop", "append"),
    ("isdigit", "isalpha", "isupper", "islower"),
    ("lstrip", "rstrip", "strip"),
    ("startswith", "endswith"),
)


def target(module: ast.Module) -> ast.FunctionDef:
    return [n for n in module.body if isinstance(n, ast.FunctionDef)][-1]


def mutate(module: ast.Module, rng: random.Random) -> str | None:
    """Put one bug into the last function; says what, None if the place does not take it."""
    function = target(module)
    nodes = [n for n in ast.walk(function) if n is not function]
    kind = rng.choice(["operator", *MUTATIONS])  # twice as likely as others
    return kind if MUTATIONS[kind](function, nodes, rng) else None


def mutate_operator(_: ast.FunctionDef, nodes: list[Any], rng: random.Random) -> bool:
    kinds = ast.BinOp | ast.Compare | ast.BoolOp | ast.AugAssign
    node = rng.choice([n for n in nodes if isinstance(n, kinds)] or [None])
    if isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return True
    if node is None:
        return False
    old = node.ops[0] if isinstance(node, ast.Compare) else node.op
    family = next((f for f in OPERATORS if type(old) in f), None)
    if family is None:
        return False
    new = rng.choice([o for o in family if o is not type(old)])()
    if isinstance(node, ast.Compare):
        node.ops[0] = new
    else:
        node.op = new
    return True


def mutate_name(function: ast.FunctionDef, nodes: list[Any], rng: random.Random) -> bool:
    named = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
    local = {n.id for n in named if isinstance(n.ctx, ast.Store)}
    local |= {a.arg for a in function.args.args}
    names = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    names = [n for n in names if n.id in local]
    if not names or len(local) < 2:
        return False
    node = rng.choice(names)
    node.id = rng.choice(sorted(local - {node.id}))
    return True


def mutate_constant(_: ast.FunctionDef, nodes: list[Any], rng: random.Random) -> bool:
    constants = [n for n in nodes if isinstance(n, ast.Constant)]
    node = rng.choice([n for n in constants if type(n.value) in (int, bool, str)] or [None])
    if node is None:
        return False
    if type(node.value) is bool:
        node.value = not node.value
    elif type(node.value) is int:
        node.value += rng.choice([-1, 1, 1, 2, -2])
    else:
        node.value = rng.choice(["", " ", node.value + "x", node.value[:-1]])
    return True


def mutate_call(function: ast.FunctionDef, nodes: list[Any], rng: random.Random) -> bool:
    calls = [n for n in nodes if isinstance(n, ast.Call)]
    rng.shuffle(calls)
    for node in calls:
        own = isinstance(node.func, ast.Name)
        name = node.func.id if own else getattr(node.func, "attr", "")
        family = next((f for f in CALLS if name in f), None)
        if family and rng.random() < 0.7:
            setattr(
                node.func, "id" if own else "attr", rng.choice([n for n in family if n != name])
            )
            return True
        if len(node.args) == 2 and rng.random() < 0.5:
            node.args.reverse()
            return True
        if len(node.args) == 1 and not node.keywords and own:
            replace(function, node, node.args[0])
            return True
    return False


def mutate_missing(function: ast.FunctionDef, nodes: list[Any], rng: random.Random) -> bool:
    """Leave out a statement, an operand or the test of an if."""
    choice = rng.random()
    every = [body for n in [function, *nodes] for body in blocks(n)]
    if choice < 0.5:
        body = rng.choice([body for body in every if len(body) > 1] or [None])
        if body is not None:
            del body[rng.randrange(len(body))]
        return body is not None
    if choice < 0.8:
        node = rng.choice([n for n in nodes if isinstance(n, ast.BinOp | ast.BoolOp)] or [None])
        if node is not None:
            parts = node.values if isinstance(node, ast.BoolOp) else [node.left, node.right]
            replace(function, node, rng.choice(parts))
        return node is not None
    ifs = [(body, i) for body in every for i, s in enumerate(body) if isinstance(s, ast.If)]
    if ifs:
        body, at = rng.choice(ifs)
        body[at : at + 1] = body[at].body
    return bool(ifs)


def mutate_excess(function: ast.FunctionDef, nodes: list[Any], rng: random.Random) -> bool:
    """Put a ``not``, a ``+ 1`` or a ``- 1`` around something."""
    kinds = ast.BinOp | ast.Call | ast.Name | ast.Subscript | ast.Compare
    places = [n for n in nodes if isinstance(n, kinds)]
    places = [n for n in places if isinstance(getattr(n, "ctx", ast.Load()), ast.Load)]
    node = rng.choice(places or [None])
    if node is None:
        return False
    new: ast.expr = ast.UnaryOp(ast.Not(), copy.deepcopy(node))
    if not isinstance(node, ast.Compare):
        operator = rng.choice([ast.Add(), ast.Sub()])
        new = ast.BinOp(copy.deepcopy(node), operator, ast.Constant(1))
    replace(function, node, new)
    return True


MUTATIONS: dict[str, Callable[[ast.FunctionDef, list[Any], random.Random], bool]] = {
    "operator": mutate_operator,
    "name": mutate_name,
    "constant": mutate_constant,
    "call": mutate_call,
    "missing": mutate_missing,
    "excess": mutate_excess,
}
"""What puts each kind of bug in; whether it did."""


def blocks(node: ast.AST) -> list[list[ast.stmt]]:
    return [
        b
        for f in ("body", "orelse")
        if isinstance(b := getattr(node, f, None), list) and b and isinstance(b[0], ast.stmt)
    ]


def replace(root: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(root):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return
            if isinstance(value, list):
                for i, item in enumerate(value):
                    if item is old:
                        value[i] = new
                        return


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
