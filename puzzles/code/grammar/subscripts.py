"""Small changes of subscripts and slices."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.place import Change, Place
from latent_ebm.puzzles.code.grammar.prices import CONSTANT, SHRINK, SMALL_ATOM, SWAP, WRAP
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN

SLICE = 1.5
"""Nats for a slice in place of an index, besides those of all that is put around something."""
BACKWARDS, EVERY_SECOND = 2.0, 3.0
"""Nats for a step that is put into a slice, besides the same."""
OTHER_STEP = 1.0
"""Nats for a step of -1 instead of another, besides those of every constant."""


def subscripts(place: Place, node: ast.Subscript) -> Iterator[Change]:
    """Changes of a subscript."""
    owner = place.part(node.value)
    yield Change(owner, "shrink", SHRINK)
    if isinstance(node.slice, ast.Slice):
        yield from _Slice(place, owner, node.slice).changes()
    elif not isinstance(node.slice, ast.Tuple):
        index = place.part(node.slice).within(e.IF)
        for bounds in (f"{index}:", f":{index}"):
            text = f"{owner.within(e.POSTFIX)}[{bounds}]"
            yield Change(Expression(text, UNKNOWN, 0.0, e.POSTFIX, "slice"), "slice", WRAP + SLICE)


class _Slice:
    """A slice's parts as text, empty where it has none."""

    def __init__(self, place: Place, owner: Expression, node: ast.Slice) -> None:
        self._place, self._owner = place, owner.within(e.POSTFIX)
        bounds = (node.lower, node.upper, node.step)
        self._parts = [place.element(bound) if bound else "" for bound in bounds]

    def changes(self) -> Iterator[Change]:
        lower, upper, step = self._parts
        if lower:
            yield Change(self._over("", upper, step), "shrink", SHRINK)
            yield Change(self._over(upper, lower, step), "swap", SWAP)
        if upper:
            yield Change(self._over(lower, "", step), "shrink", SHRINK)
        if step:
            yield Change(self._over(lower, upper, ""), "shrink", SHRINK)
            yield Change(self._over(lower, upper, "-1"), "constant", CONSTANT + OTHER_STEP)
        else:
            yield Change(self._over(lower, upper, "-1"), "add bound", WRAP + BACKWARDS)
            yield Change(self._over(lower, upper, "2"), "add bound", WRAP + EVERY_SECOND)
        yield from self._bounded()

    def _bounded(self) -> Iterator[Change]:
        """A bound where there was none."""
        lower, upper, step = self._parts
        for bound in self._place.pool.over(self._place.visible, "int"):
            if bound.cost > SMALL_ATOM:
                break
            if bound.type != "int":
                continue
            if not lower:
                made = self._over(bound.text, upper, step)
                yield Change(made, "add bound", WRAP + bound.cost)
            if not upper:
                made = self._over(lower, bound.text, step)
                yield Change(made, "add bound", WRAP + bound.cost)

    def _over(self, lower: str, upper: str, step: str) -> Expression:
        text = f"{self._owner}[{lower}:{upper}{':' + step if step else ''}]"
        return Expression(text, self._place.type, 0.0, e.POSTFIX, "slice")
