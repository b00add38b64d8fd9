"""All expressions over a scope, cheapest first.

Enumeration is bottom-up over layers of equal cost, so that every part of an expression was
enumerated before, and no further than it is asked for: most searches end before the dear ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from latent_ebm.puzzles.code.grammar.expressions import STEP, Expression, Production
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, fits, is_body

Names = Mapping[str, str]
"""Names with their types."""

BINDS, OF_MODULES, FEWER = "=", ".", 5
"""Marks of what binds names and what is of modules: dearer than most, it would find no room. So
many times fewer of it are kept."""
WINDOW = 0.5
"""Expressions are sorted within windows of so many nats."""
SLACK = 1.25
"""Layers are rounded costs: a whole may be off by so many nats."""


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
    ['n', '1', 'n + n', 'n + 1', '1 + n']
    """

    def __init__(
        self,
        atoms: list[Expression],
        productions: list[Production],
        *,
        limit: int = 400,
        height: float = 9.0,
    ) -> None:
        self.limit, self.height = limit, height
        self._productions = [(_layer(one.cost), one) for one in productions]
        self._layers: list[dict[str, list[Expression]]] = []
        self._windows: dict[tuple[str, int], list[Expression]] = {}
        self._typed_atoms: dict[str, list[Expression]] = {}
        self._texts: set[str] = set()
        self._kept: dict[str, int] = defaultdict(int)
        self._waiting: dict[int, list[Expression]] = defaultdict(list)
        for atom in atoms:
            if atom.cost <= height:
                self._waiting[_layer(atom.cost)].append(atom)
        single = {atom.text: atom for atom in sorted(atoms, key=_by_layer)[::-1] if atom.size == 1}
        self._atoms = [atom for atom in list(single.values())[::-1] if atom.cost <= height]

    def of(self, wanted: str = UNKNOWN) -> list[Expression]:
        """The expressions whose type fits, cheapest first; all, if unknown is wanted."""
        return [x for number in range(self._last + 1) for x in self._window(wanted, number)]

    def over(self, names: Names, wanted: str = UNKNOWN) -> Iterator[Expression]:
        """Those that read only the given names, cheapest first; made as they are asked for."""
        visible = names.keys()
        for number in range(self._last + 1):
            for expression in self._window(wanted, number):
                if expression.names <= visible:
                    yield expression

    def atoms(self, names: Names, wanted: str = UNKNOWN) -> list[Expression]:
        """Names, constants and empty containers that read only the given names."""
        if wanted not in self._typed_atoms:
            found = [atom for atom in self._atoms if _fits(atom.type, wanted)]
            self._typed_atoms[wanted] = sorted(found, key=lambda atom: atom.cost)
        visible = names.keys()
        return [atom for atom in self._typed_atoms[wanted] if atom.names <= visible]

    def conditions(self, names: Names) -> Iterator[Expression]:
        """Those of type bool that read some of the given names and no others."""
        return (expression for expression in self.over(names, "bool") if expression.names)

    @property
    def _last(self) -> int:
        """The number of the last window."""
        return int((self.height + SLACK) / WINDOW)

    def _window(self, wanted: str, number: int) -> list[Expression]:
        """The expressions that fit with a cost of ``number`` windows up to one more, in order."""
        if (wanted, number) not in self._windows:
            low, high = number * WINDOW, (number + 1) * WINDOW
            while len(self._layers) <= min(_layer(high + SLACK), _layer(self.height)):
                self._add_layer()
            found = [
                expression
                for layer in self._layers[max(_layer(low - SLACK), 0) : _layer(high + SLACK) + 1]
                for kind, expressions in layer.items()
                if _fits(kind, wanted)
                for expression in expressions
                if low <= expression.cost < high
            ]
            self._windows[wanted, number] = sorted(found, key=lambda expression: expression.cost)
        return self._windows[wanted, number]

    def _add_layer(self) -> None:
        layer = len(self._layers)
        self._layers.append(defaultdict(list))
        for expression in self._waiting.pop(layer, []):
            self._keep(layer, expression, expression.type)
        for price, production in self._productions:
            rest = layer - price
            if rest >= 0:
                mark = production.result + _group(production)
                most = self.limit if mark == production.result else self.limit // FEWER
                if self._kept[mark] >= most:
                    continue
                for parts in self._operands(production, 0, rest, layer):
                    if self._kept[mark] >= most:
                        break
                    self._keep(layer, production.apply(parts), mark)

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
                    if others[0].text == expression.text and production.distinct:
                        continue
                    yield (expression, *others)


def _fits(kind: str, wanted: str) -> bool:
    """Whether expressions of a type are values where one is wanted, or the parts that are."""
    return fits(kind, wanted) and (kind != UNKNOWN if wanted else not is_body(kind))


def _group(production: Production) -> str:
    """The mark of a production's group, empty for most."""
    if production.operands and is_body(production.operands[0]):
        return BINDS
    return OF_MODULES if OF_MODULES in production.head else ""


def _by_layer(atom: Expression) -> int:
    return _layer(atom.cost)


def _layer(cost: float) -> int:
    return round(cost / STEP)
