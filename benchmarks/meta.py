"""Sweeps of the gradient flow with hand-tuned and with learned parameters, on unseen puzzles.

    python benchmarks/meta.py [--puzzles 24] [--most 600] [--only WORD] [--json]

Puzzles are new ones of which presolve leaves something, by the project's own generators; those
that a flow does not solve count with the most sweeps that it may take. Each kind is descended with
the hand-tuned numbers, with those of Sudoku, and with those learned for it.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from latent_ebm.dynamics.gradient_flow import GradientFlow
from latent_ebm.dynamics.presets import GRADIENT_FLOW
from latent_ebm.learning.meta.measuring import sweeps_of
from latent_ebm.learning.meta.problems import open_puzzles

KINDS = (
    ("sudoku", None, "9x9, dug out to 21 to 26 clues"),
    ("latin", 10, "Latin squares of order 10"),
    ("latin", 12, "Latin squares of order 12"),
    ("coloring", 30, "4-colourings of 30 vertices"),
    ("coloring", 45, "4-colourings of 45 vertices"),
    ("cnf", 60, "3-clauses over 60 variables"),
    ("cnf", 100, "3-clauses over 100 variables"),
    ("queens", 12, "12 queens"),
    ("futoshiki", 6, "futoshiki of order 6"),
)
SEED = 1000
"""Of the puzzles; training and validation have 0."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--puzzles", type=int, default=24)
    parser.add_argument("--most", type=int, default=600, help="sweeps a puzzle")
    parser.add_argument("--only", default="", help="kinds whose title has this")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        print(
            "| puzzles | preset | solved | sweeps, median | sweeps, mean |\n|---|---|---|---|---|"
        )
    for kind, size, title in KINDS:
        if options.only not in title:
            continue
        puzzles = open_puzzles(kind, options.puzzles, split="test", seed=SEED, size=size)
        for preset in dict.fromkeys(("hand-tuned", "sudoku", kind)):
            if preset not in GRADIENT_FLOW:
                continue
            sweeps = sweeps_of(puzzles, GradientFlow.preset(preset), options.most)
            row = {
                "puzzles": title,
                "preset": preset,
                "solved": int((sweeps < options.most).sum()),
                "of": len(sweeps),
                "median": float(np.median(sweeps)),
                "mean": float(sweeps.mean()),
            }
            if options.json:
                print(json.dumps(row), flush=True)
            else:
                print(
                    f"| {title} | {preset} | {row['solved']} of {row['of']} | {row['median']:g} | "
                    f"{row['mean']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
