"""Jigsaw Sudoku: all different in every area."""

from __future__ import annotations

from latent_ebm.bench.models.diagonal import clauses, cpsat

__all__ = ["clauses", "cpsat"]
