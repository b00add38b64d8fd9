"""Productions that bind names: comprehensions, calls of generators, calls with a lambda as key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.bodies import (
    ITERATED,
    Variables,
    bodies,
    free_names,
    iterables,
    results,
)
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    arguments,
    base,
    element,
    key,
    looped,
    value,
)
from latent_ebm.puzzles.code.grammar.statistics import cost

FORM = 1.0
"""Nats off each form: its loop, its variable and its value were counted as one."""
REUSE = 1.0
"""Nats by which a form that the program uses already is cheaper."""
ORDERED = ("int", "float", "str", "bool", "tuple", "list")
"""Types of keys to sort by, and of what has a largest."""
COMPUTED = ("bool", "int", "float", "str", "tuple")
"""Types of values under conditions."""
MOST_LOOPS = 10
"""So many ways to loop are looked at."""
NEW = ("list", "dict", "set", "list[int]", "list[str]", "list[bool]")
"""Types of what is made anew for every item, where nothing of the item is read."""


@dataclass(frozen=True)
class Loop:
    """A way to loop over something.

    Attributes
    ----------
    kind
        As the names of forms have it: empty, ``range``, ``enumerate``, ``items``, ``zip`` or
        ``pairs``.
    text
        What is looped over, with ``{1}`` for it and ``{2}`` for what is zipped with it.
    operands
        The types of these.
    variables
        What is bound.
    """

    kind: str
    text: str
    operands: tuple[str, ...]
    variables: Variables


@dataclass(frozen=True)
class Bound:
    """The productions that bind names, with what they take.

    Attributes
    ----------
    forms
        The productions.
    iterables
        What they loop over.
    bodies
        What they compute, by what is bound.
    """

    forms: tuple[Production, ...]
    iterables: tuple[Expression, ...]
    bodies: Mapping[Variables, Sequence[Expression]]

    @property
    def parts(self) -> list[Expression]:
        """All that they take."""
        return [*self.iterables, *(body for made in self.bodies.values() for body in made)]

    def over(self, item: str) -> Iterator[tuple[str, Expression]]:
        """The bodies over one variable of a type, with its name."""
        for variables, made in self.bodies.items():
            if variables.types == (item,):
                yield from ((variables.names[0], body) for body in made)
                return  # others bind another name


def bound(
    names: Mapping[str, str],
    types: Sequence[str],
    taken: Collection[str],
    values: Sequence[Expression],
    productions: Sequence[Production],
    used: Container[str],
    known: dict[object, Any],
) -> Bound:
    """The forms over values of some types.

    Parameters
    ----------
    names
        The names that there are, with types.
    types
        Of these, and of other values.
    taken
        Names that are not to be bound.
    values, productions
        What bodies are made of besides their own variables.
    used
        The names of forms that the program uses.
    known
        What was made before; it is added to.
    """
    mark = ("forms", tuple(names.items()), tuple(types), tuple(values), tuple(productions))
    if mark not in known:
        forms: list[Production] = list(_anew(types))
        made: dict[Variables, list[Expression]] = {}
        for loop in loops(names, types, taken):
            over = loop.variables
            if over not in made:
                pairs = loop.kind == "pairs"
                made[over] = bodies(over, values, productions, alone=pairs)
            forms += binders(loop, results(made[over], over))
        known[mark] = Bound(tuple(forms), tuple(iterables(values, productions)), made)
    found: Bound = known[mark]
    return replace(found, forms=tuple(_priced(form, used) for form in found.forms))


def _priced(form: Production, used: Container[str]) -> Production:
    price = cost(form.head) - FORM - (REUSE if form.head in used else 0.0)
    return replace(form, cost=max(price, e.STEP))


def loops(names: Mapping[str, str], types: Sequence[str], taken: Collection[str]) -> list[Loop]:
    """The ways to loop over values of some types; no name that is taken is bound.

    >>> [loop.kind for loop in loops({"a": "str", "b": "str"}, ["str"], ())]
    ['', 'range', 'enumerate', 'zip']
    """
    count = Counter(names.values())
    found = [loop for kind in types for loop in _loops(kind, taken, count[kind])]
    found.append(
        Loop("range", "range({1})", (looped("int"),), Variables(free_names("i", taken), ("int",)))
    )
    return sorted(found, key=lambda loop: _ORDER.index(loop.kind))[:MOST_LOOPS]


_ORDER = ("", "range", "items", "pairs", "enumerate", "zip")


def _loops(kind: str, taken: Collection[str], count: int) -> Iterator[Loop]:
    shape, item, over = base(kind), element(kind), looped(kind)
    if shape not in ITERATED or not item:
        return
    yield Loop("", "{1}", (over,), Variables(free_names("x", taken), (item,)))
    if shape in MAPPINGS and key(kind) and value(kind):
        both = Variables(free_names("kv", taken), (key(kind), value(kind)))
        yield Loop("items", "{1}.items()", (over,), both)
    if shape in ("list", "str", "tuple"):
        both = Variables(free_names("ix", taken), ("int", item))
        yield Loop("enumerate", "enumerate({1})", (over,), both)
        if count > 1:
            both = Variables(free_names("ab", taken), (item, item))
            yield Loop("zip", "zip({1}, {2})", (over, over), both)
    if base(item) == "tuple" and len(arguments(item)) == 2:
        yield Loop("pairs", "{1}", (over,), Variables(free_names("ab", taken), arguments(item)))


def binders(loop: Loop, given: Sequence[str]) -> Iterator[Production]:
    """The forms over one loop, where its bodies give some types.

    >>> x = Loop("", "{1}", ("list[int]",), Variables(("x",), ("int",)))
    >>> [form.template for form in binders(x, ["bool"])][:2]
    ['[{0} for x in {1}]', '{{{0} for x in {1}}}']
    """
    for result in given:
        yield from _mapped(loop, result)
        if loop.kind == "" and (base(result) in ORDERED or "|" in base(result)):
            yield from _sorted(loop, result)
        if "bool" in given and loop.kind != "zip" and base(result) in COMPUTED[1:]:
            yield _form(loop, "list-of if", "[{0} for", "]", f"list[{result}]", (result, "bool"))
    if "bool" in given:
        yield from _filtered(loop)


def _form(
    loop: Loop, head: str, start: str, end: str, result: str, given: tuple[str, ...]
) -> Production:
    """``start`` target in iterable, under a condition as the head says, ``end``.

    ``given`` is what the bodies give: that of ``{0}``, and that of a condition if it is another.
    """
    operands = [loop.variables.body(given[0]), *loop.operands]
    level = {"items": e.POSTFIX, "range": e.IF, "zip": e.IF, "enumerate": e.IF}.get(loop.kind, e.OR)
    bindings = [e.IF, *(level for _ in loop.operands)]
    condition = ""
    if head.endswith(" filter"):
        condition, bindings[0] = " if {0}", e.OR
    elif head.endswith(" if"):
        condition = f" if {{{len(operands)}}}"
        operands.append(loop.variables.body(given[1]))
        bindings.append(e.OR)
    target = ", ".join(loop.variables.names)
    text = f"{start} {target} in {loop.text}{condition}{end}"
    name = f"{head} {loop.kind}".rstrip()
    return Production(name, text, tuple(operands), tuple(bindings), result, e.ATOM, 0.0)


def _mapped(loop: Loop, result: str) -> Iterator[Production]:
    """Something for every item."""
    given = (result,)
    yield _form(loop, "list-of", "[{0} for", "]", f"list[{result}]", given)
    if base(result) in COMPUTED:
        yield _form(loop, "set-of", "{{{0} for", "}}", f"set[{result}]", given)
    if loop.kind == "":
        (name,), (item,) = loop.variables.names, loop.variables.types
        whole = f"dict[{item},{result}]"
        yield _form(loop, "dict-of", f"{{{{{name}: {{0}} for", "}}", whole, given)
    if result in ("int", "float"):
        yield _form(loop, "sum-of", "sum({0} for", ")", result, given)
    if result in ("int", "float", "str"):
        yield _form(loop, "max-of", "max({0} for", ")", result, given)
        yield _form(loop, "min-of", "min({0} for", ")", result, given)
    if result == "bool":
        yield _form(loop, "any-of", "any({0} for", ")", "bool", given)
        yield _form(loop, "all-of", "all({0} for", ")", "bool", given)
    if result == "str":
        yield _form(loop, "join-of", "''.join({0} for", ")", "str", given)


def _filtered(loop: Loop) -> Iterator[Production]:
    """The items for which a condition holds, or what they come to."""
    test = ("bool",)
    yield _form(loop, "sum-of filter", "sum(1 for", ")", "int", test)
    if loop.kind == "items":
        (first, second), held = loop.variables.names, ",".join(loop.variables.types)
        kept = f"{{{{{first}: {second} for"
        yield _form(loop, "dict-of filter", kept, "}}", f"dict[{held}]", test)
    if loop.kind:
        return
    (name,), (item,) = loop.variables.names, loop.variables.types
    yield _form(loop, "list-of filter", f"[{name} for", "]", f"list[{item}]", test)
    yield _form(loop, "set-of filter", f"{{{{{name} for", "}}", f"set[{item}]", test)
    yield _form(loop, "next-of filter", f"next(({name} for", "), None)", item, test)
    if item in ("int", "float"):
        yield _form(loop, "sum-of filter", f"sum({name} for", ")", item, test)
    if item == "str":
        yield _form(loop, "join-of filter", f"''.join({name} for", ")", "str", test)
    if base(item) in ORDERED:
        yield _form(loop, "max-of filter", f"max({name} for", ")", item, test)
        yield _form(loop, "min-of filter", f"min({name} for", ")", item, test)


def _sorted(loop: Loop, result: str) -> Iterator[Production]:
    """Calls with a lambda as their key."""
    (kind,), (name,), (item,) = loop.operands, loop.variables.names, loop.variables.types
    operands, bindings = (loop.variables.body(result), kind), (e.IF, e.IF)
    for call, whole in (("sorted", f"list[{item}]"), ("max", item), ("min", item)):
        text = f"{call}({{1}}, key=lambda {name}: {{0}})"
        yield Production(f"{call} key=lambda", text, operands, bindings, whole, e.ATOM, 0.0)


def _anew(types: Collection[str]) -> Iterator[Production]:
    """Lists of so many new values."""
    for kind in NEW:
        if kind in types or kind == "list":
            operands, bindings = (looped("int"), kind), (e.IF, e.IF)
            text, whole = "[{1} for _ in range({0})]", f"list[{kind}]"
            yield Production("list-of range", text, operands, bindings, whole, e.ATOM, 0.0)
