"""Random small tables of factors of every kind, and what brute force says of them."""

from itertools import product

import numpy as np

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.kernels.factors import FactorTable, Kind, Operator
from latent_ebm.kernels.structure import Csr


def random_model(seed, kinds=tuple(Kind), most_factors=6):
    """A table and a mask, which now and then leaves a variable without a state."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(2, 6)), int(rng.integers(1, 5))
    mask = rng.random((n, k)) < rng.choice([0.6, 0.9, 1.0])
    if rng.random() < 0.95:
        mask[np.arange(n), rng.integers(k, size=n)] = True
    count = int(rng.integers(0, most_factors + 1))
    factors = [random_factor(rng, n, k, Kind(int(rng.choice(kinds)))) for _ in range(count)]
    if Kind.CARDINALITY in kinds and rng.random() < 0.3:
        factors = [all_different(rng, n, k), *factors]
    return FactorTable.joined(k, factors), mask


def all_different(rng, n, k):
    rows = [
        rng.choice(n, size=rng.integers(1, min(n, k) + 1), replace=False).tolist()
        for _ in range(int(rng.integers(1, 4)))
    ]
    return AllDifferent(Csr.from_rows(rows), k, tuple(map(str, range(len(rows))))).factors()


def random_factor(rng, n, k, kind):
    members, weights, parameters = SHAPES[kind](rng, n, k)
    table = FactorTable.of(
        kind,
        k,
        Csr.from_rows([list(map(int, members))]),
        weights=None if weights is None else np.asarray(weights, np.int64).ravel(),
        parameters=Csr.from_rows([list(map(int, parameters))]),
    )
    if rng.random() < 0.3:
        return table.guarded(rng.integers(n * k, size=1).astype(np.int32))
    return table


def blocks(rng, n, k, most=4):
    """Some variables, at times one of them twice, and their entries."""
    size = int(rng.integers(1, most + 1))
    variables = rng.choice(n, size=size, replace=bool(rng.random() < 0.2) or size > n)
    return size, (variables[:, None] * k + np.arange(k)).ravel()


def some_entries(rng, n, k):
    return rng.choice(n * k, size=int(rng.integers(0, min(8, n * k) + 1)), replace=False)


def cardinality(rng, n, k):
    entries = some_entries(rng, n, k)
    low, high = np.sort(rng.integers(-1, len(entries) + 2, size=2))
    if rng.random() < 0.5:
        low, high = rng.integers(2), 1
    return entries, None, (low, high)


def clause(rng, n, k):
    entries = some_entries(rng, n, k)
    return entries, rng.choice([-1, 1], size=len(entries)), ()


def linear(rng, n, k):
    size, entries = blocks(rng, n, k)
    weights = rng.integers(-4, 7, size=size * k)
    low = rng.integers(-8, 15)
    return entries, weights, (low, low + rng.integers(0, 5))


def allowed(rng, n, k):
    size, entries = blocks(rng, n, k)
    count = int(rng.integers(0, 9))
    return entries, None, (count, *rng.integers(k, size=count * size))


def regular(rng, n, k):
    _, entries = blocks(rng, n, k)
    states = int(rng.integers(1, 5))
    transitions = rng.integers(-1, states, size=states * k)
    accepting = rng.random(states) < 0.5
    return entries, None, (states, rng.integers(states), *accepting, *transitions)


def relation(rng, n, k):
    variables = rng.integers(n, size=2)
    entries = (variables[:, None] * k + np.arange(k)).ravel()
    return entries, None, (rng.choice(list(Operator)), rng.integers(-k, k + 1))


def element(rng, n, k):
    size = int(rng.integers(1, 4))
    variables = rng.integers(n, size=size + 2)
    entries = (variables[:, None] * k + np.arange(k)).ravel()
    return entries, None, rng.integers(-1, 2, size=size + 2)


SHAPES = {
    Kind.CARDINALITY: cardinality,
    Kind.CLAUSE: clause,
    Kind.LINEAR: linear,
    Kind.TABLE: allowed,
    Kind.REGULAR: regular,
    Kind.RELATION: relation,
    Kind.ELEMENT: element,
}


def solutions(table, mask, active=None):
    """All values within the mask at which the (active) factors hold, by trying each."""
    states = [np.flatnonzero(row).tolist() for row in mask]
    asked = range(table.count) if active is None else active
    return [v for v in product(*states) if all(holds(table, f, v) for f in asked)]


def holds(table, f, values):
    """Factor f at a tuple of values, from the words of the Kind's docstring."""
    k = table.num_values
    guard = int(table.guard[f])
    if guard >= 0 and values[guard // k] != guard % k:
        return True
    kind = Kind(int(table.kind[f]))
    row = slice(table.members.offsets[f], table.members.offsets[f + 1])
    members, weights = table.members.items[row].tolist(), table.weights[row].tolist()
    p = table.parameters.row(f).tolist()
    chosen = [values[e // k] == e % k for e in members]
    if kind is Kind.CARDINALITY:
        return p[0] <= sum(chosen) <= p[1]
    if kind is Kind.CLAUSE:
        return any(c == (w == 1) for c, w in zip(chosen, weights, strict=True))
    if kind is Kind.LINEAR:
        return p[0] <= sum(w for c, w in zip(chosen, weights, strict=True) if c) <= p[1]
    at = [values[e // k] for e in members[::k]]
    return BLOCKS[kind](at, p, k)


def in_table(at, p, _):
    rows = [tuple(p[1 + r * len(at) : 1 + (r + 1) * len(at)]) for r in range(p[0])]
    return tuple(at) in rows


def accepted(at, p, k):
    states, state = p[0], p[1]
    for a in at:
        state = p[2 + states + state * k + a]
        if state < 0:
            return False
    return p[2 + state] == 1


def related(at, p, _):
    first, second = at[0], at[1] + p[1]
    return [first != second, first < second, first <= second, first == second][p[0]]


def pointed(at, p, _):
    index, *array, result = (a + origin for a, origin in zip(at, p, strict=True))
    return 0 <= index < len(array) and array[index] == result


BLOCKS = {
    Kind.TABLE: in_table,
    Kind.REGULAR: accepted,
    Kind.RELATION: related,
    Kind.ELEMENT: pointed,
}
