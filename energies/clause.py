"""Clauses: some literal is true; and implications between entries, written as clauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.energies.rows import Bucket, beside, by_width, chunks, gathered, in_order
from latent_ebm.energies.wording import assigned, expect_labels, expect_rows
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space


@dataclass(frozen=True, eq=False)
class Clauses:
    """Of each factor's literals at least one is true.

    A literal is an entry e and a sign: it is true where the entry is chosen if the sign is 1,
    where it is not if the sign is -1. With t = x_e or 1 - x_e, the truth of a literal::

        energy = prod_literals (1 - t)

    Attributes
    ----------
    literals
        F rows of entries.
    signs
        int8, 1 or -1 for each position of ``literals``.
    num_values
        K.
    labels
        F names; :class:`~latent_ebm.energies.family.Numbered` where there are millions.

    Raises
    ------
    ValueError
        If a clause is empty, repeats an entry or lacks a sign or a label.

    Examples
    --------
    >>> import numpy as np
    >>> either = Clauses(Csr.from_rows([[1, 3]]), np.array([1, -1], np.int8), 2, ("x or not y",))
    >>> either.check(np.array([[0, 0], [0, 1], [1, 1]]))[:, 0].tolist()
    [True, False, True]
    """

    literals: Csr
    signs: NDArray[np.int8]
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        expect_labels(self.count, self.labels)
        expect_rows(self.literals, self.labels, "entry")
        if len(self.signs) != len(self.literals.items):
            raise ValueError(
                f"{len(self.literals.items)} literals need as many signs; found {len(self.signs)}"
            )
        if not (np.abs(self.signs) == 1).all():
            bad = self.signs[np.abs(self.signs) != 1][0]
            raise ValueError(f"signs of literals are 1 or -1; found {bad}")

    @property
    def count(self) -> int:
        """F."""
        return self.literals.count

    @property
    def scope(self) -> NDArray[np.int32]:
        """[F, W]."""
        return self.literals.padded(fill=-1)

    @cached_property
    def _buckets(self) -> tuple[Bucket, ...]:
        return by_width(self.literals)

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        import torch

        items = self.literals.items.astype(np.int64)
        parts = []
        for bucket in self._buckets:
            chosen = gathered(x, items[bucket.positions])
            positive = torch.as_tensor(self.signs[bucket.positions] > 0, device=x.device)
            parts.append(torch.where(positive, 1 - chosen, chosen).prod(dim=-1))
        return in_order(parts, self._buckets, x)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, W]: by score, but for the cheapest change to a true literal."""
        from latent_ebm.energies.projection import best_points

        return best_points(self.factors(), scores)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        variable, state = np.divmod(self.literals.items, self.num_values)
        positive = self.signs > 0
        holds = np.empty((len(values), self.count), np.bool_)
        for part in chunks(len(values), len(variable)):
            true = (values[part, variable] == state) == positive
            np.logical_or.reduceat(true, self.literals.offsets[:-1], axis=1, out=holds[part])
        return holds

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, what its variables are."""
        if values is None:
            return self.labels[index]
        if self.check(values[None])[0, index]:
            return f"{self.labels[index]}: holds"
        variables = np.unique(self.literals.row(index) // self.num_values)
        return (
            f"{self.labels[index]}: all literals are false at {assigned(variables, space, values)}"
        )

    def factors(self) -> FactorTable:
        """Clauses as they are."""
        return FactorTable.of(
            Kind.CLAUSE, self.num_values, self.literals, weights=self.signs.astype(np.int64)
        )


def implications(
    premises: Csr, conclusions: Csr, num_values: int, labels: Sequence[str]
) -> Clauses:
    """If all premises of a factor are chosen, some conclusion is.

    Parameters
    ----------
    premises, conclusions
        F rows of entries each. A row without premises always asks for a conclusion; a row
        without conclusions forbids that all its premises are chosen.
    num_values
        K.
    labels
        F names.

    Examples
    --------
    >>> import numpy as np
    >>> rule = implications(Csr.from_rows([[1]]), Csr.from_rows([[3]]), 2, ("x brings y",))
    >>> rule.check(np.array([[0, 0], [1, 0], [1, 1]]))[:, 0].tolist()
    [True, False, True]
    """
    if premises.count != conclusions.count:
        raise ValueError(
            f"implications need one row of premises and one of conclusions a factor; "
            f"found {premises.count} and {conclusions.count}"
        )
    signs = beside(
        [
            Csr(part.offsets, np.full(len(part.items), sign, np.int32))
            for part, sign in ((premises, -1), (conclusions, 1))
        ]
    )
    literals = beside([premises, conclusions])
    return Clauses(literals, signs.items.astype(np.int8), num_values, labels)
