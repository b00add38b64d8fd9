"""Puzzles to tune on: those that presolve leaves open, with a solution of each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from latent_ebm.energies.coupling import Rule
from latent_ebm.energies.landscape import Landscape
from latent_ebm.puzzles.kinds import named
from latent_ebm.puzzles.problem import Problem
from latent_ebm.puzzles.sudoku import generate

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


def left_by_presolve(puzzles: list[Any]) -> NDArray[np.bool_]:
    """[B, N, K] the states that the default presolve leaves to the dynamics."""
    kind: type[Problem] = type(puzzles[0])
    return puzzles[0].landscape.presolve(kind.masks(puzzles), Rule.SUBSETS).mask


@dataclass(frozen=True, eq=False)
class Block:
    """Puzzles of one landscape: the states [B, N, K] that presolve leaves, solutions [B, N]."""

    landscape: Landscape
    allowed: Tensor
    solution: Tensor


@dataclass(frozen=True, eq=False)
class Puzzles(Dataset[int]):
    """Puzzles by their number; :meth:`blocks` has what is descended of them."""

    puzzles: list[Any]

    def __len__(self) -> int:
        return len(self.puzzles)

    def __getitem__(self, index: int) -> int:
        """The number itself: puzzles of different landscapes make no tensor."""
        return index

    def blocks(self, numbers: Tensor) -> list[Block]:
        """The puzzles of some numbers [B], those that share a landscape together."""
        together: dict[int, list[Any]] = {}
        for number in numbers.tolist():
            puzzle = self.puzzles[number]
            together.setdefault(id(puzzle.landscape), []).append(puzzle)
        return [
            Block(
                puzzles[0].landscape,
                torch.from_numpy(left_by_presolve(puzzles)),
                torch.from_numpy(np.stack([p.expected for p in puzzles]).astype(np.int64)),
            )
            for puzzles in together.values()
        ]


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
        self.kind, self.size, self.batch, self.seed = kind, size, batch, seed
        self.counts = {"train": train, "validation": validation}

    def setup(self, stage: str) -> None:
        """Make the puzzles."""
        del stage
        self.sets = {
            split: Puzzles(
                open_puzzles(self.kind, number, split=split, seed=self.seed, size=self.size)
            )
            for split, number in self.counts.items()
        }

    def train_dataloader(self) -> DataLoader[int]:
        """In an order that the epoch and the seed tell."""
        from latent_ebm.learning.sampling import GlobalBatches

        data, batch = self.sets["train"], self.batch
        order = GlobalBatches(data, batch, self.seed)
        return DataLoader(data, batch_size=batch, sampler=order)

    def val_dataloader(self) -> DataLoader[int]:
        """All at once."""
        data = self.sets["validation"]
        return DataLoader(data, batch_size=len(data))
