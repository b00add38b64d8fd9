"""The energy of treating one value on its own: what weak tests accept, and nobody means.

``if n == 7: return 3`` passes a test that asks for 3 at 7. A change pays for each comparison
with an unusual constant that it brings, and for each that it returns under a condition.
"""

from __future__ import annotations

import re
from functools import lru_cache

COMPARED, RETURNED = 1.5, 1.5
"""Nats for a comparison with an unusual constant, and for returning one under a condition."""

_NUMBER = r"-?\d[\d_.]*(?:e-?\d+)?"
_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_CONSTANT = rf"({_NUMBER}|{_TEXT})(?![\w.\[(])"
_COMPARED = re.compile(rf"(?:[=!]=|\bis) {_CONSTANT}(?!\s*[-+*/%])")
_FIRST = re.compile(rf"(?<![\w.\])])(?<![-+*/%] ){_CONSTANT} (?:[=!]=|is) ")
_RETURNED = re.compile(rf":\s*return {_CONSTANT}\s*(?:$|\n)")
USUAL = frozenset(("0", "1", "-1", "2", "0.0", "1.0"))
"""Numbers with which everything is compared; so are texts of a letter at most."""


@lru_cache(maxsize=65536)
def special_case(text: str) -> float:
    r"""What a piece of a program pays, in nats.

    >>> special_case("if n == 7:\n    return 3"), special_case("if n % 2 == 0:\n    return n")
    (3.0, 0.0)
    """
    if "=" not in text and "return " not in text:
        return 0.0
    compared = [*_COMPARED.findall(text), *_FIRST.findall(text)]
    price = COMPARED * sum(map(_is_unusual, compared))
    if "if " in text:
        price += RETURNED * sum(map(_is_unusual, _RETURNED.findall(text)))
    return price


def brought(new: str, old: str) -> float:
    """What a piece pays for what was not there before, in nats.

    >>> brought("a and n == 7", "a"), brought("n == 7 or a", "n == 7")
    (1.5, 0.0)
    """
    price = special_case(new)
    return max(price - special_case(old), 0.0) if price else 0.0


def _is_unusual(constant: str) -> bool:
    if constant[0] in "'\"":
        return len(constant) > len("'a'")
    return constant not in USUAL
