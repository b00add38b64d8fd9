"""Edits of statements: leave out, put in, guard, unguard, move, exchange."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.flow import flow_of_deletion, flow_of_insertion
from latent_ebm.puzzles.code.grammar.program import OPERATORS
from latent_ebm.puzzles.code.grammar.rewrites import CLOSE, OPERATOR, conditions, original
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    NUMBERS,
    base,
    element,
    fits,
    key,
    value,
)
from latent_ebm.puzzles.code.grammar.statistics import cost

DELETE, INSERT, GUARD, UNGUARD, MOVE, EXCHANGE = 2.5, 3.0, 3.5, 2.5, 2.5, 2.0
"""What each kind of edit costs, before its content, in nats."""
AUGMENTED = ("+", "-", "*", "//", "%", "/", "**", "&", "|", "^", "<<", ">>")


def statement_edits(context: Context, node: ast.stmt, ceiling: float) -> Iterator[Edit]:
    """The edits of one statement as a whole that cost about ``ceiling`` at most."""
    yield from _delete(context, node)
    yield from _unguard(context, node)
    yield from _guard(context, node, ceiling)
    yield from _move(context, node)
    yield from _exchange(context, node)


def insertions(context: Context, node: ast.stmt, ceiling: float) -> Iterator[Edit]:
    """New statements in front of one, and behind it where it ends its block."""
    if ceiling < INSERT:
        return
    parent, field, index = context.program.place(node)
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return
    block: list[ast.stmt] = getattr(parent, field)
    visible = context.names_at(node)
    indent = context.program.indentation(node)
    start, end = context.program.span(node)
    first_on_line = (
        context.program.source[:start].decode().rsplit("\n", 1)[-1].isspace() or start == 0
    )
    for text, price, head, names in fresh_statements(context, node, visible, ceiling - INSERT):
        if INSERT + price > ceiling:
            continue
        lines = text.replace("\n", "\n" + indent)
        features = (
            "insert",
            f"insert {head}",
            f"line {node.lineno}",
            *(f"names {n}" for n in names),
        )
        if first_on_line and not _is_elif(context, node):
            flow = flow_of_insertion(context, node, head)
            where = (start, start, f"{lines}\n{indent}")
            yield Edit(*where, INSERT + price, "insert", node.lineno, features, flow=flow)
        jumps = isinstance(node, ast.Return | ast.Break | ast.Continue | ast.Raise)
        if index == len(block) - 1 and not jumps:
            yield Edit(
                end, end, f"\n{indent}{lines}", INSERT + price, "insert", node.lineno, features
            )


def fresh_statements(
    context: Context,
    node: ast.AST,
    visible: dict[str, str],
    budget: float,
    results: tuple[str, ...] = (),
) -> Iterator[tuple[str, float, str, frozenset[str]]]:
    """(text, cost, head, names) of small statements over the visible names, up to a cost.

    ``results`` are the types of what the function should return, where that is known.
    """
    program = context.program
    function = program.function(node)
    loops = any(isinstance(a, ast.For | ast.While) for a in program.ancestors(node))
    usable = [
        x for x in context.pool(function).of() if x.cost <= budget and x.names <= visible.keys()
    ]
    usable.sort(key=lambda expression: expression.cost)
    for name, kind in visible.items():
        for text, price, names in _updates(context, name, kind, usable, budget):
            yield text, price, "update", names | {name}
    seen = _returned_type(context, function)
    wanted = results or ((seen,) if seen else ())
    answers = [
        x for x in usable if not wanted or (x.type and any(fits(x.type, one) for one in wanted))
    ]
    for expression in answers:
        yield f"return {expression.text}", 1.5 + expression.cost, "return", expression.names
    jumps = [("break", 2.0), ("continue", 2.0)] if loops else []
    for text, price in jumps:
        yield text, price, text, frozenset()
    for test in conditions(context, node, visible):
        if test.cost > min(budget, 7.0):
            break
        for text, price in jumps:
            yield f"if {test.text}:\n    {text}", price + test.cost, f"if {text}", test.names
        for expression in answers[:12]:
            price = 0.5 + test.cost + expression.cost
            if price > budget:
                break
            guarded = f"if {test.text}:\n    return {expression.text}"
            yield guarded, price, "if return", test.names | expression.names


def _updates(
    context: Context, name: str, kind: str, usable: list[Expression], budget: float
) -> Iterator[tuple[str, float, frozenset[str]]]:
    """Assignments to a name and calls that change what it holds, up to a cost."""
    shape, item = base(kind), element(kind)
    if shape in ("int", "float"):
        yield from _steps(context, name, usable, budget)
    for expression in usable:
        names, price = expression.names, expression.cost
        if price + 0.8 > budget:
            break
        if expression.type == kind and expression.text != name:
            yield f"{name} = {expression.text}", 1.0 + price, names
        if shape == "str" and expression.type == "str":
            yield f"{name} += {expression.text}", 1.5 + price, names
        if shape in ("list", "deque") and (
            not item or expression.type in (item, kind) or not expression.type
        ):
            misfit = 0.0 if expression.type == item or not item else 1.5
            yield f"{name}.append({expression.text})", 0.8 + misfit + price, names
        if shape in ("list", "deque") and base(expression.type) == "list":
            yield f"{name}.extend({expression.text})", 1.5 + price, names
            yield f"{name} += {expression.text}", 2.0 + price, names
        if shape == "list" and expression.type == item and item:
            yield f"{name}.remove({expression.text})", 3.0 + price, names
        if shape in ("set", "frozenset") and (not item or expression.type == item):
            yield f"{name}.add({expression.text})", 0.8 + price, names
    if shape in ("list", "deque"):
        for method, price in (("pop()", 2.0), ("reverse()", 3.0), ("sort()", 3.0), ("pop(0)", 3.0)):
            yield f"{name}.{method}", price, frozenset()
    if shape in MAPPINGS or shape == "list":
        yield from _stores(name, kind, usable, budget)


def _steps(
    context: Context, name: str, usable: list[Expression], budget: float
) -> Iterator[tuple[str, float, frozenset[str]]]:
    """Augmented assignments of numbers; operators that the program uses are cheap."""
    prices = {
        symbol: 1.0 if symbol == "+" else 1.8 if symbol == "-" else 0.7 * cost(symbol)
        for symbol in AUGMENTED
    }
    for symbol, price in prices.items():
        if symbol in context.used:
            price = max(price - 1.0, 0.8)
        for expression in usable:
            if price + expression.cost > budget:
                break
            if expression.type in ("int", "float") and expression.text not in ("0", name):
                yield (
                    f"{name} {symbol}= {expression.text}",
                    price + expression.cost,
                    expression.names,
                )


def _stores(
    name: str, kind: str, usable: list[Expression], budget: float
) -> Iterator[tuple[str, float, frozenset[str]]]:
    """Items of a list or a mapping that are assigned to."""
    mapping = base(kind) in MAPPINGS
    held = key(kind) if mapping else "int"
    item = value(kind)
    indices = [x for x in usable if (not held or x.type == held) and x.names]
    values = [x for x in usable if not item or x.type == item]
    for index in indices:
        if index.cost + 1.0 > budget:
            break
        for expression in values:
            price = 1.0 + index.cost + expression.cost
            if price > budget:
                break
            place, names = f"{name}[{index.text}]", index.names | expression.names
            if expression.text != place:
                yield f"{place} = {expression.text}", price, names
            if expression.type in NUMBERS:
                yield f"{place} += {expression.text}", price + 0.5, names


def _returned_type(context: Context, function: ast.AST | None) -> str:
    seen = [
        context.observations.type_of(node.value)
        for node in ast.walk(function or context.program.tree)
        if isinstance(node, ast.Return) and node.value is not None
    ]
    return next((kind for kind in seen if kind and kind != "NoneType"), "")


def _edit(context: Context, node: ast.stmt, text: str, kind: str, price: float, *more: str) -> Edit:
    start, end = context.program.span(node)
    features = (kind, f"{kind} {type(node).__name__}", f"line {node.lineno}", *more)
    return Edit(start, end, text, price, kind, node.lineno, features)


def _delete(context: Context, node: ast.stmt) -> Iterator[Edit]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Pass):
        return
    price = DELETE + 0.4 * len(list(ast.walk(node))) ** 0.5
    if not _is_elif(context, node):
        edit = _edit(context, node, "pass", "delete", price)
        yield replace(edit, flow=flow_of_deletion(context, node))


def _unguard(context: Context, node: ast.stmt) -> Iterator[Edit]:
    """The body of an if without its test, or the loop around a block taken away."""
    if not isinstance(node, ast.If | ast.For | ast.While) or _is_elif(context, node):
        return
    yield _edit(context, node, _dedented(context, node.body, node), "unguard", UNGUARD)
    if node.orelse:
        yield _edit(context, node, _dedented(context, node.orelse, node), "unguard", UNGUARD + 0.5)
        start = context.program.span(node)[0]
        stop = context.program.span(node.body[-1])[1]
        kept = context.program.source[start:stop].decode()
        yield _edit(context, node, kept, "unguard", UNGUARD + 0.5)
        behind = _dedented(context, node.orelse, node)
        indent = context.program.indentation(node)
        yield _edit(context, node, f"{kept}\n{indent}{behind}", "unguard", UNGUARD + 0.5)


def _dedented(context: Context, block: list[ast.stmt], node: ast.stmt) -> str:
    return _reindented(context, block, context.program.indentation(node))


def _reindented(context: Context, block: list[ast.stmt], indent: str) -> str:
    program = context.program
    start, end = program.span(block[0])[0], program.span(block[-1])[1]
    text = program.source[start:end].decode()
    if program.source[start : start + 4] == b"elif":
        text = text[2:]
    return text.replace("\n" + program.indentation(block[0]), "\n" + indent)


def _guard(context: Context, node: ast.stmt, ceiling: float) -> Iterator[Edit]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom) or _is_elif(
        context, node
    ):
        return
    indent = context.program.indentation(node)
    inner = _reindented(context, [node], indent + "    ")
    visible = context.names_at(node)
    for test in conditions(context, node, visible):
        if test.cost > min(7.0, ceiling - GUARD):
            break
        text = f"if {test.text}:\n{indent}    {inner}"
        yield _edit(
            context, node, text, "guard", GUARD + test.cost, *(f"names {n}" for n in test.names)
        )


def _move(context: Context, node: ast.stmt) -> Iterator[Edit]:
    program = context.program
    parent, field, index = program.place(node)
    block: list[ast.stmt] = getattr(parent, field)
    features = ("move", f"line {node.lineno}")
    if index + 1 < len(block) and not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import):
        after = block[index + 1]
        start, middle = program.span(node)
        begin, end = program.span(after)
        between = program.source[middle:begin].decode()
        text = program.segment(after) + between + program.segment(node)
        yield Edit(start, end, text, MOVE, "move", node.lineno, features)
        if isinstance(node, ast.For | ast.While | ast.If) and not node.orelse:
            # the statement behind a block joins it
            inner = program.indentation(node.body[-1])
            text = f"{program.segment(node)}\n{inner}{_reindented(context, [after], inner)}"
            yield Edit(start, end, text, MOVE, "move", after.lineno, features)
    if index == len(block) - 1 and index > 0 and isinstance(parent, ast.For | ast.While | ast.If):
        if field == "body" and not parent.orelse:
            # the last statement of a block leaves it
            begin = program.span(block[index - 1])[1]
            start, end = program.span(node)
            outer = program.indentation(parent)
            text = f"\n{outer}{_reindented(context, [node], outer)}"
            yield Edit(begin, end, text, MOVE, "move", node.lineno, features)


def _exchange(context: Context, node: ast.stmt) -> Iterator[Edit]:
    """A statement for its sibling: augmented operators, if for while, break for continue."""
    program = context.program
    match node:
        case ast.AugAssign():
            target, right = program.segment(node.target), original(context, node.value)
            old = OPERATORS[type(node.op)][0]
            for symbol in AUGMENTED:
                if symbol != old:
                    close = frozenset((symbol, old)) in CLOSE
                    price = OPERATOR + (0.0 if close else 0.3 * cost(symbol))
                    text = f"{target} {symbol}= {right.text}"
                    yield _edit(context, node, text, "operator", price, f"operator {old}>{symbol}")
            yield _edit(context, node, f"{target} = {right.text}", "exchange", EXCHANGE)
            level = OPERATORS[type(node.op)][1]
            flipped = f"{target} = {right.within(level)} {old} {target}"
            if (
                old not in ("*", "&", "|", "^")
                and context.observations.type_of(node.value) != "int"
            ):
                yield _edit(context, node, flipped, "swap", EXCHANGE)
        case ast.Assign(targets=[ast.Name() as target]):
            right = original(context, node.value)
            for symbol, price in (("+", 0.0), ("-", 1.0), ("*", 1.5)):
                text = f"{target.id} {symbol}= {right.text}"
                yield _edit(context, node, text, "exchange", EXCHANGE + price)
        case ast.Assign(targets=[ast.Tuple() as targets], value=ast.Tuple() as values):
            if len(targets.elts) == len(values.elts):
                indent = program.indentation(node)
                pairs = zip(targets.elts, values.elts, strict=True)
                lines = [f"{program.segment(t)} = {program.segment(v)}" for t, v in pairs]
                yield _edit(context, node, f"\n{indent}".join(lines), "exchange", EXCHANGE + 1.0)
        case ast.If() | ast.While():
            if isinstance(node, ast.If) and _is_elif(context, node):
                yield _edit(context, node, program.segment(node)[2:], "exchange", EXCHANGE)
            elif isinstance(node, ast.While) or not node.orelse:
                word = "if" if isinstance(node, ast.While) else "while"
                test = program.span(node.test)[0]
                rest = program.source[test : program.span(node)[1]].decode()
                yield _edit(context, node, f"{word} {rest}", "exchange", EXCHANGE + 1.0)
        case ast.Break():
            yield _edit(context, node, "continue", "exchange", EXCHANGE)
            yield _edit(context, node, "return", "exchange", EXCHANGE + 1.0)
        case ast.Continue():
            yield _edit(context, node, "break", "exchange", EXCHANGE)
        case ast.Expr(value=ast.Call()):
            pass
        case ast.Return(value=ast.expr() as result):
            shown = original(context, result).within(e.IF)
            if any(isinstance(n, ast.Yield) for n in ast.walk(context.program.tree)):
                yield _edit(context, node, f"yield {shown}", "exchange", EXCHANGE + 1.0)


def _is_elif(context: Context, node: ast.stmt) -> bool:
    start = context.program.span(node)[0]
    return isinstance(node, ast.If) and context.program.source[start : start + 4] == b"elif"
