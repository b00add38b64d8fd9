"""Typed expressions over a scope, cheapest first.

An expression costs the sum of its productions' costs, -log of how natural they are. Enumeration
is bottom-up over layers of equal cost, so that every part of an expression was enumerated before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, fits

STEP = 0.25  # costs are rounded to layers of this height, in nats

(
    ATOM,
    POSTFIX,
    POWER,
    UNARY,
    TERM,
    SUM,
    SHIFT,
    AND_BITS,
    XOR_BITS,
    OR_BITS,
    COMPARE,
    NOT,
    AND,
    OR,
    IF,
) = range(15, 0, -1)
"""How tightly an expression binds; what binds less tightly than its place asks needs parentheses."""


NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of program text with its type and its cost.

    Attributes
    ----------
    text
        Python source.
    type
        Run-time type name; empty if unknown.
    cost
        Energy of the prior, in nats.
    binding
        How tightly its outermost production binds.
    head
        The outermost production's name, as ``+``, ``len``, ``name``.
    names
        The variables that it reads.
    size
        Productions in all.
    """

    text: str
    type: str
    cost: float
    binding: int = ATOM
    head: str = ""
    names: frozenset[str] = frozenset()
    size: int = 1

    def within(self, binding: int) -> str:
        """The text, in parentheses where it binds less tightly than asked.

        >>> Expression("a + b", "int", 1.0, SUM).within(TERM)
        '(a + b)'
        """
        return self.text if self.binding >= binding else f"({self.text})"


@dataclass(frozen=True)
class Production:
    """An operation with typed operands.

    Attributes
    ----------
    head
        Its name.
    template
        Source with ``{0}``, ``{1}``, ... for the operands.
    operands
        Type demanded of each: a name, a tuple of bases, or unknown.
    bindings
        How tightly each operand has to bind.
    result
        The type of the whole.
    binding
        How tightly the whole binds.
    cost
        In nats.
    """

    head: str
    template: str
    operands: tuple[str, ...]
    bindings: tuple[int, ...]
    result: str
    binding: int
    cost: float
    symmetric: bool = False

    def apply(self, parts: tuple[Expression, ...]) -> Expression:
        """The expression that it makes of its operands."""
        cost, size, texts, names = self.cost, 1, [], NO_NAMES
        for part, level in zip(parts, self.bindings, strict=True):
            cost += part.cost
            size += part.size
            texts.append(part.text if part.binding >= level else f"({part.text})")
            names = names | part.names if names else part.names
        text = self.template.format(*texts)
        return Expression(text, self.result, cost, self.binding, self.head, names, size)


class Pool:
    """All expressions over a scope up to a cost, by type, in order of cost.

    Parameters
    ----------
    atoms
        Names and constants.
    productions
        What can be built, each with concrete types.
    limit
        At most so many expressions of each type are kept.
    """

    def __init__(
        self,
        atoms: list[Expression],
        productions: list[Production],
        *,
        limit: int = 400,
        height: float = 9.0,
    ) -> None:
        self.limit = limit
        self._layers: list[dict[str, list[Expression]]] = []
        self._answers: dict[str, list[Expression]] = {}
        self._texts: set[str] = set()
        self._kept: dict[str, int] = defaultdict(int)
        waiting: dict[int, list[Expression]] = defaultdict(list)
        for atom in atoms:
            waiting[_layer(atom.cost)].append(atom)
        for layer in range(_layer(height) + 1):
            self._layers.append(defaultdict(list))
            for expression in waiting.pop(layer, []):
                self._keep(layer, expression)
            for production in productions:
                rest = layer - _layer(production.cost)
                if rest >= 0:
                    for parts in self._operands(production, 0, rest, layer):
                        if self._kept[production.result] >= limit:
                            break
                        self._keep(layer, production.apply(parts))

    def of(self, wanted: str = UNKNOWN) -> list[Expression]:
        """The expressions whose type fits, cheapest first; all, if unknown is wanted."""
        if wanted not in self._answers:
            found = [
                expression
                for layer in self._layers
                for kind, expressions in layer.items()
                if fits(kind, wanted) and (kind or not wanted)
                for expression in expressions
            ]
            # layers are rounded costs
            self._answers[wanted] = sorted(found, key=lambda expression: expression.cost)
        return self._answers[wanted]

    def _keep(self, layer: int, expression: Expression) -> None:
        if expression.text in self._texts or self._kept[expression.type] >= self.limit:
            return
        self._texts.add(expression.text)
        self._kept[expression.type] += 1
        self._layers[layer][expression.type].append(expression)

    def _operands(
        self, production: Production, position: int, rest: int, layer: int
    ) -> Iterator[tuple[Expression, ...]]:
        """Operand tuples from ``position`` on whose layers add up to ``rest``."""
        last = position == len(production.operands) - 1
        wanted = production.operands[position]
        for own in (rest,) if last else range(rest + 1):
            if own >= len(self._layers) or own == layer:
                continue
            for expression in self._layers[own].get(wanted, ()):
                if last:
                    yield (expression,)
                    continue
                for others in self._operands(production, position + 1, rest - own, layer):
                    if others[0].text == expression.text and production.symmetric:
                        continue
                    yield (expression, *others)


def _layer(cost: float) -> int:
    return round(cost / STEP)
