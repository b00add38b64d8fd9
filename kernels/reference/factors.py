"""The best feasible point of every kind of factor, one factor at a time, in plain numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.factors import BLOCKLESS, FactorTable, Kind, Operator

Scores = NDArray[np.float64]
Weights = NDArray[np.int64]
Parameters = NDArray[np.int32]

IMPOSSIBLE = -1e9
"""The score of an entry that the mask forbids; sums of it stay far below any real score."""


def project(
    table: FactorTable, scores: NDArray[np.floating]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The feasible point of each factor that scores best, guards set aside.

    For kinds of entries p maximises ``sum_m p_m (s_m - 1/2)``, the nearest feasible corner to
    s; for kinds of blocks, where each block has one chosen member, ``sum_m p_m s_m``.

    Parameters
    ----------
    table
        F factors with M members in all.
    scores
        [E] of every entry.

    Returns
    -------
    p
        [M] uint8, 1 where a member is chosen.
    gain
        [F] float64, the maximum reached; below ``IMPOSSIBLE / 2`` where nothing is feasible.

    Examples
    --------
    >>> from latent_ebm.kernels.structure import Csr
    >>> members, one = Csr.from_rows([[0, 1, 2]]), Csr.from_rows([[1, 1]])
    >>> table = FactorTable.of(Kind.CARDINALITY, 3, members, parameters=one)
    >>> p, gain = project(table, np.array([0.0, 2.0, 1.0]))
    >>> p.tolist(), gain.tolist()
    ([0, 1, 0], [1.5])
    """
    p = np.zeros(len(table.members.items), np.uint8)
    gain = np.zeros(table.count)
    for f in range(table.count):
        row = slice(table.members.offsets[f], table.members.offsets[f + 1])
        s = np.asarray(scores, np.float64)[table.members.items[row]]
        kind = Kind(int(table.kind[f]))
        blocks = s if kind in BLOCKLESS else s.reshape(-1, table.num_values)
        chosen, gain[f] = RESPONSES[kind](blocks, table.weights[row], table.parameters.row(f))
        if kind in BLOCKLESS:
            p[row] = chosen
        else:
            p[row.start + np.arange(len(blocks)) * table.num_values + chosen] = 1
    return p, gain


def free(
    table: FactorTable, scores: NDArray[np.floating]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """What :func:`project` would give if the factors demanded nothing."""
    p = np.zeros(len(table.members.items), np.uint8)
    gain = np.zeros(table.count)
    for f in range(table.count):
        row = slice(table.members.offsets[f], table.members.offsets[f + 1])
        s = np.asarray(scores, np.float64)[table.members.items[row]]
        if Kind(int(table.kind[f])) in BLOCKLESS:
            p[row] = s > 0.5
            gain[f] = (s - 0.5)[s > 0.5].sum()
        else:
            blocks = s.reshape(-1, table.num_values)
            p[row.start + np.arange(len(blocks)) * table.num_values + blocks.argmax(axis=1)] = 1
            gain[f] = blocks.max(axis=1).sum()
    return p, gain


def check(table: FactorTable, values: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each factor holds at discrete values [N]: [F].

    The best feasible point under scores that are high at the values alone is the values
    themselves exactly where these are feasible.
    """
    chosen = (values[:, None] == np.arange(table.num_values)).ravel()
    p, gain = project(table, np.where(chosen, 2.0, -1.0))
    asked = chosen[table.members.items]
    same = np.ones(table.count, np.bool_)
    np.logical_and.at(same, table.members.row_of, p == asked)
    off = (table.guard >= 0) & ~chosen[table.guard]
    return off | (same & (gain > IMPOSSIBLE / 2))


def _cardinality(
    s: Scores, weights: Weights, parameters: Parameters
) -> tuple[NDArray[np.integer], float]:
    """Choose what lies above 1/2, then more or fewer in order of score."""
    low, high = parameters
    wanted = int(np.clip((s > 0.5).sum(), max(low, 0), max(high, 0)))
    p = np.zeros(len(s), np.uint8)
    p[np.argsort(-s, kind="stable")[:wanted]] = 1
    gain = float((s - 0.5)[p == 1].sum())
    return p, gain if wanted <= len(s) and high >= 0 else 2 * IMPOSSIBLE


def _clause(
    s: Scores, weights: Weights, parameters: Parameters
) -> tuple[NDArray[np.integer], float]:
    """Round; if no literal is true, turn the one that costs least."""
    p = (s > 0.5).astype(np.uint8)
    if not len(s):
        return p, 2 * IMPOSSIBLE
    if not ((weights > 0) == (p == 1)).any():
        turned = np.abs(s - 0.5).argmin()
        p[turned] = 1 - p[turned]
    return p, float((s - 0.5)[p == 1].sum())


def _linear(
    s: Scores, weights: Weights, parameters: Parameters
) -> tuple[NDArray[np.integer], float]:
    """Dynamic programming over the blocks and the sums that they can reach."""
    low, high = parameters
    weight = weights.reshape(s.shape)
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, -1)}]
    for block in range(len(s)):
        reached: dict[int, tuple[float, int]] = {}
        for total, (gain, _) in best[-1].items():
            for a, score in enumerate(s[block]):
                to = total + int(weight[block, a])
                if to not in reached or gain + score > reached[to][0]:
                    reached[to] = (gain + score, a)
        best.append(reached)
    inside = {total: gain for total, (gain, _) in best[-1].items() if low <= total <= high}
    if not inside:
        return s.argmax(axis=1), 2 * IMPOSSIBLE
    total = max(inside, key=inside.__getitem__)
    gain = inside[total]
    chosen = np.zeros(len(s), np.int64)
    for block in range(len(s) - 1, -1, -1):
        chosen[block] = best[block + 1][total][1]
        total -= int(weight[block, chosen[block]])
    return chosen, gain


def _table(
    s: Scores, weights: Weights, parameters: Parameters
) -> tuple[NDArray[np.integer], float]:
    """The tuple with the highest sum."""
    tuples = parameters[1:].reshape(int(parameters[0]), len(s))
    if not len(tuples):
        return s.argmax(axis=1), 2 * IMPOSSIBLE
    gain = s[np.arange(len(s)), tuples].sum(axis=1)
    return tuples[gain.argmax()], float(gain.max())


def _regular(
    s: Scores, weights: Weights, parameters: Parameters
) -> tuple[NDArray[np.integer], float]:
    """Viterbi's algorithm on the automaton unrolled over the blocks."""
    states, start = int(parameters[0]), int(parameters[1])
    accepting = parameters[2 : 2 + states] > 0
    transitions = parameters[2 + states :].reshape(states, s.shape[1])
    best = np.full((len(s) + 1, states), 2 * IMPOSSIBLE)
    best[0, start] = 0.0
    came = np.zeros((len(s) + 1, states, 2), np.int64)
    for t, block in enumerate(s):
        for state, a in np.ndindex(*transitions.shape):
            to, gain = int(transitions[state, a]), best[t, state] + block[a]
            if to >= 0 and gain > best[t + 1, to]:
                best[t + 1, to], came[t + 1, to] = gain, (state, a)
    end = int(np.where(accepting, best[-1], 3 * IMPOSSIBLE).argmax())
    gain = float(best[-1, end]) if accepting[end] else 2 * IMPOSSIBLE
    chosen = np.zeros(len(s), np.int64)
    state = end
    for t in range(len(s), 0, -1):
        state, chosen[t - 1] = came[t, state]
    return chosen, gain


def _relation(
    s: Scores, weights: Weights, parameters: Parameters
) -> tuple[NDArray[np.integer], float]:
    """The best allowed pair."""
    operator, offset = Operator(int(parameters[0])), int(parameters[1])
    first, second = np.arange(s.shape[1])[:, None], np.arange(s.shape[1])[None, :] + offset
    allowed = {
        Operator.NOT_EQUAL: first != second,
        Operator.LESS: first < second,
        Operator.AT_MOST: first <= second,
        Operator.EQUAL: first == second,
    }[operator]
    gain = np.where(allowed, s[0][:, None] + s[1][None, :], 4 * IMPOSSIBLE)
    a, b = np.unravel_index(int(gain.argmax()), gain.shape)
    return np.array([a, b]), max(float(gain[a, b]), 2 * IMPOSSIBLE)


def _element(
    s: Scores, weights: Weights, parameters: Parameters
) -> tuple[NDArray[np.integer], float]:
    """For each index the best common value of its array variable and the result."""
    count = len(s) - 2
    index_origin, result_origin = int(parameters[0]), int(parameters[-1])
    free_choice, free_gain = s.argmax(axis=1), s.max(axis=1)
    best, best_gain = free_choice, 2 * IMPOSSIBLE
    for a in range(s.shape[1]):
        i = index_origin + a
        if not 0 <= i < count:
            continue
        others = s[0, a] + free_gain[1:-1].sum() - free_gain[1 + i]
        shift = int(parameters[1 + i]) - result_origin  # result position = array position + shift
        for v in range(max(0, -shift), min(s.shape[1], s.shape[1] - shift)):
            gain = others + s[1 + i, v] + s[-1, v + shift]
            if gain > best_gain:
                best, best_gain = free_choice.copy(), float(gain)
                best[0], best[1 + i], best[-1] = a, v, v + shift
    return best, best_gain


RESPONSES: dict[
    Kind, Callable[[Scores, Weights, Parameters], tuple[NDArray[np.integer], float]]
] = {
    Kind.CARDINALITY: _cardinality,
    Kind.CLAUSE: _clause,
    Kind.LINEAR: _linear,
    Kind.TABLE: _table,
    Kind.REGULAR: _regular,
    Kind.RELATION: _relation,
    Kind.ELEMENT: _element,
}
"""How each kind answers scores ([M], or [blocks, K]): members chosen, and the gain."""
