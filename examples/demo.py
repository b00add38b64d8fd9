"""What ``make demo`` shows: grids, energies and throughput, on puzzles the project made itself."""

from __future__ import annotations

import time
from pathlib import Path

from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

import latent_ebm
from latent_ebm import Rule, Settings, Solution, Sudoku
from latent_ebm.stream import available_processors, solve_stream
from latent_ebm.tracing import Trace, record
from latent_ebm.warmup import warm_up

PUZZLES = Path(__file__).parent / "hard_9x9.txt"
BARS = " ▁▂▃▄▅▆▇█"


def main() -> None:
    console = Console()
    puzzles = Sudoku.read(PUZZLES)
    settings = Settings(seed=0)
    console.rule("[bold]latent-ebm: constraints as energies, solved by descent")
    warm_up(puzzles[0].landscape, settings)

    begun = time.perf_counter()
    solutions = [s for s in solve_stream(puzzles, settings) if isinstance(s, Solution)]
    seconds = time.perf_counter() - begun
    hardest = max(solutions, key=lambda solution: solution.steps)

    console.print(f"\n{PUZZLES.name}: the puzzle that took longest of {len(puzzles)}\n")
    given, found = hardest.problem.render(), hardest.problem.render(hardest.values)
    console.print(Columns([given, found], padding=(0, 4)))
    console.print(
        f"{hardest.status.value}; {hardest.steps} sweeps, {hardest.seconds * 1e3:.1f} ms\n"
    )
    show_energies(console, record(hardest.problem, settings))
    show_throughput(console, solutions, seconds)


def show_energies(console: Console, trace: Trace) -> None:
    """The energy of each domain over the sweeps of the chain that solved the puzzle."""
    console.print("energy of each domain over the sweeps, from the first to the last:")
    width = 52
    for name, energy in {**trace.energies, "all": trace.total}.items():
        last = len(energy) - 1
        picks = [energy[round(i * last / (width - 1))] for i in range(width)]
        scale = max(float(trace.total.max() if name == "all" else energy.max()), 1.0)
        bars = "".join(BARS[min(8, int(-(-8 * pick // scale)))] for pick in picks)
        console.print(Text(f"  {name:>7} {bars} {picks[0]:g} to {picks[-1]:g}"))
    console.print("(the same as a picture: latent-ebm trace PUZZLE --out trace.png)\n")


def show_throughput(console: Console, solutions: list[Solution], seconds: float) -> None:
    solved = sum(solution.solved for solution in solutions)
    by_presolve = sum(solution.steps == 0 for solution in solutions)
    table = Table("puzzles", "solved", "by presolve alone", "seconds", "puzzles a second", "cores")
    table.add_row(
        str(len(solutions)),
        str(solved),
        str(by_presolve),
        f"{seconds:.3f}",
        f"{len(solutions) / seconds:,.0f}",
        str(available_processors()),
    )
    console.print(table)
    console.print(f"latent-ebm {latent_ebm.__version__}, presolve up to {Rule.SUBSETS.value}")


if __name__ == "__main__":
    main()
