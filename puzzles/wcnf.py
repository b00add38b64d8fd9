"""Boolean formulas with soft clauses, each with a weight (DIMACS .wcnf, before and since 2022)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.domain import HardDomain, SoftDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import FactorPropagation
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.cnf import assignment, boolean_space, clause_family, draw_formula
from latent_ebm.puzzles.cnf import generate as generate_cnf
from latent_ebm.puzzles.dimacs import (
    MOST_CLAUSES,
    MOST_LITERALS,
    MOST_VARIABLES,
    Formula,
    chunks_of_lines,
    numbers_of,
    without_comments,
)
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import ParseError, Source, fail, integer, source_of, stream_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HARD = -1
_LARGEST_WEIGHT = 10**18 - 1


@dataclass(frozen=True, eq=False)
class Wcnf(Puzzle):
    r"""Hard clauses that must hold, and soft ones whose weights add up to a cost where they fail.

    Examples
    --------
    >>> formula = Wcnf.parse("h 1 2 0\n3 -1 0\n4 -2 0\n")
    >>> formula.verify(np.array([1, 0])), formula.cost(np.array([1, 0]))
    (True, 3)
    """

    NAME: ClassVar[str] = "wcnf"

    hard: Formula
    soft: Formula
    weights: NDArray[np.int64]

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read one formula, with a header ``p wcnf V C TOP`` or in the form of 2022 without one."""
        name = source_of(source, name)
        try:
            with stream_of(source) as stream:
                hard, soft, weights = _read(stream)
        except ParseError as error:
            yield BadPuzzle(name, max(error.fault.line, 1), "", error.fault.message)
        else:
            yield cls(hard, soft, weights, source=name)

    @cached_property
    def landscape(self) -> Landscape:
        """The hard clauses, and one soft domain for each weight.

        Soft clauses without literals are left out; they cost the same everywhere.
        """
        space = boolean_space(self.hard.num_variables)
        hard = clause_family(self.hard, "hard clause")
        soft = []
        for weight in np.unique(self.weights):
            at = np.flatnonzero((self.weights == weight) & (np.diff(self.soft.offsets) > 0))
            family = clause_family(_taken(self.soft, at), f"soft clause of weight {weight}, number")
            if family.count:
                soft.append(SoftDomain(f"weight {weight}", (family,), int(weight)))
        if not hard.count:
            return Landscape(space, (), tuple(soft))
        domains = (HardDomain("hard clauses", (hard,)),)
        couplings = (FactorPropagation(domains, *space.shape),)
        return Landscape(space, domains, tuple(soft), couplings)

    def cost(self, values: Values) -> int:
        """The weights of the soft clauses that fail, added up."""
        return sum(self.weights[~self.soft.satisfied(values)].tolist())

    def text(self) -> str:
        """The form of 2022."""
        lines = [
            f"{head} {' '.join([*map(str, formula.clause(i).tolist()), '0'])}"
            for formula, heads in (
                (self.hard, ["h"] * self.hard.num_clauses),
                (self.soft, self.weights.tolist()),
            )
            for i, head in enumerate(heads)
        ]
        return "\n".join(lines) + "\n"

    def encode(self, values: Values) -> str:
        """The literals of the assignment."""
        return assignment(values, self.hard.num_variables)

    def solves(self, values: Values) -> bool:
        """Whether every hard clause has a true literal."""
        return bool(self.hard.satisfied(values).all())

    def render(self, values: Values | None = None) -> str:
        """The formula's size, or the assignment and its cost."""
        head = (
            f"{self.hard.num_variables} variables, {self.hard.num_clauses} hard clauses, "
            f"{self.soft.num_clauses} soft ones of weight {sum(self.weights.tolist())} in all"
        )
        if values is None:
            return head
        return f"{head}\ncost {self.cost(values)}\n{self.encode(values)}"

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The soft clauses' literals as dots; of an assignment, the true ones dark."""
        draw_formula(axes, self.soft, values)


def _read(stream: BinaryIO) -> tuple[Formula, Formula, NDArray[np.int64]]:
    header: tuple[int, int, int] | None = None
    begun = False
    parts: list[NDArray[np.int64]] = []
    total = 0
    for first, chunk in chunks_of_lines(stream):
        lines, _ = without_comments(chunk)
        if not begun and lines.strip():
            begun = True
            if lines.lstrip()[:1] == b"p":
                header, lines, first = _header(lines, first)
        if header is None:
            lines = re.sub(rb"(?m)^[ \t]*h(?=[ \t\r\n])", b"-1", lines)
        limit = _LARGEST_WEIGHT
        numbers = numbers_of(lines, first, -limit, limit, f"which is beyond {limit}")
        total += len(numbers)
        if total > MOST_LITERALS:
            raise fail(f"more than {MOST_LITERALS} literals", first)
        parts.append(numbers)
    if not begun:
        raise fail("no clause in it")
    return _split(np.concatenate([np.zeros(0, np.int64), *parts]), header)


def _header(lines: bytes, first: int) -> tuple[tuple[int, int, int], bytes, int]:
    before = len(lines) - len(lines.lstrip())
    first += lines[:before].count(b"\n")
    head, _, rest = lines[before:].partition(b"\n")
    words = head.decode("latin-1").split()
    if words[:2] != ["p", "wcnf"] or len(words) not in (4, 5):
        raise fail("the header is 'p wcnf VARIABLES CLAUSES TOP'", first)
    top = words[4] if len(words) == 5 else str(_LARGEST_WEIGHT)
    sizes = (
        integer(words[2], 0, MOST_VARIABLES, "a number of variables", first),
        integer(words[3], 0, MOST_CLAUSES, "a number of clauses", first),
        integer(top, 1, _LARGEST_WEIGHT, "a weight of hard clauses", first),
    )
    return sizes, rest, first + 1


def _split(
    numbers: NDArray[np.int64], header: tuple[int, int, int] | None
) -> tuple[Formula, Formula, NDArray[np.int64]]:
    """Clauses end with 0 and begin with their weights."""
    if len(numbers) and numbers[-1] != 0:
        raise fail("the last clause does not end with 0; the file may be cut off")
    ends = np.flatnonzero(numbers == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    if header is not None and len(ends) != header[1]:
        raise fail(f"the header announces {header[1]} clauses; there are {len(ends)}")
    weights = numbers[starts]
    bad = np.flatnonzero((weights < 1) & ((weights != _HARD) | (header is not None)))
    if len(bad):
        raise fail(f"clause {bad[0] + 1} has no weight above 0 (nor an 'h') before its literals")
    if header is not None:
        weights = np.where(weights >= header[2], _HARD, weights)
    inside = np.ones(len(numbers), np.bool_)
    inside[starts] = inside[ends] = False
    literals = numbers[inside]
    used = int(np.abs(literals).max(initial=0))
    most = MOST_VARIABLES if header is None else header[0]
    if used > most:
        raise fail(f"variable {used}, but there are at most {most}")
    offsets = np.concatenate([[0], np.cumsum(ends - starts - 1)]).astype(np.int64)
    formula = Formula(used if header is None else most, offsets, literals.astype(np.int32))
    hard, soft = np.flatnonzero(weights == _HARD), np.flatnonzero(weights != _HARD)
    return _taken(formula, hard), _taken(formula, soft), weights[soft]


def _taken(formula: Formula, at: NDArray[np.integer]) -> Formula:
    """Some clauses of a formula."""
    widths = np.diff(formula.offsets)
    kept = np.zeros(formula.num_clauses, np.bool_)
    kept[at] = True
    literals = formula.literals[np.repeat(kept, widths)]
    offsets = np.concatenate([[0], np.cumsum(widths[kept])]).astype(np.int64)
    return Formula(formula.num_variables, offsets, literals)


def generate(rng: np.random.Generator, variables: int = 60, ratio: float = 5.0) -> Wcnf:
    """Random 3-clauses: half of those of :func:`cnf.generate` hard, the others weighing 1 to 9.

    >>> formula = generate(np.random.default_rng(0), 20)
    >>> formula.verify(formula.expected), formula.cost(formula.expected)
    (True, 0)
    """
    made = generate_cnf(rng, variables, ratio)
    index = np.arange(made.formula.num_clauses)
    hard, soft = _taken(made.formula, index[::2]), _taken(made.formula, index[1::2])
    weights = rng.integers(1, 10, soft.num_clauses)
    return Wcnf(hard, soft, weights, expected=made.expected)
