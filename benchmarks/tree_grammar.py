"""Inference on derivation trees: each back end that runs here, beside eager torch.

    python benchmarks/tree_grammar.py [--batch 64] [--productions 300] [--repeats 7] [--json]

Random grammars of 20 types: 60% of the productions are leaves, the others take one child or more,
each of one of 26 sets of types. Microseconds of processor time a tree on one core (of wall time
with a GPU), medians of several repeats; and how fast the decoders give derivations of one tree.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from itertools import islice

import numpy as np
import torch

from latent_ebm.decoders.derivations import k_best
from latent_ebm.decoders.distinct import sample_without_replacement
from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, tree_best, tree_inside, tree_sample
from latent_ebm.kernels.log_partition import log_partition
from latent_ebm.kernels.trees import Grammar, Trees

TYPES = 20
SHAPES = {"binary, depth 3": (2, 3), "ternary, depth 2": (3, 2)}
SAMPLES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64, help="trees at a time")
    parser.add_argument("--productions", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    report = {
        name: measure(width, depth, options.productions, options.batch, options.repeats)
        for name, (width, depth) in SHAPES.items()
    }
    print(json.dumps(report) if options.json else table(report))


def typical(rng: np.random.Generator, productions: int, width: int) -> Grammar:
    """Productions of random types, whose children take random sets of types."""
    arity = np.where(rng.random(productions) < 0.6, 0, rng.integers(1, width + 1, productions))
    sets = rng.random((TYPES + 6, TYPES)) < 0.15
    sets[np.arange(TYPES), np.arange(TYPES)] = True
    sets[-1] = True
    accepts = sets[rng.integers(0, len(sets), (productions, width))]
    accepts[~accepts.any(axis=2)] = True
    names = tuple(f"type {g}" for g in range(TYPES))
    return Grammar(names, rng.integers(0, TYPES, productions), arity, accepts)


def measure(width: int, depth: int, productions: int, batch: int, repeats: int) -> dict:
    rng = np.random.default_rng(0)
    trees = Trees.complete(typical(rng, productions, width), depth)
    scores = torch.from_numpy(rng.normal(0, 2, (batch, *trees.shape)).astype(np.float32))
    uniforms = torch.from_numpy(rng.random((batch, SAMPLES, trees.shape[0])))
    leaf = scores.clone().requires_grad_()

    def gradient(backend: str) -> None:
        leaf.grad = None
        log_partition(trees, leaf, backend=backend).sum().backward()

    operations: dict[str, Callable[[str], object]] = {
        "inside and marginals": lambda backend: tree_inside(trees, scores, backend=backend),
        "log Z and its gradient": gradient,
        "best": lambda backend: tree_best(trees, scores, backend=backend),
        f"{SAMPLES} samples": lambda backend: tree_sample(trees, scores, uniforms, backend=backend),
    }
    return {
        "slots": trees.shape[0],
        "productions": productions,
        "signatures": len(trees.signatures),
        "rows": len(trees.rows),
        "us_per_tree": {
            name: {
                backend: 1e6 / batch * median_seconds(lambda b=backend, f=run: f(b), repeats)
                for backend in here()
            }
            for name, run in operations.items()
        },
        "one_tree_us": 1e6 * median_seconds(lambda: tree_inside(trees, scores[:1]), repeats),
        "derivations_per_s": decoders(trees, scores[0].double().numpy(), repeats),
    }


def decoders(trees: Trees, scores: np.ndarray, repeats: int) -> dict[str, dict[str, float]]:
    """How many of the first derivations come a second, with what it takes to begin."""
    rng = np.random.default_rng(1)
    streams = {
        "k best": lambda: k_best(trees, scores),
        "distinct samples": lambda: sample_without_replacement(trees, scores, rng),
    }
    return {
        name: {
            str(count): count
            / median_seconds(lambda c=count, s=stream: list(islice(s(), c)), max(3, repeats // 2))
            for count in (8, 100, 10_000)
        }
        for name, stream in streams.items()
    }


def here() -> list[str]:
    """The back ends that can run; Triton's interpreter measures nothing."""
    names = list(IMPLEMENTATIONS["tree_inside"])
    return [name for name in names if name != "triton" or torch.cuda.is_available()]


def median_seconds(run: Callable[[], object], repeats: int) -> float:
    """Of several runs after a first that warms up."""
    # other work on the machine counts for the wall, not for the process
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    run()
    seconds = []
    for _ in range(repeats):
        begin = clock()
        run()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(clock() - begin)
    return statistics.median(seconds)


def table(report: dict) -> str:
    """The report for people."""
    lines = []
    for name, figures in report.items():
        sizes = ", ".join(
            f"{figures[key]} {key}" for key in ("slots", "productions", "signatures", "rows")
        )
        lines.append(f"{name}: {sizes}")
        for operation, times in figures["us_per_tree"].items():
            shown = "".join(f"{backend:>12} {us:>8.1f} us" for backend, us in times.items())
            ratio = times["reference"] / times["cpu"]
            lines.append(f"  {operation:24}{shown}   Numba {ratio:.0f} times as fast")
        lines.append(f"  one tree alone: {figures['one_tree_us']:.0f} us")
        for decoder, rates in figures["derivations_per_s"].items():
            shown = ", ".join(f"first {count}: {rate:,.0f}/s" for count, rate in rates.items())
            lines.append(f"  {decoder}: {shown}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
