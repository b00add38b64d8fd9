"""Regular languages: an automaton accepts the states of some variables, read in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.automaton import Automaton
from latent_ebm.energies.family import Values
from latent_ebm.energies.rows import (
    added,
    by_width,
    chunks,
    entries_of,
    gathered,
    in_order,
    stacked,
)
from latent_ebm.energies.wording import assigned, expect_labels, expect_lengths, expect_rows
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space


@dataclass(frozen=True, eq=False)
class Regular:
    """The automaton of each factor accepts the states of its variables, in order.

    ``energy = 1 - P(accept)``, where each variable i takes state a with chance x_ia, on its
    own: the forward algorithm over the automaton's states.

    Attributes
    ----------
    variables
        F rows of variables.
    automata
        F automata; factors may share one.
    num_values
        K.
    labels
        F names.

    Raises
    ------
    ValueError
        If a factor repeats a variable or has none, or its automaton reads other values or
        accepts nothing of its length.

    Examples
    --------
    >>> import numpy as np
    >>> even = Automaton(0, np.array([True, False]), np.array([[0, 1], [1, 0]]))
    >>> parity = Regular(Csr.from_rows([[0, 1, 2]]), [even], 2, ("parity",))
    >>> parity.check(np.array([[1, 0, 1], [1, 0, 0]]))[:, 0].tolist()
    [True, False]
    """

    variables: Csr
    automata: Sequence[Automaton]
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        expect_labels(self.count, self.labels)
        expect_lengths(self.count, automata=self.automata)
        expect_rows(self.variables, self.labels, "variable")
        seen: set[tuple[int, int]] = set()
        for f, length in enumerate(self.variables.widths.tolist()):
            automaton = self.automata[f]
            if (id(automaton), length) in seen:
                continue
            seen.add((id(automaton), length))
            reads = automaton.transitions.shape[1]
            if reads != self.num_values:
                raise ValueError(
                    f"{self.labels[f]} has an automaton that reads {reads} values; "
                    f"its variables have {self.num_values}"
                )
            if not automaton.accepts_some(length):
                raise ValueError(
                    f"{self.labels[f]} has an automaton that accepts no word of its length, "
                    f"{length}; it can never hold"
                )

    @property
    def count(self) -> int:
        """F."""
        return self.variables.count

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, V * K], variable by variable."""
        return entries_of(self.variables, self.num_values).padded(fill=-1)

    @cached_property
    def _trellises(self) -> tuple[_Trellis, ...]:
        return tuple(
            _Trellis.of(
                bucket.rows,
                self.variables.items[bucket.positions].astype(np.int64),
                [self.automata[f] for f in bucket.rows],
            )
            for bucket in by_width(self.variables)
        )

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        import torch

        parts = []
        for trellis in self._trellises:
            start = torch.zeros(trellis.states, dtype=x.dtype, device=x.device)
            start[torch.as_tensor(trellis.start, device=x.device)] = 1
            chance = start.expand(x.shape[0], -1)
            source = torch.as_tensor(trellis.source, device=x.device)
            for variables in trellis.variables.T:
                entries = variables[trellis.owner] * self.num_values + trellis.value
                moved = chance[:, source] * gathered(x, entries)
                chance = added(moved, trellis.target, trellis.states)
            final = torch.as_tensor(trellis.final, device=x.device)
            accepted = added(chance[:, final], trellis.final_owner, len(trellis.rows))
            parts.append((1 - accepted).clamp(min=0))
        return in_order(parts, self._trellises, x)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, V * K]: the accepted word that scores best."""
        from latent_ebm.energies.projection import best_points

        return best_points(self.factors(), scores)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        holds = np.empty((len(values), self.count), np.bool_)
        for trellis in self._trellises:
            for part in chunks(len(values), trellis.variables.size):
                holds[part, trellis.rows] = trellis.accepts(values[part])
        return holds

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, how far its automaton gets."""
        label = self.labels[index]
        if values is None:
            return label
        row = self.variables.row(index)
        passed = len(self.automata[index].read(values[row])) - 1
        if passed < len(row):
            return f"{label}: cannot go on at {assigned(row[passed : passed + 1], space, values)}"
        if self.automata[index].accepts(values[row]):
            return f"{label}: holds"
        return f"{label}: {assigned(row, space, values)} may not end there"

    def factors(self) -> FactorTable:
        """Automata as they are."""
        flat = {
            id(a): np.concatenate(
                [[len(a.accepting), a.start], a.accepting, np.asarray(a.transitions).ravel()]
            )
            for a in self.automata
        }
        return FactorTable.of(
            Kind.REGULAR,
            self.num_values,
            entries_of(self.variables, self.num_values),
            parameters=stacked([flat[id(a)] for a in self.automata]),
        )


@dataclass(frozen=True, eq=False)
class _Trellis:
    """The R factors of one width, their automata's states numbered through.

    Attributes
    ----------
    rows, variables
        [R] and [R, L].
    states
        The number of states of all automata.
    start
        [R].
    source, value, target, owner
        [T] each transition, and the factor, among the R, that it belongs to.
    final, final_owner
        [Q] the accepting states and the factors that they belong to.
    step
        [states + 1, K] the transitions as a table; the last state is dead.
    """

    rows: NDArray[np.int64]
    variables: NDArray[np.int64]
    states: int
    start: NDArray[np.int64]
    source: NDArray[np.int64]
    value: NDArray[np.int64]
    target: NDArray[np.int64]
    owner: NDArray[np.int64]
    final: NDArray[np.int64]
    final_owner: NDArray[np.int64]
    step: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        rows: NDArray[np.int64],
        variables: NDArray[np.int64],
        automata: Sequence[Automaton],
    ) -> _Trellis:
        sizes = np.array([len(a.accepting) for a in automata])
        first, states = np.cumsum(sizes) - sizes, int(sizes.sum())
        owner = np.repeat(np.arange(len(rows)), sizes)
        local = np.concatenate([a.transitions for a in automata]).astype(np.int64)
        step = np.where(local < 0, states, local + first[owner][:, None])
        source, value = np.nonzero(local >= 0)
        final = np.flatnonzero(np.concatenate([a.accepting for a in automata]))
        return cls(
            rows,
            variables,
            states,
            first + np.array([a.start for a in automata]),
            source,
            value,
            step[source, value],
            owner[source],
            final,
            owner[final],
            np.concatenate([step, np.full((1, step.shape[1]), states)]),
        )

    def accepts(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, R]."""
        state = np.broadcast_to(self.start, (len(values), len(self.rows)))
        for variables in self.variables.T:
            state = self.step[state, values[:, variables]]
        return np.isin(np.arange(self.states + 1), self.final)[state]
