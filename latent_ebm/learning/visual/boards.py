"""Boards: puzzles whose clues are images of handwritten digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from einops import rearrange
from numpy.typing import NDArray
from torch import Tensor

from latent_ebm.learning.visual.digits import Digits, Split
from latent_ebm.learning.visual.rendering import Handling, render, standardise
from latent_ebm.puzzles.sudoku import Sudoku, generate

CELLS = 81
FEWEST, MOST = 25, 36
"""Clues of a board."""


class Boards(NamedTuple):
    """B boards.

    Attributes
    ----------
    cells
        [B, 81, 16, 16] standardised ink.
    clues
        [B, 81] what the cells show: 0 for nothing, else the digit.
    """

    cells: Tensor
    clues: Tensor


def random_puzzles(
    split: Split, count: int, seed: int | Sequence[int], clues: int | None = None
) -> list[Sudoku]:
    """Puzzles with one solution, of 25 to 36 clues (or exactly ``clues``); another set per split.

    Examples
    --------
    >>> [puzzle.clues for puzzle in random_puzzles(Split.TEST, 2, seed=0, clues=30)]
    [30, 30]
    """
    entropy = [list(Split).index(split), *np.atleast_1d(seed).tolist()]
    made = []
    for sequence in np.random.SeedSequence(entropy).spawn(count):
        rng = np.random.default_rng(sequence)
        number = int(rng.integers(FEWEST, MOST + 1)) if clues is None else clues
        made.append(generate(rng=rng, clues=number))
    return made


def show(clues: NDArray[np.integer], digits: Digits, handling: Handling, seed: int) -> Boards:
    """Boards on which each clue of [B, 81] is a random image of its digit, handled alike."""
    rng = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    images = torch.from_numpy(digits.choose(clues, rng))
    cells = render(rearrange(images, "b n h w -> (b n) h w"), handling, generator)
    return Boards(
        standardise(rearrange(cells, "(b n) h w -> b n h w", n=CELLS)),
        torch.from_numpy(np.asarray(clues, np.int64)),
    )


def sheets(count: int, seed: int) -> NDArray[np.int64]:
    """[count, 81] digits to practise on: nine cells of ten are filled, with no regard to rules."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 10, (count, CELLS)) * (rng.random((count, CELLS)) < 0.9)
