"""Random small CPMpy constraints, of every kind that there is."""

import cpmpy as cp
import numpy as np


class Maker:
    """Makes constraints over three small integers and two truth values."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        lows = self.random.integers(-2, 2, 3)
        self.numbers = [
            cp.intvar(int(low), int(low + self.random.integers(1, 4)), name=f"x{i}")
            for i, low in enumerate(lows)
        ]
        self.truths = [cp.boolvar(name=f"b{i}") for i in range(2)]

    def pick(self, items):
        return items[int(self.random.integers(len(items)))]

    def constant(self) -> int:
        return int(self.random.integers(-3, 5))

    def leaf(self):
        return self.pick([*self.numbers, *self.numbers, *self.truths, ~self.truths[0]])

    def number(self, depth: int):
        if depth == 0:
            return self.leaf()
        return getattr(self, self.pick(NUMBERS))(depth - 1)

    def plus(self, depth):
        return self.number(depth) + self.number(depth)

    def minus(self, depth):
        return self.number(depth) - self.number(0)

    def scaled(self, depth):
        return self.constant() * self.number(depth) + self.leaf()

    def weighted(self, depth):
        weights = [self.constant() for _ in range(3)]
        return cp.sum(w * self.number(depth if i == 0 else 0) for i, w in enumerate(weights))

    def product(self, depth):
        return self.number(depth) * self.number(0)

    def quotient(self, depth):
        return self.number(depth) // self.pick([self.number(0), 2, -3])

    def remainder(self, depth):
        return self.number(depth) % self.pick([self.number(0), 2, 3])

    def power(self, depth):
        return self.number(depth) ** int(self.random.integers(0, 3))

    def absolute(self, depth):
        return cp.abs(self.number(depth))

    def extremum(self, depth):
        kind = self.pick([cp.Maximum, cp.Minimum])
        return kind([self.number(depth), self.number(0), self.constant()])

    def element(self, depth):
        array = [self.pick([self.leaf(), self.constant()]) for _ in range(3)]
        index = self.number(depth)
        return cp.Element(array, index + 0 if index.is_bool() else index)

    def matrix(self, depth):
        rows = cp.cpm_array(self.random.integers(0, 4, (2, 2)))
        return rows[self.numbers[0], self.numbers[1]] + self.number(depth)

    def count(self, depth):
        return cp.Count(
            [self.number(depth), *self.numbers], self.pick([self.constant(), self.leaf()])
        )

    def among(self, depth):
        return cp.Among([self.number(depth), *self.numbers], [0, 2])

    def distinct(self, depth):
        return cp.NValue([self.number(depth), *self.numbers])

    def truth(self, depth: int):
        if depth == 0:
            return self.pick([*self.truths, ~self.truths[1], self.compared(0)])
        return getattr(self, self.pick(TRUTHS))(depth - 1)

    def compared(self, depth):
        left, right = self.number(depth), self.pick([self.number(0), self.constant()])
        return self.pick(
            [left == right, left != right, left <= right, left < right, left >= right, left > right]
        )

    def both(self, depth):
        return self.truth(depth) & self.truth(0)

    def either(self, depth):
        return self.truth(depth) | self.truth(depth)

    def implied(self, depth):
        return self.truth(depth).implies(self.truth(depth))

    def equivalent(self, depth):
        return self.truth(depth) == self.truth(depth)

    def negated(self, depth):
        return ~self.truth(depth)

    def parity(self, depth):
        return cp.Xor([self.truth(depth), *self.truths])

    def all_different(self, depth):
        return cp.AllDifferent([self.number(depth), *self.numbers[:2], self.pick([self.leaf(), 1])])

    def all_different_but_zero(self, depth):
        return cp.AllDifferentExcept0([self.number(depth), *self.numbers])

    def all_equal(self, depth):
        return cp.AllEqual([self.number(depth), *self.numbers[:2]])

    def rows(self, width: int):
        return self.random.integers(-1, 3, (int(self.random.integers(1, 7)), width)).tolist()

    def table(self, depth):
        return cp.Table([self.number(depth), *self.numbers[:2]], self.rows(3))

    def negative_table(self, depth):
        return cp.NegativeTable([self.number(depth), *self.numbers[1:]], self.rows(3))

    def short_table(self, depth):
        rows = [[self.pick(["*", cell]) for cell in row] for row in self.rows(3)]
        return cp.ShortTable([self.number(depth), *self.numbers[:2]], rows)

    def regular(self, depth):
        steps = [
            (f"q{s}", v, f"q{int(self.random.integers(3))}") for s in range(3) for v in range(-1, 3)
        ]
        kept = [step for step in steps if self.random.random() < 0.8] or steps
        nodes = sorted({step[0] for step in kept})
        word = [self.number(depth), *self.numbers, self.numbers[0]]
        return cp.Regular(word, kept, nodes[0], [nodes[-1]])

    def in_domain(self, depth):
        return cp.InDomain(self.number(depth), [-1, 1, 2])

    def inverse(self, _):
        return cp.Inverse(self.numbers, self.numbers[::-1])

    def circuit(self, _):
        return cp.Circuit(self.numbers)

    def increasing(self, depth):
        kind = self.pick([cp.Increasing, cp.IncreasingStrict, cp.Decreasing, cp.DecreasingStrict])
        return kind([self.number(depth), *self.numbers])

    def lexicographic(self, _):
        kind = self.pick([cp.LexLess, cp.LexLessEq])
        return kind(self.numbers, self.numbers[::-1])

    def cardinalities(self, _):
        return cp.GlobalCardinalityCount(self.numbers, [0, 1], [self.leaf(), self.leaf()])

    def cumulative(self, _):
        return cp.Cumulative(self.numbers, [1, 2, 1], demand=[1, 1, 2], capacity=2)

    def no_overlap(self, _):
        return cp.NoOverlap(self.numbers, [1, 2, 1])

    def precedence(self, _):
        return cp.Precedence(self.numbers, [0, 1])

    def chosen(self, depth):
        return cp.IfThenElse(self.truth(depth), self.truth(0), self.truth(0))


NUMBERS = [
    *("plus", "minus", "scaled", "weighted", "product", "quotient", "remainder", "power"),
    *("absolute", "extremum", "element", "matrix", "count", "among", "distinct"),
]

TRUTHS = [
    *("compared", "both", "either", "implied", "equivalent", "negated", "parity"),
    *("all_different", "all_different_but_zero", "all_equal", "table", "negative_table"),
    *("short_table", "regular", "in_domain", "inverse", "circuit", "increasing"),
    *("lexicographic", "cardinalities", "cumulative", "no_overlap", "precedence", "chosen"),
]
