"""Trees as factors of two slots each, for presolve, exact engines and the general dynamics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.rows import entries_of, stacked
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Bool, Csr
from latent_ebm.kernels.trees import Trees


def derivable(trees: Trees, allowed: Bool) -> Bool:
    """Whether some derivation has allowed states only: [F, S, P + 1] to [F]."""
    types = trees.rows.shape[1]
    gives = trees.grammar.results[:, None] == np.arange(types)
    up = np.zeros((len(trees.children) + 1, len(allowed), len(trees.rows)), np.bool_)
    up[-1] = trees.rows[:, -1]  # the slot beyond the skeleton is EMPTY
    inside = np.zeros((len(allowed), types), np.bool_)
    for s in reversed(range(len(trees.children))):
        fits = allowed[:, s].copy()
        for j, child in enumerate(trees.links[s]):
            fits &= up[child][:, trees.row_of[:, j]]
        inside = fits @ gives
        up[s] = inside @ trees.rows.T
    return np.asarray(inside[:, :-1].any(axis=1))


def edge_automata(
    trees: Trees, slots: NDArray[np.integer], allowed: Bool, num_values: int
) -> FactorTable:
    """REGULAR factors that hold together where each of F trees is a derivation.

    One automaton reads the root; for each other slot one reads its parent, remembers which
    types that expects there, and then reads the slot. The factors form a tree, so propagating
    them removes every state that no derivation has.

    Parameters
    ----------
    slots
        [F, S] variables.
    allowed
        [F, S, P + 1].
    num_values
        K of the table, at least P + 1.
    """
    gives = trees.rows[:, trees.grammar.results]  # [R, P + 1] whether a row takes a state
    scopes: list[list[int]] = []
    parameters: list[NDArray[np.int32]] = []
    for own, states in zip(slots.tolist(), allowed, strict=True):
        for s, (parent, position) in enumerate(trees.parents.tolist()):
            if s == 0:
                scopes.append([own[0]])
                layers = [np.where(states[0], 1, -1)[None]]
            else:
                scopes.append([own[parent], own[s]])
                rows, number = np.unique(trees.row_of[:, position], return_inverse=True)
                taken = gives[rows] & states[s]
                layers = [1 + number[None], np.where(taken, 1 + len(rows), -1)]
            parameters.append(_automaton(layers, num_values))
    return FactorTable.of(
        Kind.REGULAR,
        num_values,
        entries_of(Csr.from_rows(scopes), num_values),
        parameters=stacked(parameters),
    )


def _automaton(layers: list[NDArray[np.integer]], num_values: int) -> NDArray[np.int32]:
    """Transitions [M, P + 1] of all states but the last, the only one to end in, as parameters."""
    states = sum(map(len, layers)) + 1
    transitions = np.full((states, num_values), -1, np.int32)
    table = np.concatenate(layers)
    transitions[:-1, : table.shape[1]] = table
    accepting = np.arange(states) == states - 1
    return np.concatenate([[states, 0], accepting, transitions.ravel()]).astype(np.int32)
