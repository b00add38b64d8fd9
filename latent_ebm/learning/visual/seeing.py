"""From cells to a solved grid: encode, find the most probable puzzle, solve it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latent_ebm.learning.visual.encoder import Encoder
from latent_ebm.learning.visual.gridding import Grid, find_grid
from latent_ebm.learning.visual.judging import NINE
from latent_ebm.learning.visual.picture import Ink, ink_of, load_picture
from latent_ebm.learning.visual.rendering import standardise
from latent_ebm.learning.visual.search import Found
from latent_ebm.learning.visual.structured import read_board
from latent_ebm.puzzles.sudoku import Sudoku
from latent_ebm.solution import Solution
from latent_ebm.solving import Settings, solve_block

WEIGHTS = "visual"
"""The encoder that comes with the package."""

LIMIT = 500
"""Readings of one board that are tried."""

SURELY_BLANK = 0.99
"""The probability of a blank from which on a cell is looked at but once."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What was made of one board.

    Attributes
    ----------
    first
        [81] the most probable reading of each cell on its own: 0 for a blank, else the digit.
    clues
        [81] the most probable reading that is a puzzle with one solution; None if none of those
        tried is.
    solution
        The solver's answer for these clues, or None.
    confidence
        A lower bound on the probability of the clues, given the encoder's probabilities and
        that the board is a puzzle with one solution.
    asked
        Readings tried.
    """

    first: NDArray[np.int64]
    clues: NDArray[np.int64] | None
    solution: Solution | None
    confidence: float
    asked: int

    @property
    def overruled(self) -> NDArray[np.bool_]:
        """[81] where the rules made the solver read something else than the encoder alone."""
        if self.clues is None:
            return np.zeros(len(self.first), np.bool_)
        return self.first != self.clues

    @property
    def solved(self) -> bool:
        """Whether there is a verified solution."""
        return self.solution is not None and self.solution.solved


@dataclass(frozen=True, eq=False)
class SeenPicture:
    """A picture, the grid found in it, and what was made of that."""

    brightness: Ink
    grid: Grid
    seen: Seen


Reader = Callable[[NDArray[np.floating]], Found]
"""From log-probabilities [81, 10] to the most probable reading; see ``structured.read_board``."""


def see_boards(
    cells: Tensor, encoder: Encoder | None = None, *, reader: Reader | None = None
) -> list[Seen]:
    """Read and solve boards.

    The total energy of readings r and grid y,

        sum_i -log p_i(r_i)   with   r_i blank or y_i, y a solution, and the only one of r,

    is minimised exactly, unless 500 readings do not suffice. The grid is then found, and
    checked, by the solver.

    Parameters
    ----------
    cells
        [B, 81, 16, 16] standardised ink.
    encoder
        By default the one that comes with the package.
    reader
        How to search; by default :func:`read_board`, which knows the rules of Sudoku;
        ``landscapes.read_by`` takes those of any landscape, such as learned ones.
    """
    encoder = encoder or shipped_encoder()
    logs = log_probabilities(encoder, cells).double().numpy()
    read = reader or (lambda board: read_board(board, limit=LIMIT))
    found = [read(board) for board in logs]
    answers = _solved([one.reading for one in found if one.reading is not None])
    seen = []
    for one, first in zip(found, logs.argmax(axis=2), strict=True):
        answer = None if one.reading is None else next(answers)
        seen.append(Seen(first, one.reading, answer, one.confidence, one.asked))
        if reader is None and answer is not None and not _same(answer.values, one.values):
            raise AssertionError(
                f"the solver's grid of {answer.problem} is not the one that the search counted; "
                "please report this as a bug with the picture"
            )
    return seen


def log_probabilities(encoder: Encoder, cells: Tensor) -> Tensor:
    """[B, N, 10] the readings of cells [B, N, 16, 16], of digits as the mean of five looks.

    Where ink is seen, the probabilities are averaged over the cell as it is and moved by one
    pixel up, down, left and right: what depends on where exactly a digit stands cancels.
    """
    with torch.no_grad():
        parts = torch.split(cells, 16)
        chance = torch.cat([torch.softmax(encoder(part), dim=-1) for part in parts])
        inked = chance[..., 0] < SURELY_BLANK
        looks = [chance[inked]]
        for move in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            moved = torch.roll(cells[inked], move, (-2, -1))
            parts = torch.split(moved, 1_000)
            looks.append(torch.cat([torch.softmax(encoder(part[None])[0], -1) for part in parts]))
        chance[inked] = torch.stack(looks).mean(dim=0)
        return chance.clamp(min=1e-12).log()


def _solved(readings: Sequence[NDArray[np.int64]]) -> Iterator[Solution]:
    puzzles = [Sudoku(reading.astype(np.int8), NINE) for reading in readings]
    return iter(solve_block(puzzles, Settings()) if puzzles else [])


def _same(one: NDArray[np.integer] | None, other: NDArray[np.integer] | None) -> bool:
    return one is not None and other is not None and np.array_equal(one, other)


def see(path: str | Path, encoder: Encoder | None = None) -> SeenPicture:
    """Find the grid in a picture file, read it and solve it.

    Raises
    ------
    PictureError
        If the file is no picture that can be read, or shows no 9x9 grid.
    """
    brightness = load_picture(path)
    grid = find_grid(ink_of(brightness))
    cells = standardise(torch.from_numpy(grid.cells)[None])
    return SeenPicture(brightness, grid, see_boards(cells, encoder)[0])


@lru_cache(maxsize=1)
def shipped_encoder() -> Encoder:
    """The encoder that comes with the package."""
    return Encoder.from_pretrained(WEIGHTS)
