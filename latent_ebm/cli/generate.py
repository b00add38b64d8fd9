"""``latent-ebm generate``: new puzzles, each with one solution."""

from __future__ import annotations

import sys
from pathlib import Path

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


ONE_A_FILE = ("nonogram", "coloring", "exact-cover", "logic", "cnf", "wcnf")
"""Kinds whose files hold one puzzle each."""


def run_generate_kind(
    kind: str, count: int, size: int | None, seed: int, folder: Path | None
) -> None:
    """Write ``count`` puzzles of any kind; each has at least one solution.

    They go to standard output, or each to a file of its own in ``folder``, which is made.
    """
    chosen = named(kind)
    if count > 1 and folder is None and kind in ONE_A_FILE:
        raise ValueError(
            f"a file of kind {kind} holds one puzzle, and {count} were asked for; "
            "give --output FOLDER, where each gets a file"
        )
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    suffix = ".json" if chosen.keys else (*chosen.suffixes, *chosen.shared)[0]
    for index, sequence in enumerate(np.random.SeedSequence(seed).spawn(count), start=1):
        text = chosen.generate(np.random.default_rng(sequence), size).text().rstrip("\n")
        if folder is None:
            _write(text)
        else:
            name = f"{kind}-{index:0{len(str(count))}}{suffix}"
            (folder / name).write_text(text + "\n", encoding="utf-8")


def _write(text: str) -> None:
    sys.stdout.write(text + ("\n\n" if "\n" in text else "\n"))
    sys.stdout.flush()
