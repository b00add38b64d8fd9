"""The data module of rules: solved grids, some to learn from and some held out."""

from __future__ import annotations

import torch
from lightning.pytorch import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from latent_ebm.learning.rules.grids import Examples, make_examples
from latent_ebm.learning.sampling import GlobalBatches


class SolvedGrids(LightningDataModule):
    """Solved grids of one kind, made anew from the seed; no file is read.

    Parameters
    ----------
    kind, size
        As for :func:`make_examples`.
    count
        Grids to learn from.
    held_out
        Grids that only validation and test see.
    batch
        Of all processes together.
    seed
        Of the grids and of their order.
    rounds
        How many times an epoch goes over the grids.
    """

    def __init__(
        self,
        kind: str = "sudoku",
        count: int = 200,
        batch: int = 100,
        held_out: int = 50,
        seed: int = 0,
        size: int | None = None,
        rounds: int = 10,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.kind, self.size, self.count = kind, size, count
        self.batch, self.held_out, self.seed = batch, held_out, seed
        self.rounds = rounds
        self._examples: Examples | None = None

    @property
    def examples(self) -> Examples:
        """All grids: those to learn from, then those held out."""
        if self._examples is None:
            total = self.count + self.held_out
            self._examples = make_examples(self.kind, total, self.seed, self.size)
        return self._examples

    def train_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """Batches [B, N] of this process."""
        return self._loader(slice(self.count), self.batch, shuffle=True)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """The grids held out, in one batch."""
        return self._loader(slice(self.count, None), self.held_out, shuffle=False)

    def test_dataloader(self) -> DataLoader[tuple[Tensor, ...]]:
        """As validation."""
        return self.val_dataloader()

    def _loader(self, rows: slice, batch: int, *, shuffle: bool) -> DataLoader[tuple[Tensor, ...]]:
        grids = TensorDataset(torch.from_numpy(self.examples.values[rows]))
        rank, world = 0, 1
        if shuffle and self.trainer is not None:
            rank, world = self.trainer.global_rank, self.trainer.world_size
        sampler = GlobalBatches(
            grids,
            batch,
            self.seed,
            rank=rank,
            world=world,
            shuffle=shuffle,
            rounds=self.rounds if shuffle else 1,
        )
        return DataLoader(grids, batch_size=batch // world, sampler=sampler)
