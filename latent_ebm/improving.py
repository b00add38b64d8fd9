"""From one solution to ever better ones: the loop that models and soft domains share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

S = TypeVar("S")


class Goal(Protocol[S]):
    """What is to be made small, and the ways to make it smaller."""

    @property
    def least(self) -> int:
        """A bound: no solution costs less."""
        ...

    @property
    def is_exact(self) -> bool:
        """Whether there is an exact engine to hand over to."""
        ...

    def cost(self, solution: S) -> int:
        """What a solution costs."""
        ...

    @property
    def moves(self) -> bool:
        """Whether single moves can make it smaller: all hard factors are sums."""
        ...

    def descend(self, incumbent: S, found: Callable[[S], None]) -> None:
        """Report ever cheaper solutions by single moves, for as long as that is worth it."""
        ...

    def below(self, cost: int) -> tuple[S | None, bool]:
        """A solution that costs less, if one is found; and whether it is proved there is none."""
        ...

    def optimum(self, incumbent: S, found: Callable[[S], None]) -> bool:
        """Let the exact engine minimise and report solutions; whether the last is proved best."""
        ...


def improve(goal: Goal[S], incumbent: S, improved: Callable[[S, int], None]) -> bool:
    """Make the cost as small as time allows; True if it is proved that nothing costs less.

    Every solution that is better than those before, the first included, goes to ``improved``
    with its cost. Where all factors are sums, single moves go downhill from the first solution;
    else descent asks again and again for a little better. An exact engine takes over from what
    the moves have reached.
    """
    cost = goal.cost(incumbent)
    improved(incumbent, cost)
    best, reached = [incumbent], [cost]

    def found(solution: S) -> None:
        now = goal.cost(solution)
        if now < reached[0]:
            best[0], reached[0] = solution, now
            improved(solution, now)

    if goal.moves and goal.least < cost:
        goal.descend(incumbent, found)
    if goal.is_exact and goal.least < reached[0]:
        return goal.optimum(best[0], found) or reached[0] <= goal.least
    if goal.moves:
        return reached[0] <= goal.least
    while goal.least < reached[0]:
        better, proved = goal.below(reached[0])
        if better is None:
            return proved
        found(better)
    return True
