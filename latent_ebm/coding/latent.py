"""The latent of a repair: logits over edits, moved by what the tests say.

An edit i has features phi_i (what it does, where, with which names) and a prior energy c_i. The
latent theta gives every feature a logit, so that

    p_i proportional to exp(-c_i + theta . phi_i)

relaxes the choice of an edit. With tests energies E_i of candidates that were run, theta descends
the expected energy by the score-function gradient with a leave-one-out baseline (Kool et al. 2019):

    theta <- theta - eta * sum_i (E_i - mean of the others) * (phi_i - E_p[phi])

The online surrogate E_hat(phi) = b + w . phi, least squares by stochastic gradient steps with
per-feature step sizes, is recalibrated with every batch; its gradient -w steers as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(eq=False)
class Latent:
    """Logits of features, and the surrogate of the tests energy.

    Attributes
    ----------
    step
        eta of the score-function steps.
    strength
        How many nats one unit of the surrogate's energy is worth.
    """

    step: float = 0.5
    strength: float = 3.0
    use_tests: bool = True
    use_surrogate: bool = True
    _number: dict[str, int] = field(default_factory=dict, repr=False)
    theta: Floats = field(default_factory=lambda: np.zeros(64))
    weights: Floats = field(default_factory=lambda: np.zeros(64))
    squares: Floats = field(default_factory=lambda: np.ones(64))
    bias: float = 0.0
    seen: int = 0

    def numbers(self, features: Sequence[str]) -> list[int]:
        """The features' numbers; new ones are given the next."""
        found = [self._number.setdefault(name, len(self._number)) for name in features]
        while len(self._number) > len(self.theta):
            for name in ("theta", "weights", "squares"):
                old = getattr(self, name)
                new = np.ones(2 * len(old)) if name == "squares" else np.zeros(2 * len(old))
                new[: len(old)] = old
                setattr(self, name, new)
        return found

    def bonus(self, features: NDArray[np.int32]) -> Floats:
        """The nats by which edits with these features [n, W] (-1 fills up) are likelier."""
        present = features >= 0
        at = np.where(present, features, 0)
        total = np.zeros(len(features))
        if self.use_tests:
            total += np.where(present, self.theta[at], 0.0).sum(axis=1)
        if self.use_surrogate:
            total -= self.strength * np.where(present, self.weights[at], 0.0).sum(axis=1)
        return total

    def learn(self, features: NDArray[np.int32], energies: Floats) -> None:
        """Descend by energies [n], less the original's, of edits with features [n, W]."""
        count = len(energies)
        if count == 0:
            return
        others = (energies.sum() - energies) / max(count - 1, 1) if count > 1 else energies * 0
        advantage = energies - others
        present = features >= 0
        at = np.where(present, features, 0)
        size = len(self.theta)
        rows = np.repeat(advantage[:, None], features.shape[1], axis=1)
        gradient = np.bincount(at[present], rows[present], size)
        uses = np.bincount(at[present], minlength=size)
        self.theta -= self.step * gradient / np.sqrt(1.0 + uses * count)
        for row, used, energy in zip(at, present, energies, strict=True):
            active = row[used]
            error = self.bias + self.weights[active].sum() - energy
            self.seen += 1
            self.bias -= error / (1 + self.seen) ** 0.7
            self.squares[active] += 1.0
            self.weights[active] -= error / (len(active) * np.sqrt(self.squares[active]))
