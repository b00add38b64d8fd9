"""Learned rules beside the given ones: right answers and time, in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.relation import Relation
from latent_ebm.learning.rules.learned import LearnedRules
from latent_ebm.puzzles.problem import Problem
from latent_ebm.settings import Settings
from latent_ebm.solution import Solution
from latent_ebm.stream import solve_stream
from latent_ebm.warmup import warm_up


@dataclass(frozen=True)
class Evaluation:
    """How learned rules did.

    Attributes
    ----------
    puzzles
        How many were solved.
    given
        Solved under the rules of the kind.
    solved
        Solved under the learned rules.
    right
        Of these, right by the true rules, verified exactly.
    seconds, given_seconds
        For all puzzles on one thread, median of the rounds.
    ratio
        Of the two in one round, median of the rounds.
    """

    puzzles: int
    given: int
    solved: int
    right: int
    seconds: float
    given_seconds: float
    ratio: float

    def __str__(self) -> str:
        return (
            f"{self.puzzles} puzzles: {self.solved} solved by the learned rules, {self.right} of "
            f"them right by the true ones; {self.given} solved by the given rules\n"
            f"learned {self.seconds:.3f} s, given {self.given_seconds:.3f} s on one thread; "
            f"time ratio {self.ratio:.2f}"
        )


def evaluate(
    rules: LearnedRules,
    problems: Sequence[Problem],
    settings: Settings | None = None,
    rounds: int = 3,
) -> Evaluation:
    """Solve problems under the learned rules and under their own, in turns.

    Raises
    ------
    ValueError
        If there is no problem, or one is not of the variables that the rules were learned on.
    """
    if not problems:
        raise ValueError("there is no puzzle to evaluate the rules on")
    settings = settings or Settings()
    learned = [rules.problem(problem) for problem in problems]
    warm_up(problems[0].landscape, settings)
    warm_up(rules.landscape, settings)
    times: list[tuple[float, float]] = []
    for _ in range(rounds):
        own, given_seconds = _timed(problems, settings)
        answers, seconds = _timed(learned, settings)
        times.append((seconds, given_seconds))
    right = sum(
        bool(type(problem).verified([problem], answer.values[None])[0])
        for problem, answer in zip(problems, answers, strict=True)
        if answer.solved and answer.values is not None
    )
    return Evaluation(
        puzzles=len(problems),
        given=sum(answer.solved for answer in own),
        solved=sum(answer.solved for answer in answers),
        right=right,
        seconds=statistics.median(seconds for seconds, _ in times),
        given_seconds=statistics.median(seconds for _, seconds in times),
        ratio=statistics.median(seconds / given for seconds, given in times),
    )


def _timed(problems: Sequence[Problem], settings: Settings) -> tuple[list[Solution], float]:
    begun = time.perf_counter()
    answers = [a for a in solve_stream(problems, settings, workers=1) if isinstance(a, Solution)]
    return answers, time.perf_counter() - begun


@dataclass(frozen=True)
class Match:
    """Learned pairs against the true ones: how many are found, missed, and false."""

    true: int
    found: int
    false: int

    def __str__(self) -> str:
        return f"{self.found} of {self.true} pairs found, {self.false} false"

    @property
    def is_exact(self) -> bool:
        """Whether they are the same."""
        return self.found == self.true and not self.false


def compare(rules: LearnedRules, truth: Landscape) -> Match:
    """Compare the pairs that a landscape and learned rules relate, different or in order.

    Of the learned orders, each must be an order of the landscape, or follow from its orders.
    """
    different, less = true_pairs(truth)
    found = set(map(tuple, rules.reading.unequal.tolist()))
    orders = set(map(tuple, rules.reading.less.tolist()))
    false = len(found - different) + len(orders - _closure(less))
    others = len(rules.reading.equal) + len(rules.reading.tables)
    return Match(
        true=len(different) + len(less),
        found=len(found & different) + len(orders & less),
        false=false + others,
    )


Ordered = set[tuple[int, int]]


def true_pairs(truth: Landscape) -> tuple[Ordered, Ordered]:
    """The pairs that differ, lower number first, and the pairs in order, the lesser first."""
    different: Ordered = set()
    less: Ordered = set()
    for domain in truth.hard:
        for family in domain.families:
            if not isinstance(family, AllDifferent | Relation):
                raise ValueError(f"domain {domain.name!r} is not made of pairs")
            if isinstance(family, Relation) and (family.operator == 1).any():
                less |= set(zip(family.first.tolist(), family.second.tolist(), strict=True))
            for f in range(family.count):
                row = np.sort(family.variables.row(f)).tolist()
                different |= {(a, b) for i, a in enumerate(row) for b in row[i + 1 :]}
    return different, less


def _closure(less: Ordered) -> Ordered:
    closed = set(less)
    while True:
        more = closed | {(a, d) for a, b in closed for c, d in closed if b == c}
        if more == closed:
            return closed
        closed = more
