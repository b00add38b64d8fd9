"""Learned rules as a landscape and as problems for the ordinary solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.coupling import Coupling, GroupInclusion
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.relation import SYMBOLS, Relation
from latent_ebm.energies.space import Space
from latent_ebm.energies.table import Table
from latent_ebm.kernels.factors import Operator
from latent_ebm.kernels.structure import Csr
from latent_ebm.learning.rules.energy import PairwiseConfig, PairwiseEnergy
from latent_ebm.learning.rules.reading import Pairs, Reading, read_energy
from latent_ebm.learning.rules.wording import describe, look
from latent_ebm.puzzles.cliques import clique_cover
from latent_ebm.puzzles.problem import Problem

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LearnedRules:
    """What was read from a learned energy.

    Examples
    --------
    >>> rules = LearnedRules.from_pretrained("rules-sudoku")
    >>> len(rules.reading.unequal), len(rules.reading.groups)
    (810, 27)
    """

    config: PairwiseConfig
    reading: Reading

    @classmethod
    def of(cls, energy: PairwiseEnergy) -> Self:
        """Read an energy; ValueError if what it says contradicts itself."""
        return cls(energy.config, read_energy(energy))

    @classmethod
    def from_pretrained(cls, source: str | Path) -> Self:
        """Load an energy from a folder, or by the name of shipped weights, and read it."""
        return cls.of(PairwiseEnergy.from_pretrained(source))

    def __str__(self) -> str:
        return describe(self.reading, self.config.variables, len(self.config.states))

    @cached_property
    def landscape(self) -> Landscape:
        """Groups as all-different factors, other pairs as relations or tables."""
        reading, names = self.reading, self.config.variables
        n, k = len(names), len(self.config.states)
        hard: list[HardDomain] = []
        if reading.groups:
            rows = Csr.from_rows([list(group) for group in reading.groups])
            hard.append(HardDomain("learned group", (AllDifferent(rows, k, self._group_names()),)))
        for name, pairs, operator in (
            ("learned difference", reading.rest, Operator.NOT_EQUAL),
            ("learned order", reading.less, Operator.LESS),
            ("learned equality", reading.equal, Operator.EQUAL),
        ):
            if len(pairs):
                hard.append(HardDomain(name, (self._relation(pairs, operator),)))
        if reading.tables:
            ends = Csr.from_rows([[i, j] for i, j, _ in reading.tables])
            labels = tuple(f"{names[i]} with {names[j]}" for i, j, _ in reading.tables)
            family = Table(ends, [allowed for _, _, allowed in reading.tables], k, labels)
            hard.append(HardDomain("learned table", (family,)))
        domains = tuple(hard)
        space = Space.full(names, self.config.states)
        return Landscape(space, domains, (), self._couplings(domains, n, k))

    def _couplings(self, hard: tuple[HardDomain, ...], n: int, k: int) -> tuple[Coupling, ...]:
        if len(hard) == 1 and self.reading.groups:
            return (GroupInclusion(hard, n, k),)
        couplings = standard_couplings(hard, n, k)
        if len(self.reading.rest):
            # cliques say more than their pairs: what they imply is found by counting
            cliques = clique_cover(n, self.reading.unequal)
            family = AllDifferent(Csr.from_rows(cliques), k, tuple(map(str, cliques)))
            couplings = (*couplings, GroupInclusion((HardDomain("cliques", (family,)),), n, k))
        return couplings

    def _group_names(self) -> tuple[str, ...]:
        names = []
        for number, group in enumerate(self.reading.groups, start=1):
            cells = [self.config.variables[v] for v in group]
            names.append(look(cells)[1] or f"group {number} ({', '.join(cells)})")
        return tuple(names)

    def _relation(self, pairs: Pairs, operator: Operator) -> Relation:
        first, second = np.ascontiguousarray(pairs.T, np.int32)
        names = self.config.variables
        labels = tuple(f"{names[i]} {SYMBOLS[operator]} {names[j]}" for i, j in pairs.tolist())
        operators = np.full(len(pairs), operator, np.int8)
        k = len(self.config.states)
        return Relation(first, second, operators, np.zeros_like(first), k, labels)

    def problem(self, givens: Problem | Sequence[int] | NDArray[np.integer]) -> LearnedProblem:
        """A problem under the learned rules.

        Parameters
        ----------
        givens
            A problem, of which only the givens are taken and none of its rules, or N states
            from 0, -1 where nothing is given.

        Raises
        ------
        ValueError
            If the variables or states are not those that the rules were learned on.
        """
        n, k = len(self.config.variables), len(self.config.states)
        if isinstance(givens, Problem):
            space = givens.landscape.space
            if (space.variables, space.states) != (self.config.variables, self.config.states):
                raise ValueError(
                    f"these rules were learned on {n} variables {self.config.variables[0]} ... of "
                    f"{k} states ({self.config.kind}); {givens.source or 'the puzzle'} has "
                    f"{space.shape[0]} variables {space.variables[0]} ... of {space.shape[1]}"
                )
            return LearnedProblem(self, type(givens).masks([givens])[0], givens)
        values = np.asarray(givens)
        if values.shape != (n,) or values.dtype.kind not in "iu":
            raise ValueError(f"givens are {n} whole numbers; found {values.dtype} {values.shape}")
        if values.min() < -1 or values.max() >= k:
            raise ValueError(f"givens are states from 0 to {k - 1}, or -1; found {values.tolist()}")
        return LearnedProblem(self, (values[:, None] < 0) | (values[:, None] == np.arange(k)))


@dataclass(frozen=True, eq=False)
class LearnedProblem:
    """Givens under learned rules.

    What the solver calls solved satisfies the learned rules; whether it is right by the true
    ones is for :func:`latent_ebm.learning.rules.evaluation.evaluate` to say.

    Attributes
    ----------
    origin
        The problem whose givens these are; None if they came as states.
    """

    rules: LearnedRules
    mask: Mask
    origin: Problem | None = None

    @property
    def kind(self) -> str:
        """The kind's name, with what its rules are."""
        return f"{self.rules.config.kind} by learned rules"

    @property
    def landscape(self) -> Landscape:
        """The learned constraints, shared by all problems under these rules."""
        return self.rules.landscape

    @property
    def source(self) -> str:
        """Where it was read."""
        return self.origin.source if self.origin is not None else ""

    @classmethod
    def masks(cls, problems: Sequence[Self]) -> Mask:
        """[B, N, K] the states that the givens leave."""
        return np.stack([problem.mask for problem in problems])

    @classmethod
    def clashing(cls, problems: Sequence[Self]) -> Mask:
        """[B] whether givens contradict a learned rule."""
        masks = cls.masks(problems)
        values = np.where(masks.sum(axis=2) == 1, masks.argmax(axis=2), -1)
        first, second = problems[0].rules.reading.unequal.T
        twice = (values[:, first] == values[:, second]) & (values[:, first] >= 0)
        return twice.any(axis=1)

    @classmethod
    def verified(cls, problems: Sequence[Self], values: NDArray[np.integer]) -> Mask:
        """[B] whether values [B, N] keep the givens and every learned rule."""
        masks = cls.masks(problems)
        kept = np.take_along_axis(masks, np.asarray(values)[..., None].astype(np.int64), axis=2)
        return problems[0].landscape.check(values) & kept.all(axis=(1, 2))

    def faults(self) -> tuple[str, ...]:
        """Every two givens that are equal and must not be."""
        names, states = self.rules.config.variables, self.rules.config.states
        value = np.where(self.mask.sum(axis=1) == 1, self.mask.argmax(axis=1), -1)
        return tuple(
            f"{names[i]} and {names[j]} are both {states[value[i]]}, and learned to differ"
            for i, j in self.rules.reading.unequal.tolist()
            if value[i] == value[j] >= 0
        )

    def render(self, values: NDArray[np.integer] | None = None) -> str:
        """As the origin draws it, or a list of states."""
        if self.origin is not None:
            return self.origin.render(values)
        shown = [-1] * len(self.mask) if values is None else np.asarray(values).tolist()
        return " ".join(self.rules.config.states[a] if a >= 0 else "." for a in shown)

    def encode(self, values: NDArray[np.integer]) -> str:
        """As files of the kind have it, or a list of states."""
        return self.origin.encode(values) if self.origin is not None else self.render(values)
