"""Productions of a program's own classes: attributes, methods, new instances, tests for None."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from math import log

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.classes import CONSTRUCTOR, Classes, Method
from latent_ebm.puzzles.code.grammar.expressions import Production
from latent_ebm.puzzles.code.grammar.runtime_types import base
from latent_ebm.puzzles.code.grammar.statistics import cost

MEMBER, SPREAD = 0.7, 0.5
"""A member costs MEMBER + SPREAD * log(number of members), in nats."""
CALL = 1.0
"""Nats for calling a method, besides its name."""
NEW = 2.5
"""Nats for a new instance."""
REUSE = 0.5
"""Nats by which a test for None is cheaper where the program has one."""


def member_productions(
    classes: Classes, types: Sequence[str], used: Container[str]
) -> Iterator[Production]:
    """What can be made of instances that are of some types, and new ones."""
    for kind in types:
        if base(kind) not in classes.nodes:
            continue
        attributes, methods = classes.attributes(kind), classes.methods(kind)
        price = MEMBER + SPREAD * log(1 + len(attributes) + len(methods))
        for name, result in attributes.items():
            yield Production(
                "attribute", f"{{0}}.{name}", (kind,), (e.POSTFIX,), result, e.POSTFIX, price
            )
        for method in methods.values():
            if not (method.name.startswith("__") and method.name.endswith("__")):
                yield from _call(method, f"{{0}}.{method.name}", (kind,), price + CALL)
        for symbol in ("is", "is not"):
            test = cost(symbol) - (REUSE if symbol in used else 0.0)
            yield Production(
                symbol, f"{{0}} {symbol} None", (kind,), (e.COMPARE + 1,), "bool", e.COMPARE, test
            )
    for new in classes.constructors:
        if new.name in types or new.name in used:
            yield from _call(new, new.name, (), NEW)


def _call(method: Method, start: str, owner: tuple[str, ...], price: float) -> Iterator[Production]:
    """A call with the arguments that are needed, where their types are known."""
    if not all(method.parameters) or method.name == CONSTRUCTOR:
        return
    first = len(owner)
    holes = ", ".join(f"{{{first + i}}}" for i in range(len(method.parameters)))
    operands = (*owner, *method.parameters)
    bindings = (*(e.POSTFIX for _ in owner), *(e.IF for _ in method.parameters))
    if operands:
        yield Production(
            method.name, f"{start}({holes})", operands, bindings, method.result, e.POSTFIX, price
        )
