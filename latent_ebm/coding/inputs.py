"""Inputs like those of the tests, that the tests do not have: for telling patches apart.

Arguments are recombined between tests and changed a little, within what all tests have in common
at that place: signs, bounds of zero, sorted or distinct items, letters, lengths that go together.
What breaks such a rule may lie outside of what the function is for, and says nothing of a patch.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from latent_ebm.puzzles.code.testing.cases import Case, Suite

__all__ = ["inputs_like"]

MOST_ITEMS = 200
"""Arguments with more parts are left alone."""

ATTEMPTS = 8
"""For each input wanted."""

Rule = Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_sorted(value: Any) -> bool:
    try:
        return all(a <= b for a, b in pairwise(value))
    except TypeError:
        return False


def _is_distinct(value: Any) -> bool:
    return len(set(map(repr, value))) == len(value)


_OF_NUMBERS: tuple[Rule, ...] = (
    lambda value: value >= 0,
    lambda value: value > 0,
    lambda value: value > 1,
    lambda value: value <= 0,
    lambda value: value in (0, 1),
    lambda value: 0 <= value <= 9,
)
_OF_TEXTS: tuple[Rule, ...] = (
    str.isalpha,
    str.isdigit,
    str.islower,
    str.isupper,
    str.isascii,
    lambda value: set(value) <= {"0", "1"},
    lambda value: bool(value),
    lambda value: len(value) == 1,
)
_OF_LISTS: tuple[Rule, ...] = (
    _is_sorted,
    _is_distinct,
    lambda value: bool(value),
    lambda value: len(value) == 2,
    lambda value: len(value) == 3,
    lambda value: len({len(item) for item in value if isinstance(item, list)}) <= 1,
)


@dataclass(frozen=True)
class Pool:
    """What the tests have at one place: values, and the rules that all of them keep.

    Attributes
    ----------
    values
        Seen at the place.
    rules
        That all of them keep.
    items
        The pool of the items of the lists among them, if there are any.
    """

    values: tuple[Any, ...]
    rules: tuple[Rule, ...]
    items: Pool | None

    @classmethod
    def of(cls, values: Sequence[Any], depth: int = 0) -> Pool:
        """The pool of values."""
        kinds = {type(value) for value in values}
        rules: tuple[Rule, ...] = ()
        if kinds and all(map(_is_number, values)):
            rules = _OF_NUMBERS
        elif kinds == {str}:
            rules = _OF_TEXTS
        elif kinds and kinds <= {list, tuple}:
            rules = _OF_LISTS
        inner = [item for value in values if isinstance(value, list | tuple) for item in value]
        kept = tuple(rule for rule in rules if all(map(rule, values)))
        items = cls.of(inner[:MOST_ITEMS], depth + 1) if inner and depth < 4 else None
        return cls(tuple(values), kept, items)

    def allows(self, value: Any) -> bool:
        """Whether a value keeps the rules."""
        inner = value if isinstance(value, list | tuple) else ()
        below = self.items
        return all(rule(value) for rule in self.rules) and (
            below is None or all(below.allows(item) for item in inner)
        )


def inputs_like(suite: Suite, count: int, seed: int) -> list[tuple[Any, ...]]:
    """Up to ``count`` tuples of arguments, none of them a test's.

    Examples
    --------
    >>> suite = Suite("f", (Case("a", ([1, 4, 9], 4)), Case("b", ([2, 3], 7))))
    >>> all(a == sorted(a) and n > 0 for a, n in inputs_like(suite, 20, seed=0))
    True
    """
    cases = [case for case in suite.cases if isinstance(case, Case) and not case.kwargs]
    most = max((len(case.args) for case in cases), default=0)
    tests = [case.args for case in cases if len(case.args) == most]
    if not most or any(_weight(value) > MOST_ITEMS for args in tests[:50] for value in args):
        tests = [args for args in tests if _weight(args) <= MOST_ITEMS]
    if not most or not tests:
        return []
    pools = [Pool.of([args[i] for args in tests]) for i in range(most)]
    rules = _shared_rules(tests)
    source = random.Random(seed)
    known = {repr(args) for args in tests}
    found: list[tuple[Any, ...]] = []
    for _ in range(ATTEMPTS * count):
        if len(found) == count:
            break
        args = _varied(source, tests, pools)
        allowed = all(pool.allows(value) for pool, value in zip(pools, args, strict=True))
        if allowed and repr(args) not in known and all(rule(args) for rule in rules):
            known.add(repr(args))
            found.append(args)
    return found


def _shared_rules(tests: Sequence[tuple[Any, ...]]) -> list[Rule]:
    """What arguments have in common: equal lengths, order, one being in another."""
    width = len(tests[0])
    possible: list[Rule] = []
    for i in range(width):
        for j in range(width):
            if i != j:
                possible += [_less(i, j), _less_equal(i, j), _member(i, j), _index(i, j)]
            if i < j:
                possible.append(_equally_long(i, j))
    return [rule for rule in possible if all(map(rule, tests))]


def _less(i: int, j: int) -> Rule:
    return lambda args: _is_number(args[i]) and _is_number(args[j]) and args[i] < args[j]


def _less_equal(i: int, j: int) -> Rule:
    return lambda args: _is_number(args[i]) and _is_number(args[j]) and args[i] <= args[j]


def _member(i: int, j: int) -> Rule:
    return lambda args: isinstance(args[j], list) and args[i] in args[j]


def _index(i: int, j: int) -> Rule:
    return lambda args: (
        type(args[i]) is int and isinstance(args[j], list | str) and 0 <= args[i] <= len(args[j])
    )


def _equally_long(i: int, j: int) -> Rule:
    return lambda args: (
        isinstance(args[i], list | str)
        and isinstance(args[j], list | str)
        and len(args[i]) == len(args[j])
    )


def _varied(
    source: random.Random, tests: Sequence[tuple[Any, ...]], pools: Sequence[Pool]
) -> tuple[Any, ...]:
    """One test's arguments with one or two of them changed."""
    args = list(source.choice(tests))
    for _ in range(source.choice((1, 1, 2))):
        place = source.randrange(len(args))
        args[place] = changed(source, args[place], pools[place])
    return tuple(args)


def changed(source: random.Random, value: Any, pool: Pool) -> Any:
    """A value like the pool's: another one of them, or this one changed a little."""
    if source.random() < 0.25:
        return source.choice(pool.values)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return source.choice((value + 1, value - 1, value + source.randint(-9, 9), value // 2))
    if isinstance(value, float):
        whole = round(value) if isfinite(value) else 0
        return source.choice((value + 1, value / 2, -value, whole))
    if isinstance(value, str):
        letters = [letter for text in pool.values if isinstance(text, str) for letter in text]
        return "".join(_changed_items(source, list(value), letters, None))
    if isinstance(value, list | tuple):
        items = list(pool.items.values) if pool.items else []
        made = _changed_items(source, list(value), items, pool.items)
        if _is_sorted in pool.rules:
            with suppress(TypeError):  # the rule refuses what cannot be sorted
                made.sort()
        return type(value)(made)
    return source.choice(pool.values)


def _changed_items(
    source: random.Random, items: list[Any], others: Sequence[Any], pool: Pool | None
) -> list[Any]:
    """Some items dropped, doubled, exchanged, or changed themselves."""
    action = source.randrange(6)
    at = source.randrange(len(items)) if items else 0
    if action == 0 and items:
        del items[at]
    elif action == 1 and others:
        items.insert(at, source.choice(others))
    elif action == 2 and items and pool is not None:
        items[at] = changed(source, items[at], pool)
    elif action == 3 and len(items) > 1:
        other = source.randrange(len(items))
        items[at], items[other] = items[other], items[at]
    elif action == 4 and others:
        items = [source.choice(others) for _ in range(source.randint(0, min(len(items) + 2, 8)))]
    elif items:
        items = items[: source.randint(0, len(items))]
    return items


def _weight(value: Any) -> int:
    """How many parts a value has."""
    if isinstance(value, list | tuple | set | frozenset):
        return 1 + sum(map(_weight, value))
    if isinstance(value, dict):
        return 1 + sum(_weight(key) + _weight(item) for key, item in value.items())
    return 1 + len(value) // 20 if isinstance(value, str) else 1
