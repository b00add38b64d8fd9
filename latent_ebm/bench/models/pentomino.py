"""Pentominoes: the exact cover of cells and pieces."""

from __future__ import annotations

from typing import Any

from latent_ebm.bench.models import exact_cover
from latent_ebm.bench.models.clauses import Encoding


def cpsat(problem: Any, model: Any) -> list[Any]:
    """Exactly one placement on each cell, at most one of each piece."""
    return exact_cover.cpsat(problem.cover, model)


def clauses(problem: Any) -> Encoding:
    """Exactly one placement on each cell, at most one of each piece."""
    return exact_cover.clauses(problem.cover)
