"""From one solution to ever better ones: the loop that models and soft domains share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

S = TypeVar("S")


class Goal(Protocol[S]):
    """What is to be made small, and the two ways to make it smaller."""

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

    def below(self, cost: int) -> tuple[S | None, bool]:
        """A solution that costs less, if one is found; and whether it is proved there is none."""
        ...

    def optimum(self, incumbent: S, found: Callable[[S], None]) -> bool:
        """Let the exact engine minimise and report solutions; whether the last is proved best."""
        ...


def improve(goal: Goal[S], incumbent: S, improved: Callable[[S, int], None]) -> bool:
    """Make the cost as small as time allows; True if it is proved that nothing costs less.

    Every solution that is better than those before, the first included, goes to ``improved``
    with its cost. Descent asks again and again for a little better; an exact engine takes over
    from the first solution.
    """
    cost = goal.cost(incumbent)
    improved(incumbent, cost)
    if goal.is_exact and goal.least < cost:
        reached = [cost]

        def found(solution: S) -> None:
            now = goal.cost(solution)
            if now < reached[0]:
                reached[0] = now
                improved(solution, now)

        return goal.optimum(incumbent, found) or reached[0] <= goal.least
    while goal.least < cost:
        better, proved = goal.below(cost)
        if better is None:
            return proved
        cost = goal.cost(better)
        improved(better, cost)
    return True
