"""Training of rules as a LightningModule."""

from __future__ import annotations

import time
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from latent_ebm.learning.pretrained import ModelCard, Pretrained
from latent_ebm.learning.rules.data import SolvedGrids
from latent_ebm.learning.rules.energy import Form, PairwiseConfig, PairwiseEnergy
from latent_ebm.learning.rules.evaluation import compare
from latent_ebm.learning.rules.learned import LearnedRules
from latent_ebm.learning.rules.likelihood import pseudo_loss, sparsity, visible


class RulesModule(LightningModule):
    """Descends the masked pseudo-log-likelihood and the L1 term by Adam.

    Parameters
    ----------
    form, width, rank
        As for :class:`PairwiseConfig`.
    hidden
        The share of neighbours that are hidden at random in each step.
    l1
        The weight of ``sum |W| / N``.
    learning_rate
        Of Adam.
    seed
        Of what is hidden.
    """

    energy: PairwiseEnergy

    def __init__(
        self,
        form: Form = "shared",
        hidden: float = 0.5,
        l1: float = 0.01,
        learning_rate: float = 0.05,
        seed: int = 0,
        width: int = 64,
        rank: int = 3,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        if not 0 <= hidden < 1:
            raise ValueError(f"hidden is a share from 0 to below 1; found {hidden}")
        self.form, self.width, self.rank = form, width, rank
        self.hidden, self.l1, self.learning_rate, self.seed = hidden, l1, learning_rate, seed
        self.begun = time.perf_counter()
        self.command: tuple[str, ...] = ()

    def configure_model(self) -> None:
        """Build the energy for the data at hand, once the Trainer knows it."""
        if hasattr(self, "energy"):
            return
        examples = self._data.examples
        self.energy = PairwiseEnergy(
            PairwiseConfig(
                kind=self._data.kind,
                variables=examples.variables,
                states=examples.states,
                form=self.form,
                columns=examples.columns,
                width=self.width,
                rank=self.rank,
            )
        )
        self.begun = time.perf_counter()

    @property
    def _data(self) -> SolvedGrids:
        data = getattr(self.trainer, "datamodule", None)
        if not isinstance(data, SolvedGrids):
            raise ValueError(f"rules are learned from SolvedGrids; found {type(data).__name__}")
        return data

    def training_step(self, batch: tuple[Tensor], batch_index: int) -> Tensor:
        """The loss of this process's rows of the global batch."""
        del batch_index
        (values,) = batch
        rank, world = self.trainer.global_rank, self.trainer.world_size
        n, mine = values.shape[1], len(values)
        seen = visible((mine * world, n, n), self.hidden, self.seed, self.global_step)
        rows = slice(rank * mine, (rank + 1) * mine)
        likelihood = pseudo_loss(self.energy, values, None if seen is None else seen[rows])
        loss = likelihood + self.l1 * sparsity(self.energy)
        kept = {"on_step": False, "on_epoch": True, "sync_dist": True, "batch_size": mine}
        self.log("train/loss", loss, **kept)  # type: ignore[arg-type]
        self.log("train/likelihood", likelihood, **kept)  # type: ignore[arg-type]
        return loss

    def validation_step(self, batch: tuple[Tensor], batch_index: int) -> None:
        """What the energy says of grids held out, of which it sees everything."""
        del batch_index
        self._judge(batch[0], "val")

    def test_step(self, batch: tuple[Tensor], batch_index: int) -> None:
        """As validation."""
        del batch_index
        self._judge(batch[0], "test")

    def _judge(self, values: Tensor, stage: str) -> None:
        n = values.shape[1]
        seen = visible((len(values), n, n), self.hidden, self.seed, 0)
        kept = {"sync_dist": True, "batch_size": len(values)}
        self.log(f"{stage}/likelihood", pseudo_loss(self.energy, values, seen), **kept)  # type: ignore[arg-type]
        right = self.energy.logits(values).argmax(dim=2) == values
        self.log(f"{stage}/accuracy", right.float().mean(), **kept)  # type: ignore[arg-type]

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(self.energy.parameters(), self.learning_rate)

    def result(self) -> tuple[Pretrained[Any], ModelCard]:
        """The rules that were learned, and how."""
        data, metrics = self._data, self.trainer.callback_metrics
        rules = LearnedRules.of(self.energy)
        match = compare(rules, data.examples.world.landscape)
        grids = len(data.examples.values)
        threads = torch.get_num_threads()
        card = ModelCard(
            title=f"Rules of {data.kind}, from {data.count} solved grids",
            data=f"{data.count} solved grids of {len(self.energy.config.variables)} cells, made by "
            f"the generators of latent-ebm from seed {data.seed}; {grids - data.count} held out.",
            cost=f"{self.global_step} steps of {data.batch} grids, "
            f"{time.perf_counter() - self.begun:.1f} s on {threads} threads.",
            results=f"{match}.\n\n```\n{rules}\n```\n\n"
            + "\n".join(f"* {name}: {float(metrics[name]):.4g}" for name in sorted(metrics)),
            command="latent-ebm fit " + " ".join(self.command),
        )
        return self.energy, card
