"""Parts under common numbers: one space of states for all slots, one grammar for all trees."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.structure import Bool
from latent_ebm.kernels.trees import Grammar, Trees
from latent_ebm.puzzles.code.relaxed.parts import Part

__all__ = ["Merged"]


class Merged:
    """The symbols of some parts, each once: P of them, and EMPTY as state P.

    Attributes
    ----------
    parts
        What is merged.
    numbers
        For each part, [own P + 1] the common number of each of its states.
    words
        [P] the states for people.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        number: dict[Hashable, int] = {}
        words: list[str] = []
        for part in parts:
            for symbol, word in zip(part.symbols, part.words, strict=True):
                if number.setdefault(symbol, len(words)) == len(words):
                    words.append(word)
        self.words = tuple(words)
        self.numbers = [
            np.array([*(number[symbol] for symbol in part.symbols), self.empty]) for part in parts
        ]

    @property
    def empty(self) -> int:
        """The state EMPTY."""
        return len(self.words)

    def common(self, part: int, states: Sequence[int]) -> NDArray[np.int64]:
        """Common numbers of a part's own states."""
        return np.asarray(self.numbers[part][np.asarray(states)])

    def local(self, part: int, states: NDArray[np.integer]) -> tuple[int, ...]:
        """A part's own numbers of common states, all of which must be its own."""
        own = {int(one): i for i, one in enumerate(self.numbers[part])}
        return tuple(own[int(state)] for state in states)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types of all grammars."""
        return tuple(sorted({t for part in self.parts for t in part.trees.grammar.types}))

    @cached_property
    def grammar(self) -> Grammar:
        """All productions; a position accepts what it does in any of the parts."""
        width = max(part.trees.grammar.accepts.shape[1] for part in self.parts)
        result, arity = np.zeros((2, self.empty), np.int64)
        accepts = np.zeros((self.empty, width, len(self.types)), np.bool_)
        for part, numbers in zip(self.parts, self.numbers, strict=True):
            own, at, kinds = part.trees.grammar, numbers[:-1], self._kinds(part)
            result[at], arity[at] = kinds[own.result], own.arity
            positions = np.arange(own.accepts.shape[1])
            accepts[at[:, None, None], positions[:, None], kinds] |= own.accepts
        return Grammar(self.types, result, arity, accepts)

    def roots(self, part: int) -> Bool:
        """[G] the types that a part's root may give."""
        found = np.zeros(len(self.types), np.bool_)
        found[self._kinds(self.parts[part])] = self.parts[part].roots
        return found

    def skeleton(self, part: int) -> NDArray[np.int32]:
        """A part's children [S, A], with as many positions as the common grammar has."""
        own = self.parts[part].trees.children
        width = self.grammar.accepts.shape[1]
        return np.pad(own, ((0, 0), (0, width - own.shape[1])), constant_values=-1).astype(np.int32)

    def trees(self, part: int) -> Trees:
        """A part's skeleton with the common grammar."""
        return Trees(self.skeleton(part), self.grammar)

    def _kinds(self, part: Part) -> NDArray[np.int64]:
        """The common number of each of a part's types."""
        number = {name: i for i, name in enumerate(self.types)}
        return np.array([number[name] for name in part.trees.grammar.types])
