"""A latent over the soft AST of one hole: drawn from, and moved by what the tests say.

The log-potentials z [S, P + 1] start from the prior. Derivations are drawn without replacement
(Kool et al. 2019, stochastic beams), run, and z descends the expected tests energy by the
score-function gradient with a leave-one-out baseline:

    z <- z - eta * sum_c (E_c - mean of the others) * onehot(v_c) / (C - 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from latent_ebm.decoders.distinct import sample_without_replacement
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.soft_ast import SoftAst

Derived = tuple[tuple[int, ...], Expression]


@dataclass(eq=False)
class SoftHole:
    """The latent of one hole.

    Attributes
    ----------
    tree
        What may stand there.
    generator
        Of its draws.
    step
        eta, in nats for one unit of energy.
    """

    tree: SoftAst
    generator: np.random.Generator
    step: float = 4.0
    potentials: NDArray[np.float64] = field(init=False)
    _drawn: set[str] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.potentials = self.tree.prior.copy()

    def draw(self, count: int, known: set[str]) -> list[Derived]:
        """Up to so many expressions, distinct, and none that was drawn before or is known."""
        found: list[Derived] = []
        samples = sample_without_replacement(
            self.tree.trees, self.potentials, self.generator, 6 * count
        )
        for sample in samples:
            expression = self.tree.expression(sample.values)
            if expression.text in self._drawn or expression.text in known or not expression.names:
                continue
            self._drawn.add(expression.text)
            found.append((sample.values, expression))
            if len(found) == count:
                break
        return found

    def learn(self, values: Sequence[tuple[int, ...]], energies: Sequence[float]) -> None:
        """Descend by the tests energies of derivations that were run."""
        if len(values) < 2:
            return
        import torch

        from latent_ebm.decoders.score_function import leave_one_out_gradient

        gradient = leave_one_out_gradient(
            torch.tensor(values),
            torch.tensor(energies, dtype=torch.float64),
            self.potentials.shape[1],
        )
        self.potentials -= self.step * gradient.numpy()
