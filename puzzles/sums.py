"""Sums of the numbers in sets of cells, as linear factors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from latent_ebm.energies.linear import Linear
from latent_ebm.kernels.structure import Csr


def sums(
    cells: Sequence[Sequence[int]], totals: Sequence[int], num_values: int, labels: Sequence[str]
) -> Linear:
    """State a counts a + 1; sums that no cells of 1 to K have are left out, ``faults`` has them.

    >>> sums([[0, 1], [2]], [5, 9], 4, ["a", "b"]).labels
    ('a',)
    """
    kept = [i for i, t in enumerate(totals) if len(cells[i]) <= t <= len(cells[i]) * num_values]
    rows = Csr.from_rows([list(cells[i]) for i in kept])
    bound = np.array([totals[i] for i in kept], np.int64)
    weights = np.tile(np.arange(1, num_values + 1, dtype=np.int64), (len(rows.items), 1))
    return Linear(rows, weights, bound, bound, num_values, tuple(labels[i] for i in kept))
