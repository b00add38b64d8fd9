"""The control-flow energy of edits: what no run can reach, what cannot vary, what never returns.

It only weighs: a program may well need an endless loop or an early return.
"""

from __future__ import annotations

import ast
import re

from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.syntax import Loop
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX

UNREACHABLE = 4.0
"""Nats for a statement behind a jump, which no run can reach."""
CONSTANT_CONDITION = 2.0
"""Nats for a condition that is a constant."""
FIXED_CONDITION, FIXED = 6.0, 1.5
"""Nats for a hole's filling that reads nothing: of a condition, and of anything else that is more
than a constant."""
NO_EFFECT = 3.0
"""Nats for an operation of an expression with itself whose result is known."""
NO_RETURN = 1.5
"""Nats for taking away the return at a function's end."""
INVARIANT = 1.5
"""Nats for a condition within a loop that nothing in the loop changes."""
IDEMPOTENT = frozenset(("==", "!=", "<", "<=", ">", ">=", "and", "or", "-", "%", "//"))
"""Operations whose result is known, or one of them, where both operands are the same."""
KNOWN = frozenset(("", "-", "%", "//", "/", "&", "|", "^"))
"""Operators of assignments of a name to itself that do nothing, or give a known value."""
NEUTRAL = {
    **dict.fromkeys(("+", "-", "|", "^"), "0"),
    **dict.fromkeys(("*", "//", "**"), "1"),
    "and": "True",
    "or": "False",
}
"""The constants that leave the other operand of an operation as it is."""
COMMUTING = ("+", "*", "|", "^", "and", "or")
"""Those of which that is so on both sides."""
_ITSELF = re.compile(r"(?P<name>[^\W\d]\w*) (?P<operator>[-+*/%&|^<>@]*)= (?P=name)$")


def is_condition(program: Program, node: ast.expr) -> bool:
    """Whether an expression decides which way the program goes."""
    parent, field, _ = program.place(node)
    if isinstance(parent, ast.comprehension):
        return field == "ifs"
    return field == "test" and isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert)


def flow_of_expression(new: Expression, *, is_condition: bool) -> float:
    """The energy of an expression, in nats.

    >>> from latent_ebm.puzzles.code.grammar.expressions import COMPARE
    >>> flow_of_expression(Expression("x < x", "bool", 1.0, COMPARE, "<"), is_condition=True)
    3.0
    >>> flow_of_expression(Expression("1 * x", "int", 1.0, COMPARE, "*"), is_condition=False)
    3.0
    """
    if new.head == "constant":
        return CONSTANT_CONDITION if is_condition else 0.0
    if new.head in ("min", "max"):
        first, _, second = new.text.removeprefix(f"{new.head}(").removesuffix(")").partition(", ")
        return NO_EFFECT if first == second else 0.0
    if _has_neutral_operand(new):
        return NO_EFFECT
    if new.head in IDEMPOTENT:
        left, _, right = new.text.partition(f" {new.head} ")
        return NO_EFFECT if left == right else 0.0
    return 0.0


def _has_neutral_operand(new: Expression) -> bool:
    """Whether an operation leaves one operand as it is: ``1 * x``, ``x + 0``."""
    neutral = NEUTRAL.get(new.head)
    if neutral is None:
        return False
    first = new.head in COMMUTING and new.text.startswith(f"{neutral} {new.head} ")
    return first or new.text.endswith(f" {new.head} {neutral}")


def flow_of_filling(program: Program, node: ast.expr, new: Expression) -> float:
    """The energy of an expression that fills a hole, in nats.

    Nobody leaves open what has only one value: a condition, or a part of one, that reads nothing.
    """
    decides = _decides(program, node)
    if decides and not new.names and not (new.text == "True" and _is_loop(program, node)):
        return FIXED_CONDITION
    price = flow_of_expression(new, is_condition=decides)
    if not decides and _is_invariant(program, node, new):
        price += INVARIANT
    return price + (FIXED if new.size > 1 and not new.names else 0.0)


def flow_of_statement(text: str) -> float:
    """The energy of a small statement that does nothing, or gives a known value, in nats.

    >>> flow_of_statement("n = n"), flow_of_statement("n -= n"), flow_of_statement("n += n")
    (3.0, 3.0, 0.0)
    """
    found = _ITSELF.match(text)
    return NO_EFFECT if found and found["operator"] in KNOWN else 0.0


def _is_invariant(program: Program, node: ast.expr, new: Expression) -> bool:
    """Whether a condition within a loop is the same each time: nothing changes what it reads."""
    top: ast.expr = node
    while not is_condition(program, top):
        parent = program.parent(top)
        if not isinstance(parent, ast.expr):
            return False
        top = parent
    loop = next((one for one in program.ancestors(top) if isinstance(one, Loop)), None)
    if loop is None or any(isinstance(one, ast.Lambda) for one in program.ancestors(top)):
        return False
    if any(_is_hole(one) for one in ast.walk(loop)):
        return False  # what fills it may change anything
    inner = {id(one) for one in ast.walk(node)}
    read = [one for one in ast.walk(top) if isinstance(one, ast.Name) and id(one) not in inner]
    names = {one.id for one in read if not _is_called(program, one)} | new.names
    return bool(names) and names.isdisjoint(_changed(loop)) and not _runs_code(top)


def _is_hole(node: ast.AST) -> bool:
    """Whether a node is a statement that is still open."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name.startswith(HOLE_PREFIX)
    return False


def _runs_code(top: ast.expr) -> bool:
    """Whether a condition calls what may give another value each time."""
    methods = (n for n in ast.walk(top) if isinstance(n, ast.Call))
    return any(isinstance(one.func, ast.Attribute) for one in methods)


def _changed(loop: ast.stmt) -> set[str]:
    """The names that a loop binds, or that hold what it may change."""
    found = set[str]()
    for node in ast.walk(loop):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
                found.add(name)
            case ast.Call(args=args):
                found |= {one.id for one in args if isinstance(one, ast.Name)}
    return found


def _decides(program: Program, node: ast.expr) -> bool:
    """Whether a condition, or a part of one, follows from what comes in one place of it."""
    top: ast.expr = node
    while not is_condition(program, top):
        parent = program.parent(top)
        if isinstance(parent, ast.BoolOp):
            break
        if not isinstance(parent, ast.Compare | ast.UnaryOp | ast.BinOp | ast.Call | ast.Subscript):
            return False
        top = parent
    inner = {id(one) for one in ast.walk(node)}
    return not any(
        isinstance(one, ast.Name) and id(one) not in inner and not _is_called(program, one)
        for one in ast.walk(top)
    )


def _is_called(program: Program, name: ast.Name) -> bool:
    parent, field, _ = program.place(name)
    return isinstance(parent, ast.Call) and field == "func"


def _is_loop(program: Program, node: ast.expr) -> bool:
    return isinstance(program.parent(node), ast.While)


def flow_of_insertion(head: str) -> float:
    """The energy of a statement that is put in front of another, by what it does, in nats."""
    return UNREACHABLE if head in ("return", "break", "continue") else 0.0


def flow_of_deletion(program: Program, node: ast.stmt) -> float:
    """The energy of leaving a statement out, in nats."""
    function = program.function(node)
    if isinstance(node, ast.Return) and function is not None and function.body[-1] is node:
        return NO_RETURN
    return 0.0
