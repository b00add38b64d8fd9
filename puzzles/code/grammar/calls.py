"""Small changes of calls: arguments exchanged, left out or put in, another method."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import FUNCTION, SHRINK, SWAP, WRAP
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN
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
REVERSE = 1.5
"""Nats for a sort the other way."""


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
        self.place = place
        self.name = head(node)
        self.callee = place.part(node.func).within(e.POSTFIX)
        self.arguments = [place.element(argument) for argument in node.args]
        self.keywords = [
            f"{k.arg}={place.element(k.value)}" if k.arg else f"**{place.element(k.value)}"
            for k in node.keywords
        ]

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
    given = [keyword.partition("=")[0] for keyword in call.keywords]
    if call.name in ("sorted", "sort") and "reverse" not in given:
        added = call.over([*arguments, "reverse=True"])
        yield Change(added, "add argument", WRAP + REVERSE)


def _methods(call: _Call, function: ast.Attribute) -> Iterator[Change]:
    owner = call.place.part(function.value)
    yield Change(owner, "shrink", SHRINK + OWNER)
    old = function.attr
    for other in (m for family in METHODS if old in family for m in family if m != old):
        made = call.over(call.arguments, callee=f"{owner.within(e.POSTFIX)}.{other}")
        unseen = Expression(made.text, UNKNOWN, 0.0, e.ATOM, other)
        yield Change(unseen, "function", FUNCTION)
