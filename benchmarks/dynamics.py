"""All dynamics side by side on one file of puzzles.

    python benchmarks/dynamics.py puzzles.txt [--limit 50] [--seconds 2] [--json]

Each puzzle is presolved alike and then solved alone on one core; what presolve settles is left
out. Prints solved, sweeps (median, mean) and milliseconds (mean, 95th percentile).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from latent_ebm import Rule, Settings, Sudoku
from latent_ebm.solving import solve_block
from latent_ebm.warmup import warm_up

CHOICES = (
    ("splitting", None),
    ("pair-multipliers", None),
    ("gradient-flow", "softmax"),
    ("gradient-flow", "gumbel-softmax"),
    ("gradient-flow", "straight-through"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, default=50, help="puzzles for the fused dynamics")
    parser.add_argument("--slow-limit", type=int, default=5, help="puzzles for gradient flow")
    parser.add_argument("--seconds", type=float, default=10.0, help="per puzzle")
    parser.add_argument("--no-presolve", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rule = Rule.NONE if options.no_presolve else Rule.SUBSETS
    puzzles = Sudoku.read(options.file)
    left = puzzles[0].landscape.presolve(Sudoku.masks(puzzles), rule).mask
    open_ = [p for p, mask in zip(puzzles, left, strict=True) if (mask.sum(axis=1) > 1).any()]
    if not options.json:
        print(f"{options.file.name}: {len(open_)} of {len(puzzles)} puzzles left by presolve")
        print(f"{'dynamics':34}{'solved':>12}{'sweeps':>18}{'ms':>20}")
    for name, bridge in CHOICES:
        settings = Settings(dynamics=name, bridge=bridge, presolve=rule, time_limit=options.seconds)
        count = options.slow_limit if name == "gradient-flow" else options.limit
        row = measure(open_[:count], settings)
        label = name if bridge is None else f"{name}, {bridge}"
        if options.json:
            print(json.dumps({"file": options.file.name, "dynamics": label, **row}))
        else:
            print(
                f"{label:34}{row['solved']:>5} of {row['n']:>3}"
                f"{row['median_sweeps']:>9.0f}{row['mean_sweeps']:>9.0f}"
                f"{row['mean_ms']:>10.2f}{row['p95_ms']:>10.2f}"
            )


def measure(puzzles: list[Sudoku], settings: Settings) -> dict[str, float]:
    """One puzzle at a time, on one core."""
    warm_up(puzzles[0].landscape, settings)
    solutions = [solve_block([puzzle], settings)[0] for puzzle in puzzles]
    sweeps = np.array([solution.steps for solution in solutions])
    ms = np.array([solution.seconds for solution in solutions]) * 1e3
    return {
        "n": len(solutions),
        "solved": sum(solution.solved for solution in solutions),
        "median_sweeps": float(np.median(sweeps)),
        "mean_sweeps": float(sweeps.mean()),
        "mean_ms": float(ms.mean()),
        "p95_ms": float(np.percentile(ms, 95)),
    }


if __name__ == "__main__":
    main()
