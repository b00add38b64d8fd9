"""Productions that use the standard library's modules of pure computation.

A name of a module that the program imports costs by how often that module's users use it, any
other by how often it stands in the standard library at all; it turns its import on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import log

from latent_ebm.puzzles.code.callables import Signature
from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.imports import Imports, by_name
from latent_ebm.puzzles.code.grammar.module_statistics import FILES, USES
from latent_ebm.puzzles.code.grammar.runtime_types import MAPPINGS, SEQUENCES, UNKNOWN, base
from latent_ebm.puzzles.code.grammar.statistics import TEMPERATURE, TOTAL
from latent_ebm.puzzles.code.signatures import (
    Arguments,
    accepts,
    call_result,
    module_member,
    signature_of,
)
from latent_ebm.puzzles.code.stubs import module_names
from latent_ebm.puzzles.code.types import ANY, Type, parse_type

IMPORTED = 1.0
"""Nats for using a module that the program imports already."""
UNIMPORTED = 0.5
"""Nats for one that it does not import: an import comes with the patch."""
WIDTH = 2
"""Arguments of a call at most."""
MOST_TYPES, MOST_CALLS = 6, 6
"""Arguments of so many types are tried, and so many calls of each name are kept."""
KNOWN = ("int", "float", "str", "bytes", *SEQUENCES, *MAPPINGS, "set", "frozenset")
"""Types whose values are tried as arguments."""
NOT_HERE = ("random", "datetime", "textwrap", "calendar", "re", "functools", "operator", "array")
"""Modules whose results are not the same each time, or whose arguments are patterns, functions
or codes of their own: they are used where the program imports them."""


def price(use: str, *, imported: bool) -> float:
    """What a name of a module costs, in nats.

    >>> price("math.gcd", imported=True) < price("math.gcd", imported=False)
    True
    """
    count = USES.get(use, 0)
    if not imported:
        return UNIMPORTED + log(TOTAL / (1 + count)) / TEMPERATURE
    module = use.partition(".")[0] + "."
    total = sum(1 + uses for name, uses in USES.items() if name.startswith(module))
    return IMPORTED + log((1 + total) / (1 + count)) / TEMPERATURE


def offered(imports: Imports) -> Iterator[tuple[str, str, float]]:
    """(use, how it is written, cost) of the names of modules that a program may use."""
    known = {use: name for name, use in imports.members.items()}
    modules = {module: name for name, module in imports.modules.items()}
    for module in FILES:
        held = [use for use in known if use.startswith(f"{module}.")]
        if module in modules:
            for name in module_names(module):
                use = f"{module}.{name}"
                yield use, f"{modules[module]}.{name}", price(use, imported=True)
        else:
            for use in held:
                yield use, known[use], price(use, imported=True)
        if module in NOT_HERE or module in modules:
            continue
        for use in USES:
            owner, _, name = use.partition(".")
            root = name if by_name(module) else module
            if owner == module and use not in held and root not in imports.bound:
                text = name if by_name(module) else use
                yield use, text, price(use, imported=False)


def module_productions(imports: Imports, types: Sequence[str]) -> Iterator[Production]:
    """Calls of the functions and classes of modules with values of some types."""
    few = tuple(dict.fromkeys(kind for kind in types if base(kind) in KNOWN))[:MOST_TYPES]
    for use, text, cost in offered(imports):
        for operands, result in _calls(use, few):
            holes = ", ".join(f"{{{i}}}" for i in range(len(operands)))
            bindings = (e.IF,) * len(operands)
            yield Production(use, f"{text}({holes})", operands, bindings, result, e.ATOM, cost)


def module_constants(imports: Imports) -> Iterator[Expression]:
    """The numbers and texts that modules have, as ``math.inf`` and ``string.digits``."""
    for use, text, cost in offered(imports):
        kind = _constant(use)
        if kind:
            yield Expression(text, kind, cost, e.POSTFIX, use)


@lru_cache(maxsize=4096)
def _constant(use: str) -> str:
    module, _, name = use.partition(".")
    found = module_member(module, name)
    kind = str(found.type) if found is not None and not found.signatures else ""
    return kind if kind in ("int", "float", "str") else UNKNOWN


@lru_cache(maxsize=4096)
def _calls(use: str, types: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], str], ...]:
    """(types of arguments, type of the result) of the calls that typeshed allows."""
    try:
        signatures = signature_of(use)
    except KeyError:
        return ()
    found = []
    given = {kind: parse_type(kind) for kind in types}
    for count in range(1, WIDTH + 1):
        if not any(_takes(one, count) for one in signatures):
            continue
        for kinds in product(types, repeat=count):
            arguments = Arguments(tuple(given[kind] for kind in kinds))
            if any(accepts(one, arguments) is not None for one in signatures):
                result = call_result(signatures, arguments)
                found.append((kinds, _named(result)))
        found = found[:MOST_CALLS]
    return tuple(found)


def _takes(signature: Signature, count: int) -> bool:
    """Whether a call with so many arguments makes sense; one alone seldom where any number may."""
    if signature.most is None and not signature.positional:
        return count > 1
    return signature.least <= count <= (count if signature.most is None else signature.most)


def _named(result: Type) -> str:
    """A type as values of it are named when a program runs.

    >>> _named(parse_type("collections.deque[list[int]]"))
    'deque[list[int]]'
    """
    if result == ANY:
        return UNKNOWN
    name = result.name.rpartition(".")[2]
    if name == "None":
        return "NoneType"
    if name == "Union":
        return "|".join(sorted(_named(one) for one in result.args))
    held = [_named(one) for one in result.args]
    return f"{name}[{','.join(held)}]" if held and all(held) else name
