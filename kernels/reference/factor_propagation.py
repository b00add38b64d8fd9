"""What factors of every kind forbid, one factor at a time, in plain Python."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.factors import BLOCKLESS, FactorTable, Kind, Operator

Bools = NDArray[np.bool_]
Weights = NDArray[np.int64]
Parameters = NDArray[np.int32]
Verdict = tuple[Bools, Bools]
"""Of each member: whether it may be chosen, and whether it must be."""


def propagate_factors(
    num_variables: int, table: FactorTable, mask: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Remove the states that some factor, looked at alone, cannot use, until none is left.

    A variable with one state is *settled*. Each kind has its filter: counting for
    cardinalities, unit propagation for clauses, bounds for sums, and supports for the others.
    A factor whose guard is open removes nothing but the guard, once the factor cannot hold; it
    filters when the guard is chosen, and is ignored when the guard is gone. The filters are
    monotone, so the fixpoint does not depend on their order.

    Parameters
    ----------
    num_variables
        N.
    table
        F factors over N x K entries.
    mask
        [B, N, K], the states allowed to begin with.

    Returns
    -------
    mask
        [B, N, K], the fixpoint; as it was given where there is a contradiction.
    contradiction
        [B], whether some variable has no state left, or some factor cannot hold.

    Examples
    --------
    >>> from latent_ebm.kernels.structure import Csr
    >>> less = Csr.from_rows([[Operator.LESS, 0]])
    >>> pair = Csr.from_rows([[0, 1, 2, 3, 4, 5]])
    >>> table = FactorTable.of(Kind.RELATION, 3, pair, parameters=less)
    >>> propagate_factors(2, table, np.ones((1, 2, 3), bool))[0].astype(int).tolist()
    [[[1, 1, 0], [0, 1, 1]]]
    """
    out, contradiction = mask.copy(), np.zeros(len(mask), np.bool_)
    for b in range(len(mask)):
        live = mask[b].copy()
        contradiction[b] = not _fixpoint(num_variables, table, live)
        if not contradiction[b]:
            out[b] = live
    return out, contradiction


def _fixpoint(num_variables: int, table: FactorTable, live: Bools) -> bool:
    """Shrink live [N, K] in place; False: contradiction."""
    before = num_variables * table.num_values + 1
    while live.any(axis=1).all():
        if live.sum() == before:
            return True
        before = live.sum()
        for f in range(table.count):
            if not _apply(table, f, live):
                return False
    return False


def _apply(table: FactorTable, f: int, live: Bools) -> bool:
    """Filter with one factor; False: it must hold, and cannot."""
    k, guard = table.num_values, int(table.guard[f])
    settled = live & (live.sum(axis=1, keepdims=True) == 1)
    if guard >= 0 and not live.flat[guard]:
        return True
    row = slice(table.members.offsets[f], table.members.offsets[f + 1])
    members = table.members.items[row]
    kind = Kind(int(table.kind[f]))
    shape = (len(members),) if kind in BLOCKLESS else (-1, k)
    verdict = FILTERS[kind](
        live.flat[members].reshape(shape),
        settled.flat[members].reshape(shape),
        table.weights[row].reshape(shape),
        table.parameters.row(f),
    )
    if guard >= 0 and not settled.flat[guard]:
        live.flat[guard] = verdict is not None
        return True
    if verdict is None:
        return False
    may, must = (part.ravel() for part in verdict)
    live.flat[members[~may]] = False
    for entry in members[must]:
        variable, state = divmod(int(entry), k)
        live[variable] &= np.arange(k) == state
    return True


def _cardinality(
    live: Bools, settled: Bools, weights: Weights, parameters: Parameters
) -> Verdict | None:
    """Where enough are chosen, no others are; where just enough can be, all are."""
    low, high = parameters
    if settled.sum() > high or live.sum() < low:
        return None
    may = settled if settled.sum() == high else live
    must = live if live.sum() == low else np.zeros_like(live)
    return may, must


def _clause(
    live: Bools, settled: Bools, weights: Weights, parameters: Parameters
) -> Verdict | None:
    """The last literal that can be true is."""
    positive = weights > 0
    none = np.zeros_like(live)
    if np.where(positive, settled, ~live).any():
        return live, none
    left = np.where(positive, live, ~settled)
    if not left.any():
        return None
    if left.sum() > 1:
        return live, none
    return live & ~(left & ~positive), left & positive


def _linear(
    live: Bools, settled: Bools, weights: Weights, parameters: Parameters
) -> Verdict | None:
    """A weight must fit with the least and the most that the other blocks can add."""
    low, high = (int(p) for p in parameters)
    far = np.iinfo(np.int64).max
    least = np.where(live, weights, far).min(axis=1, keepdims=True)
    most = np.where(live, weights, -far).max(axis=1, keepdims=True)
    if least.sum() > high or most.sum() < low:
        return None
    fits_below = weights + (least.sum() - least) <= high
    fits_above = weights + (most.sum() - most) >= low
    return live & fits_below & fits_above, np.zeros_like(live)


def _table(live: Bools, settled: Bools, weights: Weights, parameters: Parameters) -> Verdict | None:
    """A state needs a row that has it and whose states are all there."""
    rows = parameters[1:].reshape(int(parameters[0]), len(live))
    block = np.arange(len(live))
    rows = rows[live[block, rows].all(axis=1)]
    if not len(rows):
        return None
    may = np.zeros_like(live)
    may[block, rows] = True
    return may, np.zeros_like(live)


def _regular(
    live: Bools, settled: Bools, weights: Weights, parameters: Parameters
) -> Verdict | None:
    """A state needs a run of the automaton that reads it and accepts."""
    states, start = int(parameters[0]), int(parameters[1])
    accepting = set(np.flatnonzero(parameters[2 : 2 + states] > 0).tolist())
    transitions = parameters[2 + states :].reshape(states, live.shape[1])
    reached = [{start}]
    for block in live:
        steps = transitions[sorted(reached[-1])][:, block]
        reached.append(set(steps[steps >= 0].tolist()))
    may, ends = np.zeros_like(live), reached[-1] & accepting
    if not ends:
        return None
    for t in range(len(live) - 1, -1, -1):
        good = np.isin(transitions, list(ends)) & live[t]
        good[[s for s in range(states) if s not in reached[t]]] = False
        may[t], ends = good.any(axis=0), set(np.flatnonzero(good.any(axis=1)).tolist())
    return may, np.zeros_like(live)


def _relation(
    live: Bools, settled: Bools, weights: Weights, parameters: Parameters
) -> Verdict | None:
    """A state needs a partner."""
    operator, offset = Operator(int(parameters[0])), int(parameters[1])
    first, second = np.arange(live.shape[1])[:, None], np.arange(live.shape[1])[None, :] + offset
    allowed = {
        Operator.NOT_EQUAL: first != second,
        Operator.LESS: first < second,
        Operator.AT_MOST: first <= second,
        Operator.EQUAL: first == second,
    }[operator]
    pairs = allowed & live[0][:, None] & live[1][None, :]
    if not pairs.any():
        return None
    return np.stack([pairs.any(axis=1), pairs.any(axis=0)]), np.zeros_like(live)


def _element(
    live: Bools, settled: Bools, weights: Weights, parameters: Parameters
) -> Verdict | None:
    """An index needs a value common to its array variable and the result; these, an index."""
    count = len(live) - 2
    may = np.zeros_like(live)
    for a in np.flatnonzero(live[0]):
        i = int(parameters[0]) + int(a)
        if not 0 <= i < count:
            continue
        shift = int(parameters[1 + i]) - int(parameters[-1])
        for v in np.flatnonzero(live[1 + i]):
            if 0 <= v + shift < live.shape[1] and live[-1, v + shift]:
                may[0, a] = may[1 + i, v] = may[-1, v + shift] = True
    if not may[0].any():
        return None
    for i in range(count):  # under any other index this array variable is free
        if may[0].sum() > 1 or not may[1 + i].any():
            may[1 + i] = live[1 + i]
    return may, np.zeros_like(live)


FILTERS: dict[Kind, Callable[[Bools, Bools, Weights, Parameters], Verdict | None]] = {
    Kind.CARDINALITY: _cardinality,
    Kind.CLAUSE: _clause,
    Kind.LINEAR: _linear,
    Kind.TABLE: _table,
    Kind.REGULAR: _regular,
    Kind.RELATION: _relation,
    Kind.ELEMENT: _element,
}
"""How each kind judges its members ([M], or [blocks, K]); None: the factor cannot hold."""
