"""Every kind of factor as clauses over literals and auxiliary ones, for any engine.

Each encoder makes the factor hold wherever its literal ``when`` does, and demands nothing
elsewhere. Auxiliary literals stand for the rows of a table and the nodes of a layered graph;
unit propagation on the clauses removes what no row or path supports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from latent_ebm.exact.graphs import LayeredGraph, automaton_graph
from latent_ebm.exact.literals import FALSE, TRUE
from latent_ebm.kernels.factors import BLOCKLESS, FactorTable, Kind, Operator


class Sink(Protocol):
    """What an engine must take. Literals are those of :mod:`latent_ebm.exact.literals`."""

    def fresh(self) -> int:
        """A new literal."""
        ...

    def clause(self, literals: list[int]) -> None:
        """Some literal holds."""
        ...

    def cardinality(self, literals: list[int], low: int, high: int, when: int) -> None:
        """Where ``when`` holds, between low and high of some open literals do."""
        ...

    def linear(
        self,
        literals: NDArray[np.int64],
        weights: NDArray[np.int64],
        low: int,
        high: int,
        when: int,
    ) -> None:
        """Where ``when`` holds, the weights [blocks, K] of what holds add up to low to high."""
        ...

    def native(self, factor: Factor) -> bool:
        """Take an unconditional factor in a form of the engine's own, or return False."""
        ...


@dataclass(frozen=True, eq=False)
class Factor:
    """One factor of a table, its members as literals.

    ``members``, ``literals`` and ``weights`` are [m], or [blocks, K] for kinds of blocks.
    """

    kind: Kind
    members: NDArray[np.int32]
    literals: NDArray[np.int64]
    weights: NDArray[np.int64]
    parameters: NDArray[np.int32]
    when: int

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which members the mask allows, shaped as they are."""
        return self.literals != FALSE


def add_clause(sink: Sink, literals: Sequence[int]) -> None:
    """Add a clause unless it holds anyway, without the literals that cannot hold."""
    if TRUE not in literals:
        sink.clause([literal for literal in literals if literal != FALSE])


def conjunction(sink: Sink, first: int, second: int) -> int:
    """A literal that holds where both do (and perhaps elsewhere: it only switches on)."""
    if TRUE in (first, second):
        return first if second == TRUE else second
    if FALSE in (first, second):
        return FALSE
    both = sink.fresh()
    add_clause(sink, [-first, -second, both])
    return both


def encode(
    table: FactorTable,
    entries: NDArray[np.int64],
    sink: Sink,
    selectors: Sequence[int] | None = None,
) -> None:
    """Hand all factors to an engine.

    Parameters
    ----------
    table
        F factors.
    entries
        [E] the literal of each entry.
    sink
        The engine.
    selectors
        [F] literals that switch the factors on, besides their guards; None: all are on.
    """
    for factor in _factors(table, entries, sink, selectors):
        if factor.when != FALSE and not (factor.when == TRUE and sink.native(factor)):
            ENCODERS[factor.kind](factor, sink)


def _factors(
    table: FactorTable, entries: NDArray[np.int64], sink: Sink, selectors: Sequence[int] | None
) -> Iterator[Factor]:
    for f in range(table.count):
        kind = Kind(int(table.kind[f]))
        row = slice(table.members.offsets[f], table.members.offsets[f + 1])
        shape = (-1,) if kind in BLOCKLESS else (-1, table.num_values)
        guard = int(table.guard[f])
        when = TRUE if guard < 0 else int(entries[guard])
        if selectors is not None:
            when = conjunction(sink, when, selectors[f])
        members = table.members.items[row].reshape(shape)
        weights = table.weights[row].reshape(shape)
        yield Factor(kind, members, entries[members], weights, table.parameters.row(f), when)


def _cardinality(factor: Factor, sink: Sink) -> None:
    low, high = (int(bound) for bound in factor.parameters)
    literals = factor.literals.tolist()
    certain = literals.count(TRUE)
    open_ = [literal for literal in literals if literal not in (TRUE, FALSE)]
    low, high = max(low - certain, 0), min(high - certain, len(open_))
    if low > high:
        add_clause(sink, [-factor.when])
    elif low > 0 or high < len(open_):
        sink.cardinality(open_, low, high, factor.when)


def _clause(factor: Factor, sink: Sink) -> None:
    add_clause(sink, [-factor.when, *(factor.literals * np.sign(factor.weights)).tolist()])


def _linear(factor: Factor, sink: Sink) -> None:
    low, high = (int(bound) for bound in factor.parameters)
    if factor.live.any(axis=1).all():
        sink.linear(factor.literals, factor.weights, low, high, factor.when)
    else:
        add_clause(sink, [-factor.when])


def _table(factor: Factor, sink: Sink) -> None:
    """One literal a row that is live; a position holds only where one of its rows does."""
    rows = live_rows(factor)
    chosen = [sink.fresh() for _ in rows]
    blocks = np.arange(rows.shape[1])
    for literal, row in zip(chosen, rows, strict=True):
        for member in factor.literals[blocks, row].tolist():
            add_clause(sink, [-literal, member])
    add_clause(sink, [-factor.when, *chosen])
    numbers = np.array(chosen, np.int64)
    for block, position in np.argwhere(factor.live).tolist():
        support = numbers[rows[:, block] == position].tolist()
        add_clause(sink, [-factor.when, -int(factor.literals[block, position]), *support])


def live_rows(factor: Factor) -> NDArray[np.int32]:
    """The distinct rows [T, blocks] of a TABLE factor whose positions are all live."""
    blocks = len(factor.literals)
    rows = factor.parameters[1:].reshape(int(factor.parameters[0]), blocks)
    return np.unique(rows[factor.live[np.arange(blocks), rows].all(axis=1)], axis=0)


def _regular(factor: Factor, sink: Sink) -> None:
    encode_graph(automaton_graph(factor.parameters, factor.live), factor, sink)


def encode_graph(graph: LayeredGraph, factor: Factor, sink: Sink) -> None:
    """A literal a node, that of the source being ``when``: off, all nodes may be off as well."""
    if not graph.feasible:
        add_clause(sink, [-factor.when])
        return
    here = {graph.start: factor.when}
    for arcs, literals in zip(graph.layers, factor.literals.tolist(), strict=True):
        after = {to: sink.fresh() for to in sorted({arc[2] for arc in arcs})}
        sources: dict[int, list[int]] = {}
        into: dict[tuple[int, int], list[int]] = {}
        known = {(node, a) for node, a, _ in arcs}
        for node, a, to in arcs:
            add_clause(sink, [-here[node], -literals[a], after[to]])
            sources.setdefault(a, []).append(here[node])
            into.setdefault((to, a), []).append(here[node])
        for a, literal in enumerate(literals):
            add_clause(sink, [-factor.when, -literal, *sources.get(a, [])])
            for node, holds in here.items():
                if (node, a) not in known:
                    add_clause(sink, [-holds, -literal])
            for to, holds in after.items():
                add_clause(sink, [-holds, -literal, *into.get((to, a), [])])
        if len(after) > 1:
            sink.cardinality(list(after.values()), 1, 1, factor.when)
        here = after


def _relation(factor: Factor, sink: Sink) -> None:
    allowed = _allowed(factor) & factor.live[0][:, None] & factor.live[1][None, :]
    first, second = factor.literals.tolist()
    forbidden = ~allowed & factor.live[0][:, None] & factor.live[1][None, :]
    if forbidden.sum() <= factor.literals.shape[1]:
        for a, b in np.argwhere(forbidden).tolist():
            add_clause(sink, [-factor.when, -first[a], -second[b]])
        return
    for pairs, one, other in ((allowed, first, second), (allowed.T, second, first)):
        for a, row in enumerate(pairs):
            support = [other[b] for b in np.flatnonzero(row).tolist()]
            add_clause(sink, [-factor.when, -one[a], *support])


def _allowed(factor: Factor) -> NDArray[np.bool_]:
    """[K, K] which pairs of positions a RELATION factor allows."""
    operator, offset = Operator(int(factor.parameters[0])), int(factor.parameters[1])
    count = factor.literals.shape[1]
    first, second = np.arange(count)[:, None], np.arange(count)[None, :] + offset
    return {
        Operator.NOT_EQUAL: first != second,
        Operator.LESS: first < second,
        Operator.AT_MOST: first <= second,
        Operator.EQUAL: first == second,
    }[operator]


def _element(factor: Factor, sink: Sink) -> None:
    """Where the index points at a variable, that one and the result take the same value."""
    index, *array, result = factor.literals.tolist()
    origins = factor.parameters.tolist()
    count = len(result)
    for a, pointed in enumerate(index):
        i = origins[0] + a
        if pointed == FALSE:
            continue
        if not 0 <= i < len(array):
            add_clause(sink, [-factor.when, -pointed])
            continue
        shift = origins[1 + i] - origins[-1]  # result position = array position + shift
        for one, other, step in ((array[i], result, shift), (result, array[i], -shift)):
            for v in range(count):
                same = other[v + step] if 0 <= v + step < count else FALSE
                add_clause(sink, [-factor.when, -pointed, -one[v], same])


ENCODERS: dict[Kind, Callable[[Factor, Sink], None]] = {
    Kind.CARDINALITY: _cardinality,
    Kind.CLAUSE: _clause,
    Kind.LINEAR: _linear,
    Kind.TABLE: _table,
    Kind.REGULAR: _regular,
    Kind.RELATION: _relation,
    Kind.ELEMENT: _element,
}
