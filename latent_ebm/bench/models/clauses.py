"""What models for SAT solvers share: literals of entries, exactly one and at most one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_PAIRWISE = 6


@dataclass
class Encoding:
    """Clauses over literals from 1; the first N * K stand for entries (one value of one variable).

    >>> encoding = Encoding(2, 2)
    >>> encoding.different([0, 1])
    >>> encoding.clauses[-1]
    [-2, -4]
    """

    num_variables: int
    num_values: int
    clauses: list[list[int]] = field(default_factory=list)
    used: int = 0

    def __post_init__(self) -> None:
        self.used = self.num_variables * self.num_values
        for i in range(self.num_variables):
            self.exactly_one([self.entry(i, a) for a in range(self.num_values)])

    def entry(self, variable: int, value: int) -> int:
        """The literal that a variable takes a value."""
        return variable * self.num_values + value + 1

    def fresh(self) -> int:
        """A literal that nothing else uses."""
        self.used += 1
        return self.used

    def at_most_one(self, literals: Sequence[int]) -> None:
        """Pairs for a few literals, a sequential counter for many (Sinz 2005)."""
        if len(literals) <= _PAIRWISE:
            self.clauses += [[-a, -b] for i, a in enumerate(literals) for b in literals[i + 1 :]]
            return
        before = 0
        for i, literal in enumerate(literals):
            if before:
                self.clauses.append([-before, -literal])
            if i + 1 == len(literals):
                break
            seen = self.fresh()
            self.clauses.append([-literal, seen])
            if before:
                self.clauses.append([-before, seen])
            before = seen

    def exactly_one(self, literals: Sequence[int]) -> None:
        """One of them, and no two."""
        self.clauses.append(list(literals))
        self.at_most_one(literals)

    def different(self, variables: Iterable[int]) -> None:
        """Pairwise different values; each value is used if there are as many variables."""
        row = list(variables)
        for a in range(self.num_values):
            literals = [self.entry(i, a) for i in row]
            if len(row) == self.num_values:
                self.exactly_one(literals)
            else:
                self.at_most_one(literals)

    def restrict(self, mask: NDArray[np.bool_]) -> None:
        """Forbid what the givens leave out."""
        self.clauses += [[-int(entry) - 1] for entry in np.flatnonzero(~mask)]

    def dimacs(self) -> str:
        """The clauses as a .cnf file has them."""
        rows = (" ".join(map(str, clause)) + " 0" for clause in self.clauses)
        return "\n".join([f"p cnf {self.used} {len(self.clauses)}", *rows]) + "\n"

    def values(self, true: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The values [N] of a model."""
        entries = true[: self.num_variables * self.num_values]
        return entries.reshape(-1, self.num_values).argmax(axis=1)
