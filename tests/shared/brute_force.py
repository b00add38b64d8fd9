"""Small instances of every family, each with a definition of its own in plain Python.

A case knows its family, N, K, and for each factor a predicate on an assignment (a tuple of N
states).
"""

from dataclasses import dataclass
from itertools import product

import derivations as derived
import numpy as np
import torch
from lowered import COMPARE, allows

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.automaton import Automaton
from latent_ebm.energies.cardinality import AtMostOne, Cardinality, ExactlyOne
from latent_ebm.energies.clause import Clauses, implications
from latent_ebm.energies.conditional import Conditional
from latent_ebm.energies.element import Element
from latent_ebm.energies.linear import OPEN, Linear
from latent_ebm.energies.regular import Regular
from latent_ebm.energies.relation import Relation
from latent_ebm.energies.space import Space
from latent_ebm.energies.table import Table
from latent_ebm.energies.tree_grammar import TreeGrammar
from latent_ebm.kernels.factors import Operator
from latent_ebm.kernels.structure import Csr
from latent_ebm.kernels.trees import Grammar, Trees


@dataclass(frozen=True)
class Case:
    family: object
    n: int
    k: int
    naive: list

    def expected(self, values):
        return np.array([[holds(v) for holds in self.naive] for v in values.tolist()])

    @property
    def space(self):
        return Space.full([f"v{i}" for i in range(self.n)], [f"s{a}" for a in range(self.k)])

    @property
    def inner(self):
        return self.family.family if isinstance(self.family, Conditional) else self.family

    @property
    def over_variables(self):
        return not isinstance(self.inner, (ExactlyOne, AtMostOne, Cardinality, Clauses))

    @property
    def multilinear(self):
        """Whether the energy is 1 - a chance (or a product)."""
        return not self.squared and not isinstance(self.inner, TreeGrammar)

    @property
    def squared(self):
        """Whether the energy is a squared distance."""
        return isinstance(self.inner, (ExactlyOne, AtMostOne, Cardinality, AllDifferent, Linear))

    @property
    def least_cost(self):
        """[F] what a broken factor costs at least."""
        step = self.inner.step if isinstance(self.inner, Linear) else np.ones(self.family.count)
        return 0.5 / np.asarray(step, np.float64) ** 2


def all_assignments(n, k):
    return np.array(list(product(range(k), repeat=n)))


def corners(values, k):
    return torch.eye(k, dtype=torch.float64)[torch.as_tensor(values)]


def labels(rows):
    return tuple(f"factor {f}" for f in range(len(rows)))


def chosen(row, v, k):
    return sum(v[e // k] == e % k for e in row)


def exactly_one(rows, n, k):
    naive = [lambda v, r=r: chosen(r, v, k) == 1 for r in rows]
    return Case(ExactlyOne(Csr.from_rows(rows), k, labels(rows)), n, k, naive)


def at_most_one(rows, n, k):
    naive = [lambda v, r=r: chosen(r, v, k) <= 1 for r in rows]
    return Case(AtMostOne(Csr.from_rows(rows), k, labels(rows)), n, k, naive)


def different(rows, n, k):
    naive = [lambda v, r=r: len({v[i] for i in r}) == len(r) for r in rows]
    return Case(AllDifferent(Csr.from_rows(rows), k, labels(rows)), n, k, naive)


def cardinality(factors, n, k):
    """Factors (row, low, high)."""
    rows, low, high = zip(*factors, strict=True)
    family = Cardinality(Csr.from_rows(list(rows)), int32(low), int32(high), k, labels(rows))
    return Case(
        family, n, k, [lambda v, r=r, a=a, b=b: a <= chosen(r, v, k) <= b for r, a, b in factors]
    )


def clauses(factors, n, k):
    """Factors of literals (entry, sign)."""
    rows = [[e for e, _ in factor] for factor in factors]
    signs = np.array([s for factor in factors for _, s in factor], np.int8)
    naive = [lambda v, f=f: any((v[e // k] == e % k) == (s > 0) for e, s in f) for f in factors]
    return Case(Clauses(Csr.from_rows(rows), signs, k, labels(rows)), n, k, naive)


def implied(factors, n, k):
    """Factors (premises, conclusions)."""
    premises, conclusions = (Csr.from_rows(list(part)) for part in zip(*factors, strict=True))
    naive = [
        lambda v, p=p, c=c: chosen(p, v, k) < len(p) or chosen(c, v, k) > 0 for p, c in factors
    ]
    return Case(implications(premises, conclusions, k, labels(factors)), n, k, naive)


def linear(factors, n, k):
    """Factors (row, weights by variable and state, low, high)."""
    rows, weights, low, high = zip(*factors, strict=True)
    naive = [
        lambda v, r=r, w=w, a=a, b=b: a <= sum(w[i][v[j]] for i, j in enumerate(r)) <= b
        for r, w, a, b in factors
    ]
    weight = np.array([w for table in weights for w in table], np.int64)
    bounds = np.array(low, np.int64), np.array(high, np.int64)
    return Case(Linear(Csr.from_rows(list(rows)), weight, *bounds, k, labels(rows)), n, k, naive)


def table(factors, n, k):
    """Factors (row, tuples); equal lists of tuples are shared as one array."""
    rows = [row for row, _ in factors]
    arrays = {}
    tuples = [arrays.setdefault(repr(t), np.array(t)) for _, t in factors]
    naive = [lambda v, r=r, t=t: [v[i] for i in r] in [list(u) for u in t] for r, t in factors]
    return Case(Table(Csr.from_rows(rows), tuples, k, labels(rows)), n, k, naive)


def regular(factors, n, k):
    """Factors (row, (start, accepting, transitions)); equal automata are shared."""

    def accepts(automaton, word):
        state, accepting, transitions = automaton
        for a in word:
            state = transitions[state][a] if state >= 0 else -1
        return state >= 0 and accepting[state]

    rows = [row for row, _ in factors]
    made = {repr(a): Automaton(a[0], np.array(a[1], np.bool_), np.array(a[2])) for _, a in factors}
    naive = [lambda v, r=r, a=a: bool(accepts(a, [v[i] for i in r])) for r, a in factors]
    automata = [made[repr(a)] for _, a in factors]
    return Case(Regular(Csr.from_rows(rows), automata, k, labels(rows)), n, k, naive)


def relation(factors, n, k):
    """Factors (first, operator, second, offset)."""
    first, operator, second, offset = zip(*factors, strict=True)
    family = Relation(
        int32(first), int32(second), np.array(operator, np.int8), int32(offset), k, labels(factors)
    )
    naive = [lambda v, i=i, o=o, j=j, d=d: COMPARE[o](v[i], v[j] + d) for i, o, j, d in factors]
    return Case(family, n, k, naive)


def element(factors, n, k):
    """Factors (index, array, result, origins)."""

    def holds(v, index, array, result, origins):
        i = v[index] + origins[0]
        if not 0 <= i < len(array):
            return False
        return v[array[i]] + origins[1 + i] == v[result] + origins[-1]

    index, arrays, result, origins = zip(*factors, strict=True)
    family = Element(
        int32(index),
        Csr.from_rows(list(arrays)),
        int32(result),
        Csr.from_rows(list(origins)),
        k,
        labels(factors),
    )
    return Case(family, n, k, [lambda v, f=f: holds(v, *f) for f in factors])


def typed_trees(trees, factors, n, k):
    """Factors (slots, root types, mask [S, P + 1])."""
    slots, roots, masks = zip(*factors, strict=True)
    every = set(derived.derivations(trees))
    results = trees.grammar.results

    def holds(v, slots, root, mask):
        tree = tuple(v[i] for i in slots)
        fine = all(mask[s][p] for s, p in enumerate(tree) if p < trees.shape[1])
        return fine and tree in every and results[tree[0]] in root

    types = np.arange(len(trees.grammar.types))
    family = TreeGrammar(
        trees,
        int32(slots),
        np.stack([np.isin(types, root) for root in roots]),
        np.array(masks, np.bool_),
        k,
        labels(factors),
    )
    return Case(family, n, k, [lambda v, f=f: holds(v, *f) for f in factors])


def random_trees(seed, n, k):
    """One or two trees over at most n - 1 variables; k - 1 productions fit, k - 2 are tried too."""
    rng = np.random.default_rng(seed)
    while True:
        slots, productions = int(rng.integers(1, n)), int(rng.integers(1, k))
        types, width = int(rng.integers(1, 3)), int(rng.integers(1, 3))
        trees = derived.random_trees(
            rng, slots=slots, productions=productions, types=types, width=width
        )
        every = derived.derivations(trees)
        if not every:
            continue
        factors = []
        for _ in range(int(rng.integers(1, 3))):
            kept = every[rng.integers(len(every))]
            mask = rng.random(trees.shape) < 0.8
            mask[np.arange(slots), kept] = True
            roots = {int(trees.grammar.result[kept[0]]), int(rng.integers(types))}
            factors.append((rng.permutation(n - 1)[:slots].tolist(), sorted(roots), mask))
        return typed_trees(trees, factors, n, k)


def conditional(case, guards):
    k = case.k
    naive = [
        lambda v, g=g, holds=holds: v[g // k] != g % k or holds(v)
        for g, holds in zip(guards, case.naive, strict=True)
    ]
    return Case(Conditional(case.family, int32(guards)), case.n, k, naive)


def grammar(productions, types):
    """Productions (result, the types that each child may have)."""
    width = max(len(children) for _, children in productions)
    accepts = np.zeros((len(productions), width, types), np.bool_)
    for p, (_, children) in enumerate(productions):
        for j, accepted in enumerate(children):
            accepts[p, j, accepted] = True
    return Grammar(
        tuple(f"t{g}" for g in range(types)),
        int32([result for result, _ in productions]),
        int32([len(children) for _, children in productions]),
        accepts,
    )


def int32(items):
    return np.array(items, np.int32)


def local_points(case, f):
    """Every feasible 0/1 point over a factor's scope (its guard last), by trying all."""
    family, k = case.inner, case.k
    own = family.scope[f][family.scope[f] >= 0].tolist()
    lowered = family.factors()
    guarded = family is not case.family
    if case.over_variables:
        blocks = list(product(np.eye(k, dtype=int).tolist(), repeat=len(own) // k))
        points = [[c for block in point for c in block] for point in blocks]
    else:
        points = [list(p) for p in product((0, 1), repeat=len(own))]
    for p in points:
        at = dict(zip(own, p, strict=True))
        each = lowered.count // family.count
        fine = all(
            allows(lowered, g, [at[e] for e in lowered.members.row(g).tolist()])
            for g in range(f * each, (f + 1) * each)
        )
        row = p + [0] * (family.scope.shape[1] - len(p))
        if guarded:
            yield [*row, 0]
            if fine:
                yield [*row, 1]
        elif fine:
            yield row


def worth(case, f, p, scores):
    """What a point over a factor's scope scores, with scores [N, K]."""
    scope = case.family.scope[f]
    local = np.where(scope >= 0, scores.ravel()[scope], 0)
    shift = np.full(len(scope), 0.0 if case.over_variables else 0.5)
    if case.family is not case.inner:
        shift[-1] = 0.5
    return float((np.asarray(p) * (local - shift)).sum())


ODD_ONES = (0, [0, 1], [[0, 1], [1, 0]])
RUN_OF_TWO = (0, [0, 0, 1], [[0, 1], [-1, 2], [2, -1]])
RISING = (0, [1, 1, 1], [[0, 1, 2], [-1, 1, 2], [-1, -1, 2]])
ENDS_HIGH = (1, [1, 0], [[1, 1, 0], [1, 1, 0]])
NE, LT, LE, EQ = Operator.NOT_EQUAL, Operator.LESS, Operator.AT_MOST, Operator.EQUAL
DIGITS = [1, 2, 3]
SWAPS = [[0, 1], [1, 0], [2, 2]]
# states: a number, a string, the length of a string (or of a number or string), EMPTY
LENGTH = grammar([(0, []), (1, []), (0, [[1]])], 2)
PRINTED = grammar([(0, []), (1, []), (0, [[0, 1]])], 2)
# a number, a string, a string times a number, EMPTY
TIMES = grammar([(0, []), (1, []), (1, [[1], [0]])], 2)
ALL_STATES = np.ones((3, 4), np.bool_)
NO_NUMBER = np.array([[0, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]], np.bool_)

CASES = {
    "exactly one of an entry": exactly_one([[4]], 3, 3),
    "exactly one of mixed sets": exactly_one([[0, 4, 8], [1, 2], [0, 3, 6, 7]], 3, 3),
    "at most one of mixed sets": at_most_one([[0, 4, 8], [1, 2], [0, 3, 6, 7], [5]], 3, 3),
    "as many variables as values": different([[0, 1, 2], [2, 1, 3]], 4, 3),
    "fewer variables than values": different([[0, 2], [1, 2], [3, 0]], 4, 3),
    "factors of different widths": different([[0, 1, 2], [3], [1, 3]], 4, 3),
    "cardinality": cardinality(
        [([0, 3, 6, 9], 2, 2), ([1, 4], 0, 1), ([2, 5, 8], 1, 3), ([0, 4, 8, 9, 5], 1, 2)], 4, 3
    ),
    "clauses": clauses(
        [[(0, 1), (4, -1)], [(2, -1)], [(1, 1), (3, 1), (8, -1), (7, 1)], [(5, -1), (0, -1)]], 3, 3
    ),
    "clauses on booleans": clauses([[(1, 1), (3, -1), (5, 1)], [(7, 1), (1, -1)]], 4, 2),
    "implications": implied([([0, 4], [8, 7]), ([1], [3]), ([2, 5], []), ([], [6, 0])], 3, 3),
    "sums": linear(
        [
            ([0, 1], [DIGITS, DIGITS], 4, 4),
            ([3, 1, 2], [DIGITS, [0, -2, 5], [7, 0, 0]], 3, OPEN),
            ([2], [[5, 5, 9]], -OPEN, 8),
            ([0, 3], [DIGITS, [-1, -2, -3]], 0, 1),
        ],
        4,
        3,
    ),
    "large sums": linear([([0, 1], [[0, 10**9], [1, -(10**9)]], 1, 10**9)], 2, 2),
    "tables": table(
        [([0, 1], SWAPS), ([2, 0], SWAPS), ([1, 3, 2], [[0, 0, 0], [1, 2, 0]]), ([3], [[1], [2]])],
        4,
        3,
    ),
    "automata of bits": regular(
        [([0, 1, 2, 3], RUN_OF_TWO), ([3, 1, 0], ODD_ONES), ([2, 1, 3], RUN_OF_TWO)], 4, 2
    ),
    "automata": regular([([0, 1, 2], RISING), ([2, 3], ENDS_HIGH), ([3, 0], RISING)], 4, 3),
    "relations": relation([(0, NE, 1, 0), (1, LT, 2, 0), (2, LE, 0, 0), (0, EQ, 2, 0)], 3, 3),
    "relations with offsets": relation(
        [(0, NE, 1, 1), (1, LT, 2, -1), (2, LE, 0, -2), (0, EQ, 2, 1), (2, LT, 1, 2)], 3, 3
    ),
    "elements": element([(0, [1, 2], 3, [0, 0, 0, 0]), (3, [0, 1], 4, [-1, 0, 2, 1])], 5, 3),
    "elements of short arrays": element([(1, [2], 0, [-1, 1, 0])], 3, 3),
    "guarded sets": conditional(at_most_one([[0, 3], [1, 5]], 3, 3), [6, 8]),
    "guarded clauses": conditional(clauses([[(0, 1), (4, -1)], [(8, -1)]], 3, 3), [7, 0]),
    "guarded differences": conditional(different([[0, 1], [1, 2], [3]], 4, 3), [9, 2, 0]),
    "guarded sums": conditional(
        linear([([0, 1], [DIGITS, DIGITS], 4, 4), ([2], [DIGITS], 2, OPEN)], 3, 3), [8, 0]
    ),
    "guarded relations": conditional(relation([(0, LT, 1, 0), (2, NE, 1, 0)], 3, 3), [7, 1]),
    "trees of a chain": typed_trees(
        Trees.complete(LENGTH, 1),
        [([0, 1], [0], ALL_STATES[:2]), ([3, 2], [0, 1], NO_NUMBER[:2])],
        4,
        4,
    ),
    "trees of three slots, and a state that is no production": typed_trees(
        Trees.complete(TIMES, 1),
        [([0, 1, 2], [1], ALL_STATES), ([3, 0, 1], [0, 1], ALL_STATES)],
        4,
        5,
    ),
    "trees where a child is missing": typed_trees(
        Trees(np.array([[1, -1], [-1, -1]]), TIMES), [([1, 0], [0, 1], ALL_STATES[:2])], 2, 4
    ),
    "guarded trees": conditional(
        typed_trees(
            Trees.complete(PRINTED, 2),
            [([0, 1, 2], [0], ALL_STATES), ([2, 3, 1], [1, 0], NO_NUMBER)],
            4,
            4,
        ),
        [13, 1],
    ),
    "guarded elements": conditional(element([(0, [1, 2], 3, [0, 0, 0, 0])], 5, 2), [9]),
}
