"""What a descent by single moves works on: factors as bounded sums, hard ones and priced ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.factors import FactorTable, Kind, Operator
from latent_ebm.kernels.structure import Csr, Int32

Int64 = NDArray[np.int64]

HARD = -1
"""The price of a factor that must hold."""

WIDE = 256
"""Variables of a factor up to which a change of its sum is told to all of them."""

FIRST = 256
"""The multiplier of a hard factor, and of a soft one of average price, to begin with."""

GROWTH = 3 * FIRST
"""What the multiplier of a hard factor gains where descent gets no further."""

WORK = 600
"""Sums that are looked at, at most, to choose a move."""

SHAKE = 50
"""One in so many variables, at most, is redrawn where a walk returns to its best values."""

_FAR = 1 << 60


@dataclass(frozen=True, eq=False)
class PricedSums:
    """F sums of the weights of chosen entries that should stay within bounds.

    Attributes
    ----------
    num_variables, num_values
        N and K.
    members
        The entries of each factor with a weight other than 0, each once, F rows.
    weights
        int64 of each position of ``members``.
    low, high
        [F] the bounds.
    forbidden
        [F] whether the sum must differ from ``low`` instead.
    guard
        [F] the entry that switches a factor on, or -1.
    price
        [F] what a broken factor costs, or ``HARD``.
    costs
        [N * K] what a chosen entry costs, at least 0.
    """

    num_variables: int
    num_values: int
    members: Csr
    weights: Int64
    low: Int64
    high: Int64
    forbidden: NDArray[np.bool_]
    guard: Int32
    price: Int64
    costs: Int64

    @classmethod
    def of(cls, table: FactorTable, price: Int64, costs: NDArray[np.integer]) -> PricedSums:
        """The factors of a table, each with its price, and a cost [N, K] for each entry.

        Raises
        ------
        ValueError
            If ``inexpressible`` names a factor that is no sum.
        """
        refusal = inexpressible(table)
        if refusal:
            raise ValueError(refusal)
        n, k = costs.shape
        low, high, forbidden = _bounds(table)
        members, weights = _merged(table, _weights(table), n * k)
        return cls(
            n, k, members, weights, low, high, forbidden, table.guard,
            np.asarray(price, np.int64), np.ascontiguousarray(costs, np.int64).ravel(),
        )  # fmt: skip

    @property
    def count(self) -> int:
        """F."""
        return self.members.count

    @cached_property
    def at_entry(self) -> Csr:
        """For each entry the positions in ``members`` where it stands."""
        return self.members.inverse(self.num_variables * self.num_values)

    @cached_property
    def factor_at(self) -> Int32:
        """The factor of each position of ``at_entry``."""
        return self.members.row_of[self.at_entry.items]

    @cached_property
    def weight_at(self) -> Int64:
        """The weight of each position of ``at_entry``."""
        return self.weights[self.at_entry.items]

    @cached_property
    def guarded_by(self) -> Csr:
        """For each entry the factors that it switches on."""
        guarded = np.flatnonzero(self.guard >= 0).astype(np.int32)
        rows = Csr(np.zeros(1, np.int32), self.guard[guarded])
        by_entry = rows.inverse(self.num_variables * self.num_values)
        return Csr(by_entry.offsets, guarded[by_entry.items])

    @cached_property
    def variables(self) -> Csr:
        """The variables of each factor, its guard's last, F rows."""
        guarded = np.flatnonzero(self.guard >= 0)
        factor = np.concatenate([self.members.row_of, guarded]).astype(np.int64)
        entry = np.concatenate([self.members.items, self.guard[guarded]])
        pairs = np.unique(factor * self.num_variables + entry // self.num_values)
        factor, variable = np.divmod(pairs, self.num_variables)
        offsets = np.zeros(self.count + 1, np.int32)
        np.cumsum(np.bincount(factor, minlength=self.count), out=offsets[1:])
        return Csr(offsets, variable.astype(np.int32))

    @cached_property
    def is_steady(self) -> NDArray[np.uint8]:
        """[N] whether a variable hears of every change that concerns it: in no wide factor."""
        widths = self.variables.widths
        steady = np.ones(self.num_variables, np.uint8)
        steady[self.variables.items[widths[self.variables.row_of] > WIDE]] = 0
        return steady

    @cached_property
    def reach(self) -> Int64:
        """[F] how far one move can change a sum, at most."""
        reach = np.zeros(self.count, np.int64)
        np.maximum.at(reach, self.members.row_of, np.abs(self.weights))
        return 2 * reach

    @cached_property
    def most(self) -> Int64:
        """[F] the most excess that counts: 1 of soft factors, whose price does not depend on it."""
        return np.where(self.price == HARD, _FAR, 1)

    @cached_property
    def scale(self) -> NDArray[np.float64]:
        """[F] a power of two: excess times this is about 1 for a violation by one member.

        1 for soft factors.
        """
        total = np.zeros(self.count, np.int64)
        np.add.at(total, self.members.row_of, np.abs(self.weights))
        mean = total / np.maximum(self.members.widths, 1)
        hard = np.exp2(-np.floor(np.log2(np.maximum(mean, 1))))
        return np.where(self.price == HARD, hard, 1.0)

    @cached_property
    def first_multipliers(self) -> NDArray[np.float64]:
        """[F] whole numbers: ``FIRST``, for soft factors in proportion to their prices."""
        soft = self.price != HARD
        first = np.full(self.count, float(FIRST))
        if soft.any():
            prices = self.price[soft].astype(np.float64)
            first[soft] = np.maximum(np.rint(FIRST * prices / max(prices.mean(), 1e-9)), 1)
        return first

    @cached_property
    def cost_scale(self) -> float:
        """A power of two: an average cost times this is about ``FIRST``."""
        spans = self.costs[self.costs > 0]
        if not len(spans):
            return 1.0
        return float(np.exp2(np.floor(np.log2(FIRST / spans.mean()))))

    @cached_property
    def sample(self) -> int:
        """How many variables are looked at to choose a move."""
        looked_at = len(self.members.items) / max(self.num_variables, 1)
        return int(np.clip(WORK / max(looked_at, 1), 3, 50))


def inexpressible(table: FactorTable) -> str:
    """Why a table's factors are not all sums; empty if they are.

    >>> inexpressible(FactorTable.of(Kind.REGULAR, 2, Csr.from_rows([[0, 1]])))
    'factor 0 is regular; it is no sum'
    """
    known = (Kind.CARDINALITY, Kind.CLAUSE, Kind.LINEAR, Kind.RELATION)
    for f in np.flatnonzero(~np.isin(table.kind, known)).tolist():
        return f"factor {f} is {Kind(int(table.kind[f])).name.lower()}; it is no sum"
    own = table.members.items // table.num_values
    guard = np.where(table.guard >= 0, table.guard // table.num_values, -1)
    clash = own == guard[table.members.row_of]
    if clash.any():
        return f"factor {int(table.members.row_of[clash.argmax()])} has its guard among its members"
    return ""


def _weights(table: FactorTable) -> Int64:
    """The weight of each member in its factor's sum."""
    weights = table.weights.copy()
    weights[table.kind[table.members.row_of] == Kind.CARDINALITY] = 1
    k = table.num_values
    for f in np.flatnonzero(table.kind == Kind.RELATION).tolist():
        start = table.members.offsets[f]
        weights[start : start + k] = np.arange(k)
        weights[start + k : start + 2 * k] = -np.arange(k)
    return weights


def _bounds(table: FactorTable) -> tuple[Int64, Int64, NDArray[np.bool_]]:
    """Lower and upper bounds, and which lower bounds are forbidden sums instead."""
    low = np.full(table.count, -_FAR, np.int64)
    high = -low
    forbidden = np.zeros(table.count, np.bool_)
    first = table.parameters.offsets[:-1]
    bounded = np.flatnonzero(np.isin(table.kind, (Kind.CARDINALITY, Kind.LINEAR)))
    low[bounded] = table.parameters.items[first[bounded]]
    high[bounded] = table.parameters.items[first[bounded] + 1]
    clauses = table.kind == Kind.CLAUSE
    negative = np.zeros(table.count, np.int64)
    np.add.at(negative, table.members.row_of, table.weights < 0)
    low[clauses] = 1 - negative[clauses]
    related = np.flatnonzero(table.kind == Kind.RELATION)
    operator = table.parameters.items[first[related]]
    offset = table.parameters.items[first[related] + 1].astype(np.int64)
    forbidden[related] = operator == Operator.NOT_EQUAL
    both = np.isin(operator, (Operator.NOT_EQUAL, Operator.EQUAL))
    low[related] = np.where(both, offset, -_FAR)
    high[related] = np.where(operator == Operator.LESS, offset - 1, offset)
    return low, high, forbidden


def _merged(table: FactorTable, weights: Int64, num_entries: int) -> tuple[Csr, Int64]:
    """Members that stand twice in a factor once, with their weights added; those of 0 left out."""
    keys = table.members.row_of.astype(np.int64) * num_entries + table.members.items
    unique, back = np.unique(keys, return_inverse=True)
    total = np.zeros(len(unique), np.int64)
    np.add.at(total, back, weights)
    unique, total = unique[total != 0], total[total != 0]
    factor, entry = np.divmod(unique, max(num_entries, 1))
    offsets = np.zeros(table.count + 1, np.int32)
    np.cumsum(np.bincount(factor, minlength=table.count), out=offsets[1:])
    return Csr(offsets, entry.astype(np.int32)), total


@dataclass(eq=False)
class MovesState:
    """One chain, changed in place.

    Attributes
    ----------
    live
        [N * K] bytes, the entries that the mask allows.
    choices, best
        [N] int16: the present values, and the cheapest seen that break nothing hard.
    multipliers
        [F] float64, whole numbers.
    sums, moved
        [F] int64 the present sums; [N] int64 when each variable moved last.
    known, change, value
        [N] whether a variable's best move is known, how it changes the energy, and to what value.
    lists, place
        The broken hard factors, the broken soft ones, the variables at a cost above 0, and the
        variables that may have a move downhill, [4, max(F, N)]; and where each stands, or -1.
    counts
        int64: the lengths of the four lists, moves, cost, best cost, the moves at which it was
        found, random numbers drawn, restarts, the multiplier of the costs.
    """

    live: NDArray[np.uint8]
    choices: NDArray[np.int16]
    best: NDArray[np.int16]
    multipliers: NDArray[np.float64]
    sums: Int64
    moved: Int64
    known: NDArray[np.uint8]
    change: NDArray[np.float64]
    value: Int32
    lists: Int32
    place: Int32
    counts: Int64
    seed: int = field(default=0)

    @classmethod
    def start(
        cls, problem: PricedSums, mask: NDArray[np.bool_], values: NDArray[np.int16], seed: int
    ) -> MovesState:
        """At values [N] within a mask [N, K]; nothing is counted yet."""
        longest = max(problem.count, problem.num_variables, 1)
        return cls(
            np.ascontiguousarray(mask).reshape(-1).view(np.uint8),
            values.astype(np.int16),
            values.astype(np.int16),
            problem.first_multipliers.copy(),
            np.zeros(problem.count, np.int64),
            np.zeros(problem.num_variables, np.int64),
            np.zeros(problem.num_variables, np.uint8),
            np.zeros(problem.num_variables, np.float64),
            np.zeros(problem.num_variables, np.int32),
            np.zeros((4, longest), np.int32),
            np.full((4, longest), -1, np.int32),
            np.zeros(NUM_COUNTS, np.int64),
            seed,
        )

    @property
    def found(self) -> bool:
        """Whether something that breaks no hard factor was seen."""
        return bool(self.counts[MOVES]) and self.best_cost < NOTHING

    @property
    def best_cost(self) -> int:
        """The cost of ``best``; ``NOTHING`` while nothing was found."""
        return int(self.counts[BEST])


BROKEN, UNPAID, PAID, OPEN, MOVES, COST, BEST, BEST_AT, DRAWN, RESTARTS, PRESSURE = range(11)
NUM_COUNTS = 11

NOTHING = np.iinfo(np.int64).max
"""The best cost while nothing was found."""
