"""Tuning a gradient flow by gradients through its unrolled steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from einops import rearrange, repeat
from lightning.pytorch import LightningModule
from torch import Tensor

from latent_ebm.dynamics.gradient_flow import GradientFlow
from latent_ebm.learning.meta.measuring import sweeps_of
from latent_ebm.learning.meta.parameters import FlowConfig, TunedFlow
from latent_ebm.learning.meta.problems import Block, PuzzleData
from latent_ebm.learning.meta.unrolling import Knobs, Latent, begin, reached, unroll
from latent_ebm.learning.pretrained import ModelCard
from latent_ebm.learning.sampling import generator

LATE = 5
"""The last steps of a segment, over which the loss is averaged."""


class Tuning(LightningModule):
    r"""Meta-gradients for :class:`GradientFlow`, in short segments of its period.

    With C chains a puzzle, y_c a solution and x_c the relaxed candidate of chain c::

        l_c  = - sum_i log x_c[i, y_ci]         how far the chain is from the solution
        loss = - tau log mean_c exp(-l_c / tau)      the best chain counts

    averaged over the last steps of a segment. After each segment the parameters take an Adam step
    along the gradient through it, and the chains go on from where they are without their
    history (truncated back-propagation): through a whole period gradients grow without bound.

    Where a puzzle has one solution, y_c is that. Where it has many (colourings, formulas), none
    is nearer to all chains than another, and y_c is the one that the chain itself reaches within
    the period with the present parameters, so that it is led there sooner.

    Each epoch ends with real descents on the validation puzzles; the parameters with the least
    mean logarithm of sweeps so far are what is saved.

    Parameters
    ----------
    kind, period, views
        Of the :class:`FlowConfig`.
    targets
        ``expected``, the puzzle's solution, or ``reached``.
    start
        The preset whose numbers the training begins with.
    segment
        Steps through which gradients flow.
    chains
        C, while tuning.
    tau
        How soft the choice of the best chain is.
    learning_rate
        Of Adam, on the logarithms of the parameters.
    sweeps
        The most that a descent of validation may take.
    seed
        Of the first logits.
    """

    command: tuple[str, ...] = ()
    best: Tensor
    least: Tensor

    def __init__(
        self,
        kind: str = "sudoku",
        period: int = 60,
        views: tuple[str, ...] = (),
        targets: str = "expected",
        start: str = "hand-tuned",
        segment: int = 20,
        chains: int = 8,
        tau: float = 3.0,
        learning_rate: float = 0.1,
        sweeps: int = 300,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if period % segment or segment < LATE:
            raise ValueError(
                f"segment divides the period and is at least {LATE} steps; found {segment} "
                f"and {period}"
            )
        if targets not in ("expected", "reached"):
            raise ValueError(f"targets are expected or reached; found {targets!r}")
        self.save_hyperparameters()
        self.targets = targets
        self.period, self.segment, self.chains = period, segment, chains
        self.tau, self.learning_rate, self.sweeps, self.seed = tau, learning_rate, sweeps, seed
        self.automatic_optimization = False
        self.tuned = TunedFlow(FlowConfig(kind, period, tuple(views)))
        self.tuned.start_at(GradientFlow.preset(start))
        self.register_buffer("best", self.tuned.logs.detach().clone())
        self.register_buffer("least", torch.tensor(torch.inf))

    def on_fit_start(self) -> None:
        """Refuse views that are not those of the puzzles, before any work."""
        views = self.tuned.config.views
        names = tuple(d.name for d in self._data.sets["train"].puzzles[0].landscape.domains)
        if views and views != names:
            raise ValueError(
                f"the views of kind {self._data.kind} are {', '.join(names)}; found "
                f"{', '.join(views)}"
            )

    def training_step(self, numbers: Tensor) -> None:
        """One period of the flow on a batch, with a step of the parameters after each segment."""
        draw = generator(self.seed, self.global_step)
        blocks = [self._chains(block) for block in self._data.sets["train"].blocks(numbers)]
        normals = [torch.randn(block.allowed.shape, generator=draw) for block in blocks]
        targets = [self._targets(*pair) for pair in zip(blocks, normals, strict=True)]
        latents: list[Latent | None] = [None] * len(blocks)
        optimizer: Any = self.optimizers()
        for _ in range(self.period // self.segment):
            optimizer.zero_grad()
            total = 0.0
            for i, block in enumerate(blocks):
                knobs = self.tuned.knobs()
                latent = latents[i] or begin(block.landscape, block.allowed, normals[i], knobs)
                latent, path = self._unroll(block, latent, knobs, self.segment)
                share = len(block.allowed) / (len(numbers) * self.chains)
                loss = self._distance(path[-LATE:], targets[i]) * share
                self.manual_backward(loss)
                total += float(loss.detach())
                latents[i] = latent.detached()
            torch.nn.utils.clip_grad_norm_(self.tuned.parameters(), 1.0)
            optimizer.step()
            self.log("train_loss", total, prog_bar=True, batch_size=len(numbers))

    def _chains(self, block: Block) -> Block:
        """Every puzzle C times."""
        parts = (block.allowed, block.solution)
        repeated = (repeat(part, "b ... -> (b c) ...", c=self.chains) for part in parts)
        return Block(block.landscape, *repeated)

    def _unroll(
        self, block: Block, latent: Latent, knobs: Knobs, steps: int
    ) -> tuple[Latent, list[Tensor]]:
        return unroll(
            block.landscape, block.allowed, latent, knobs, steps=steps, period=self.period
        )

    def _targets(self, block: Block, normal: Tensor) -> Tensor:
        """[B * C, N] the solution that each chain is to come to."""
        if self.targets == "expected":
            return block.solution
        knobs = self.tuned.knobs().detached()
        latent = begin(block.landscape, block.allowed, normal, knobs)
        found = reached(block.landscape, block.allowed, latent, knobs, period=self.period)
        return torch.where(found[:, :1] >= 0, found, block.solution)

    def _distance(self, path: list[Tensor], solution: Tensor) -> Tensor:
        tau = self.tau
        right = torch.stack(path).gather(3, solution[None, :, :, None].expand(len(path), -1, -1, 1))
        each = -(right[..., 0] + 1e-6).log().sum(dim=2).mean(dim=0)
        by_chain = rearrange(each, "(b c) -> b c", c=self.chains)
        count = float(np.log(self.chains))
        return (-tau * (torch.logsumexp(-by_chain / tau, dim=1) - count)).mean()

    def validation_step(self, numbers: Tensor) -> None:  # noqa: ARG002
        """Sweeps that the flow with these parameters really takes."""
        puzzles = self._data.sets["validation"].puzzles
        sweeps = sweeps_of(puzzles, self.tuned.flow(), self.sweeps)
        score = float(np.log(np.maximum(sweeps, 1)).mean())
        if score < float(self.least):
            self.least.fill_(score)
            self.best.copy_(self.tuned.logs.detach())
        self.log_dict({"val_log_sweeps": score, "val_median_sweeps": float(np.median(sweeps))})

    def result(self) -> tuple[TunedFlow, ModelCard]:
        """The best parameters so far, and what they came to."""
        with torch.no_grad():
            self.tuned.logs.copy_(self.best)
        return self.tuned, self._card()

    def _card(self) -> ModelCard:
        puzzles, limit = self._data.sets["validation"].puzzles, self.sweeps
        flows = {"hand-tuned": GradientFlow(), "tuned": self.tuned.flow()}
        medians = {
            name: float(np.median(sweeps_of(puzzles, flow, limit))) for name, flow in flows.items()
        }
        shown = ", ".join(f"{name} {median:g}" for name, median in medians.items())
        kind = self.tuned.config.kind
        return ModelCard(
            title=f"Gradient flow tuned for {kind}",
            data=(
                f"{len(self._data.sets['train'])} puzzles of kind {kind} from the project's "
                f"generator that presolve leaves open, {len(puzzles)} others for validation."
            ),
            cost=f"{self.trainer.current_epoch} epochs on one core.",
            results=(
                f"Median sweeps on the validation puzzles, at most {limit}: {shown}. "
                "docs/tuning.md has those on puzzles that nothing was chosen by."
            ),
            command=" ".join(("latent-ebm fit", *self.command)),
        )

    @property
    def _data(self) -> PuzzleData:
        data = self.trainer.datamodule  # type: ignore[attr-defined]
        if not isinstance(data, PuzzleData):
            raise TypeError(f"tuning needs PuzzleData as its data; found {type(data).__name__}")
        return data

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam on the logarithms."""
        return torch.optim.Adam(self.tuned.parameters(), lr=self.learning_rate)
