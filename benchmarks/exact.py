"""The exact engines side by side, on random models: what docs/hybrid.md quotes.

    python benchmarks/exact.py --limit 20

Prints one line per model and engine: the verdict and the wall seconds, model building included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.exact import cadical, cpsat
from latent_ebm.exact.core import explain_infeasible
from latent_ebm.kernels.factors import FactorTable, Kind
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.sudoku import Sudoku

Model = tuple[FactorTable, NDArray[np.bool_]]

INFEASIBLE = "....6...594......7..5...32......21...8.6.49...5.....6...2.........1....33.17....."


def satisfiability(rng: np.random.Generator, count: int, ratio: float) -> Model:
    clauses = int(count * ratio)
    literals = np.stack([rng.choice(count, 3, replace=False) for _ in range(clauses)])
    signs = rng.choice([-1, 1], size=3 * clauses)
    table = FactorTable.of(Kind.CLAUSE, 2, Csr.rectangle(literals * 2 + 1), weights=signs)
    return table, np.ones((count, 2), np.bool_)


def quasigroup(rng: np.random.Generator, order: int, holes: float) -> Model:
    """A cyclic square, its rows, columns and symbols permuted, with some cells emptied."""
    square = np.add.outer(rng.permutation(order), rng.permutation(order)) % order
    cells = np.arange(order * order).reshape(order, order)
    lines = Csr.rectangle(np.concatenate([cells, cells.T]))
    family = AllDifferent(lines, order, [f"line {i}" for i in range(2 * order)])
    mask = np.ones((order * order, order), np.bool_)
    kept = rng.random(order * order) >= holes
    mask[kept] = np.eye(order, dtype=np.bool_)[rng.permutation(order)[square.ravel()[kept]]]
    return family.factors(), mask


def coloring(rng: np.random.Generator, count: int, density: float, colors: int) -> Model:
    i, j = np.triu_indices(count, 1)
    kept = rng.random(len(i)) < density
    edges = np.stack([i[kept], j[kept]], axis=1)
    rows = (edges[:, None, :] * colors + np.arange(colors)[None, :, None]).reshape(-1, 2)
    bounds = Csr.rectangle(np.tile([0, 1], (len(rows), 1)))
    table = FactorTable.of(Kind.CARDINALITY, colors, Csr.rectangle(rows), parameters=bounds)
    return table, np.ones((count, colors), np.bool_)


ENGINES: dict[str, Callable[..., str]] = {
    "cp-sat": lambda *model, **limit: cpsat.solve(*model, **limit).verdict.value,
    "cadical": lambda *model, **limit: cadical.solve(*model, **limit).verdict.value,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=20.0, help="seconds a model and engine")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    models = {
        f"{title}, {copy}": build()
        for copy in "ABC"
        for title, build in {
            "3-SAT, 250 variables, ratio 4.26": lambda: satisfiability(rng, 250, 4.26),
            "quasigroup of order 20, 42% holes": lambda: quasigroup(rng, 20, 0.42),
            "quasigroup of order 33, 42% holes": lambda: quasigroup(rng, 33, 0.42),
            "colouring, 80 vertices, half the edges, 14": lambda: coloring(rng, 80, 0.5, 14),
        }.items()
    }
    for title, model in sorted(models.items()):
        for name, engine in ENGINES.items():
            begun = time.perf_counter()
            verdict = engine(*model, time_limit=options.limit)
            seconds = time.perf_counter() - begun
            print(f"{title:45} {name:8} {verdict:14} {seconds:7.2f} s", flush=True)
    puzzle = Sudoku.parse(INFEASIBLE)
    for name in ("cpsat", "cadical"):
        begun = time.perf_counter()
        core = explain_infeasible(puzzle.landscape, puzzle.mask, engine=name)
        seconds = time.perf_counter() - begun
        assert core is not None
        size = f"{len(core.factors)} of 27{'' if core.minimal else ', not minimal'}"
        print(f"{'core of an infeasible 9x9 Sudoku':45} {name:8} {size:14} {seconds:7.2f} s")


if __name__ == "__main__":
    main()
