"""A program under repair: its text, what its run showed, and its edits, made as asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Outcome, Verdict
from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.space import edits

PASS, NOT_RUN = Verdict.PASS, Verdict.NOT_RUN


@dataclass(frozen=True, eq=False)
class Workspace:
    """A program with its observations.

    Attributes
    ----------
    context
        The program and what can be written in it.
    outcome
        What came of its tests.
    """

    context: Context
    outcome: Outcome
    _edits: dict[float, list[Edit]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        text: str,
        executor: Executor,
        terms: Terms,
        cases: Sequence[int] | None = None,
        like: Workspace | None = None,
        size: tuple[float, int] = (8.0, 300),
        results: Mapping[str, str] | None = None,
    ) -> Workspace:
        """Run the program once on some cases (None: all), slowly, and look at it.

        What can be written is shared with a program ``like`` it, where that is the same; ``size``
        is up to which cost expressions are made, and how many of each type; ``results`` is what
        functions should return.
        """
        program = Program(text)
        profile = executor.profile(text, cases=cases)
        failed = [verdict not in (PASS, NOT_RUN) for verdict in profile.outcome.verdicts]
        seen = Observations(profile.types, profile.locals, profile.lines, failed)
        pools = like.context.pools if like else {}
        return cls(Context(program, seen, terms, *size, pools, results or {}), profile.outcome)

    def edits(self, ceiling: float) -> list[Edit]:
        """The edits up to a cost, cheapest first."""
        if ceiling not in self._edits:
            self._edits[ceiling] = edits(self.context, ceiling=ceiling)
        return self._edits[ceiling]

    def with_edits(self, chosen: Sequence[Edit]) -> str:
        """The text with edits made."""
        return applied(self.context.program.source, chosen)
