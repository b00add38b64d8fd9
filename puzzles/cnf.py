"""Boolean formulas in conjunctive normal form (DIMACS .cnf)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self, overload

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.clause import Clauses
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import FactorPropagation
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.base import Puzzle, Values
from latent_ebm.puzzles.dimacs import Formula, read_formula
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.reading import ParseError, ReadError, Source, source_of, stream_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_SHOWN = 40


@dataclass(frozen=True, eq=False)
class Cnf(Puzzle):
    r"""Clauses over Boolean variables, each with a true literal; state 1 is true.

    Examples
    --------
    >>> formula = Cnf.parse("p cnf 2 2\n1 2 0\n-1 0\n")
    >>> formula.verify(np.array([0, 1])), formula.encode(np.array([0, 1]))
    (True, '-1 2 0')
    """

    NAME: ClassVar[str] = "cnf"

    formula: Formula

    @classmethod
    def read(cls, source: Source, *, name: str = "") -> Iterator[Self | BadPuzzle]:
        """Read a DIMACS file, one formula."""
        name = source_of(source, name)
        try:
            with stream_of(source) as stream:
                formula = read_formula(stream)
        except ParseError as error:
            yield BadPuzzle(name, max(error.fault.line, 1), "", error.fault.message)
        except OSError as error:
            raise ReadError(f"{name}: cannot be read: {error.strerror or error}") from error
        else:
            yield cls(formula, source=name)

    @cached_property
    def landscape(self) -> Landscape:
        """One clause factor per clause; presolve is unit propagation."""
        space = boolean_space(self.formula.num_variables)
        family = clause_family(self.formula, "clause")
        if not family.count:
            return Landscape(space, ())
        domains = (HardDomain("clauses", (family,)),)
        return Landscape(space, domains, (), (FactorPropagation(domains, *space.shape),))

    def text(self) -> str:
        """DIMACS."""
        head = f"p cnf {self.formula.num_variables} {self.formula.num_clauses}"
        return "\n".join([head, *clause_lines(self.formula)]) + "\n"

    def encode(self, values: Values) -> str:
        """The literals of the assignment, as behind ``v`` in answers of SAT solvers."""
        return assignment(values, self.formula.num_variables)

    def solves(self, values: Values) -> bool:
        """Whether every clause has a true literal."""
        return bool(self.formula.satisfied(values).all())

    def render(self, values: Values | None = None) -> str:
        """The formula's size, a short formula in full, or the assignment."""
        formula = self.formula
        head = f"{formula.num_variables} variables, {formula.num_clauses} clauses"
        if values is not None:
            return f"{head}\n{self.encode(values)}"
        if formula.num_clauses > _MOST_SHOWN:
            return head
        return "\n".join([head, *(line[:-2] for line in clause_lines(formula))])

    def draw(self, axes: Axes, values: Values | None = None) -> None:
        """The clauses' literals as dots; of an assignment, the true ones dark."""
        draw_formula(axes, self.formula, values)


def boolean_space(num_variables: int) -> Space:
    """Variables 1 to n, false or true; a formula without variables gets one that says nothing."""
    n = max(num_variables, 1)
    return Space(np.ones((n, 2), np.bool_), tuple(map(str, range(1, n + 1))), ("false", "true"))


def clause_family(formula: Formula, prefix: str) -> Clauses:
    r"""The clauses as factors over the entries "variable is true".

    Literals that a clause repeats are taken once, and clauses with both literals of a variable
    left out. An empty clause, which never holds, becomes the two that say 1 and not 1.

    >>> formula = Cnf.parse("p cnf 2 2\n1 2 0\n0\n").formula
    >>> list(clause_family(formula, "c").labels)
    ['c 1', 'c 2', 'c 2']
    """
    clause, literal = tidied(formula)
    empty = np.flatnonzero(np.diff(formula.offsets) == 0)
    row = np.concatenate([2 * clause, 2 * empty, 2 * empty + 1])
    literal = np.concatenate([literal, np.ones_like(empty), -np.ones_like(empty)])
    literal = literal[np.argsort(row, kind="stable")]
    rows, widths = np.unique(row, return_counts=True)
    offsets = np.concatenate([[0], np.cumsum(widths)]).astype(np.int32)
    entries = ((np.abs(literal) - 1) * 2 + 1).astype(np.int32)
    labels = Named(prefix, rows // 2 + 1)
    return Clauses(Csr(offsets, entries), np.sign(literal).astype(np.int8), 2, labels)


def tidied(formula: Formula) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The clause and the literal of every place that says something; see ``clause_family``."""
    clause = np.repeat(np.arange(formula.num_clauses), np.diff(formula.offsets))
    literal = formula.literals.astype(np.int64)
    variable = np.abs(literal)
    key = clause * (formula.num_variables + 1) + variable
    order = np.argsort(key, kind="stable")
    key, sign = key[order], np.sign(literal[order])
    again = np.flatnonzero(key[1:] == key[:-1]) + 1
    if not len(again):
        return clause, literal
    first = np.searchsorted(key, key[again])
    tautologies = np.unique(clause[order[again[sign[again] != sign[first]]]])
    kept = np.ones(len(key), np.bool_)
    kept[order[again]] = False
    kept &= ~np.isin(clause, tautologies)
    return clause[kept], literal[kept]


@dataclass(frozen=True, eq=False)
class Named(Sequence[str]):
    """The labels ``prefix n`` of some numbers, made when asked for: there may be millions.

    >>> Named("clause", np.array([1, 7]))[1]
    'clause 7'
    """

    prefix: str
    numbers: NDArray[np.integer]

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """One label, or some."""
        if isinstance(index, slice):
            return [f"{self.prefix} {number}" for number in self.numbers[index].tolist()]
        return f"{self.prefix} {self.numbers[index]}"


def clause_lines(formula: Formula) -> Iterator[str]:
    """The clauses as DIMACS has them."""
    for index in range(formula.num_clauses):
        yield " ".join([*map(str, formula.clause(index).tolist()), "0"])


def assignment(values: Values, num_variables: int) -> str:
    """Literals that hold, then 0.

    >>> assignment(np.array([1, 0]), 2)
    '1 -2 0'
    """
    signed = np.where(np.asarray(values)[:num_variables] == 1, 1, -1)
    return " ".join([*map(str, (signed * np.arange(1, num_variables + 1)).tolist()), "0"])


def draw_formula(axes: Axes, formula: Formula, values: Values | None) -> None:
    """Draw clauses across and variables down: a dot per literal."""
    clause = np.repeat(np.arange(formula.num_clauses), np.diff(formula.offsets))
    variable = np.abs(formula.literals)
    positive = formula.literals > 0
    true = positive if values is None else (np.asarray(values)[variable - 1] == 1) == positive
    axes.scatter(clause + 1, variable, c=np.where(true, "#1f5fa8", "#c8c8c8"), s=6)
    axes.set(xlabel="clause", ylabel="variable")
    axes.invert_yaxis()


def generate(rng: np.random.Generator, variables: int = 100, ratio: float = 4.0) -> Cnf:
    """Random 3-clauses, ``ratio`` per variable, that a hidden assignment satisfies.

    Of the seven clauses of three variables that it satisfies, those with two false literals are
    drawn as often as those with none or one, so that majorities do not give it away.

    >>> formula = generate(np.random.default_rng(0), 20)
    >>> formula.verify(formula.expected)
    True
    """
    if variables < 3:
        raise ValueError(f"a formula of 3-clauses has at least 3 variables; found {variables}")
    hidden = rng.integers(0, 2, variables)
    count = round(ratio * variables)
    chosen = np.stack([rng.choice(variables, 3, replace=False) for _ in range(count)])
    true = rng.random((count, 3)) < 0.5
    true[np.arange(count), rng.integers(0, 3, count)] |= ~true.any(axis=1)
    signs = np.where(true == (hidden[chosen] == 1), 1, -1)
    literals = (signs * (chosen + 1)).astype(np.int32).ravel()
    formula = Formula(variables, np.arange(count + 1, dtype=np.int64) * 3, literals)
    return Cnf(formula, expected=hidden.astype(np.int16))
