"""Mutations of a function: the mistakes that people make."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable
from typing import Any

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
