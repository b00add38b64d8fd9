"""Rules from examples: pairs found over seeds, kinds, numbers of grids, hiding and noise.

Usage: python benchmarks/rules.py [FILE ...] [--seeds 5] [--skip-kinds]

Every run trains anew by the module and data module that ``latent-ebm fit`` uses. FILEs of 9x9
puzzles are solved by what each seed learned and by the given rules, in turns.
"""

from __future__ import annotations

import argparse
import logging
import time
import warnings
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from lightning.pytorch import Trainer

from latent_ebm.learning.rules.data import SolvedGrids
from latent_ebm.learning.rules.evaluation import compare, evaluate
from latent_ebm.learning.rules.learned import LearnedRules
from latent_ebm.learning.rules.module import RulesModule
from latent_ebm.puzzles.kinds import read


@dataclass(frozen=True)
class Setting:
    """One training."""

    kind: str = "sudoku"
    size: int | None = None
    count: int = 200
    form: str = "shared"
    hidden: float = 0.5
    l1: float = 0.01
    steps: int = 200
    rate: float = 0.05
    noise: float = 0.0
    seed: int = 0


def learn(setting: Setting) -> tuple[LearnedRules, SolvedGrids, float]:
    """Rules, data, and the seconds of training alone."""
    batch = min(100, setting.count)
    rounds = max(1, setting.steps // (setting.count // batch))
    data = SolvedGrids(
        setting.kind, setting.count, batch, 10, setting.seed, setting.size, rounds=rounds
    )
    grids = data.examples.values
    rng = np.random.default_rng(setting.seed)
    wrong = rng.random(grids.shape) < setting.noise
    grids[wrong] = rng.integers(0, len(data.examples.states), int(wrong.sum()))
    module = RulesModule(setting.form, setting.hidden, setting.l1, setting.rate, setting.seed)
    trainer = Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    begun = time.perf_counter()
    trainer.fit(module, datamodule=data)
    return LearnedRules.of(module.energy), data, time.perf_counter() - begun


def line(title: str, setting: Setting) -> LearnedRules | None:
    try:
        rules, data, seconds = learn(setting)
    except ValueError as error:
        print(f"{title:<44} refused: {error}", flush=True)
        return None
    match = compare(rules, data.examples.world.landscape)
    groups, k = len(rules.reading.groups), len(rules.config.states)
    print(f"{title:<44} {match}, {groups} groups of {k}, {seconds:.1f} s", flush=True)
    return rules


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--skip-kinds", action="store_true")
    options = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    plain = Setting()
    for seed in range(options.seeds):
        rules = line(f"9x9, 200 grids, seed {seed}", replace(plain, seed=seed))
        for file in options.files if rules else ():
            print(f"  {file}: {evaluate(rules, list(islice(read(file), options.limit)))}")
    for count in (50, 100):
        for seed in range(options.seeds):
            line(f"9x9, {count} grids, seed {seed}", replace(plain, count=count, seed=seed))
    for count in (50, 100, 200):
        line(f"9x9, {count} grids, nothing hidden", replace(plain, count=count, hidden=0.0))
    for noise in (0.02, 0.05, 0.1):
        line(f"9x9, 200 grids, {noise:.0%} of cells random", replace(plain, noise=noise))
    line("9x9, 800 grids, 5% of cells random", replace(plain, noise=0.05, count=800))
    line("9x9, 200 grids, all cells random", replace(plain, noise=1.0))
    if options.skip_kinds:
        return
    line("latin 9, 200 squares", replace(plain, kind="latin"))
    line("diagonal, 200 grids", replace(plain, kind="diagonal"))
    line("coloring, 200 of one graph", replace(plain, kind="coloring"))
    signs = replace(plain, kind="futoshiki", count=800, form="relations", l1=0.002, steps=400)
    line("futoshiki 6, 800 of one puzzle", signs)
    network = replace(plain, form="coordinates", rate=0.01, steps=800)
    line("9x9, 200 grids, network of coordinates", network)
    line("16x16, 200 grids", replace(plain, size=16, steps=120))


if __name__ == "__main__":
    main()
