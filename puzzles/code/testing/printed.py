"""Whether what an example printed is what its docstring shows, and how far it is from it."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any

from latent_ebm.puzzles.code.testing.distance import LEAST, distance

__all__ = ["OPTIONS", "printed_energy", "shows"]

OPTIONS = frozenset(
    {
        "DONT_ACCEPT_TRUE_FOR_1",
        "DONT_ACCEPT_BLANKLINE",
        "NORMALIZE_WHITESPACE",
        "ELLIPSIS",
        "IGNORE_EXCEPTION_DETAIL",
    }
)
"""The doctest options that are understood."""

_LONGEST_LITERAL = 10_000


def shows(want: str, got: str, options: Collection[str] = ()) -> bool:
    r"""Whether `got` matches `want` by doctest's rules.

    >>> shows("[0, ..., 9]\n", "[0, 1, 9]\n", {"ELLIPSIS"})
    True
    """
    if got == want:
        return True
    if "DONT_ACCEPT_TRUE_FOR_1" not in options and (want, got) in (
        ("1\n", "True\n"),
        ("0\n", "False\n"),
    ):
        return True
    if "DONT_ACCEPT_BLANKLINE" not in options:
        want = "\n".join("" if line.strip() == "<BLANKLINE>" else line for line in want.split("\n"))
        got = "\n".join("" if not line.strip() else line for line in got.split("\n"))
    if "NORMALIZE_WHITESPACE" in options:
        want, got = " ".join(want.split()), " ".join(got.split())
    return want == got or ("ELLIPSIS" in options and _with_ellipsis(want, got))


def _with_ellipsis(want: str, got: str) -> bool:
    first, *middle = want.split("...")
    if not middle:
        return False
    last = middle.pop()
    if not (got.startswith(first) and got.endswith(last)) or len(got) < len(first) + len(last):
        return False
    position, end = len(first), len(got) - len(last)
    for piece in middle:
        position = got.find(piece, position, end)
        if position < 0:
            return False
        position += len(piece)
    return True


def printed_energy(want: str, got: str, options: Collection[str] = ()) -> float:
    r"""The distance of what was printed, of the values where both are literals; 0 where it shows.

    >>> printed_energy("10\n", "11\n") < printed_energy("10\n", "99\n")
    True
    """
    if shows(want, got, options):
        return 0.0
    try:
        energy = distance(_literal(got), _literal(want))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        energy = distance(got, want)
    return max(energy, LEAST)


def _literal(text: str) -> Any:
    if len(text) > _LONGEST_LITERAL:
        raise ValueError("too long for a literal")
    return ast.literal_eval(text.strip())
