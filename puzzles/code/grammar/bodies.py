"""Expressions over what a comprehension or a lambda binds, as atoms of types of their own.

A form that binds, as ``[{0} for x in {1}]``, is then a production like any other: its first operand
is a body, whose type ``body(int):bool`` says what is bound and what comes of it. What is looped
over has a type of its own as well: a name, or something small.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from latent_ebm.puzzles.code.grammar.expressions import ATOM, Expression, Production
from latent_ebm.puzzles.code.grammar.pool import Pool
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    UNKNOWN,
    base,
    body,
    looped,
)

BOUND = 0.5
"""What a bound variable costs, in nats: what is bound is read."""
HEIGHT, LIMIT = 7.0, 120
"""Up to which cost bodies are made, in nats, and how many expressions of each type for that."""
KEPT, KEPT_OF_TWO = 40, 16
"""So many bodies of each type are kept, over one variable and over several."""
SHARE = 0.75
"""Share of its cost that a body has: forms want less of theirs than anything that there is."""
SELDOM = ("min", "max", "abs", "round", "range", "float", "enumerate", "display", "sorted", "index")
"""Productions that bodies seldom have, and that would crowd out others."""
LOOPED = (
    "len",
    "+",
    "-",
    "slice",
    "sorted",
    "split",
    "values",
    "keys",
    "reversed-slice",
    "subscript",
)
"""Productions that may be looped over, besides names and the program's own expressions."""
SMALL, MOST = 5.75, 16
"""What such a one costs at most, in nats, and how many are kept of each type."""
ITERATED = ("list", "tuple", "str", "set", "frozenset", "deque", "range", *MAPPINGS)
"""Types that forms loop over."""
ALIKE = {"x": ("y", "z", "item"), "i": ("j", "index"), "k": ("key",), "v": ("value",)}
"""Names for variables where the first choice is taken."""
PLAIN = ("bool", "int", "float", "str", "list", "tuple")
"""Types of what bodies give, besides what has one type or another."""


@dataclass(frozen=True)
class Variables:
    """What is bound: names with types, in the order of the text."""

    names: tuple[str, ...]
    types: tuple[str, ...]

    def body(self, result: str) -> str:
        """The type of the bodies that give a type.

        >>> Variables(("x",), ("list[str]",)).body("bool")
        'body(x:list<str>):bool'
        """
        pairs = zip(self.names, self.types, strict=True)
        return body(result, *(f"{name}:{kind}" for name, kind in pairs))


def bodies(
    variables: Variables,
    values: Sequence[Expression],
    productions: Sequence[Production],
    *,
    alone: bool = False,
) -> list[Expression]:
    """The cheapest bodies that read what is bound, of every type that they can give.

    A variable is a body only if it may stand ``alone``: other forms have it in their own text.

    >>> x = Variables(("x",), ("int",))
    >>> [made.text for made in bodies(x, [Expression("1", "int", 1.0)], [])]
    []
    """
    bound = frozenset(variables.names)
    own = [
        Expression(name, kind, BOUND, ATOM, "name", frozenset([name]))
        for name, kind in zip(variables.names, variables.types, strict=True)
        if kind
    ]
    outer = [value for value in values if value.type]
    usual = [one for one in productions if one.head not in SELDOM]
    pool = Pool([*own, *outer], usual, limit=LIMIT, height=HEIGHT)
    most = KEPT if len(own) == 1 else KEPT_OF_TWO
    kept: dict[str, int] = {}
    found = []
    for made in pool.of():
        count = kept.get(made.type, 0)
        fits = base(made.type) in PLAIN or "|" in base(made.type)
        if fits and (made.size > 1 or alone) and count < most and made.names & bound:
            kept[made.type] = count + 1
            kind, names = variables.body(made.type), made.names - bound
            found.append(replace(made, type=kind, cost=SHARE * made.cost, names=names))
    return found


def iterables(values: Sequence[Expression], productions: Sequence[Production]) -> list[Expression]:
    """What may be looped over: names, the program's own expressions, and small ones of these.

    Integers are for ranges.
    """
    usual = [one for one in productions if one.head in LOOPED]
    kept: dict[str, int] = {}
    found = []
    pool = Pool([value for value in values if value.type], usual, limit=60, height=SMALL)
    for made in pool.of():
        count = kept.get(made.type, 0)
        named = made.names or (made.head == "constant" and made.text not in ("0", "1", "-1"))
        if named and base(made.type) in (*ITERATED, "int") and count < MOST:
            kept[made.type] = count + 1
            found.append(replace(made, type=looped(made.type)))
    return found


def free_names(wanted: Iterable[str], taken: Collection[str]) -> tuple[str, ...]:
    """Names for variables that are not taken: as wanted, or like it, or else numbered.

    >>> free_names("ix", {"x"}), free_names("a", {"a"})
    (('i', 'y'), ('a2',))
    """
    found: list[str] = []
    for name in wanted:
        free = [name, *ALIKE.get(name, ()), *(f"{name}{number}" for number in range(2, 100))]
        found.append(next(one for one in free if one not in taken and one not in found))
    return tuple(found)


def results(made: Iterable[Expression], variables: Variables) -> list[str]:
    """The types that bodies over some variables give."""
    prefix = variables.body(UNKNOWN)
    return sorted({one.type.removeprefix(prefix) for one in made if one.type.startswith(prefix)})
