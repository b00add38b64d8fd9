"""Sudoku with diagonals: all different in every area."""

from __future__ import annotations

from typing import Any

import numpy as np

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.bench.models.latin import clauses_different, cpsat_different


def _areas(problem: Any) -> list[list[int]]:
    return [np.flatnonzero(area).tolist() for _, area in problem.areas()]


def cpsat(problem: Any, model: Any) -> list[Any]:
    """All different in every area."""
    return cpsat_different(problem, model, _areas(problem))


def clauses(problem: Any) -> Encoding:
    """Every number once in every area."""
    return clauses_different(problem, _areas(problem))
