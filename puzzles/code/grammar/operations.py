"""The typed productions of Python expressions, instantiated for the types of a program.

Costs are -log of how often the production stands in the standard library (``statistics.py``),
lowered for what the program at hand uses already: programs repeat themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Production
from latent_ebm.puzzles.code.grammar.keywords import of_iterables, of_strings
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    NUMBERS,
    SIZED,
    UNKNOWN,
    arguments,
    base,
    element,
    key,
    value,
)
from latent_ebm.puzzles.code.grammar.statistics import cost

REUSE = 1.0
"""Nats by which a production that the program uses already is cheaper."""

BINARY = {
    "+": e.SUM,
    "-": e.SUM,
    "*": e.TERM,
    "//": e.TERM,
    "%": e.TERM,
    "/": e.TERM,
    "**": e.POWER,
    "&": e.AND_BITS,
    "|": e.OR_BITS,
    "^": e.XOR_BITS,
    "<<": e.SHIFT,
    ">>": e.SHIFT,
}
"""Operators of integers, with how tightly they bind."""
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
SYMMETRIC = ("+", "*", "&", "|", "^")
"""Operators of numbers whose operands may be exchanged, as those of equality always may."""
DISTINCT = ("&", "|", "^", "-", "//", "%", "/", *COMPARISONS, "and", "or", "min", "max")
"""Productions that say nothing of two equal operands."""
LONGEST_TUPLE = 3
"""Items of tuples that are written out."""
CHANGING = ("pop", "popleft", "popitem", "next", "setdefault")
"""Productions that change an operand."""
STRING_METHODS = {
    "bool": ("isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace"),
    "str": ("lower", "upper", "strip", "lstrip", "rstrip", "title", "swapcase", "capitalize"),
}
"""Methods of strings without arguments, by the type of their results."""


def productions(types: Collection[str], used: Collection[str]) -> list[Production]:
    """The productions over values of ``types``; those in ``used`` are cheaper."""
    found = {}
    for made in _all(sorted(types)):
        price = cost(made.head) - (REUSE if made.head in used else 0.0)
        found[made.template, made.operands, made.result] = Production(
            made.head,
            made.template,
            made.operands,
            made.bindings,
            made.result,
            made.binding,
            max(price, e.STEP),
            _is_symmetric(made),
            made.head not in CHANGING and not _fills_in(made),
            made.head in DISTINCT and len(made.operands) == 2,
        )
    return list(found.values())


def _is_symmetric(made: Production) -> bool:
    """Whether its operands may be exchanged."""
    if made.head in ("==", "!="):
        return True
    return made.head in SYMMETRIC and all(kind in NUMBERS for kind in made.operands)


def _fills_in(made: Production) -> bool:
    """Whether reading an item that is missing adds it."""
    return made.head == "subscript" and base(made.operands[0]) == "defaultdict"


def _all(types: list[str]) -> Iterator[Production]:
    yield from _numeric("int")
    if "float" in types:
        yield from _numeric("float")
        yield _call("int", ("float",), "int")
        yield _call("round", ("float",), "int")
    yield from _logical()
    for kind in types:
        for bases, rule in _RULES:
            if base(kind) in bases:
                yield from rule(kind)


def _binary(symbol: str, level: int, left: str, right: str, result: str) -> Production:
    # comparisons do not chain, and ** groups to the right, where it takes a sign too
    low = level + (1 if level in (e.COMPARE, e.POWER) else 0)
    high = e.UNARY if level == e.POWER else level + 1
    return Production(symbol, f"{{0}} {symbol} {{1}}", (left, right), (low, high), result, level, 0)


def _call(name: str, operands: tuple[str, ...], result: str) -> Production:
    holes = ", ".join(f"{{{i}}}" for i in range(len(operands)))
    return Production(
        name, f"{name}({holes})", operands, (e.IF,) * len(operands), result, e.ATOM, 0
    )


def _method(name: str, owner: str, operands: tuple[str, ...], result: str) -> Production:
    holes = ", ".join(f"{{{i + 1}}}" for i in range(len(operands)))
    bindings = (e.POSTFIX, *(e.IF for _ in operands))
    return Production(
        name, f"{{0}}.{name}({holes})", (owner, *operands), bindings, result, e.POSTFIX, 0
    )


def _subscript(
    head: str, template: str, owner: str, operands: tuple[str, ...], result: str
) -> Production:
    bindings = (e.POSTFIX, *(e.IF for _ in operands))
    return Production(head, template, (owner, *operands), bindings, result, e.POSTFIX, 0)


def _numeric(kind: str) -> Iterator[Production]:
    symbols = ("+", "-", "*", "//", "%", "/", "**") if kind == "float" else tuple(BINARY)
    for symbol in symbols:
        result = "float" if symbol == "/" else kind
        yield _binary(symbol, BINARY[symbol], kind, kind, result)
    for symbol in COMPARISONS:
        yield _binary(symbol, e.COMPARE, kind, kind, "bool")
    yield Production("negate", "-{0}", (kind,), (e.UNARY,), kind, e.UNARY, 0)
    yield _call("abs", (kind,), kind)
    yield _call("min", (kind, kind), kind)
    yield _call("max", (kind, kind), kind)
    yield _call("str", (kind,), "str")
    if kind == "int":
        yield _call("range", ("int",), "range")
        yield _call("range", ("int", "int"), "range")
        yield _call("float", ("int",), "float")
        yield _call("chr", ("int",), "str")
    else:
        for symbol in ("+", "-", "*", "/", "**"):
            yield _binary(symbol, BINARY[symbol], "float", "int", "float")
            yield _binary(symbol, BINARY[symbol], "int", "float", "float")
        for symbol in COMPARISONS:
            yield _binary(symbol, e.COMPARE, "float", "int", "bool")


def _logical() -> Iterator[Production]:
    yield _binary("and", e.AND, "bool", "bool", "bool")
    yield _binary("or", e.OR, "bool", "bool", "bool")
    yield Production("not", "not {0}", ("bool",), (e.NOT,), "bool", e.NOT, 0)
    for kind in ("int", "str", "bool"):
        yield Production(
            "if-else",
            "{0} if {1} else {2}",
            (kind, "bool", kind),
            (e.OR, e.OR, e.IF),
            kind,
            e.IF,
            0,
        )


def _equality(kind: str) -> Iterator[Production]:
    yield _binary("==", e.COMPARE, kind, kind, "bool")
    yield _binary("!=", e.COMPARE, kind, kind, "bool")


def _sized(kind: str) -> Iterator[Production]:
    yield _call("len", (kind,), "int")
    yield _call("enumerate", (kind,), "enumerate")
    yield Production("range", "range(len({0}))", (kind,), (e.IF,), "range", e.ATOM, 0)
    yield Production("not", "not {0}", (kind,), (e.NOT,), "bool", e.NOT, 0)


def _strings(_: str) -> Iterator[Production]:
    yield _binary("+", e.SUM, "str", "str", "str")
    yield _binary("*", e.TERM, "str", "int", "str")
    for symbol in ("<", ">", "<=", ">="):
        yield _binary(symbol, e.COMPARE, "str", "str", "bool")
    yield _binary("in", e.COMPARE, "str", "str", "bool")
    yield _binary("not in", e.COMPARE, "str", "str", "bool")
    for result, names in STRING_METHODS.items():
        for name in names:
            yield _method(name, "str", (), result)
    yield _method("startswith", "str", ("str",), "bool")
    yield _method("endswith", "str", ("str",), "bool")
    yield _method("replace", "str", ("str", "str"), "str")
    yield _method("split", "str", (), "list[str]")
    yield _method("split", "str", ("str",), "list[str]")
    yield _method("join", "str", ("list[str]",), "str")
    yield _method("count", "str", ("str",), "int")
    yield _method("find", "str", ("str",), "int")
    yield _method("index", "str", ("str",), "int")
    yield _call("int", ("str",), "int")
    yield _call("ord", ("str",), "int")
    yield _call("list", ("str",), "list[str]")
    yield _call("set", ("str",), "set[str]")
    yield _call("sorted", ("str",), "list[str]")
    yield from of_strings()
    yield from _subscripts("str", "str")


def _subscripts(kind: str, item: str) -> Iterator[Production]:
    yield _subscript("subscript", "{0}[{1}]", kind, ("int",), item)
    yield _subscript("slice", "{0}[{1}:]", kind, ("int",), kind)
    yield _subscript("slice", "{0}[:{1}]", kind, ("int",), kind)
    yield _subscript("slice", "{0}[{1}:{2}]", kind, ("int", "int"), kind)
    yield _subscript("reversed-slice", "{0}[::-1]", kind, (), kind)
    yield _subscript("last-item", "{0}[-1]", kind, (), item)


def _sequences(kind: str) -> Iterator[Production]:
    item = element(kind)
    yield from _subscripts(kind, item)
    if base(kind) == "tuple" and not item:
        for at, held in enumerate(arguments(kind)):
            yield _subscript("subscript", f"{{0}}[{at}]", kind, (), held)
    if item:
        yield _binary("in", e.COMPARE, item, kind, "bool")
        yield _binary("not in", e.COMPARE, item, kind, "bool")
        yield _method("count", kind, (item,), "int")
        yield _method("index", kind, (item,), "int")
    if item in ("int", "float"):
        yield _call("sum", (kind,), item)
    if item == "bool":
        yield _call("any", (kind,), "bool")
        yield _call("all", (kind,), "bool")
    yield _call("min", (kind,), item)
    yield _call("max", (kind,), item)
    yield _call("sorted", (kind,), f"list[{item}]" if item else "list")
    yield _call("list", (kind,), f"list[{item}]" if item else "list")
    yield _call("set", (kind,), f"set[{item}]" if item else "set")
    yield _call("tuple", (kind,), f"tuple[{item}]" if item else "tuple")


def _lists(kind: str) -> Iterator[Production]:
    item = element(kind)
    yield _binary("+", e.SUM, kind, kind, kind)
    yield _binary("*", e.TERM, kind, "int", kind)
    yield _method("copy", kind, (), kind)
    yield _method("pop", kind, (), item)
    if item:
        yield Production("display", "[{0}]", (item,), (e.IF,), kind, e.ATOM, 0)
        yield Production("display", "[{0}, {1}]", (item, item), (e.IF, e.IF), kind, e.ATOM, 0)


def _tuples(kind: str) -> Iterator[Production]:
    held = arguments(kind)
    if 2 <= len(held) <= LONGEST_TUPLE and all(held) and "..." not in held:
        items = ", ".join(f"{{{at}}}" for at in range(len(held)))
        bindings = (e.IF,) * len(held)
        yield Production("tuple-display", f"({items})", held, bindings, kind, e.ATOM, 0)


def _mappings(kind: str) -> Iterator[Production]:
    held, item = key(kind), value(kind)
    if held:
        yield _subscript("subscript", "{0}[{1}]", kind, (held,), item)
        yield _binary("in", e.COMPARE, held, kind, "bool")
        yield _binary("not in", e.COMPARE, held, kind, "bool")
        yield _method("get", kind, (held,), item)
        if item:
            yield _method("get", kind, (held, item), item)
    yield _method("keys", kind, (), f"list[{held}]" if held else "list")
    yield _method("values", kind, (), f"list[{item}]" if item else "list")
    pair = f"tuple[{held}]" if held else "tuple"
    yield _method("items", kind, (), f"list[{pair}]")


def _sets(kind: str) -> Iterator[Production]:
    held = arguments(kind)
    if held:
        yield _binary("in", e.COMPARE, held[0], kind, "bool")
        yield _binary("not in", e.COMPARE, held[0], kind, "bool")
    for symbol in ("|", "&", "-"):
        yield _binary(symbol, BINARY[symbol], kind, kind, kind)


def _empty(kind: str) -> Iterator[Production]:
    """Membership in a container that was always empty when it was seen: it may hold anything."""
    for held in ("int", "str") if not arguments(kind) else ():
        yield _binary("in", e.COMPARE, held, kind, "bool")
        yield _binary("not in", e.COMPARE, held, kind, "bool")


class _AllBut:
    """The names of all types but some."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name not in self._names


_RULES: tuple[tuple[Container[str], Callable[[str], Iterator[Production]]], ...] = (
    (_AllBut("int", "float", "bool", "NoneType", UNKNOWN), _equality),
    (SIZED, _sized),
    (("str",), _strings),
    (("list", "tuple", "deque"), _sequences),
    (("list",), _lists),
    (("tuple",), _tuples),
    (("list", "tuple", "str", "set", "frozenset", "deque", *MAPPINGS), of_iterables),
    (MAPPINGS, _mappings),
    (("set", "frozenset"), _sets),
    ((*MAPPINGS, "set", "frozenset", "list"), _empty),
)
"""What can be built of a value, by the base of its type."""
