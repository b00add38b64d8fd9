"""Time against size, the energy solver beside CP-SAT: what docs/growth.md quotes.

    python benchmarks/growth.py --time-limit 10 --seeds 3

Empty boards of n queens, quasigroup completion with 42% holes, and uniform random 3-SAT with 4
clauses a variable. Writes docs/growth.png and prints a table. What is measured goes into
``--results`` at once, size by size; the same command again goes on from there. A solver that
solved nothing at one size is not asked for larger ones.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter
from pysat.solvers import Cadical153

from latent_ebm.bench.instances import SOLVED, Outcome, measure_rival, measure_us
from latent_ebm.puzzles import latin, queens
from latent_ebm.puzzles.cnf import Cnf, Formula
from latent_ebm.puzzles.kinds import KINDS
from latent_ebm.puzzles.problem import Problem
from latent_ebm.solving import Settings
from latent_ebm.stream import available_processors

ENERGY, CP_SAT = "latent-ebm, energy", "CP-SAT"
COLOURS = {ENERGY: "#d95f02", CP_SAT: "#1f5fa8"}
SURELY_SATISFIABLE = 500
"""Uniform formulas with 4 clauses a variable are satisfiable from about this size on."""


def board(rng: np.random.Generator, side: int) -> Problem:
    return queens.generate(rng, side, share=0.0)


def square(rng: np.random.Generator, order: int) -> Problem:
    return latin.generate(rng, order)


def formula(rng: np.random.Generator, variables: int) -> Problem:
    """Uniform 3-clauses; small formulas are drawn again until CaDiCaL finds one satisfiable."""
    count = 4 * variables
    while True:
        chosen = np.stack([rng.choice(variables, 3, replace=False) for _ in range(count)]) + 1
        literals = (chosen * rng.choice([-1, 1], chosen.shape)).astype(np.int32)
        if variables < SURELY_SATISFIABLE:
            with Cadical153(bootstrap_with=literals.tolist()) as solver:
                if not solver.solve():
                    continue
        offsets = np.arange(count + 1, dtype=np.int64) * 3
        return Cnf(Formula(variables, offsets, literals.ravel()))


@dataclass(frozen=True)
class Panel:
    """One kind of problem in growing sizes."""

    kind: str
    title: str
    sizes: tuple[int, ...]
    make: Callable[[np.random.Generator, int], Problem]

    def problems(self, size: int, seeds: int) -> list[Problem]:
        """The same ones in every run."""
        return [self.make(np.random.default_rng([size, seed]), size) for seed in range(seeds)]


PANELS = (
    Panel("queens", "n queens: n", (8, 16, 32, 64, 125, 250, 500, 1000), board),
    Panel("latin", "Latin squares, 42% holes: order", (10, 15, 20, 25, 30, 35, 40), square),
    Panel("cnf", "3-SAT, ratio 4.0: variables", (100, 200, 500, 1000, 2000, 5000, 10_000), formula),
)


@dataclass(frozen=True)
class Row:
    """What one solver did on the problems of one size, one for each seed."""

    kind: str
    size: int
    solver: str
    time_limit: float
    seconds: tuple[float, ...]
    solved: tuple[bool, ...]

    @property
    def median(self) -> float | None:
        """The median of the seconds; None if it falls on a problem that was not solved."""
        times = [s if ok else float("inf") for s, ok in zip(self.seconds, self.solved, strict=True)]
        middle = statistics.median(times)
        return None if middle == float("inf") else middle

    @property
    def key(self) -> tuple[str, int, str, float, int]:
        """What was measured."""
        return self.kind, self.size, self.solver, self.time_limit, len(self.seconds)


class Results:
    """Rows in a file of JSON lines, which is replaced as a whole whenever a row is added."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.rows = {row.key: row for row in map(self._row, lines, range(1, len(lines) + 1))}

    def _row(self, line: str, number: int) -> Row:
        try:
            fields = json.loads(line)
            lists = {name: tuple(fields.pop(name)) for name in ("seconds", "solved")}
            return Row(**fields, **lists)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SystemExit(
                f"{self.path}, line {number}: not a row that this script wrote ({error}); "
                "name another file with --results"
            ) from None

    def add(self, row: Row) -> None:
        """Keep a row, whatever happens next."""
        self.rows[row.key] = row
        beside = self.path.with_suffix(".part")
        text = "".join(json.dumps(asdict(each)) + "\n" for each in self.rows.values())
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.path)


def measure(panel: Panel, size: int, solver: str, time_limit: float, seeds: int) -> Row:
    """Our landscapes are built anew for each problem, as CP-SAT's models are."""
    problems = panel.problems(size, seeds)
    outcomes: list[Outcome] = []
    if solver == ENERGY:
        for seed, problem in enumerate(problems):
            latin.latin_landscape.cache_clear()
            queens.queens_landscape.cache_clear()
            settings = Settings(time_limit=time_limit, seed=seed)
            outcomes += measure_us([problem], KINDS[panel.kind], settings).outcomes
    else:
        workers = available_processors()
        outcomes += measure_rival("cpsat", problems, time_limit, workers).outcomes
    seconds = tuple(round(outcome.seconds, 6) for outcome in outcomes)
    solved = tuple(outcome.verdict == SOLVED for outcome in outcomes)
    return Row(panel.kind, size, solver, time_limit, seconds, solved)


def measured(results: Results, time_limit: float, seeds: int) -> Iterator[Row]:
    """Every row, from the file or measured now; both solvers in turn at each size."""
    for panel in PANELS:
        lost: set[str] = set()
        for size in panel.sizes:
            for solver in COLOURS:
                if solver in lost:
                    continue
                row = results.rows.get((panel.kind, size, solver, time_limit, seeds))
                if row is None:
                    sys.stderr.write(f"{panel.kind} {size}: {solver} ... ")
                    sys.stderr.flush()
                    row = measure(panel, size, solver, time_limit, seeds)
                    results.add(row)
                    took = ", ".join(f"{second:.3f}" for second in row.seconds)
                    sys.stderr.write(f"{sum(row.solved)} of {seeds} solved; {took} s\n")
                if not any(row.solved):
                    lost.add(solver)
                yield row


def draw(rows: list[Row], time_limit: float) -> Figure:
    """A panel for each kind: medians as lines, problems as dots, unsolved ones counted above."""
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    for axes, panel in zip(figure.subplots(1, len(PANELS), sharey=True), PANELS, strict=True):
        for solver, colour in COLOURS.items():
            of = [row for row in rows if (row.kind, row.solver) == (panel.kind, solver)]
            _draw_solver(axes, of, solver, colour, time_limit)
        axes.axhline(time_limit, color="0.6", linewidth=0.8, linestyle=":")
        axes.set(xscale="log", yscale="log", xlabel=panel.title, xticks=panel.sizes)
        ratio = panel.sizes[-1] / panel.sizes[0]
        axes.set_xlim(panel.sizes[0] / ratio**0.05, panel.sizes[-1] * ratio**0.05)
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(visible=True, which="major", color="0.9")
        axes.set_axisbelow(True)
    first = figure.axes[0]
    first.set_ylabel("seconds")
    first.set_ylim(top=3 * time_limit)
    note = f"above the line: not solved in {time_limit:g} s"
    first.legend(loc="lower right", fontsize=8, title=note, title_fontsize=8)
    return figure


def _draw_solver(axes: Axes, rows: list[Row], solver: str, colour: str, limit: float) -> None:
    known = [(row.size, row.median) for row in rows if row.median is not None]
    axes.plot(*zip(*known, strict=True), color=colour, marker="o", markersize=5, label=solver)
    height = limit * (1.35 if solver == ENERGY else 2.0)  # a line of text for each, above
    for row in rows:
        for second, solved in zip(row.seconds, row.solved, strict=True):
            if solved:
                axes.plot(row.size, second, ".", color=colour, markersize=4, alpha=0.5)
        if not all(row.solved):
            missing = f"{row.solved.count(False)}/{len(row.solved)}"
            place = {"ha": "center", "va": "center", "fontsize": 8}
            axes.text(row.size, height, missing, color=colour, **place)


def table(rows: list[Row]) -> str:
    """Markdown: the median seconds of each solver, and how many it solved where not all."""
    lines = [
        "| kind | size | latent-ebm, energy | CP-SAT | CP-SAT takes |",
        "|---|---|---|---|---|",
    ]
    by_place = {(row.kind, row.size, row.solver): row for row in rows}
    for panel in PANELS:
        for size in panel.sizes:
            pair = [by_place.get((panel.kind, size, solver)) for solver in COLOURS]
            ours, theirs = (row.median if row else None for row in pair)
            ratio = f"{theirs / ours:.1f} times as long" if ours and theirs else ""
            cells = " | ".join(map(_cell, pair))
            lines.append(f"| {panel.kind} | {size:,} | {cells} | {ratio} |")
    return "\n".join(lines)


def _cell(row: Row | None) -> str:
    if row is None:
        return "not asked"
    shown = "over the limit" if row.median is None else f"{row.median:.3f}"
    return shown if all(row.solved) else f"{shown} ({sum(row.solved)} of {len(row.solved)})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--time-limit", type=float, default=20.0, help="seconds a problem")
    parser.add_argument("--seeds", type=int, default=3, help="problems of each size")
    parser.add_argument("--results", type=Path, default=Path("growth.jsonl"))
    parser.add_argument("--picture", type=Path, default=Path("docs/growth.png"))
    options = parser.parse_args()
    rows = list(measured(Results(options.results), options.time_limit, options.seeds))
    draw(rows, options.time_limit).savefig(options.picture, dpi=100)
    print(table(rows))


if __name__ == "__main__":
    main()
