"""One way to use an expression at a hole: a program, and what its runs have shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from latent_ebm.puzzles.code.execution.exploring.guarding import Guarded
from latent_ebm.puzzles.code.execution.exploring.noted import Noted
from latent_ebm.puzzles.code.execution.exploring.value_tree import State, Terminal, ValueTree
from latent_ebm.puzzles.code.execution.exploring.values import UnboundedError
from latent_ebm.puzzles.code.execution.outcomes import Verdict
from latent_ebm.puzzles.code.execution.programs import Program
from latent_ebm.puzzles.code.execution.runner import Hole, Runner

__all__ = ["Spent", "Variant"]

ALIVE = (Verdict.PASS, Verdict.TIMEOUT, Verdict.HOLE)
ALIKE, PASSING = 40, 40
"""Survivors told of each kind, and of those that pass every test."""
TICKS_OF_WORK, LATE = 300, 200
"""So many ticks are one unit of work, as is every run; one that the clock ends is so many."""
DEAD, SLOW, CLOSEST = -1, -2, -3
"""In place of a rank: an expression that cannot pass, one that runs out of the budget, and one that
cannot pass but passes more cases than any before."""
ENDLESS = b"endless"
"""The trace of a case in which a state came again."""


@dataclass
class Spent:
    """What an exploration has cost.

    Attributes
    ----------
    runs
        Expressions with which a case was run.
    work
        Runs and ticks.
    """

    runs: int = 0
    work: int = 0


class Variant:
    """A program with an open hole, judged by the values that fill it.

    Parameters
    ----------
    program
        Its open holes are calls of ``__hole_0__()``, ``__hole_1__()``, ...
    hole, holes
        The number of the one to fill, and how many there are.
    order
        The cases.
    roots
        For each type the layers to add where it stands at the hole; below 0 for never.
    loops
        Whether the function goes on for ever once its names have the same values again.
    states
        States that the variants of a hole share, by their bytes.
    spent
        What they have cost together.

    Attributes
    ----------
    tree
        Its runs.
    refused
        Whether its states cannot be kept.
    """

    def __init__(
        self,
        runner: Runner,
        program: Program,
        hole: int,
        holes: int,
        order: list[int],
        roots: list[int],
        loops: bool,
        states: dict[bytes, State],
        spent: Spent,
    ) -> None:
        self.roots = roots
        self.tree = ValueTree(states)
        self.refused = False
        self._spent = spent
        self._runner, self._program = runner, program
        self._hole, self._holes = hole, holes
        self._order = list(order)
        self._loops = loops
        self._most = 0  # cases that an expression which cannot pass has passed
        self._classes: Counter[tuple[bytes, ...]] = Counter()

    def begin(self) -> None:
        """Run every case to where the hole is reached first."""
        for case in self._order:
            self._run(case, None, self._runner.budgets[case])

    def rank(
        self, value: Callable[[State], Hashable], code: Callable[[], Guarded], ticks: int
    ) -> int:
        """How many came to the same before an expression that may pass; else one of the above.

        Parameters
        ----------
        value
            The key of its value at a state.
        code
            Compiles it.
        ticks
            The budget of each case.
        """
        ends: dict[int, Terminal] = {}
        ran = False
        for place, case in enumerate(self._order):
            try:
                end = self.tree.outcome(case, value)
            except UnboundedError:
                return DEAD
            if end is None or (end.verdict == Verdict.TIMEOUT and end.ticks < ticks):
                self._spent.runs += not ran
                ran = True
                end = self._run(case, code(), ticks)
            if end.verdict == Verdict.TIMEOUT and not ends and end.trace != ENDLESS:
                return SLOW if ticks < self._runner.budgets[case] else DEAD
            if end.verdict not in ALIVE or end.trace == ENDLESS:
                if place:  # what shows most wrong comes first
                    self._order.insert(place // 2, self._order.pop(place))
                passing = sum(end.verdict == Verdict.PASS for end in ends.values())
                closest, self._most = passing > self._most, max(passing, self._most)
                return CLOSEST if closest else DEAD
            ends[case] = end
        signature = tuple(ends[case].trace for case in sorted(ends))
        rank = self._classes[signature]
        self._classes[signature] += 1
        most = PASSING if not any(end.verdict for end in ends.values()) else ALIKE
        return rank if rank < most else DEAD

    def _run(self, case: int, code: Guarded | None, ticks: int) -> Terminal:
        """Run a case with an expression at the hole (None: end where it is reached first)."""
        noted: Any = Noted(code, self._loops)
        holes: list[Hole] = [None] * self._holes
        holes[self._hole] = noted
        tally = self._runner.case(self._program, holes, case, ticks)
        self._spent.work += 1 + (ticks - max(self._runner.left, 0)) // TICKS_OF_WORK
        self._spent.work += LATE * self._runner.late
        trace = ENDLESS if noted.endless else tally.pieces[-1]
        end = Terminal(tally.verdicts[case], trace, ticks)
        if code is not None:
            self.tree.add(case, noted.reaches, end if noted.whole else None)
        elif noted.reaches:
            self.tree.begin(case, noted.reaches[0].state)
        else:  # the hole is not reached, or in a state that is too large
            self.refused |= not noted.whole
            self.tree.add(case, (), end)
        return end
