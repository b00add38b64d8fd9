"""Small changes of calls: arguments exchanged, left out or put in, another method."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.keywords import KEYED, KEYS, KNOWN, with_keyword
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import FUNCTION, NAME, SHRINK, SMALL_ATOM, SWAP, WRAP
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, base, element
from latent_ebm.puzzles.code.grammar.statistics import cost
from latent_ebm.puzzles.code.grammar.syntax import head

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
"""Methods that may come for each other."""
OFTEN_LONGER = ("range", "sum", "pop", "get", "split")
"""Functions that are often called with an argument more."""
LONGER = (*OFTEN_LONGER, "round", "replace", "join", "enumerate")
"""Functions that may get an argument more however many they have; others up to FEW."""
FEW = 2
ONE_MORE_OFTEN, ONE_MORE = 1.0, 2.0
"""Nats for an argument more, besides the argument, where that is usual and elsewhere."""
ONE_LESS = 0.5
"""Nats for a positional argument less, besides those of every part left out."""
OWNER = 0.3
"""Nats for the owner of a method instead of its result, besides those of every part."""
GENERATOR = 1.5
"""Nats for a generator where something was iterated over, besides what is put around it."""
FILTER = 0.5
"""Nats for a condition on what is iterated over, besides the condition."""
CONSUMERS = {
    "any": ("bool",),
    "all": ("bool",),
    "sum": ("int", "float"),
    "max": ("int", "float", "str"),
    "min": ("int", "float", "str"),
    "join": ("str",),
    "sorted": ("int", "float", "str"),
    "set": ("int", "str"),
}
"""Functions that take generators, with what these mostly give."""
OTHER_KEYWORD = 0.5
"""Nats for another keyword, besides those of every other name."""


def calls(place: Place, node: ast.Call) -> Iterator[Change]:
    """Changes of a call."""
    call = _Call(place, node)
    for arguments in swaps(call.arguments):
        yield Change(call.over(arguments), "swap", SWAP)
    for argument in node.args:
        if not isinstance(argument, ast.Starred):
            yield Change(place.part(argument), "shrink", SHRINK)
    yield from _shorter(call)
    yield from _longer(call)
    if isinstance(node.func, ast.Attribute):
        yield from _methods(call, node.func)


class _Call:
    """A call's parts as text."""

    def __init__(self, place: Place, node: ast.Call) -> None:
        self.place, self.node = place, node
        self.name = head(node)
        self.callee = place.part(node.func).within(e.POSTFIX)
        self.arguments = [place.element(argument) for argument in node.args]
        self.keywords = [
            f"{k.arg}={place.element(k.value)}" if k.arg else f"**{place.element(k.value)}"
            for k in node.keywords
        ]

    @property
    def parameters(self) -> list[str]:
        """The parameters of the function that is called, where it is the program's own."""
        return self.place.context.parameters.get(self.name, [])

    def over(
        self,
        arguments: Sequence[str],
        keywords: Sequence[str] | None = None,
        callee: str | None = None,
    ) -> Expression:
        """The call with other arguments, or of something else."""
        given = [*arguments, *(self.keywords if keywords is None else keywords)]
        text = f"{self.callee if callee is None else callee}({', '.join(given)})"
        return Expression(text, self.place.type, 0.0, e.ATOM, self.name)


def swaps(parts: Sequence[str]) -> Iterator[list[str]]:
    """The parts with two of them exchanged.

    >>> list(swaps("ab"))
    [['b', 'a']]
    """
    for second in range(len(parts)):
        for first in range(second):
            items = list(parts)
            items[first], items[second] = items[second], items[first]
            yield items


def without(parts: Sequence[str], at: int) -> list[str]:
    """The parts but for one."""
    return [*parts[:at], *parts[at + 1 :]]


def _shorter(call: _Call) -> Iterator[Change]:
    for at in range(len(call.arguments)):
        yield Change(call.over(without(call.arguments, at)), "drop argument", SHRINK + ONE_LESS)
    for at in range(len(call.keywords)):
        rest = call.over(call.arguments, without(call.keywords, at))
        yield Change(rest, "drop argument", SHRINK)


def _longer(call: _Call) -> Iterator[Change]:
    place, arguments = call.place, call.arguments
    if call.name in LONGER or len(arguments) <= FEW:
        extra = WRAP + (ONE_MORE_OFTEN if call.name in OFTEN_LONGER else ONE_MORE)
        for atom in place.pool.atoms(place.visible):
            for at in range(len(arguments) + 1):
                added = call.over([*arguments[:at], atom.text, *arguments[at:]])
                yield Change(added, "add argument", extra + atom.cost)
    yield from _keywords(call)
    yield from _generators(call)


def _generators(call: _Call) -> Iterator[Change]:
    """What is iterated over as a generator: something of every item, or those that pass."""
    wanted = CONSUMERS.get(call.name)
    if wanted is None or len(call.node.args) != 1 or call.keywords:
        return
    (given,) = call.node.args
    place = call.place
    item = element(place.context.observations.type_of(given))
    if not item or isinstance(given, ast.GeneratorExp | ast.Starred):
        return
    over = place.part(given).within(e.OR)
    price = WRAP + GENERATOR + max(cost(f"{call.name}-of") - cost(call.name), 0.0)
    for name, made in place.context.bodies(place.node, item):
        if made.cost > SMALL_ATOM or not made.names <= place.visible.keys():
            continue
        result = made.type.rpartition(":")[2]
        if result in wanted:
            text = f"{made.within(e.IF)} for {name} in {over}"
            yield Change(call.over([text]), "wrap", price + made.cost)
        if result == "bool":
            text = f"{name} for {name} in {over} if {made.within(e.OR)}"
            yield Change(call.over([text]), "add condition", price + FILTER + made.cost)


def _keywords(call: _Call) -> Iterator[Change]:
    """A keyword more, one that the function is known to take, or another keyword."""
    given = {keyword.partition("=")[0] for keyword in call.keywords}
    known = [one for one in KNOWN.get(call.name, ()) if one.partition("=")[0] not in given]
    for keyword in known:
        price = cost(with_keyword(call.name, keyword)) - cost(call.name)
        added = call.over([*call.arguments, keyword])
        yield Change(added, "add argument", WRAP + price)
    if call.name in KEYED and "key" not in given:
        for text, price in _keys(call):
            added = call.over([*call.arguments, f"key={text}"])
            yield Change(added, "add argument", WRAP + price)
    others = [one.partition("=")[0] for one in known]
    others += [name for name in call.parameters if name not in given]
    for at, keyword in enumerate(call.keywords):
        _, _, held = keyword.partition("=")
        for name in others if not keyword.startswith("*") else ():
            renamed = [*call.keywords[:at], f"{name}={held}", *call.keywords[at + 1 :]]
            yield Change(call.over(call.arguments, renamed), "keyword", NAME + OTHER_KEYWORD)


def _keys(call: _Call) -> Iterator[tuple[str, float]]:
    """What a key may be, with what it costs."""
    place, node = call.place, call.node
    owner = node.func.value if isinstance(node.func, ast.Attribute) else (*node.args, None)[0]
    item = element(place.context.observations.type_of(owner)) if owner is not None else UNKNOWN
    if not item:
        return
    price = cost(f"{call.name} key=") - cost(call.name)
    for function, taken in KEYS.items():
        if base(item) in taken:
            yield function, price
    price = cost(f"{call.name} key=lambda") - cost(call.name)
    for name, made in place.context.bodies(place.node, item):
        if made.cost <= SMALL_ATOM and made.names <= place.visible.keys():
            yield f"lambda {name}: {made.text}", price + made.cost


def _methods(call: _Call, function: ast.Attribute) -> Iterator[Change]:
    owner = call.place.part(function.value)
    yield Change(owner, "shrink", SHRINK + OWNER)
    old = function.attr
    for other in (m for family in METHODS if old in family for m in family if m != old):
        made = call.over(call.arguments, callee=f"{owner.within(e.POSTFIX)}.{other}")
        unseen = Expression(made.text, UNKNOWN, 0.0, e.ATOM, other)
        yield Change(unseen, "function", FUNCTION)
