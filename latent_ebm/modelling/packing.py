"""Factors of one kind, collected one by one, as a factor family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.automaton import Automaton
from latent_ebm.energies.cardinality import AtMostOne, Cardinality, ExactlyOne
from latent_ebm.energies.clause import Clauses
from latent_ebm.energies.conditional import Conditional, Guardable
from latent_ebm.energies.element import Element
from latent_ebm.energies.family import FactorFamily
from latent_ebm.energies.linear import Linear
from latent_ebm.energies.regular import Regular
from latent_ebm.energies.relation import Relation
from latent_ebm.energies.table import Table
from latent_ebm.kernels.structure import Csr
from latent_ebm.modelling.variables import Variables


@dataclass(frozen=True, eq=False)
class Row:
    """One factor: what its kind needs, its name, and the entry that switches it on."""

    content: Any
    name: Any
    guard: tuple[int, int] | None


def pack(
    kind: str, rows: Sequence[Row], variables: Variables, labels: Sequence[str]
) -> FactorFamily:
    """The family of some factors of a kind; kinds that end in ``if`` are conditional."""
    plain = kind.removesuffix(" if")
    family = _PACKERS[plain]([row.content for row in rows], variables, labels)
    if plain == kind:
        return family
    guards = _encoded([row.guard for row in rows], variables.num_values)
    return Conditional(family, guards)


def _encoded(entries: Any, num_values: int) -> NDArray[np.int32]:
    pairs = np.asarray(entries, np.int64).reshape(-1, 2)
    return (pairs[:, 0] * num_values + pairs[:, 1]).astype(np.int32)


def _csr(rows: Sequence[NDArray[np.int32]]) -> Csr:
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return Csr(offsets, np.concatenate([np.zeros(0, np.int32), *rows]).astype(np.int32))


def _column(values: Any) -> NDArray[np.int32]:
    return np.array(list(values), np.int32)


def _exactly_one(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    k = variables.num_values
    return ExactlyOne(_csr([_encoded(c, k) for c in contents]), k, labels)


def _at_most_one(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    k = variables.num_values
    return AtMostOne(_csr([_encoded(c, k) for c in contents]), k, labels)


def _cardinality(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    k = variables.num_values
    members = _csr([_encoded(entries, k) for entries, _, _ in contents])
    low, high = _column(c[1] for c in contents), _column(c[2] for c in contents)
    return Cardinality(members, low, high, k, labels)


def _clauses(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    k = variables.num_values
    literals = _csr([_encoded(entries, k) for entries, _ in contents])
    signs = np.array(list(chain.from_iterable(signs for _, signs in contents)), np.int8)
    return Clauses(literals, signs, k, labels)


def _linear(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    k = variables.num_values
    rows = [(v, values) for weights, _, _ in contents for v, values in weights.items()]
    table = np.zeros((len(rows), k), np.int64)
    for into, (_, values) in zip(table, rows, strict=True):
        into[: len(values)] = values
    members = _csr([_column(weights) for weights, _, _ in contents])
    low = np.array([c[1] for c in contents], np.int64)
    high = np.array([c[2] for c in contents], np.int64)
    return Linear(members, table, low, high, k, labels)


def _table(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    members = _csr([_column(scope) for scope, _ in contents])
    return Table(members, [tuples for _, tuples in contents], variables.num_values, labels)


def _relation(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    first, operator, second, offset = zip(*contents, strict=True)
    return Relation(
        _column(first),
        _column(second),
        np.array(operator, np.int8),
        _column(offset),
        variables.num_values,
        labels,
    )


def _regular(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    k = variables.num_values
    automata = []
    for _, start, accepting, transitions in contents:
        wide = np.full((len(transitions), k), -1, np.int32)
        wide[:, : transitions.shape[1]] = transitions
        automata.append(Automaton(start, accepting, wide))
    return Regular(_csr([_column(scope) for scope, *_ in contents]), automata, k, labels)


def _element(contents: list[Any], variables: Variables, labels: Sequence[str]) -> Guardable:
    index, arrays, result = zip(*contents, strict=True)
    scopes = [(i, *array, r) for i, array, r in contents]
    return Element(
        _column(index),
        _csr([_column(array) for array in arrays]),
        _column(result),
        _csr([_column(variables.origins[v] for v in scope) for scope in scopes]),
        variables.num_values,
        labels,
    )


_PACKERS = {
    "exactly one": _exactly_one,
    "at most one": _at_most_one,
    "cardinality": _cardinality,
    "clause": _clauses,
    "linear": _linear,
    "table": _table,
    "relation": _relation,
    "regular": _regular,
    "element": _element,
}
