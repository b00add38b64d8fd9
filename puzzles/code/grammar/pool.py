"""All expressions over a scope, cheapest first.

Enumeration is bottom-up over layers of equal cost, so that every part of an expression was
enumerated before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from latent_ebm.puzzles.code.grammar.expressions import STEP, Expression, Production
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, fits, is_body

Names = Mapping[str, str]
"""Names with their types."""

BINDS = "="
"""Marks the count of what binds names."""


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
    height
        Up to which cost, in nats.

    Examples
    --------
    >>> atoms = [Expression("n", "int", 1.0, names=frozenset("n")), Expression("1", "int", 1.5)]
    >>> plus = Production("+", "{0} + {1}", ("int", "int"), (10, 11), "int", 10, 1.0, True)
    >>> [expression.text for expression in Pool(atoms, [plus], height=3.5).of("int")]
    ['n', '1', 'n + 1', '1 + n']
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
        self._atoms: dict[str, list[Expression]] = {}
        self._texts: set[str] = set()
        self._kept: dict[str, int] = defaultdict(int)
        waiting: dict[int, list[Expression]] = defaultdict(list)
        for atom in atoms:
            waiting[_layer(atom.cost)].append(atom)
        for layer in range(_layer(height) + 1):
            self._layers.append(defaultdict(list))
            for expression in waiting.pop(layer, []):
                self._keep(layer, expression, expression.type)
            for production in productions:
                rest = layer - _layer(production.cost)
                if rest >= 0:
                    # what binds names is dearer than most, and would find no room
                    binds = is_body(production.operands[0])
                    mark, most = production.result + BINDS * binds, limit // (1 + 4 * binds)
                    for parts in self._operands(production, 0, rest, layer):
                        if self._kept[mark] >= most:
                            break
                        self._keep(layer, production.apply(parts), mark)

    def of(self, wanted: str = UNKNOWN) -> list[Expression]:
        """The expressions whose type fits, cheapest first; all, if unknown is wanted."""
        if wanted not in self._answers:
            found = [
                expression
                for layer in self._layers
                for kind, expressions in layer.items()
                if fits(kind, wanted) and (kind or not wanted) and (wanted or not is_body(kind))
                for expression in expressions
            ]
            # layers are rounded costs
            self._answers[wanted] = sorted(found, key=lambda expression: expression.cost)
        return self._answers[wanted]

    def over(self, names: Names, wanted: str = UNKNOWN) -> Iterator[Expression]:
        """Those that read only the given names, cheapest first."""
        visible = names.keys()
        return (expression for expression in self.of(wanted) if expression.names <= visible)

    def atoms(self, names: Names, wanted: str = UNKNOWN) -> list[Expression]:
        """Names, constants and empty containers that read only the given names."""
        if wanted not in self._atoms:
            self._atoms[wanted] = [x for x in self.of(wanted) if x.size == 1]
        visible = names.keys()
        return [atom for atom in self._atoms[wanted] if atom.names <= visible]

    def conditions(self, names: Names) -> Iterator[Expression]:
        """Those of type bool that read some of the given names and no others."""
        return (expression for expression in self.over(names, "bool") if expression.names)

    def _keep(self, layer: int, expression: Expression, mark: str) -> None:
        # the same text is another body over a variable of another type
        text = expression.type + expression.text if is_body(expression.type) else expression.text
        if text in self._texts or self._kept[mark] >= self.limit:
            return
        self._texts.add(text)
        self._kept[mark] += 1
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
