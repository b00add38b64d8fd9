"""Expressions bottom-up, cheapest first, with their values at some states.

The same layers of equal cost as ``grammar/pool.py``; of the expressions of one type that have the
same values at all of the states only the cheapest is built upon (observational equivalence:
Albarghouthi et al. 2013, Udupa et al. 2013).
"""

from __future__ import annotations

import marshal
import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from latent_ebm.puzzles.code.execution.exploring.guarding import Guarded, power, shift, times
from latent_ebm.puzzles.code.execution.exploring.value_tree import State
from latent_ebm.puzzles.code.execution.exploring.values import (
    SCALARS,
    Raised,
    UnboundedError,
    bounded,
    key_of,
    strict,
)

__all__ = ["Entry", "Symbol", "ValuePool", "operation"]


class Symbol(NamedTuple):
    """An atom or a production.

    Attributes
    ----------
    template
        Source, with ``{0}``, ``{1}`` for the operands.
    operands, result
        Numbers of types.
    layer
        Its cost in layers.
    distinct
        Whether it says nothing of two equal operands.
    symmetric
        Whether its operands may be exchanged.
    """

    template: str
    operands: tuple[int, ...]
    result: int
    layer: int
    distinct: bool
    symmetric: bool


class Entry(NamedTuple):
    """An expression: its outermost symbol, its parts, its values at the states.

    Its derivation is the numbers of its symbols, the outermost first.
    """

    symbol: int
    parts: tuple[Entry, ...]
    layer: int
    values: tuple[Any, ...]
    derivation: tuple[int, ...]


def _and(left: Any, right: Any) -> Any:
    return left if type(left) is Raised or not left else right


def _or(left: Any, right: Any) -> Any:
    return left if type(left) is Raised or left else right


def _choice(value: Any, condition: Any, other: Any) -> Any:
    if type(condition) is Raised:
        return condition
    return value if condition else other


_SPECIAL: dict[str, Callable[..., Any]] = {
    "{0} * {1}": strict(times),
    "{0} ** {1}": strict(power),
    "{0} << {1}": strict(shift),
    "{0} and {1}": _and,
    "{0} or {1}": _or,
    "{0} if {1} else {2}": _choice,
    "not {0}": strict(operator.not_),
}


@cache
def operation(template: str, arity: int) -> Callable[..., Any]:
    """What a production of operators and builtin functions does with the values of its operands.

    >>> operation("{0}[{1}:]", 2)([1, 2, 3], 1)
    [2, 3]
    >>> operation("{0} // {1}", 2)(1, 0)
    Raised(kind='ZeroDivisionError')
    """
    special = _SPECIAL.get(template)
    if special is not None:
        return special
    operands = [f"a{i}" for i in range(arity)]
    source = f"lambda {', '.join(operands)}: {template.format(*operands)}"
    return strict(eval(source, {}))  # noqa: S307 - a production of the host's, in the sandbox


class ValuePool:
    """All expressions over symbols, in layers.

    Parameters
    ----------
    symbols
        Atoms and productions.
    functions
        What each production does; None for atoms.
    values
        The values of each atom at the states; None for productions, and for atoms that cannot be
        kept.
    states
        Where values are compared.
    most
        At most so many expressions of each type are built upon.
    """

    def __init__(
        self,
        symbols: Sequence[Symbol],
        functions: Sequence[Callable[..., Any] | None],
        values: Sequence[tuple[Any, ...] | None],
        states: Sequence[State],
        most: int,
    ) -> None:
        self._functions, self._states, self._most = functions, states, most
        self._symbols = symbols
        self._values = values
        self._layers: list[dict[int, list[Entry]]] = []
        self._seen: set[int] = set()
        self._kept: dict[int, int] = defaultdict(int)

    @property
    def size(self) -> int:
        """How many expressions are built upon."""
        return sum(self._kept.values())

    def entries(self, highest: int) -> Iterator[Entry | None]:
        """Every expression up to a layer, layer by layer; None for one that grows too large.

        Expressions that equal cheaper ones come, but are not built on.
        """
        atoms: dict[int, list[int]] = defaultdict(list)
        made = []
        for number, symbol in enumerate(self._symbols):
            if symbol.operands:
                made.append((number, symbol))
            elif self._values[number] is not None:
                atoms[symbol.layer].append(number)
        for layer in range(highest + 1):
            here: dict[int, list[Entry]] = defaultdict(list)
            self._layers.append(here)
            for number in atoms.get(layer, ()):
                entry = Entry(number, (), layer, self._values[number] or (), (number,))
                self._keep(entry, here)
                yield entry
            for number, symbol in made:
                rest = layer - symbol.layer
                if rest < 0:
                    continue
                function = self._functions[number]
                assert function is not None  # noqa: S101 - a production has one
                for parts in self._operands(symbol, 0, rest, layer):
                    try:
                        values = tuple(map(function, *(part.values for part in parts)))
                    except UnboundedError:
                        yield None
                        continue
                    below = chain.from_iterable(part.derivation for part in parts)
                    entry = Entry(number, parts, layer, values, (number, *below))
                    self._keep(entry, here)
                    yield entry

    def _keep(self, entry: Entry, here: dict[int, list[Entry]]) -> None:
        """Build upon an entry, unless a cheaper one has the same values, or raises everywhere."""
        kind, values = self._symbols[entry.symbol].result, entry.values
        if self._kept[kind] >= self._most:
            return
        states = self._states
        if SCALARS.issuperset(map(type, values)):
            mark = hash((kind, marshal.dumps(values, 2)))
        else:
            try:
                keys = [key_of(v, s.paths) for v, s in zip(values, states, strict=True)]
            except UnboundedError:
                return
            mark = hash((kind, *keys))
            if entry.parts and all(type(value) is Raised for value in values):
                return
        if entry.parts and mark in self._seen:
            return
        self._seen.add(mark)
        self._kept[kind] += 1
        here[kind].append(entry)

    def _operands(
        self, symbol: Symbol, position: int, rest: int, layer: int
    ) -> Iterator[tuple[Entry, ...]]:
        """Operand tuples from ``position`` on whose layers add up to ``rest``."""
        last = position == len(symbol.operands) - 1
        wanted = symbol.operands[position]
        least = 0
        if symbol.symmetric and wanted == symbol.operands[-1]:
            least = (rest + 1) // 2  # the larger operand comes first
        for own in (rest,) if last else range(least, rest + 1):
            if own >= layer:
                continue
            entries = self._layers[own].get(wanted)
            if not entries:
                continue
            if last:
                for entry in entries:
                    yield (entry,)
                continue
            for others in self._operands(symbol, position + 1, rest - own, layer):
                for entry in entries:
                    if not (symbol.distinct and entry is others[0]):
                        yield (entry, *others)


def atom_values(
    code: Guarded, names: dict[str, Any], states: Sequence[State]
) -> tuple[Any, ...] | None:
    """An atom's values at the states; None if one is too large."""
    try:
        return tuple(evaluated(code, names, state) for state in states)
    except UnboundedError:
        return None


def evaluated(code: Guarded, names: dict[str, Any], state: State) -> Any:
    """What an expression gives at a state.

    Raises
    ------
    UnboundedError
        If it is too large.
    """
    try:
        return bounded(code.value(names, state.names), state.names)
    except MemoryError:
        raise UnboundedError from None
    except Exception as raised:
        return Raised(type(raised).__name__)
