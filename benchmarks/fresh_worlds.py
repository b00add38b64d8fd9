"""Rules from examples on worlds that nothing was tuned on: pairs found, missed and false.

Usage: python benchmarks/fresh_worlds.py [--seeds 3] [--only WORD]

The thresholds of ``learning/rules/reading.py`` were chosen with the worlds of ``rules.py`` in
sight. Kinds, sizes, graphs, signs and seeds here are others.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from rules import Setting, learn

from latent_ebm.learning.rules.evaluation import compare

SIGNS = {"kind": "futoshiki", "count": 800, "form": "relations", "l1": 0.002, "steps": 400}
WORLDS: tuple[tuple[str, dict[str, object]], ...] = (
    ("Sudoku 6x6, 200 grids", {"size": 6}),
    ("Sudoku 4x4, 100 grids", {"size": 4, "count": 100}),
    ("Sudoku 12x12, 200 grids", {"size": 12, "steps": 120}),
    ("Latin square 5, 200", {"kind": "latin", "size": 5}),
    ("Latin square 7, 200", {"kind": "latin", "size": 7}),
    ("Latin square 12, 200", {"kind": "latin", "size": 12}),
    ("diagonal Sudoku, 200", {"kind": "diagonal"}),
    ("4-colouring of a graph of 25 vertices, 200", {"kind": "coloring", "size": 25}),
    ("4-colouring of a graph of 45 vertices, 200", {"kind": "coloring", "size": 45}),
    ("4-colouring of a graph of 60 vertices, 200", {"kind": "coloring", "size": 60}),
    ("the same, 800", {"kind": "coloring", "size": 60, "count": 800}),
    ("futoshiki 5, 300 (relations)", {**SIGNS, "size": 5, "count": 300}),
    ("futoshiki 7, 800 (relations)", {**SIGNS, "size": 7}),
)
FIRST_SEED = 100
"""The worlds of ``rules.py`` have seeds 0 to 4."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="worlds whose title has this")
    options = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    print("| world | found of true, missed, false | separation |\n|---|---|---|")
    for title, changes in WORLDS:
        if options.only not in title:
            continue
        cells, separations = [], []
        for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
            try:
                rules, data, _ = learn(Setting(seed=seed, **changes))  # type: ignore[arg-type]
                match = compare(rules, data.examples.world.landscape)
            except ValueError as error:
                cells.append(f"refused: {str(error)[:60]}")
                continue
            missed = match.true - match.found
            cells.append(f"{match.found} of {match.true}, {missed}, {match.false}")
            separations.append(f"{rules.reading.split.separation:.2f}")
        print(f"| {title} | {'; '.join(cells)} | {', '.join(separations)} |", flush=True)


if __name__ == "__main__":
    main()
