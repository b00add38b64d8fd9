"""Edits of an expression: something near what stands there, or something fresh of its type."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.flow import flow_of_expression, is_condition
from latent_ebm.puzzles.code.grammar.program import OPERATORS, binding, head
from latent_ebm.puzzles.code.grammar.runtime_types import NUMBERS, UNKNOWN, base, fits
from latent_ebm.puzzles.code.grammar.statistics import cost

OPERATOR, NAME, CONSTANT, SWAP, SHRINK, WRAP, FRESH, FUNCTION, TARGET = (
    1.0,
    1.2,
    1.2,
    1.5,
    1.8,
    1.2,
    3.0,
    1.5,
    3.0,
)
"""What each kind of edit costs, before its content, in nats."""
MISFIT = 2.0
"""Nats for a type that was not seen in the place."""
CONSTANT_FOR_EXPRESSION = 2.0
"""Nats for putting a constant where something was computed: what weak tests accept wrongly."""

FAMILIES = (
    ("+", "-", "*", "//", "%", "/", "**"),
    ("<", "<=", ">", ">=", "==", "!="),
    ("&", "|", "^", "<<", ">>"),
    ("in", "not in"),
    ("is", "is not", "==", "!="),
    ("and", "or"),
)
CLOSE = {
    frozenset(p)
    for p in (
        ("<", "<="),
        (">", ">="),
        ("==", "!="),
        ("<", ">"),
        ("<=", ">="),
        ("+", "-"),
        ("in", "not in"),
        ("and", "or"),
        ("//", "/"),
        ("&", "|"),
        ("*", "+"),
        ("%", "//"),
        ("is", "is not"),
        ("<<", ">>"),
    )
}
"""Pairs of operators that people take for each other."""
CALLS = (
    ("min", "max", "sum", "len", "abs"),
    ("any", "all"),
    ("sorted", "list", "set", "reversed", "tuple"),
    ("int", "float", "str", "round", "abs", "bool"),
    ("range", "len", "enumerate"),
    ("ord", "chr"),
    ("floor", "ceil", "sqrt"),
)
METHODS = (
    ("append", "extend", "insert", "add", "remove", "pop"),
    ("pop", "popleft", "remove", "get"),
    ("append", "appendleft"),
    ("lower", "upper", "swapcase", "title", "capitalize"),
    ("strip", "lstrip", "rstrip"),
    ("isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace"),
    ("startswith", "endswith"),
    ("find", "index", "count", "rfind"),
    ("keys", "values", "items"),
    ("union", "intersection", "difference"),
    ("add", "remove", "discard", "update"),
    ("split", "join", "replace"),
)


def rewrites(context: Context, node: ast.expr, ceiling: float) -> Iterator[Edit]:
    """The edits of one expression that cost about ``ceiling`` at most, in no order."""
    kind = context.observations.type_of(node)
    for expression, name, price in _near(context, node, kind):
        yield _edit(context, node, expression, name, price, _misfit(expression, kind, name))
    yield from _fresh(context, node, kind, ceiling)
    yield from _wrapped(context, node, kind, ceiling)


def _misfit(new: Expression, kind: str, name: str) -> float:
    """The types energy of what comes where ``kind`` was seen."""
    if name in ("name", "constant"):
        return 0.0 if fits(new.type, kind) and new.type else MISFIT
    return 0.0 if fits(new.type, kind) else MISFIT / 2


def original(context: Context, node: ast.expr) -> Expression:
    """What stands there, as an expression of no cost."""
    text = context.program.segment(node)
    if isinstance(node, ast.Tuple) and not text.startswith("("):
        text = f"({text})"
    level = e.ATOM if isinstance(node, ast.Tuple) else binding(node)
    return Expression(text, context.observations.type_of(node), 0.0, level, head(node))


def _edit(
    context: Context, node: ast.expr, new: Expression, kind: str, price: float, types: float
) -> Edit:
    program = context.program
    start, end = program.span(node)
    text = new.within(program.demanded(node))
    if isinstance(node, ast.GeneratorExp) and isinstance(program.parent(node), ast.Call):
        text = f"({text})"  # its span has the call's own parentheses
    line = program.statement(node).lineno
    features = (
        kind,
        f"{kind} {head(node)}>{new.head}",
        f"line {line}",
        *(f"names {name}" for name in sorted(new.names)),
        f"head {new.head}",
    )
    was = context.observations.type_of(node)
    flow = flow_of_expression(context, node, new)
    return Edit(start, end, text, price, kind, line, features, f"{was}>{new.type}", types, flow)


def _near(context: Context, node: ast.expr, kind: str) -> Iterator[tuple[Expression, str, float]]:
    """(what comes, kind of edit, cost) for changes that keep most of what stands there."""
    match node:
        case ast.BinOp() | ast.Compare() | ast.BoolOp():
            yield from _operators(context, node, kind)
        case ast.Name():
            yield from _names(context, node, kind)
        case ast.Constant():
            yield from _constants(context, node, kind)
        case ast.UnaryOp():
            yield original(context, node.operand), "shrink", SHRINK - 0.5
        case ast.Call():
            yield from _calls(context, node, kind)
        case ast.Subscript():
            yield from _subscripts(context, node, kind)
        case ast.IfExp():
            yield original(context, node.body), "shrink", SHRINK
            yield original(context, node.orelse), "shrink", SHRINK
            parts = [original(context, part) for part in (node.orelse, node.test, node.body)]
            text = (
                f"{parts[0].within(e.OR)} if {parts[1].within(e.OR)} else {parts[2].within(e.IF)}"
            )
            yield Expression(text, kind, 0.0, e.IF, "if-else"), "swap", SWAP
        case ast.List() | ast.Tuple() | ast.Set():
            yield from _displays(context, node, kind)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            yield from _comprehensions(context, node, kind)
        case ast.Attribute():
            yield original(context, node.value), "shrink", SHRINK + 1.0


def _operators(
    context: Context, node: ast.BinOp | ast.Compare | ast.BoolOp, kind: str
) -> Iterator[tuple[Expression, str, float]]:
    if isinstance(node, ast.Compare):
        operators, parts = list(node.ops), [node.left, *node.comparators]
    elif isinstance(node, ast.BoolOp):
        operators, parts = [node.op] * (len(node.values) - 1), list(node.values)
    else:
        operators, parts = [node.op], [node.left, node.right]
    operands = [original(context, part) for part in parts]
    symbols = [OPERATORS[type(operator)][0] for operator in operators]
    for at, old in enumerate(symbols):
        if isinstance(node, ast.BoolOp) and at:
            break
        for family in FAMILIES:
            for new in family if old in family else ():
                if new == old:
                    continue
                if new.startswith("is") and not _names_none(parts):
                    continue
                changed = (
                    [new] * len(symbols)
                    if isinstance(node, ast.BoolOp)
                    else [*symbols[:at], new, *symbols[at + 1 :]]
                )
                price = OPERATOR + (0.0 if frozenset((old, new)) in CLOSE else 0.3 * cost(new))
                yield _infix(operands, changed, kind), "operator", price
    swapped = _infix(operands[::-1], symbols[::-1], kind)
    if len(parts) == 2 and symbols[0] not in ("==", "!=", "and", "or"):
        yield swapped, "swap", SWAP
    if not isinstance(node, ast.Compare):
        for at in range(len(parts)):
            if len(parts) == 2:
                yield operands[1 - at], "shrink", SHRINK
            else:
                rest = operands[:at] + operands[at + 1 :]
                yield _infix(rest, symbols[1:], kind), "shrink", SHRINK


def _names_none(parts: list[ast.expr]) -> bool:
    return any(
        isinstance(p, ast.Constant) and (p.value is None or isinstance(p.value, bool))
        for p in parts
    )


def _infix(operands: list[Expression], symbols: list[str], kind: str) -> Expression:
    levels = {
        symbol: level for symbol, level in OPERATORS.values() if level not in (e.NOT, e.UNARY)
    }
    level = levels[symbols[0]]
    strict = level in (e.COMPARE, e.AND, e.OR, e.POWER)
    text = operands[0].within(level + strict)
    for symbol, operand in zip(symbols, operands[1:], strict=True):
        text += f" {symbol} {operand.within(level + 1)}"
    return Expression(text, kind, 0.0, level, symbols[0])


def _names(context: Context, node: ast.Name, kind: str) -> Iterator[tuple[Expression, str, float]]:
    parent, field, _ = context.program.place(node)
    if isinstance(parent, ast.Call) and field == "func":
        yield from _function_names(context, node.id)
        return
    for name, other in context.names_at(node).items():
        if name != node.id:
            names = frozenset([name])
            yield Expression(name, other, 0.0, e.ATOM, "name", names), "name", NAME
    for name in context.functions:
        if name != node.id and base(kind) == "function":
            yield Expression(name, kind, 0.0, e.ATOM, "name"), "name", NAME + 1.0


def _function_names(context: Context, old: str) -> Iterator[tuple[Expression, str, float]]:
    for family in CALLS:
        for name in family if old in family else ():
            if name != old:
                yield Expression(name, "", 0.0, e.ATOM, name), "function", FUNCTION
    for name, arity in context.functions.items():
        if name != old and arity == context.functions.get(old, -1):
            yield Expression(name, "", 0.0, e.ATOM, name), "function", FUNCTION


def _constants(
    context: Context, node: ast.Constant, kind: str
) -> Iterator[tuple[Expression, str, float]]:
    old = node.value
    kind = kind or type(old).__name__
    near: dict[object, float] = {}
    if isinstance(old, bool):
        near[not old] = 0.0
    elif isinstance(old, int):
        near |= {
            old + 1: 0.0,
            old - 1: 0.0,
            -old: 0.8,
            old + 2: 1.0,
            old - 2: 1.0,
            old * 2: 1.5,
            old // 2: 1.5,
            old * 10: 1.5,
            old // 10: 1.5,
        }
    elif isinstance(old, float):
        near |= {old + 1: 0.5, old - 1: 0.5, -old: 0.8, old * 2: 1.0, old / 2: 1.0}
    elif isinstance(old, str) and len(old) <= 40:
        near |= {
            old[1:]: 1.0,
            old[:-1]: 1.0,
            old.lower(): 1.5,
            old.upper(): 1.5,
            old[::-1]: 2.0,
            old.strip(): 1.0,
            old + " ": 1.5,
        }
    for new, extra in near.items():
        if (type(new), new) != (type(old), old):
            level = e.UNARY if isinstance(new, int | float) and new < 0 else e.POSTFIX - 1
            text = Expression(repr(new), type(new).__name__, 0.0, level, "constant")
            yield text, "constant", CONSTANT + extra
    for other in context.constants:
        if other.text != repr(old):
            yield other, "constant", CONSTANT + other.cost / 2
    for name, other_kind in context.names_at(node).items():
        names = frozenset([name])
        yield Expression(name, other_kind, 0.0, e.ATOM, "name", names), "name", NAME + 0.8


def _calls(context: Context, node: ast.Call, kind: str) -> Iterator[tuple[Expression, str, float]]:
    function = context.program.segment(node.func)
    keywords = [context.program.segment(k.value) for k in node.keywords]
    tail = [
        f"{k.arg}={v}" if k.arg else f"**{v}" for k, v in zip(node.keywords, keywords, strict=True)
    ]
    arguments = [context.program.segment(a) for a in node.args]
    name = head(node)

    def call(parts: list[str], callee: str = function) -> Expression:
        return Expression(f"{callee}({', '.join(parts + tail)})", kind, 0.0, e.ATOM, name)

    for i in range(len(arguments)):
        for j in range(i):
            parts = list(arguments)
            parts[i], parts[j] = parts[j], parts[i]
            yield call(parts), "swap", SWAP
    for argument in node.args:
        if not isinstance(argument, ast.Starred):
            yield original(context, argument), "shrink", SHRINK
    for i in range(len(arguments)):
        yield call(arguments[:i] + arguments[i + 1 :]), "drop argument", SHRINK + 0.5
    for i in range(len(tail)):
        rest = [*arguments, *tail[:i], *tail[i + 1 :]]
        text = f"{function}({', '.join(rest)})"
        yield Expression(text, kind, 0.0, e.ATOM, name), "drop argument", SHRINK
    if (
        name in ("range", "split", "get", "pop", "round", "sum", "replace", "join", "enumerate")
        or len(arguments) < 3
    ):
        atoms = [a for a in context.pool(context.program.function(node)).of() if a.size == 1]
        visible = context.names_at(node)
        for atom in atoms:
            if atom.names <= visible.keys():
                for i in range(len(arguments) + 1):
                    extra = 1.0 if name in ("range", "sum", "pop", "get", "split") else 2.0
                    added = call([*arguments[:i], atom.text, *arguments[i:]])
                    yield added, "add argument", WRAP + extra + atom.cost
    if name in ("sorted", "sort") and not any(k.arg == "reverse" for k in node.keywords):
        yield call([*arguments, "reverse=True"]), "add argument", WRAP + 1.5
    if isinstance(node.func, ast.Attribute):
        owner = original(context, node.func.value)
        yield owner, "shrink", SHRINK + 0.3
        for family in METHODS:
            for other in family if node.func.attr in family else ():
                if other != node.func.attr:
                    callee = f"{owner.within(e.POSTFIX)}.{other}"
                    made = call(arguments, callee)
                    yield Expression(made.text, "", 0.0, e.ATOM, other), "function", FUNCTION


def _subscripts(
    context: Context, node: ast.Subscript, kind: str
) -> Iterator[tuple[Expression, str, float]]:
    owner = original(context, node.value).within(e.POSTFIX)
    yield original(context, node.value), "shrink", SHRINK
    if isinstance(node.slice, ast.Slice):
        bounds = [node.slice.lower, node.slice.upper, node.slice.step]
        texts = [context.program.segment(b) if b else "" for b in bounds]

        def sliced(lower: str, upper: str, step: str) -> Expression:
            text = f"{owner}[{lower}:{upper}{':' + step if step else ''}]"
            return Expression(text, kind, 0.0, e.POSTFIX, "slice")

        lower, upper, step = texts
        if lower:
            yield sliced("", upper, step), "shrink", SHRINK
            yield sliced(upper, lower, step), "swap", SWAP
        if upper:
            yield sliced(lower, "", step), "shrink", SHRINK
        if step:
            yield sliced(lower, upper, ""), "shrink", SHRINK
            yield sliced(lower, upper, "-1"), "constant", CONSTANT + 1.0
        else:
            yield sliced(lower, upper, "-1"), "add bound", WRAP + 2.0
            yield sliced(lower, upper, "2"), "add bound", WRAP + 3.0
        visible = context.names_at(node)
        for atom in context.pool(context.program.function(node)).of("int"):
            if atom.cost > 5.0:
                break
            if atom.names <= visible.keys() and atom.type == "int":
                if not lower:
                    yield sliced(atom.text, upper, step), "add bound", WRAP + atom.cost
                if not upper:
                    yield sliced(lower, atom.text, step), "add bound", WRAP + atom.cost
    elif not isinstance(node.slice, ast.Tuple):
        index = original(context, node.slice)
        for text in (f"{owner}[{index.text}:]", f"{owner}[:{index.text}]"):
            yield Expression(text, "", 0.0, e.POSTFIX, "slice"), "slice", WRAP + 1.5


def _displays(
    context: Context, node: ast.List | ast.Tuple | ast.Set, kind: str
) -> Iterator[tuple[Expression, str, float]]:
    parts = [context.program.segment(item) for item in node.elts]
    opening, closing = {ast.List: "[]", ast.Tuple: "()", ast.Set: "{}"}[type(node)]

    def display(items: list[str]) -> Expression:
        comma = "," if isinstance(node, ast.Tuple) and len(items) == 1 else ""
        text = f"{opening}{', '.join(items)}{comma}{closing}"
        return Expression(text, kind, 0.0, e.ATOM, "display")

    for i in range(len(parts)):
        for j in range(i):
            items = list(parts)
            items[i], items[j] = items[j], items[i]
            yield display(items), "swap", SWAP
        if len(parts) > 1 or not isinstance(node, ast.Set):
            yield display(parts[:i] + parts[i + 1 :]), "shrink", SHRINK
    visible = context.names_at(node)
    for atom in context.pool(context.program.function(node)).of():
        if atom.cost > 5.0:
            break
        if atom.names <= visible.keys():
            for i in {0, len(parts)}:
                yield (
                    display([*parts[:i], atom.text, *parts[i:]]),
                    "add element",
                    WRAP + 0.5 + atom.cost,
                )
    if not parts and isinstance(node, ast.List):
        yield Expression("[[]]", "list[list]", 0.0, e.ATOM, "display"), "add element", WRAP + 1.5


def _comprehensions(
    context: Context, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, kind: str
) -> Iterator[tuple[Expression, str, float]]:
    text = context.program.segment(node)
    for part in node.generators:
        for test in part.ifs:
            start, end = context.program.span(test)
            begin = context.program.span(node)[0]
            source = context.program.source
            cut = source[begin:start].decode().rstrip().removesuffix("if").rstrip()
            rest = source[end : context.program.span(node)[1]].decode()
            yield Expression(cut + rest, kind, 0.0, e.ATOM, "comprehension"), "shrink", SHRINK
    last = node.generators[-1]
    if len(node.generators) == 1:
        inner = context.names_at(node.elt)
        targets = {t.id for t in ast.walk(last.target) if isinstance(t, ast.Name)}
        for test in conditions(context, node, inner):
            if test.names & targets and test.cost < 7.0:
                made = f"{text[:-1]} if {test.within(e.OR)}{text[-1]}"
                yield (
                    Expression(made, kind, 0.0, e.ATOM, "comprehension", test.names),
                    "add condition",
                    WRAP + 0.5 + test.cost,
                )


def conditions(context: Context, node: ast.AST, visible: dict[str, str]) -> Iterator[Expression]:
    """Boolean expressions over the visible names, cheapest first, bare names of any type too."""
    function = context.program.function(node)
    for expression in context.pool(function).of("bool"):
        if expression.names and expression.names <= visible.keys():
            yield expression


def _fresh(context: Context, node: ast.expr, kind: str, ceiling: float) -> Iterator[Edit]:
    """Something new from the pool, of the type seen here."""
    visible = context.names_at(node)
    program = context.program
    own = program.segment(node)
    condition = is_condition(context, node)
    wanted = "bool" if condition else kind
    if _is_callee(context, node):
        return
    for expression in context.pool(program.function(node)).of(wanted):
        if FRESH + expression.cost > ceiling:
            break
        if expression.text == own or not expression.names <= visible.keys():
            continue
        types = 0.0 if kind or condition else MISFIT / 2
        if wanted in NUMBERS and expression.type != wanted:
            types += MISFIT
        price = FRESH + expression.cost
        if expression.head == "constant" and not isinstance(node, ast.Constant):
            price += CONSTANT_FOR_EXPRESSION
        if isinstance(node, ast.Constant | ast.Name) and expression.size == 1:
            continue  # names and constants have edits of their own
        yield _edit(context, node, expression, "fresh", price, types)


def _is_callee(context: Context, node: ast.expr) -> bool:
    parent, field, _ = context.program.place(node)
    return isinstance(parent, ast.Call) and field == "func"


def _wrapped(context: Context, node: ast.expr, kind: str, ceiling: float) -> Iterator[Edit]:
    """Productions with what stands here as one operand and something cheap as the others."""
    if _is_callee(context, node):
        return
    here = original(context, node)
    visible = context.names_at(node)
    function = context.program.function(node)
    pool = context.pool(function)
    condition = is_condition(context, node)
    if condition and base(kind) not in ("bool", ""):
        negated = Expression(f"not {here.within(e.NOT)}", "bool", 0.0, e.NOT, "not")
        yield _edit(context, node, negated, "wrap", WRAP, 0.0)
    for production in context.productions(function):
        rest = ceiling - WRAP - production.cost
        if rest < 0 or not _worth(production, kind, condition):
            continue
        for at, operand in enumerate(production.operands):
            if not fits(kind, operand) or (not kind and operand not in ("int", "bool")):
                continue
            if kind == "bool" and operand != "bool":
                continue  # True is an int, but nobody means it
            others = [i for i in range(len(production.operands)) if i != at]
            for filled, price in _fillers(production, others, pool, visible, rest):
                if production.symmetric and at == 1 and filled[0].head == "constant":
                    continue  # i + 1, not 1 + i
                parts = [here] * len(production.operands)
                for i, part in filled.items():
                    parts[i] = part
                made = production.apply(tuple(parts))
                types = 0.0 if fits(made.type, kind) or condition else MISFIT
                total = WRAP + production.cost + price
                yield _edit(context, node, made, "wrap", total, types)


def _worth(production: Production, kind: str, condition: bool) -> bool:
    if not kind:
        return production.result in ("int", "bool")
    return (
        fits(production.result, kind)
        or (len(production.operands) == 1 and not condition)
        or (condition and production.result == "bool")
    )


def _fillers(
    production: Production,
    others: list[int],
    pool: e.Pool,
    visible: dict[str, str],
    ceiling: float,
) -> Iterator[tuple[dict[int, Expression], float]]:
    if not others:
        yield {}, 0.0
    if len(others) == 1:
        wanted = production.operands[others[0]]
        wide = production.result == "bool" and wanted == "bool"
        limit = min(7.5 if wide else 5.0, ceiling)
        for expression in pool.of(wanted):
            if expression.cost > limit:
                break
            if expression.type != wanted and wanted:
                continue  # True is an int, but nobody means it
            if expression.names <= visible.keys() and not (wide and expression.head == "constant"):
                yield {others[0]: expression}, expression.cost
    if len(others) == 2:
        first, second = others
        lefts = [x for x in pool.of(production.operands[first]) if x.size == 1]
        rights = [x for x in pool.of(production.operands[second]) if x.size == 1]
        for left in lefts:
            for right in rights:
                if (
                    left.cost + right.cost < min(5.0, ceiling)
                    and left.names | right.names <= visible.keys()
                ):
                    yield {first: left, second: right}, left.cost + right.cost


def target_rewrites(context: Context, node: ast.Name) -> Iterator[Edit]:
    """Another local name for one that is assigned to."""
    function = context.program.function(node)
    line = context.program.statement(node).lineno
    start, end = context.program.span(node)
    for name, kind in context.local_types(function).items():
        if name != node.id:
            features = ("target", f"line {line}", f"names {name}")
            yield Edit(start, end, name, TARGET, "target", line, features, f"{UNKNOWN}>{kind}")
