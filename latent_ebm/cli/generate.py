"""``latent-ebm generate``: new puzzles, each with one solution."""

from __future__ import annotations

import sys

import numpy as np

from latent_ebm.puzzles.kinds import named
from latent_ebm.puzzles.sudoku import Shape, generate


def run_generate(
    count: int,
    side: int,
    box: str | None,
    clues: int | None,
    difficulty: str | None,
    symmetric: bool,
    seed: int,
) -> None:
    """Write ``count`` puzzles to standard output, each as soon as it is made."""
    shape = Shape.parse(box) if box else Shape.of_side(side)
    # one independent stream per puzzle: the first n of a longer run are the same n
    for sequence in np.random.SeedSequence(seed).spawn(count):
        puzzle = generate(
            shape,
            rng=np.random.default_rng(sequence),
            clues=clues,
            difficulty=difficulty,
            symmetric=symmetric,
        )
        text = puzzle.encode(puzzle.givens.astype(int) - 1)
        _write(text)


def run_generate_kind(kind: str, count: int, size: int | None, seed: int) -> None:
    """Write ``count`` puzzles of any kind; each has at least one solution."""
    chosen = named(kind)
    for sequence in np.random.SeedSequence(seed).spawn(count):
        _write(chosen.generate(np.random.default_rng(sequence), size).text().rstrip("\n"))


def _write(text: str) -> None:
    sys.stdout.write(text + ("\n\n" if "\n" in text else "\n"))
    sys.stdout.flush()
