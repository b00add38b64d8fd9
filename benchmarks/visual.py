"""Handwritten boards read and solved: by the encoder alone, and with the solver's help.

    python benchmarks/visual.py [--boards 1000] [--pictures 100] [--seed 0] [--weights visual]
        [--rules rules-sudoku]

Images, puzzles and pictures are unseen. Boards are cells as the encoder gets them; pictures are
files with lines, shadows, noise and turns, from which the cells must first be found. With --rules
boards are read by learned rules, which know of no row, column or box but what they learned.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch

from latent_ebm.learning.rules.learned import LearnedRules
from latent_ebm.learning.visual.boards import random_puzzles
from latent_ebm.learning.visual.digits import Split, load_digits
from latent_ebm.learning.visual.drawing import Scan, compose
from latent_ebm.learning.visual.encoder import Encoder
from latent_ebm.learning.visual.evaluation import Score, evaluate
from latent_ebm.learning.visual.landscapes import read_by
from latent_ebm.learning.visual.picture import PictureError
from latent_ebm.learning.visual.seeing import Reader, see


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--boards", type=int, default=1000, help="of each number of clues")
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", default="visual", help="a shipped name, or a folder")
    parser.add_argument("--rules", help="learned rules instead of those of Sudoku")
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder = Encoder.from_pretrained(options.weights)
    reader: Reader | None = None
    if options.rules:
        reader = partial(read_by, LearnedRules.from_pretrained(options.rules).landscape)
    print(Score.HEAD)
    for clues in (36, 30, 25):
        score = evaluate(encoder, clues, options.boards, seed=options.seed, reader=reader)
        print(score.row(), flush=True)
    if options.pictures == 0:
        return
    found, alone, right = pictures(encoder, options.pictures, options.seed)
    print(
        f"\nOf {options.pictures} picture files of 30 clues the grid was found in {found}; "
        f"read rightly by the encoder alone {alone}, solved rightly {right}."
    )


def pictures(encoder: Encoder, count: int, seed: int) -> tuple[int, int, int]:
    found = alone = right = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "board.png"
        for index, puzzle in enumerate(random_puzzles(Split.TEST, count, (seed, 30), 30)):
            rng = np.random.default_rng([seed, index])
            compose(puzzle.givens, load_digits(Split.TEST), Scan.random(rng), rng).save(file)
            try:
                seen = see(file, encoder).seen
            except PictureError:
                continue
            found += 1
            alone += bool((seen.first == puzzle.givens).all())
            right += seen.solution is not None and bool(
                np.array_equal(seen.solution.values, puzzle.expected)
            )
    return found, alone, right


if __name__ == "__main__":
    main()
