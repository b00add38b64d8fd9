"""What the kinds of puzzles have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import Fault, ParseError, Source

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Puzzle(ABC):
    """A problem of some kind: a frozen dataclass with these members.

    Attributes
    ----------
    source
        Where it was read, as in ``puzzles.txt:3``.
    expected
        [N] a solution that came with it, or None.
    """

    NAME: ClassVar[str]

    source: str = field(default="", kw_only=True)
    expected: Values | None = field(default=None, kw_only=True)

    @property
    def kind(self) -> str:
        """The kind's name, as in ``latent-ebm kinds``."""
        return self.NAME

    @property
    @abstractmethod
    def landscape(self) -> Landscape:
        """The constraints."""

    @property
    def mask(self) -> NDArray[np.bool_]:
        """[N, K] the states that the givens leave."""
        return self.landscape.space.mask

    @classmethod
    @abstractmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read the puzzles of a file or a binary stream, one at a time."""

    @abstractmethod
    def text(self) -> str:
        """The puzzle as files of its kind have it; ``parse`` reads it back."""

    @abstractmethod
    def encode(self, values: Values) -> str:
        """A solution as files of the kind have it."""

    @abstractmethod
    def render(self, values: Values | None = None) -> str:
        """The puzzle, or its solution, for a terminal."""

    @abstractmethod
    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The puzzle, or its solution, as a picture."""

    @abstractmethod
    def solves(self, values: Values) -> bool:
        """Whether values [N], all of them states, solve it: exact, without the energies."""

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the givens themselves, in words."""
        return ()

    @classmethod
    def parse(cls, text: str, *, source: str = "") -> Self:
        """Read the one puzzle in a text.

        Raises
        ------
        ParseError
            If the text holds no puzzle, more than one, or a faulty one.
        """
        return one(
            cls.read(BytesIO(text.encode("utf-8", "backslashreplace")), name=source or "<text>")
        )

    @classmethod
    def masks(cls, problems: Sequence[Self]) -> NDArray[np.bool_]:
        """[B, N, K] the states that the givens leave."""
        return np.stack([problem.mask for problem in problems])

    @classmethod
    def clashing(cls, problems: Sequence[Self]) -> NDArray[np.bool_]:
        """[B] whether the givens contradict each other."""
        return np.array([bool(problem.faults()) for problem in problems], np.bool_)

    @classmethod
    def verified(cls, problems: Sequence[Self], values: Values) -> NDArray[np.bool_]:
        """[B] whether values [B, N] solve them."""
        pairs = zip(problems, values, strict=True)
        return np.array([problem.verify(row) for problem, row in pairs], np.bool_)

    def verify(self, values: Values) -> bool:
        """Whether values [N] solve it: exact, and independent of the energies.

        Raises
        ------
        ValueError
            If there are not as many values as variables.
        """
        values = np.asarray(values)
        n, k = self.mask.shape
        if values.shape != (n,):
            raise ValueError(
                f"this {self.kind} puzzle has {n} variables; found values {values.shape}"
            )
        return bool(((values >= 0) & (values < k)).all()) and self.solves(values)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.text() == other.text()

    def __hash__(self) -> int:
        return hash((self.kind, self.text()))

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_html(self, values: Values | None = None) -> str:
        """The puzzle, or its solution, for a notebook."""
        from html import escape

        return f'<pre style="line-height:1.2">{escape(self.render(values))}</pre>'


def one(found: Iterator[Any]) -> Any:
    """The one puzzle that a reader finds; a ParseError if that is not what it finds."""
    first = list(islice(found, 2))
    for item in first:
        if isinstance(item, BadPuzzle):
            raise ParseError(Fault(item.message, item.line, item.cell))
    if len(first) != 1:
        raise ParseError(Fault(f"one puzzle was asked for; the text holds {len(first) or 'no'}"))
    return first[0]
