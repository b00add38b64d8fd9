"""Descent of priced sums by single moves: the definition, with every energy computed anew.

With s_f the sum of the weights of factor f's chosen entries, excess_f how far it is out of its
bounds (of a forbidden sum, and of a soft factor: 1 where it is broken), on_f whether its guard is
chosen, and c_e the cost of an entry::

    E(x) = sum_f lambda_f on_f excess_f / unit_f  +  mu sum_e c_e x_e

* a variable is *open* while it may have a value with less energy. Of a sample of open ones the
  steepest move is made; those without one are closed. Changing a sum opens the variables of its
  factor, unless the sum stays out of their reach; of a factor of more than ``WIDE`` variables only
  some, drawn at random;
* where no open variable is left, multipliers grow: of the hard factors that are broken, or if none
  is, of the soft ones and of the costs; in proportion to the prices. Then the least bad move within
  one of these, drawn at random, is made;
* without anything cheaper for ``patience`` moves, times one more with every return, a walk returns
  to its best values, some of them redrawn, with the multipliers of the beginning.

Weights that grow on what is violated: see :mod:`latent_ebm.dynamics.multipliers`; those of soft
clauses in proportion to their weights, and steepest of a sample: SATLike (Lei and Cai 2018).
"""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.moves import (
    BEST,
    BEST_AT,
    BROKEN,
    COST,
    DRAWN,
    GROWTH,
    HARD,
    MOVES,
    NOTHING,
    OPEN,
    PAID,
    PRESSURE,
    RESTARTS,
    SHAKE,
    UNPAID,
    WIDE,
    MovesState,
    PricedSums,
)
from latent_ebm.kernels.reference.random import lowbias32


def moves(problem: PricedSums, state: MovesState, limit: int, patience: int) -> None:
    """Make up to ``limit`` moves, in place; ends early at a cost of 0."""
    _Walk(problem, state).go(limit, patience)


class _Walk:
    """One chain's problem and state, and what is done to them."""

    def __init__(self, problem: PricedSums, state: MovesState) -> None:
        self.problem, self.state = problem, state
        self.key = lowbias32(np.uint32(state.seed & 0xFFFFFFFF) ^ lowbias32(1))

    def go(self, limit: int, patience: int) -> None:
        state, counts = self.state, self.state.counts
        if counts[MOVES] == 0:
            counts[BEST] = NOTHING
            self.gather()
        for _ in range(limit):
            if counts[BROKEN] == 0 and counts[COST] < counts[BEST]:
                counts[BEST], counts[BEST_AT] = counts[COST], counts[MOVES]
                state.best[:] = state.choices
                if counts[BEST] == 0:
                    counts[MOVES] += 1
                    return
            since = counts[MOVES] - counts[BEST_AT]
            if counts[BEST] < NOTHING and since >= patience * (counts[RESTARTS] + 1):
                counts[RESTARTS] += 1
                state.choices[:] = state.best
                self.shake()
                self.gather()
            v, value = self.downhill()
            if v < 0:
                self.grow()
                v, value = self.forced()
            counts[MOVES] += 1
            if v >= 0:
                state.moved[v] = counts[MOVES]
                self.apply(v, value)

    # the energy

    def total(self, f: int) -> int:
        """s_f."""
        entries = self.problem.members.row(f)
        first, last = self.problem.members.offsets[f : f + 2]
        v, a = np.divmod(entries, self.problem.num_values)
        return int(self.problem.weights[first:last][self.state.choices[v] == a].sum())

    def excess(self, f: int) -> int:
        """excess_f."""
        total = self.total(f)
        if self.problem.forbidden[f]:
            return int(total == self.problem.low[f])
        excess = max(self.problem.low[f] - total, total - self.problem.high[f], 0)
        return int(min(excess, self.problem.most[f]))

    def is_on(self, f: int) -> bool:
        """on_f."""
        v, a = divmod(int(self.problem.guard[f]), self.problem.num_values)
        return bool(self.problem.guard[f] < 0 or self.state.choices[v] == a)

    def energy(self, v: int) -> float:
        """The terms of E that variable v is in."""
        problem, state = self.problem, self.state
        entries = v * problem.num_values + np.arange(problem.num_values)
        near = {
            int(f)
            for e in entries
            for f in (
                *problem.factor_at[problem.at_entry.offsets[e] : problem.at_entry.offsets[e + 1]],
                *problem.guarded_by.row(int(e)),
            )
        }
        pressure = state.counts[PRESSURE] * problem.cost_scale
        own = pressure * problem.costs[v * problem.num_values + state.choices[v]]
        return float(own) + sum(
            float(state.multipliers[f] * problem.scale[f]) * self.excess(f)
            for f in sorted(near)
            if self.is_on(f)
        )

    def best_value(self, v: int) -> tuple[int, float]:
        """The best other value of a variable and what it changes; -1 if it has none."""
        state, k = self.state, self.problem.num_values
        own, before = int(state.choices[v]), self.energy(v)
        value, least = -1, 0.0
        for a in range(k):
            if a == own or not state.live[v * k + a]:
                continue
            state.choices[v] = a
            energy = self.energy(v)
            if value < 0 or energy < least:
                value, least = a, energy
        state.choices[v] = own
        return value, least - before

    # lists

    def put(self, which: int, item: int) -> None:
        state = self.state
        if state.place[which, item] < 0:
            state.place[which, item] = state.counts[which]
            state.lists[which, state.counts[which]] = item
            state.counts[which] += 1

    def drop(self, which: int, item: int) -> None:
        state, at = self.state, self.state.place[which, item]
        if at >= 0:
            state.counts[which] -= 1
            last = state.lists[which, state.counts[which]]
            state.lists[which, at] = last
            state.place[which, last] = at
            state.place[which, item] = -1

    def draw(self, count: int) -> int:
        """A random number below count."""
        self.state.counts[DRAWN] += 1
        bits = lowbias32(np.uint32(self.state.counts[DRAWN]) ^ self.key)
        uniform = np.float32(bits >> np.uint32(8)) * np.float32(2.0**-24)
        return min(int(float(uniform) * count), count - 1)

    def touch(self, f: int) -> None:
        """The variables of a factor may have moves downhill."""
        variables = self.problem.variables.row(f).tolist()
        if len(variables) > WIDE:
            variables = [variables[self.draw(len(variables))] for _ in range(WIDE // 8)]
        for v in variables:
            self.put(OPEN, v)

    # the walk

    def gather(self) -> None:
        """Begin anew at the present choices."""
        problem, state, counts = self.problem, self.state, self.state.counts
        state.multipliers[:] = problem.first_multipliers
        counts[PRESSURE] = 1
        state.place[:] = -1
        counts[[BROKEN, UNPAID, PAID, OPEN, COST]] = 0
        for v in range(problem.num_variables):
            cost = problem.costs[v * problem.num_values + state.choices[v]]
            counts[COST] += cost
            if cost > 0:
                self.put(PAID, v)
            self.put(OPEN, v)
        for f in range(problem.count):
            state.sums[f] = self.total(f)
            self.mark(f, self.is_on(f) and self.excess(f) > 0)

    def shake(self) -> None:
        """Give some variables random values."""
        n, k = self.problem.num_variables, self.problem.num_values
        for _ in range(1 + self.draw(max(n // SHAKE, 2))):
            v, a = self.draw(n), self.draw(k)
            if self.state.live[v * k + a]:
                self.state.choices[v] = a

    def mark(self, f: int, broken: bool) -> None:
        """Enter a factor into the list of broken ones, or take it out."""
        which = BROKEN if self.problem.price[f] == HARD else UNPAID
        if broken == (self.state.place[which, f] >= 0):
            return
        if which == UNPAID:
            self.state.counts[COST] += self.problem.price[f] * (1 if broken else -1)
        (self.put if broken else self.drop)(which, f)

    def downhill(self) -> tuple[int, int]:
        """Of a sample of the open variables the steepest move."""
        state, counts = self.state, self.state.counts
        found, to, steepest, looked = -1, -1, 0.0, 0
        while looked < self.problem.sample and counts[OPEN] > 0:
            v = int(state.lists[OPEN, self.draw(int(counts[OPEN]))])
            value, change = self.best_value(v)
            if value < 0 or change >= 0:
                self.drop(OPEN, v)
                looked += found >= 0
                continue
            looked += 1
            older = found < 0 or state.moved[v] < state.moved[found]
            if change < steepest or (change == steepest and older):
                found, to, steepest = v, value, change
        return found, to

    def grow(self) -> None:
        """Raise the multipliers of what is broken, or if nothing is, of what costs."""
        state, counts = self.state, self.state.counts
        if counts[BROKEN] > 0:
            for f in state.lists[BROKEN, : counts[BROKEN]].tolist():
                state.multipliers[f] += GROWTH
                self.touch(f)
            return
        for f in state.lists[UNPAID, : counts[UNPAID]].tolist():
            state.multipliers[f] += self.problem.first_multipliers[f]
            self.touch(f)
        if counts[PAID] > 0:
            counts[PRESSURE] += 1
            for _ in range(min(int(counts[PAID]), WIDE // 8)):
                self.put(OPEN, int(state.lists[PAID, self.draw(int(counts[PAID]))]))

    def forced(self) -> tuple[int, int]:
        """The least bad move within one thing that is broken, or costs."""
        state, sample = self.state, self.problem.sample
        pool, drawn = self.pool()
        found, to, least = -1, -1, 0.0
        for m in range(min(len(pool), sample)):
            v = int(pool[self.draw(len(pool)) if drawn or len(pool) > sample else m])
            value, change = self.best_value(v)
            older = found >= 0 and change == least and state.moved[v] < state.moved[found]
            if value >= 0 and (found < 0 or change < least or older):
                found, to, least = v, value, change
        return found, to

    def pool(self) -> tuple[list[int], bool]:
        """The variables of one thing that is broken or costs, and whether to draw from them."""
        state, counts = self.state, self.state.counts
        if counts[BROKEN] > 0:
            f = int(state.lists[BROKEN, self.draw(int(counts[BROKEN]))])
            return self.problem.variables.row(f).tolist(), False
        if counts[UNPAID] + counts[PAID] == 0:
            return [], False
        at = self.draw(int(counts[UNPAID] + counts[PAID]))
        if at < counts[UNPAID]:
            return self.problem.variables.row(int(state.lists[UNPAID, at])).tolist(), False
        return state.lists[PAID, : counts[PAID]].tolist(), True

    def apply(self, v: int, value: int) -> None:
        """Give a variable another value, and open those that it may concern."""
        problem, state, counts = self.problem, self.state, self.state.counts
        before = v * problem.num_values + int(state.choices[v])
        after = v * problem.num_values + value
        state.choices[v] = value
        counts[COST] += problem.costs[after] - problem.costs[before]
        (self.put if problem.costs[after] > 0 else self.drop)(PAID, v)
        self.put(OPEN, v)
        for e in (before, after):
            first, last = problem.at_entry.offsets[e : e + 2]
            for f in problem.factor_at[first:last].tolist():
                self.changed(f)
            for f in problem.guarded_by.row(e).tolist():
                self.mark(f, e == after and self.excess(f) > 0)
                self.touch(f)

    def changed(self, f: int) -> None:
        """Open the variables that a changed sum may concern."""
        problem, now, old = self.problem, self.total(f), int(self.state.sums[f])
        if now == old:
            return
        self.state.sums[f] = now
        if not self.is_on(f):
            self.put(OPEN, int(problem.guard[f]) // problem.num_values)
            return
        self.mark(f, self.excess(f) > 0)
        if problem.forbidden[f]:
            near = min(abs(now - problem.low[f]), abs(old - problem.low[f])) <= problem.reach[f]
        else:
            slack = min(min(now, old) - problem.low[f], problem.high[f] - max(now, old))
            near = slack < problem.reach[f]
        if near:
            self.touch(f)
