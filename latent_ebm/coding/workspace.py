"""A program under repair: its text, what its run showed, and its edits, made as asked for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from latent_ebm.coding.trials import Deadline
from latent_ebm.puzzles.code.evidence import observed
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Outcome
from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.space import edits

LISTING = 0.2
"""Of the time that is left, what listing the edits of one program may take, for each ceiling."""


@dataclass(frozen=True, eq=False)
class Workspace:
    """A program with its observations.

    Attributes
    ----------
    context
        The program and what can be written in it.
    outcome
        What came of its tests.
    deadline
        Of the whole search: listing edits takes no more than a share of what is left.
    """

    context: Context
    outcome: Outcome
    deadline: Deadline | None = None
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
        deadline: Deadline | None = None,
    ) -> Workspace:
        """Run the program once on some cases (None: all), slowly, and look at it.

        What can be written is shared with a program ``like`` it, where that is the same; ``size``
        is up to which cost expressions are made, and how many of each type; ``results`` is what
        functions should return. It also has the other's deadline, where it is given none.
        """
        program = Program(text)
        seen, outcome = observed(program, executor, text_too=terms.types, cases=cases)
        pools = like.context.pools if like else {}
        deadline = deadline or (like.deadline if like else None)
        context = Context(program, seen, terms, *size, pools, results or {})
        return cls(context, outcome, deadline)

    def edits(self, ceiling: float) -> list[Edit]:
        """The edits up to a cost, cheapest first."""
        if ceiling not in self._edits:
            left = inf if self.deadline is None else LISTING * self.deadline.left
            until = time.monotonic() + left
            self._edits[ceiling] = edits(self.context, ceiling=ceiling, until=until)
        return self._edits[ceiling]

    def with_edits(self, chosen: Sequence[Edit]) -> str:
        """The text with edits made."""
        return applied(self.context.program.source, chosen)
