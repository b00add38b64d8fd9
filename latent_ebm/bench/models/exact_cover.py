"""Exact cover: exactly one option of each item."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.bench.models.clauses import Encoding


class Chosen(Encoding):
    """One literal per option."""

    def __post_init__(self) -> None:
        self.used = self.num_variables

    def values(self, true: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Chosen is 1."""
        return true[: self.num_variables].astype(np.int64)


def _covering(problem: Any) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in problem.items]
    for i, option in enumerate(problem.options):
        for item in option:
            rows[item].append(i)
    return rows


def cpsat(problem: Any, model: Any) -> list[Any]:
    """``add_exactly_one`` for primary items, ``add_at_most_one`` for others."""
    chosen = [model.new_bool_var("") for _ in problem.options]
    for item, row in enumerate(_covering(problem)):
        literals = [chosen[i] for i in row]
        if item < problem.primary:
            model.add_exactly_one(literals)
        else:
            model.add_at_most_one(literals)
    return chosen


def clauses(problem: Any) -> Encoding:
    """Exactly one option of each primary item, at most one of others."""
    encoding = Chosen(len(problem.options), 2)
    for item, row in enumerate(_covering(problem)):
        literals = [i + 1 for i in row]
        if item < problem.primary:
            encoding.exactly_one(literals)
        else:
            encoding.at_most_one(literals)
    return encoding
