"""Deterministic finite automata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values


@dataclass(frozen=True, eq=False)
class Automaton:
    """A deterministic finite automaton with S states, that reads values 0 to K - 1.

    Attributes
    ----------
    start
        The state that it begins in.
    accepting
        bool [S], the states in which it may end.
    transitions
        [S, K], the state that follows each state and value; -1 where there is none.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or name states that do not exist.

    Examples
    --------
    >>> import numpy as np
    >>> even = Automaton(0, np.array([True, False]), np.array([[0, 1], [1, 0]]))
    >>> even.accepts([1, 0, 1]), even.accepts([1])
    (True, False)
    """

    start: int
    accepting: NDArray[np.bool_]
    transitions: NDArray[np.integer]

    def __post_init__(self) -> None:
        states = len(self.accepting)
        if self.transitions.ndim != 2 or len(self.transitions) != states:
            raise ValueError(
                f"an automaton of {states} states needs transitions [{states}, K]; "
                f"found {self.transitions.shape}"
            )
        if not 0 <= self.start < states:
            raise ValueError(f"the start {self.start} is no state; choose from 0 to {states - 1}")
        if ((self.transitions < -1) | (self.transitions >= states)).any():
            raise ValueError(f"transitions lead to states 0 to {states - 1}, or to none by -1")

    def accepts(self, word: Sequence[int] | Values) -> bool:
        """Whether it reads the word to its end and may end there."""
        last = self.read(word)
        return len(last) == len(word) + 1 and bool(self.accepting[last[-1]])

    def read(self, word: Sequence[int] | Values) -> list[int]:
        """The states that it passes, from the start on, as far as it gets."""
        passed = [self.start]
        for value in word:
            following = int(self.transitions[passed[-1], value])
            if following < 0:
                break
            passed.append(following)
        return passed

    def accepts_some(self, length: int) -> bool:
        """Whether there is a word of a length that it accepts."""
        reached = np.arange(len(self.accepting)) == self.start
        for _ in range(length):
            following = self.transitions[reached]
            reached = np.zeros_like(reached)
            reached[following[following >= 0]] = True
        return bool((reached & self.accepting).any())
