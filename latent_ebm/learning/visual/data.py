"""Boards without end for training, and fixed ones for validation and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from lightning.pytorch import LightningDataModule
from torch.utils.data import DataLoader, Dataset, Sampler

from latent_ebm.learning.visual.boards import Boards, random_puzzles, sheets, show
from latent_ebm.learning.visual.digits import Split, load_digits
from latent_ebm.learning.visual.rendering import CALM, PLAIN, ROUGH


@dataclass(frozen=True)
class Practice(Dataset[Boards]):
    """Training batches: sheets of digits, then boards; batch i depends on the seed and i alone.

    The first ``rough`` batches are handled as ``ROUGH`` says, those after them as ``CALM``.
    """

    sheets: int
    boards: int
    seed: int
    rough: int

    def __getitem__(self, index: int) -> Boards:
        """The sheets, and after them the boards, of one step."""
        seed = _mixed(self.seed, index)
        parts = [sheets(self.sheets, seed)]
        if self.boards:
            puzzles = random_puzzles(Split.TRAIN, self.boards, (self.seed, index))
            parts.append(np.stack([puzzle.givens for puzzle in puzzles]).astype(np.int64))
        handling = ROUGH if index < self.rough else CALM
        return show(np.concatenate(parts), load_digits(Split.TRAIN), handling, seed)


class Onwards(Sampler[int]):
    """Epoch e takes the batches e * steps to (e + 1) * steps - 1, so that none comes twice."""

    def __init__(self, steps: int) -> None:
        self.steps, self.epoch = steps, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer at the start of each epoch, that of a resumed run too."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[int]:
        yield from range(self.epoch * self.steps, (self.epoch + 1) * self.steps)


@dataclass(frozen=True)
class Exam(Dataset[Boards]):
    """Fixed boards of a split, one after the other, as plain as in life."""

    split: Split
    count: int
    seed: int
    clues: int | None = None

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Boards:
        """One board, as a batch."""
        if not 0 <= index < self.count:
            raise IndexError(f"there are {self.count} boards; found number {index}")
        puzzles = random_puzzles(self.split, 1, (self.seed, index), self.clues)
        clues = np.stack([puzzle.givens for puzzle in puzzles]).astype(np.int64)
        return show(clues, load_digits(self.split), PLAIN, _mixed(self.seed, index))


class BoardData(LightningDataModule):
    """Boards of handwritten digits; no image and no puzzle is in two splits.

    Parameters
    ----------
    steps
        Batches of an epoch; no two of the whole training are alike.
    sheets, boards
        Of each batch: sheets of 81 digits without rules, and boards that are puzzles.
    rough
        Batches, from the first of the training on, whose digits are bent and soiled the most.
    validation, test
        Boards of each.
    seed
        Of everything.
    """

    def __init__(
        self,
        steps: int = 100,
        sheets: int = 3,
        boards: int = 1,
        rough: int = 1_500,
        validation: int = 60,
        test: int = 300,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.steps = steps
        self.practice = Practice(sheets, boards, seed, rough)
        self.exams = {
            Split.VALIDATION: Exam(Split.VALIDATION, validation, seed),
            Split.TEST: Exam(Split.TEST, test, seed),
        }

    def train_dataloader(self) -> DataLoader[Boards]:
        """Sheets and boards of images for training."""
        return DataLoader(self.practice, batch_size=None, sampler=Onwards(self.steps))

    def val_dataloader(self) -> DataLoader[Boards]:
        """Boards of images for validation."""
        return DataLoader(self.exams[Split.VALIDATION], batch_size=None)

    def test_dataloader(self) -> DataLoader[Boards]:
        """Boards of images for tests."""
        return DataLoader(self.exams[Split.TEST], batch_size=None)


def _mixed(seed: int, index: int) -> int:
    """One number for both; consecutive ones have nothing in common."""
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0])
