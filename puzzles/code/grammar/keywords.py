"""Arguments by keyword that the builtins and their methods know."""

from __future__ import annotations

from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Production
from latent_ebm.puzzles.code.grammar.runtime_types import (
    MAPPINGS,
    SIZED,
    base,
    element,
    key,
    value,
)

ORDERED = ("sorted", "max", "min")
"""Functions that take a key."""
KEYED = (*ORDERED, "sort")
"""These and a method that does."""
KEYS = {"len": SIZED, "abs": ("int", "float"), "str": ("int",), "int": ("str",)}
"""Functions that are keys, with the types of what they take."""
KNOWN: dict[str, tuple[str, ...]] = {
    "sorted": ("reverse=True",),
    "sort": ("reverse=True",),
    "max": ("default=0", "default=None"),
    "min": ("default=0", "default=None"),
    "enumerate": ("start=1",),
    "split": ("maxsplit=1",),
    "rsplit": ("maxsplit=1",),
    "splitlines": ("keepends=True",),
    "zip": ("strict=True",),
    "print": ("end=''", "sep=''"),
    "int": ("base=2",),
}
"""What calls mostly get by keyword."""


def with_keyword(name: str, keyword: str) -> str:
    """The production's name, as ``statistics.COUNTS`` has it.

    >>> with_keyword("sorted", "reverse=True")
    'sorted reverse='
    """
    return f"{name} {keyword.partition('=')[0]}="


def of_iterables(kind: str) -> Iterator[Production]:
    """Calls with keywords of something that can be iterated over."""
    item = element(kind)
    for name in ORDERED:
        whole = (f"list[{item}]" if item else "list") if name == "sorted" else item
        for function, taken in KEYS.items():
            if base(item) in taken:
                yield _call(f"{name} key=", f"{name}({{0}}, key={function})", (kind,), whole)
        if base(kind) in MAPPINGS and value(kind):
            text = f"{name}({{0}}, key={{0}}.get)"
            whole = f"list[{key(kind)}]" if name == "sorted" else key(kind)
            yield _call(f"{name} key=", text, (kind,), whole)
    whole = f"list[{item}]" if item else "list"
    yield _call("sorted reverse=", "sorted({0}, reverse=True)", (kind,), whole)
    if item in ("int", "float", "str"):
        for name in ("max", "min"):
            text = f"{name}({{0}}, default={{1}})"
            yield _call(f"{name} default=", text, (kind, item), item)
    yield _call("enumerate start=", "enumerate({0}, 1)", (kind,), "enumerate")


def of_strings() -> Iterator[Production]:
    """Calls of strings with what is often given by keyword."""
    text = "{0}.split({1}, 1)"
    yield Production(
        "split maxsplit=", text, ("str", "str"), (e.POSTFIX, e.IF), "list[str]", e.POSTFIX, 0
    )
    yield _call("int base=", "int({0}, {1})", ("str", "int"), "int")


def _call(head: str, text: str, operands: tuple[str, ...], result: str) -> Production:
    # what stands in two places has to bind as tightly as the tighter one asks
    level = e.POSTFIX if "{0}." in text else e.IF
    return Production(head, text, operands, (level,) * len(operands), result, e.ATOM, 0)
