"""Linear constraints over terms, in the simplest form that says the same."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from cpmpy.exceptions import NotSupportedError
from numpy.typing import NDArray

from latent_ebm.kernels.factors import Operator
from latent_ebm.modelling.assembly import Assembly, Name
from latent_ebm.modelling.variables import Literal, Term

Part = tuple[int, Term]

LARGEST = 2**31 - 1

MANY_PAIRS = 10_000
"""Forbidden pairs of states that a ``!=`` may become, one clause each."""


@dataclass(frozen=True)
class Weights:
    """``constant`` + the sum of what each variable contributes, each at least 0.

    A variable that occurs in several terms contributes once. Contributions that cannot be
    (masked states) are 0.
    """

    of: dict[int, NDArray[np.int64]]
    constant: int

    @classmethod
    def gathered(cls, assembly: Assembly, parts: Iterable[Part]) -> Weights:
        """The sum of coefficient * term over the parts."""
        total: dict[int, NDArray[np.int64]] = {}
        for coefficient, term in parts:
            share = coefficient * term.values.astype(np.int64)
            total[term.variable] = total.get(term.variable, 0) + share
        constant = 0
        for v, weights in list(total.items()):
            mask = assembly.variables.masks[v]
            least = int(weights[mask].min())
            constant += least
            total[v] = np.where(mask, weights - least, 0)
            if not total[v].any():
                del total[v]
        return cls(total, constant)

    @property
    def most(self) -> int:
        """The largest sum without the constant."""
        return sum(int(w.max()) for w in self.of.values())

    def divided(self, by: int) -> Weights:
        """All weights divided by a common factor, without the constant."""
        return Weights({v: w // by for v, w in self.of.items()}, 0)


def between(
    assembly: Assembly,
    parts: Iterable[Part],
    low: int | None,
    high: int | None,
    when: Literal | None = None,
) -> None:
    """Where ``when`` holds: low <= sum of coefficient * term <= high (None: no bound)."""
    weights = Weights.gathered(assembly, parts)
    low = 0 if low is None else max(low - weights.constant, 0)
    high = weights.most if high is None else min(high - weights.constant, weights.most)
    step = math.gcd(*(int(np.gcd.reduce(w)) for w in weights.of.values())) or 1
    weights, low, high = weights.divided(step), -(-low // step), high // step
    if low > high:
        assembly.forbid(when)
    elif low > 0 or high < weights.most:
        _post(assembly, weights, low, high, when)


def _post(assembly: Assembly, weights: Weights, low: int, high: int, when: Literal | None) -> None:
    condition = [] if when is None else [~when]
    if len(weights.of) == 1:
        ((v, w),) = weights.of.items()
        assembly.clause([Literal(v, (w >= low) & (w <= high)), *condition])
    elif all(w.max() == 1 for w in weights.of.values()):
        literals = [Literal(v, w == 1) for v, w in weights.of.items()]
        count_true(assembly, literals, low, high, when)
    elif weights.most > LARGEST:
        raise NotSupportedError(
            f"{Name(assembly.source)} adds up to {weights.most:,} and latent_ebm takes sums up "
            f"to {LARGEST:,}; give its variables tighter bounds, or count in larger units"
        )
    elif not _post_difference(assembly, weights, low, high, when):
        assembly.row("linear", (weights.of, low, high), when, over=weights.of)


def count_true(
    assembly: Assembly, literals: list[Literal], low: int, high: int, when: Literal | None
) -> None:
    """Where ``when`` holds: between low and high of the literals, on distinct variables, are true.

    Examples
    --------
    >>> from latent_ebm.modelling.variables import Variables
    >>> variables = Variables()
    >>> bits = [variables.add(f"b{i}", 0, 1) for i in range(3)]
    >>> assembly = Assembly(variables)
    >>> count_true(assembly, [b.at(b.values == 1) for b in bits], 1, 3, None)
    >>> list(assembly.rows)
    ['clause']
    """
    count = len(literals)
    condition = [] if when is None else [~when]
    if low >= count or high <= 0:
        for literal in literals:
            assembly.clause([literal if low >= count else ~literal, *condition])
    elif (low, high) == (1, count):
        assembly.clause([*literals, *condition])
    elif (low, high) == (0, count - 1):
        assembly.clause([*(~literal for literal in literals), *condition])
    else:
        masks = [assembly.variables.masks[literal.variable] for literal in literals]
        sizes = [int((m & x.allowed).sum()) for m, x in zip(masks, literals, strict=True)]
        if 2 * sum(sizes) > sum(int(m.sum()) for m in masks):
            # fewer entries say the same of the opposite literals
            literals = [~literal for literal in literals]
            low, high = count - high, count - low
        entries = [
            (x.variable, int(s))
            for x, mask in zip(literals, masks, strict=True)
            for s in np.flatnonzero(x.allowed & mask)
        ]
        over = [x.variable for x in literals]
        if high == 1:
            assembly.row("exactly one" if low == 1 else "at most one", entries, when, over=over)
        else:
            assembly.row("cardinality", (entries, low, high), when, over=over)


def _slope(weights: NDArray[np.int64], mask: NDArray[np.bool_]) -> tuple[int, int] | None:
    """(a, b) if weights are a * state + b at all states in the mask."""
    states = np.flatnonzero(mask)
    first, second = states[:2]
    slope, rest = divmod(int(weights[second] - weights[first]), int(second - first))
    at_zero = int(weights[first]) - slope * int(first)
    if rest or (weights[states] != slope * states + at_zero).any():
        return None
    return slope, at_zero


def _difference(assembly: Assembly, weights: Weights) -> tuple[int, int, int, int] | None:
    """(first, second, a, b) if the sum is a * (state of first - state of second) + b, a > 0."""
    if len(weights.of) != 2:
        return None
    (first, second), masks = weights.of, assembly.variables.masks
    one, two = _slope(weights.of[first], masks[first]), _slope(weights.of[second], masks[second])
    if one is None or two is None or one[0] != -two[0]:
        return None
    if one[0] < 0:
        first, second, one, two = second, first, two, one
    return first, second, one[0], one[1] + two[1]


def _small(assembly: Assembly, weights: Weights) -> bool:
    """Whether all variables are as good as Boolean, so that clauses say it best."""
    return all(int(assembly.variables.masks[v].sum()) <= 2 for v in weights.of)


def _post_difference(
    assembly: Assembly, weights: Weights, low: int, high: int, when: Literal | None
) -> bool:
    """Post a sum of the form a * (x - y) + b as a relation; False if it has not that form."""
    form = _difference(assembly, weights)
    if form is None:
        return False
    first, second, scale, constant = form
    least, most = -(-(low - constant) // scale), (high - constant) // scale
    if least > most:
        assembly.forbid(when)
    elif least == most:
        assembly.relation(first, Operator.EQUAL, second, least, when)
    else:
        if high < weights.most:
            assembly.relation(first, Operator.AT_MOST, second, most, when)
        if low > 0:
            assembly.relation(second, Operator.AT_MOST, first, -least, when)
    return True


def differs(
    assembly: Assembly, parts: Iterable[Part], constant: int, when: Literal | None = None
) -> None:
    """Where ``when`` holds: the sum of coefficient * term is not the constant."""
    weights = Weights.gathered(assembly, parts)
    wanted = constant - weights.constant
    condition = [] if when is None else [~when]
    if not 0 <= wanted <= weights.most:
        return
    if not weights.of:
        assembly.forbid(when)
    elif len(weights.of) == 1:
        ((v, w),) = weights.of.items()
        assembly.clause([Literal(v, w != wanted), *condition])
    elif len(weights.of) > 2 or not _forbid_pairs(assembly, weights, wanted, when):
        above = assembly.switch()
        kept = [(1, Term(v, w)) for v, w in weights.of.items()]
        if when is None:
            between(assembly, kept, wanted + 1, None, above)
            between(assembly, kept, None, wanted - 1, ~above)
        else:
            below = assembly.switch()
            assembly.clause([above, below, ~when])
            between(assembly, kept, wanted + 1, None, above)
            between(assembly, kept, None, wanted - 1, below)


def _forbid_pairs(assembly: Assembly, weights: Weights, wanted: int, when: Literal | None) -> bool:
    """Forbid that two weights add up to something; False if that takes too many pairs."""
    form = _difference(assembly, weights)
    if form is not None and not _small(assembly, weights):
        first, second, scale, constant = form
        offset, rest = divmod(wanted - constant, scale)
        if not rest:
            assembly.relation(first, Operator.NOT_EQUAL, second, offset, when)
        return True
    (a, left), (b, right) = weights.of.items()
    masks = assembly.variables.masks
    clash = (left[:, None] + right[None, :] == wanted) & masks[a][:, None] & masks[b][None, :]
    pairs = np.argwhere(clash)
    if len(pairs) > MANY_PAIRS:
        return False
    condition = [] if when is None else [~when]
    for s, t in pairs:
        at = Literal(a, np.arange(len(left)) != s), Literal(b, np.arange(len(right)) != t)
        assembly.clause([*at, *condition])
    return True
