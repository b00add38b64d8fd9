"""Tables of factors as CNF, decided by CaDiCaL 1.9.5 through PySAT.

CaDiCaL cannot be interrupted through PySAT, but it takes budgets of conflicts. It runs in
slices of them, and the clock is read in between; a slice is some tenths of a second on hard
formulas of thousands of variables, and about as long as its preprocessing on huge ones. PySAT
keeps the interpreter lock meanwhile, so other threads wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.exact.clauses import Factor, add_clause, encode, encode_graph
from latent_ebm.exact.graphs import sum_graph
from latent_ebm.exact.literals import FALSE, TRUE, Literals
from latent_ebm.exact.outcome import Clock, Outcome, Verdict, require
from latent_ebm.kernels.dispatch import Availability
from latent_ebm.kernels.factors import FactorTable, Kind

SLICE = 2_000
"""Conflicts between two looks at the clock."""

MAX_ARCS = 20_000
"""The largest graph of partial sums that a linear factor may take."""

LONGEST_PAIRWISE = 6
"""At-most-one up to here is said pair by pair, beyond by a ladder."""


def supports(table: FactorTable, mask: NDArray[np.bool_]) -> Availability:
    """Whether every factor can be said in clauses of reasonable number; if not, which cannot.

    Examples
    --------
    >>> from latent_ebm.kernels.structure import Csr
    >>> members, bounds = Csr.from_rows([[0, 1]]), Csr.from_rows([[0, 1]])
    >>> table = FactorTable.of(Kind.LINEAR, 2, members, parameters=bounds)
    >>> supports(table, np.ones((1, 2), bool))
    Availability(ok=True, reason='')
    """
    live = mask.ravel()
    for f in np.flatnonzero(table.kind == Kind.LINEAR).tolist():
        row = slice(table.members.offsets[f], table.members.offsets[f + 1])
        low, high = table.parameters.row(f).tolist()
        shape = (-1, table.num_values)
        members = table.members.items[row].reshape(shape)
        weights = table.weights[row].reshape(shape)
        if sum_graph(weights, live[members], low, high, MAX_ARCS) is None:
            return Availability(
                False,
                f"factor {f} is linear over {len(members)} variables with too many partial sums "
                f"for clauses (over {MAX_ARCS} steps); use the exact engine cpsat",
            )
    return Availability(True, "")


class Formula:
    """A solver that holds a table of factors as clauses; a context manager, it frees the solver.

    Parameters
    ----------
    table, mask
        F factors, and the live entries [N, K].
    selectors
        Whether each factor shall have a literal in ``selectors`` that switches it on.
    seed
        Of the solver's random decisions.
    """

    def __init__(
        self, table: FactorTable, mask: NDArray[np.bool_], *, selectors: bool = False, seed: int = 0
    ) -> None:
        self.literals = Literals.of_mask(mask)
        self._top = self.literals.count
        self._solver = require("cadical", "pysat.solvers").Cadical195()
        self._solver.configure({"seed": seed % 2**31})
        self.clause([TRUE])
        for row in self.literals.wide():
            self.clause(row)
            self._at_most_one(row, TRUE)
        if not mask.any(axis=1).all():
            self.clause([])
        self.selectors = [self.fresh() for _ in range(table.count)] if selectors else None
        encode(table, self.literals.of_entry, self, self.selectors)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._solver.delete()

    def fresh(self) -> int:
        """A new literal."""
        self._top += 1
        return self._top

    def clause(self, literals: list[int]) -> None:
        """Some literal holds."""
        self._solver.add_clause(literals)

    def cardinality(self, literals: list[int], low: int, high: int, when: int) -> None:
        """Pairs or a ladder for at most one, a cardinality network beyond."""
        count = len(literals)
        if low == 1:
            add_clause(self, [-when, *literals])
        elif low > 1:
            self._at_most([-literal for literal in literals], count - low, when)
        if high == 0:
            for literal in literals:
                add_clause(self, [-when, -literal])
        elif high == 1:
            self._at_most_one(literals, when)
        elif high < count:
            self._at_most(literals, high, when)

    def linear(
        self,
        literals: NDArray[np.int64],
        weights: NDArray[np.int64],
        low: int,
        high: int,
        when: int,
    ) -> None:
        """The graph of its partial sums.

        Raises
        ------
        ValueError
            If that is too large; ``supports`` tells beforehand.
        """
        graph = sum_graph(weights, literals != FALSE, low, high, MAX_ARCS)
        if graph is None:
            raise ValueError(
                f"a linear factor over {len(literals)} variables takes more than {MAX_ARCS} steps "
                "in clauses; use the exact engine cpsat"
            )
        nothing = np.zeros(0, np.int32)
        factor = Factor(Kind.LINEAR, nothing, literals, weights, nothing, when)
        encode_graph(graph, factor, self)

    def native(self, factor: Factor) -> bool:  # noqa: ARG002
        """CaDiCaL takes clauses only."""
        return False

    def wish(self, scores: NDArray[np.number]) -> None:
        """Try the states of a candidate [N], or the best of scores [N, K], first."""
        self._solver.set_phases(self.literals.wishes(scores))

    def forbid(self, values: NDArray[np.integer]) -> None:
        """Rule a solution [N] out."""
        self.clause(self.literals.other_than(values))

    def solve(self, clock: Clock, assumptions: Sequence[int] = ()) -> Verdict:
        """Search until decided or out of time."""
        while not clock.out:
            self._solver.conf_budget(SLICE)
            answer = self._solver.solve_limited(assumptions=list(assumptions))
            if answer is not None:
                return Verdict.SATISFIABLE if answer else Verdict.UNSATISFIABLE
        return Verdict.UNKNOWN

    def values(self) -> NDArray[np.int16]:
        """[N] the solution, after SATISFIABLE."""
        holds = np.zeros(self._top + 1, np.bool_)
        model = np.array(self._solver.get_model(), np.int64)
        holds[model[(model > 0) & (model <= self._top)]] = True
        return self.literals.decode(holds)

    def core(self) -> set[int]:
        """The assumptions that cannot hold together, after UNSATISFIABLE."""
        return set(self._solver.get_core() or ())

    def _at_most_one(self, literals: list[int], when: int) -> None:
        """Pairs while they are few, else a ladder: s_i says that one of the first i holds."""
        if len(literals) <= LONGEST_PAIRWISE:
            for i, first in enumerate(literals):
                for second in literals[:i]:
                    add_clause(self, [-when, -first, -second])
            return
        step = literals[0]
        for literal in literals[1:]:
            add_clause(self, [-when, -step, -literal])
            further = self.fresh()
            self.clause([-step, further])
            self.clause([-literal, further])
            step = further

    def _at_most(self, literals: list[int], bound: int, when: int) -> None:
        card: Any = require("cadical", "pysat.card")
        network = card.CardEnc.atmost(
            literals, bound, top_id=self._top, encoding=card.EncType.cardnetwrk
        )
        self._top = max(self._top, network.nv)
        for clause in network.clauses:
            add_clause(self, [-when, *clause])


def solve(
    table: FactorTable,
    mask: NDArray[np.bool_],
    *,
    time_limit: float | None = None,
    seed: int = 0,
    scores: NDArray[np.number] | None = None,
    forbidden: Sequence[NDArray[np.integer]] = (),
) -> Outcome:
    """Decide whether the factors can hold together within a mask.

    Parameters
    ----------
    table, mask
        F factors, and the live entries [N, K].
    time_limit
        Seconds, encoding included.
    seed
        Of the solver's random decisions.
    scores
        A candidate [N] or scores [N, K] whose states are tried first.
    forbidden
        Solutions [N] that do not count.

    Returns
    -------
    Outcome
        Without objective.

    Raises
    ------
    MissingEngineError
        If PySAT is not installed.
    ValueError
        If ``supports`` says no.
    """
    clock = Clock(time_limit)
    with Formula(table, mask, seed=seed) as formula:
        if scores is not None:
            formula.wish(scores)
        for values in forbidden:
            formula.forbid(values)
        verdict = formula.solve(clock)
        found = formula.values() if verdict is Verdict.SATISFIABLE else None
    return Outcome(verdict, found)
