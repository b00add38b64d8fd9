"""A part of a relaxed program: some slots, what may stand in them, and what each choice costs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.structure import Bool
from latent_ebm.kernels.trees import Trees
from latent_ebm.puzzles.code.grammar.edits import Edit

Floats = NDArray[np.float64]
Choice = tuple[int, int]
"""A slot and a state."""


@dataclass(frozen=True, eq=False)
class Part:
    """One hole, or the one change of a repair, as a typed tree of S slots and P + 1 states.

    Attributes
    ----------
    name
        For people, as in ``hole 1``.
    slots
        S names.
    trees
        The grammar and the skeleton.
    symbols
        [P] what each state stands for; equal symbols of two parts are one state of the space.
    words
        [P] the symbols for people.
    allowed
        [S, P + 1] where each state may stand, as far as syntax and types tell.
    costs
        By soft domain, [S, P + 1] nats of each choice, at least 0.
    unbound
        [P] the names that a state reads and that are not bound there; empty where all are.
    edit
        From a derivation, S states, to the change of the text that it stands for.
    derive
        From the text that comes to its derivation; None if it is none.
    together
        By soft domain, choices that cost something if they are made together.
    """

    name: str
    slots: tuple[str, ...]
    trees: Trees
    symbols: tuple[Hashable, ...]
    words: tuple[str, ...]
    allowed: Bool
    costs: Mapping[str, Floats]
    unbound: tuple[str, ...]
    edit: Callable[[Sequence[int]], Edit | None]
    derive: Callable[[str], tuple[int, ...] | None]
    together: Mapping[str, Sequence[tuple[tuple[Choice, ...], float]]] = field(default_factory=dict)

    @property
    def roots(self) -> Bool:
        """[G] the types that the root may give."""
        grammar = self.trees.grammar
        found = np.zeros(len(grammar.types), np.bool_)
        found[grammar.result[self.allowed[0, :-1]]] = True
        return found
