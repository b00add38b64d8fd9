"""Puzzles to tune on: those that presolve leaves open, with their solutions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from latent_ebm.energies.coupling import Rule
from latent_ebm.puzzles.kinds import named
from latent_ebm.puzzles.problem import Problem
from latent_ebm.puzzles.sudoku import generate

Item = tuple[Tensor, Tensor]
"""The states [N, K] that presolve leaves, and the solution [N]."""

SPLITS = ("train", "validation", "test")


def open_puzzles(
    kind: str, number: int, *, split: str, seed: int = 0, size: int | None = None
) -> list[Any]:
    """Puzzles that presolve does not settle, another set for each split.

    Sudokus are dug out as far as they go, to 21 to 26 clues, and have one solution; other kinds
    are made by their own generators.
    """
    found: list[Any] = []
    for attempt in count():
        rng = np.random.default_rng([SPLITS.index(split), seed, attempt])
        puzzle = generate(rng=rng) if kind == "sudoku" else named(kind).generate(rng, size)
        left = left_by_presolve([puzzle])[0]
        if (left.sum(axis=1) > 1).any():
            found.append(puzzle)
        if len(found) == number:
            return found
    raise AssertionError("unreachable")


def left_by_presolve(puzzles: list[Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """[B, N, K] the states that the default presolve leaves to the dynamics."""
    kind: type[Problem] = type(puzzles[0])
    return puzzles[0].landscape.presolve(kind.masks(puzzles), Rule.SUBSETS).mask


@dataclass(frozen=True, eq=False)
class Puzzles(Dataset[Item]):
    """Puzzles of one landscape as masks and solutions."""

    puzzles: list[Any]

    def __post_init__(self) -> None:
        masks = torch.from_numpy(left_by_presolve(self.puzzles))
        solutions = np.stack([puzzle.expected for puzzle in self.puzzles]).astype(np.int64)
        object.__setattr__(
            self, "_items", list(zip(masks, torch.from_numpy(solutions), strict=True))
        )

    def __len__(self) -> int:
        return len(self.puzzles)

    def __getitem__(self, index: int) -> Item:
        """One puzzle."""
        item: Item = self._items[index]  # type: ignore[attr-defined]
        return item


class PuzzleData(LightningDataModule):
    """Open puzzles of one kind, made when they are first needed.

    Parameters
    ----------
    kind, size
        What is made; the size is the kind's own default where None.
    train, validation
        How many puzzles of each.
    batch
        Puzzles whose flows are unrolled together.
    seed
        Of the puzzles and their order.
    """

    def __init__(
        self,
        kind: str = "sudoku",
        size: int | None = None,
        train: int = 48,
        validation: int = 32,
        batch: int = 8,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage: str) -> None:
        """Make the puzzles."""
        del stage
        self.sets = {split: Puzzles(self._made(split, self.hparams[split])) for split in SPLITS[:2]}

    def _made(self, split: str, number: int) -> list[Any]:
        chosen = self.hparams
        return open_puzzles(
            chosen["kind"], number, split=split, seed=chosen["seed"], size=chosen["size"]
        )

    def train_dataloader(self) -> DataLoader[Item]:
        """In an order that the epoch and the seed tell."""
        from latent_ebm.learning.sampling import GlobalBatches

        data, batch = self.sets["train"], self.hparams["batch"]
        order = GlobalBatches(data, batch, self.hparams["seed"])
        return DataLoader(data, batch_size=batch, sampler=order)

    def val_dataloader(self) -> DataLoader[Item]:
        """All at once."""
        data = self.sets["validation"]
        return DataLoader(data, batch_size=len(data))
