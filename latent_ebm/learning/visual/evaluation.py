"""Boards right on unseen images and puzzles, with and without the solver."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.learning.pretrained import ModelCard
from latent_ebm.learning.visual.boards import random_puzzles, show
from latent_ebm.learning.visual.digits import Split, load_digits
from latent_ebm.learning.visual.encoder import Encoder
from latent_ebm.learning.visual.rendering import PLAIN
from latent_ebm.learning.visual.search import Found
from latent_ebm.learning.visual.seeing import Reader, see_boards
from latent_ebm.learning.visual.structured import read_board

if TYPE_CHECKING:
    from lightning.pytorch import Trainer

FEW = 50
"""Readings tried for a board while training: an encoder that knows little needs thousands."""


@dataclass(frozen=True)
class Score:
    """How boards with one number of clues came out.

    Attributes
    ----------
    clues, boards
        Of each board, and how many boards there were.
    digits, blanks
        The share of cells that the encoder alone reads rightly.
    alone
        The share of boards on which it reads all 81 rightly.
    right
        The share of boards whose grid was solved as it should be.
    asked, most
        Readings tried for a board, on average and at most.
    ms
        Milliseconds for a board, all told.
    """

    clues: int
    boards: int
    digits: float
    blanks: float
    alone: float
    right: float
    asked: float
    most: int
    ms: float

    @property
    def product(self) -> float:
        """What accuracies of single cells come to if nothing puts mistakes right."""
        return self.digits**self.clues * self.blanks ** (81 - self.clues)

    HEAD = (
        "| clues | boards | digits right | product over the board | encoder alone | with the "
        "solver | readings tried, mean and most | ms a board |\n|---|---|---|---|---|---|---|---|"
    )

    def row(self) -> str:
        """As a row of a Markdown table under ``HEAD``."""
        return (
            f"| {self.clues} | {self.boards:,} | {self.digits:.2%} | {self.product:.1%} | "
            f"{self.alone:.1%} | {self.right:.1%} | {self.asked:.2f}, {self.most} | {self.ms:.0f} |"
        )


def evaluate(
    encoder: Encoder, clues: int, boards: int, *, seed: int = 0, reader: Reader | None = None
) -> Score:
    """Compose boards from the images for tests and from new puzzles, and see them."""
    puzzles = random_puzzles(Split.TEST, boards, seed, clues)
    givens = np.stack([puzzle.givens for puzzle in puzzles]).astype(np.int64)
    shown = show(givens, load_digits(Split.TEST), PLAIN, seed)
    begun = time.perf_counter()
    seen = see_boards(shown.cells, encoder, reader=reader)
    spent = time.perf_counter() - begun
    hits = np.stack([one.first for one in seen]) == givens
    right = [
        one.solution is not None and _is(one.solution.values, puzzle.expected)
        for one, puzzle in zip(seen, puzzles, strict=True)
    ]
    asked = [one.asked for one in seen]
    return Score(
        clues=clues,
        boards=boards,
        digits=float(hits[givens > 0].mean()),
        blanks=float(hits[givens == 0].mean()),
        alone=float(hits.all(axis=1).mean()),
        right=float(np.mean(right)),
        asked=float(np.mean(asked)),
        most=max(asked),
        ms=spent / boards * 1e3,
    )


def _is(values: NDArray[np.integer] | None, expected: NDArray[np.integer] | None) -> bool:
    return values is not None and expected is not None and np.array_equal(values, expected)


def card_of(encoder: Encoder, trainer: Trainer, command: tuple[str, ...], boards: int) -> ModelCard:
    """What there is to know of an encoder that has just been trained."""

    def reader(logs: NDArray[np.floating]) -> Found:
        return read_board(logs, limit=FEW)

    counts = [len(load_digits(split).labels) for split in Split]
    parameters = sum(p.numel() for p in encoder.parameters())
    rows = [evaluate(encoder, clues, boards, reader=reader).row() for clues in (36, 30, 25)]
    return ModelCard(
        title="Readings of the cells of handwritten Sudokus",
        data=(
            f"Scikit-learn's digits (real handwriting, 8x8; UCI Optical Recognition of Handwritten "
            f"Digits, test part) without zeros: {counts[0]:,} images for training, {counts[1]} for "
            f"validation, {counts[2]} for tests, split by index; rendered into cells of 16x16 "
            "with affine and elastic maps, blur, fading and noise. Puzzles of 25 to 36 clues with "
            "one solution from the project's generator."
        ),
        cost=(
            f"{trainer.global_step:,} steps of {trainer.current_epoch} epochs on one core; "
            f"{parameters:,} parameters."
        ),
        results="\n".join(["Unseen images, unseen puzzles:\n", Score.HEAD, *rows]),
        command=" ".join(("latent-ebm fit", *command)),
    )
