"""A program with holes, and the programs that come of filling some of them or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from latent_ebm.coding.candidate import Candidate
from latent_ebm.puzzles.code.execution.outcomes import Job, Outcome, Verdict
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.holes import opened, sites
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.sites import Site

__all__ = ["Blanks", "Filling"]

PARTLY = 5
"""Partly filled programs have so many times less: what runs out of its budget stays alive."""
TIGHT_TICKS = 500
"""For tests after one that fails or, where holes are open, runs out of its budget."""
SHARE = 1 / 3
"""Of the seconds of a program, at first: few ticks take that long only where values grow."""

Filling = tuple[Edit | None, ...]
"""What fills each hole; None for those that are open."""


@dataclass(frozen=True, eq=False)
class Blanks:
    r"""A program, its holes, and the edits that make each a call that stops where it is reached.

    Examples
    --------
    >>> blanks = Blanks.of("def f(n):\n    return ...\n")
    >>> blanks.text((None,))
    'def f(n):\n    return __hole_0__()\n'
    """

    program: Program
    holes: tuple[Site, ...]
    open: tuple[Edit, ...]

    @classmethod
    def of(cls, text: str) -> Blanks:
        """The holes of a program.

        Raises
        ------
        ValueError
            If a hole stands where its place cannot be told.
        """
        program = Program(text)
        holes = sites(program)
        return cls(program, tuple(holes), tuple(opened(program, holes)))

    @property
    def nothing(self) -> Filling:
        """All holes open."""
        return (None,) * len(self.holes)

    def text(self, filled: Filling) -> str:
        """The program, with calls where holes are open."""
        edits = [edit or blank for edit, blank in zip(filled, self.open, strict=True)]
        return applied(self.program.source, edits)

    def with_one(self, filled: Filling, hole: int, edit: Edit) -> Filling:
        """One hole more filled."""
        blank = self.open[hole]
        placed = replace(edit, start=blank.start, end=blank.end, line=blank.line)
        return (*filled[:hole], placed, *filled[hole + 1 :])

    def job(self, filled: Filling, budgets: Sequence[int], before: Outcome | None = None) -> Job:
        """A run in which reaching a hole that is still open ends the test.

        Tests that ran out of their budget ``before`` the last hole was filled come last: what
        fills it changes nothing there.

        Parameters
        ----------
        budgets
            Of whole programs, for each test, in ticks.
        """
        text, cases = self.text(filled), None
        if before is not None and Verdict.TIMEOUT in before.verdicts:
            late = [verdict == Verdict.TIMEOUT for verdict in before.verdicts]
            cases = tuple(sorted(range(len(late)), key=lambda case: late[case]))
        if None not in filled:
            return Job(text, cases=cases, tight=TIGHT_TICKS, share=SHARE)
        ticks, open_ = max(budgets) // PARTLY, ((None,) * len(self.holes),)
        return Job(text, open_, cases, ticks=ticks, tight=TIGHT_TICKS, share=SHARE)

    def candidate(self, filled: Filling, spent: float) -> Candidate:
        """A whole program; holes that no test reaches get the least."""
        chosen = []
        for hole, edit, blank in zip(self.holes, filled, self.open, strict=True):
            least = "pass" if hole.is_statement else "None"
            chosen.append(edit or replace(blank, text=least))
        return Candidate(applied(self.program.source, chosen), spent, tuple(chosen))
