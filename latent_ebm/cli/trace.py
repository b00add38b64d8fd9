"""``latent-ebm trace``: a picture of one descent."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.cli.options import Exit
from latent_ebm.puzzles.problem import BadPuzzle
from latent_ebm.puzzles.sudoku import Shape, Sudoku, read_puzzles
from latent_ebm.tracing import Trace, record

if TYPE_CHECKING:
    from latent_ebm.solving import Settings

STAGES = 4
WRONG, FOUND, GIVEN = "#c0392b", "#1f5fa8", "#111111"


def run_trace(puzzle: str, out: Path, settings: Settings, box: str | None) -> Exit:
    """Record a descent and write its picture."""
    if out.suffix not in (".png", ".svg", ".pdf"):
        raise ValueError(f"--out {out}: the picture must end in .png, .svg or .pdf")
    if not out.parent.is_dir():
        raise ValueError(f"--out {out}: there is no folder {out.parent}")
    sudoku = _one(puzzle, Shape.parse(box) if box else None)
    trace = record(sudoku, settings)
    _write(_draw(sudoku, trace), out)
    outcome = "solved" if trace.solved else "not solved"
    sys.stderr.write(
        f"latent-ebm: {outcome} after {len(trace.values)} sweeps of {trace.engine}; wrote {out}\n"
    )
    return Exit.SOLVED if trace.solved else Exit.UNKNOWN


def _one(puzzle: str, shape: Shape | None) -> Sudoku:
    if len(puzzle) < 256 and Path(puzzle).exists():
        first = next(read_puzzles(Path(puzzle), shape))
        if isinstance(first, BadPuzzle):
            raise ValueError(str(first))
        return first
    return Sudoku.parse(puzzle, shape)


def _write(figure: Any, out: Path) -> None:
    """Write beside the target and rename, so that a kill leaves no half picture."""
    descriptor, name = tempfile.mkstemp(suffix=out.suffix, dir=out.parent)
    os.close(descriptor)
    scratch = Path(name)
    try:
        figure.savefig(scratch, dpi=150)
        scratch.chmod(0o644)
        scratch.replace(out)
    finally:
        scratch.unlink(missing_ok=True)


def _draw(sudoku: Sudoku, trace: Trace) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7.5), layout="constrained")
    halves: Any = figure.subfigures(2, 1, height_ratios=[1, 1.05])
    top, bottom = halves
    _draw_energies(top.subplots(), trace)
    for axes, step in zip(bottom.subplots(1, STAGES), _stages(trace), strict=True):
        _draw_grid(axes, sudoku, trace, step)
    return figure


def _stages(trace: Trace) -> list[int]:
    """The first, the last, and where the best energy so far first fell to two levels between."""
    best = np.minimum.accumulate(trace.total)
    levels = np.linspace(best[0], best[-1], STAGES)[1:-1]
    return [0, *(int((best <= level).argmax()) for level in levels), len(best) - 1]


def _draw_energies(axes: Any, trace: Trace) -> None:
    steps = np.arange(1, len(trace.values) + 1)
    for name, energy in trace.energies.items():
        axes.plot(steps, energy, lw=1, alpha=0.8, label=name)
    axes.plot(steps, trace.total, lw=1.8, color="black", label="all domains")
    for stage in _stages(trace):
        axes.axvline(stage + 1, color="0.75", lw=0.8, ls=":", zorder=0)
    axes.set(xlabel="sweep", ylabel="energy of the candidate", ylim=(0, None), xlim=(1, len(steps)))
    outcome = "solved" if trace.solved else "not solved"
    axes.set_title(f"{trace.engine}: {outcome} after {len(steps)} sweeps", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=4, loc="upper right")


def _draw_grid(axes: Any, sudoku: Sudoku, trace: Trace, step: int) -> None:
    shape, values = sudoku.shape, trace.values[step]
    n = shape.side
    broken = _broken_units(sudoku, values)
    wrong = np.zeros(shape.cells, np.bool_)
    for unit in broken:
        axes.add_patch(_outline(unit, n))
        _, inverse, counts = np.unique(values[unit], return_inverse=True, return_counts=True)
        wrong[unit[counts[inverse] > 1]] = True
    for cell in range(shape.cells):
        row, column = divmod(cell, n)
        color = WRONG if wrong[cell] else GIVEN if sudoku.givens[cell] else FOUND
        axes.text(
            column + 0.5,
            row + 0.53,
            str(values[cell] + 1),
            color=color,
            ha="center",
            va="center",
            fontsize=90 / n,
            fontweight="bold" if sudoku.givens[cell] else "normal",
        )
    for line in range(n + 1):
        axes.axhline(line, color="0.3", lw=1.6 if line % shape.box_height == 0 else 0.4)
        axes.axvline(line, color="0.3", lw=1.6 if line % shape.box_width == 0 else 0.4)
    energy = trace.total[step]
    axes.set(xlim=(0, n), ylim=(n, 0), aspect="equal", xticks=[], yticks=[])
    title = f"sweep {step + 1}: energy {energy:g}, {len(broken)} groups violated"
    axes.set_title(title, fontsize=9)
    axes.spines[:].set_visible(False)


def _broken_units(sudoku: Sudoku, values: NDArray[np.int16]) -> list[NDArray[np.int32]]:
    units = sudoku.shape.units
    return [unit for unit in units if len(np.unique(values[unit])) < len(unit)]


def _outline(unit: NDArray[np.int32], n: int) -> Any:
    from matplotlib.patches import Rectangle

    rows, columns = np.divmod(unit, n)
    return Rectangle(
        (columns.min(), rows.min()),
        np.ptp(columns) + 1,
        np.ptp(rows) + 1,
        facecolor=WRONG,
        alpha=0.10,
        lw=0,
    )
