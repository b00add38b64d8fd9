"""Other attributes and methods of the same value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from latent_ebm.puzzles.code.grammar.module_statistics import FILES
from latent_ebm.puzzles.code.grammar.modules import price as module_price
from latent_ebm.puzzles.code.grammar.place import Place
from latent_ebm.puzzles.code.grammar.prices import FAR, FUNCTION, NAME
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN
from latent_ebm.puzzles.code.grammar.statistics import cost
from latent_ebm.puzzles.code.signatures import methods_of, module_member
from latent_ebm.puzzles.code.stubs import module_names
from latent_ebm.puzzles.code.types import parse_type

SHARE = 0.5
"""Share of what another name of a module costs by itself."""
UNRELATED = 1.0
"""Nats for a method of a builtin type that is not of a kind with the one that is called."""
BUILTIN = ("str", "list", "dict", "set", "tuple", "deque", "Counter", "defaultdict", "bytes")
"""Types whose methods typeshed tells."""


def other_members(place: Place, node: ast.Attribute) -> Iterator[tuple[str, str, float]]:
    """(name, type, nats) of what may be read or called in place of an attribute."""
    imports = place.context.imports
    if isinstance(node.value, ast.Name) and node.value.id in imports.modules:
        yield from _of_module(place, imports.modules[node.value.id], node.attr)
        return
    owner = place.context.observations.type_of(node.value)
    classes = place.context.classes
    if not place.is_callee:
        for name, kind in classes.attributes(owner).items():
            if name != node.attr:
                yield name, kind, NAME
        return
    call = place.program.parent(node)
    count = len(call.args) if isinstance(call, ast.Call) else 0
    for method in classes.methods(owner).values():
        needed = len(method.parameters)
        if method.name != node.attr and needed <= count <= method.most:
            yield method.name, UNKNOWN, FUNCTION
    for name, price in _of_builtin(owner, count):
        if name != node.attr:
            yield name, UNKNOWN, price


def _of_module(place: Place, module: str, old: str) -> Iterator[tuple[str, str, float]]:
    """The other names of a module, called with as many arguments where this one is called."""
    if module not in FILES:
        return
    call = place.program.parent(place.node)
    count = len(call.args) if place.is_callee and isinstance(call, ast.Call) else -1
    for name in module_names(module):
        if name != old and not name.startswith("_") and _is_alike(module, name, count):
            price = FUNCTION if place.is_callee else NAME
            yield name, UNKNOWN, price + SHARE * module_price(f"{module}.{name}", imported=True)


@lru_cache(maxsize=4096)
def _is_alike(module: str, name: str, count: int) -> bool:
    """Whether a name is a function of so many arguments; for -1, whether it is a value."""
    found = module_member(module, name)
    if found is None or count < 0:
        return found is not None and not found.signatures
    return any(
        one.least <= count and (one.most is None or count <= one.most) for one in found.signatures
    )


@lru_cache(maxsize=1024)
def _of_builtin(kind: str, count: int) -> tuple[tuple[str, float], ...]:
    """The methods of a builtin type that take so many arguments, with what they cost."""
    if kind.partition("[")[0] not in BUILTIN:
        return ()
    found = {
        one.name: FUNCTION + UNRELATED + FAR * cost(one.name)
        for one in methods_of(parse_type(kind))
        if one.least <= count and (one.most is None or count <= one.most)
    }
    return tuple((name, price) for name, price in found.items() if not name.startswith("_"))
