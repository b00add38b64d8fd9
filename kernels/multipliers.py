"""What a run of straight-through descent with multipliers on factors works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.factors import FactorTable, Kind, Operator
from latent_ebm.kernels.runs import Runs
from latent_ebm.kernels.structure import Csr, Int32


@dataclass(frozen=True, eq=False)
class Clashes:
    """Factors as three sorts, each with one multiplier a factor.

    Attributes
    ----------
    num_variables, num_values
        N and K.
    groups
        Entries of which at most one may be chosen, G rows.
    clauses
        The entries of each clause's literals, C rows.
    signs
        int8 of each literal: 1 if it is true where its entry is chosen, -1 if where it is not.
    relations
        [P, 3] int32: variable i must not take the value of variable j plus the third number.
    """

    num_variables: int
    num_values: int
    groups: Csr
    clauses: Csr
    signs: NDArray[np.int8]
    relations: Int32

    @classmethod
    def of(cls, num_variables: int, table: FactorTable) -> Clashes:
        """Sort the factors of a table.

        An exactly-one factor becomes a group and a clause.

        Raises
        ------
        ValueError
            If ``expressible`` names a factor that these sorts cannot express.
        """
        refusal = expressible(table)
        if refusal:
            raise ValueError(refusal)
        cardinality = np.flatnonzero(table.kind == Kind.CARDINALITY)
        low = table.parameters.items[table.parameters.offsets[cardinality]]
        needy = cardinality[low == 1]
        clauses = np.flatnonzero(table.kind == Kind.CLAUSE)
        related = np.flatnonzero(table.kind == Kind.RELATION)
        first = table.members.offsets[related]
        k = table.num_values
        literals = table.members.rows(clauses)
        positive = table.members.rows(needy)
        signs = np.concatenate(
            [
                np.sign(table.weights[table.members.positions(clauses)]),
                np.ones(len(positive.items)),
            ]
        )
        offset = table.parameters.items[table.parameters.offsets[related] + 1]
        pairs = [table.members.items[first] // k, table.members.items[first + k] // k, offset]
        return cls(
            num_variables,
            k,
            table.members.rows(cardinality),
            Csr.joined([literals, positive]),
            signs.astype(np.int8),
            np.stack(pairs, axis=1).astype(np.int32).reshape(-1, 3),
        )

    @property
    def num_entries(self) -> int:
        """E = N * K."""
        return self.num_variables * self.num_values

    @property
    def count(self) -> int:
        """The number of multipliers: groups, clauses and relations."""
        return self.groups.count + self.clauses.count + len(self.relations)

    @cached_property
    def groups_of(self) -> Csr:
        """For each entry the groups that hold it."""
        positions = self.groups.inverse(self.num_entries)
        return Csr(positions.offsets, self.groups.row_of[positions.items])

    @cached_property
    def literals_of(self) -> Csr:
        """For each entry the positions of its literals in ``clauses``."""
        return self.clauses.inverse(self.num_entries)

    @cached_property
    def relations_of(self) -> Csr:
        """For each variable the relations that it is in."""
        both = Csr.rectangle(self.relations[:, :2])
        positions = both.inverse(self.num_variables)
        return Csr(positions.offsets, both.row_of[positions.items])


def expressible(table: FactorTable) -> str:
    """Why a table cannot be sorted into :class:`Clashes`; empty if it can.

    >>> from latent_ebm.kernels.structure import Csr
    >>> two = Csr.from_rows([[2, 2]])
    >>> expressible(FactorTable.of(Kind.CARDINALITY, 2, Csr.from_rows([[0, 2, 4]]), parameters=two))
    'factor 0 asks for between 2 and 2 of its entries; multipliers need at most one'
    """
    if (table.guard >= 0).any():
        return f"factor {int((table.guard >= 0).argmax())} has a guard; multipliers know none"
    known = np.isin(table.kind, (Kind.CARDINALITY, Kind.CLAUSE, Kind.RELATION))
    for f in np.flatnonzero(~known).tolist():
        return f"factor {f} is {Kind(int(table.kind[f])).name.lower()}; multipliers do not know it"
    counting = np.flatnonzero(table.kind == Kind.CARDINALITY)
    bounds = table.parameters.rows(counting).items.reshape(-1, 2)
    for f, (low, high) in zip(counting.tolist(), bounds.tolist(), strict=True):
        if high != 1 or low not in (0, 1):
            return (
                f"factor {f} asks for between "
                f"{low} and {high} of its entries; multipliers need at most one"
            )
    related = np.flatnonzero(table.kind == Kind.RELATION)
    operators = table.parameters.items[table.parameters.offsets[related]]
    for f in related[operators != Operator.NOT_EQUAL]:
        return f"factor {f} is a comparison; multipliers know not-equal only"
    return ""


@dataclass(frozen=True)
class Pace:
    """The constants of one chain; see ``reference/multipliers.py``.

    Attributes
    ----------
    step_size, spread
        Variable i steps by eta_i = step_size (1 + spread (uniform - 1/2)).
    growth
        What the multiplier of a violated factor gains a sweep.
    forgetting
        What share of its gains a multiplier loses every ``FORGET_EVERY`` sweeps.
    """

    step_size: float
    spread: float
    growth: float
    forgetting: float


@dataclass(frozen=True, eq=False)
class MultipliersProblem:
    """Clashes, the pace of each chain, and the sweeps between fresh starts."""

    clashes: Clashes
    paces: tuple[Pace, ...]
    restart_every: int


FORGET_EVERY = 32
"""Sweeps between rounds of forgetting."""


@dataclass(eq=False)
class MultipliersState(Runs):
    """B runs of C chains, changed in place.

    Attributes
    ----------
    latent
        [B, C, N * K] float32, z; meaningful once steps > 0.
    choices
        [B, C, N] int16, the value that each variable takes.
    multipliers
        [B, C, G + C + P] float32, of the groups, clauses and relations.
    seed
        Of each restart's z, and of the step sizes.
    """

    latent: NDArray[np.float32]
    choices: NDArray[np.int16]
    multipliers: NDArray[np.float32]
    seed: int
