"""A candidate: a whole program, and the energies that are known before it runs."""

from __future__ import annotations

from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.edits import Edit


@dataclass(frozen=True, slots=True)
class Candidate:
    """A complete program that a strategy proposes.

    Attributes
    ----------
    text
        The whole module.
    energy
        Prior, types and flow energy of how it differs from the program that was given, in nats.
    edits
        The changes, in the order made; each against the program before it.
    key
        The strategy's own mark, to learn from the outcome.
    """

    text: str
    energy: float
    edits: tuple[Edit, ...]
    key: int = -1
