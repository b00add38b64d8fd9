"""Descent on the landscape of a program: the ordinary energies, relaxed, with tests that steer.

C chains of logits z [C, N, K] over the slots of all holes (or the location and the edit of a
repair) start from the prior with Gumbel noise, and descend the whole landscape and the tests:

    x   = softmax(z)
    z  <- z - adam(grad_z [ landscape.energy(x) + sum_ik theta_ik x_ik ])

Each chain is then decoded: the best derivation of every tree under z, and by the couplings what
follows from it for the imports. What ``landscape.check`` accepts is run. The tests energies E_c
move theta by the score-function gradient with a leave-one-out baseline (Kool et al. 2019):

    theta <- theta + eta * sum_c (E_c - mean of the others) * onehot(v_c) / C

The searchers (``descent.py``, ``fill.py``) know more: what partly filled programs do, and changes
beyond what is listed. This one knows nothing of programs but their landscape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.coding.candidate import Candidate
from latent_ebm.energies.coupling import Rule
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.tree_grammar import TreeGrammar
from latent_ebm.puzzles.code.execution.outcomes import Outcome
from latent_ebm.puzzles.code.relaxed.landscape import RelaxedProgram

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["LandscapeDescent", "Steps"]


@dataclass(frozen=True)
class Steps:
    """How the chains move.

    Attributes
    ----------
    count
        Steps of a chain from its start to its candidate.
    size
        Of an optimizer step.
    noise
        Of the Gumbel noise at the start.
    eta
        Nats for one unit of tests energy.
    rounds
        Starts, at most, for as many new candidates as are asked for.
    """

    count: int = 10
    size: float = 0.1
    noise: float = 1.0
    eta: float = 4.0
    rounds: int = 20


class LandscapeDescent:
    """A strategy for repair and for filling; see the module's docstring."""

    wants_all = True

    def __init__(
        self,
        relaxed: RelaxedProgram,
        energy: Callable[[Outcome], float],
        seed: int,
        steps: Steps | None = None,
    ) -> None:
        self._relaxed, self._energy = relaxed, energy
        self._steps = steps or Steps()
        self._generator = np.random.default_rng(seed)
        self._theta = np.zeros(relaxed.landscape.space.shape)
        self._tried: set[str] = {relaxed.program.text}
        self._values: dict[int, NDArray[np.int16]] = {}

    @property
    def landscape(self) -> Landscape:
        """What is descended."""
        return self._relaxed.landscape

    def propose(self, count: int) -> list[Candidate]:
        """New candidates that the landscape accepts; none where many starts give none."""
        found: list[Candidate] = []
        for _ in range(self._steps.rounds):
            if len(found) >= count:
                break
            values = self._decoded(self._descended(count))
            for row in values[self.landscape.check(values)]:
                text = self._relaxed.text(row)
                if text not in self._tried and len(found) < count:
                    self._tried.add(text)
                    found.append(self._candidate(row, text))
        return found

    def learn(self, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
        """Move the tests' part of the energies by what came of the candidates."""
        values = np.stack([self._values.pop(one.key) for one in candidates])
        energies = np.array([self._energy(outcome) for outcome in outcomes])
        if len(values) < 2:
            return
        advantage = (energies - energies.mean()) / (len(values) - 1)
        n = np.arange(values.shape[1])
        for row, worse in zip(values, advantage, strict=True):
            self._theta[n, row] += self._steps.eta * worse

    @cached_property
    def _live(self) -> NDArray[np.bool_]:
        """[N, K] the states that the couplings leave."""
        return self.landscape.presolve(self.landscape.space.mask[None], Rule.SINGLES).mask[0]

    def _descended(self, chains: int) -> Tensor:
        """The logits [C, N, K] of chains after their steps."""
        import torch
        import torchopt

        from latent_ebm.dynamics.gradient_flow import one_thread

        shape = (chains, *self.landscape.space.shape)
        start = -self._relaxed.costs - self._theta
        start = start + self._steps.noise * self._generator.gumbel(size=shape)
        live = torch.as_tensor(self._live)
        logits = torch.as_tensor(start, dtype=torch.float32).masked_fill(~live, -torch.inf)
        theta = torch.as_tensor(self._theta, dtype=torch.float32)
        optimizer: Any = torchopt.adam(lr=self._steps.size)
        moments = optimizer.init(logits)
        with one_thread():
            for _ in range(self._steps.count):
                logits.requires_grad_()
                x = torch.softmax(logits, dim=-1)
                energy = self.landscape.energy(x) + (theta * x).sum(dim=(1, 2))
                (gradient,) = torch.autograd.grad(energy.sum(), logits)
                updates, moments = optimizer.update(gradient, moments, inplace=False)
                logits = logits.detach() + updates
        return logits.masked_fill(~live, -torch.inf)

    def _decoded(self, logits: Tensor) -> NDArray[np.int16]:
        """[C, N, K] to [C, N]: the best derivation of each tree, and what follows from it."""
        values = logits.argmax(dim=-1).numpy().astype(np.int16)
        k = logits.shape[-1]
        settled = np.broadcast_to(self._live, logits.shape).copy()
        for family in self.landscape.hard[0].families:
            assert isinstance(family, TreeGrammar)  # noqa: S101 - the first domain has trees
            points = family.project(logits).reshape(len(values), -1, k)
            slots = family.slots.ravel()
            values[:, slots] = points.argmax(dim=-1).numpy()
            settled[:, slots] = points.numpy() > 0
        left = self.landscape.presolve(settled, Rule.SINGLES)
        return np.where(left.contradiction[:, None], values, left.mask.argmax(axis=2)).astype(
            np.int16
        )

    def _candidate(self, values: NDArray[np.int16], text: str) -> Candidate:
        key = len(self._tried)
        self._values[key] = values
        energy = sum(domain.price(values) for domain in self.landscape.soft)
        return Candidate(text, energy, tuple(self._relaxed.edits(values)), key)
