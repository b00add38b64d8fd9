"""The commands of ``latent-ebm``; nothing heavy is imported before a command runs."""

from __future__ import annotations

import os
import sys
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latent_ebm.version import __version__

if TYPE_CHECKING:
    from latent_ebm.solving import Settings

app = typer.Typer(
    name="latent-ebm",
    help="A continuous-latent, energy-based constraint solver.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Exit(IntEnum):
    """What the exit code says."""

    SOLVED = 0
    UNKNOWN = 1
    INPUT = 2
    INTERRUPTED = 130


class Strategy(StrEnum):
    """Ways to fill the holes."""

    ENERGY = "energy"
    HYBRID = "hybrid"


class ExactName(StrEnum):
    """Exact engines; ``auto`` is CaDiCaL for clauses alone, CP-SAT for all else."""

    AUTO = "auto"
    CPSAT = "cpsat"
    CADICAL = "cadical"


class DynamicsName(StrEnum):
    """Ways to move the latent; ``auto`` is chosen by kind and size."""

    AUTO = "auto"
    SPLITTING = "splitting"
    PAIR_MULTIPLIERS = "pair-multipliers"
    GRADIENT_FLOW = "gradient-flow"


class BridgeName(StrEnum):
    """Bridges from the latent to the simplex, for gradient-flow."""

    SOFTMAX = "softmax"
    GUMBEL_SOFTMAX = "gumbel-softmax"
    STRAIGHT_THROUGH = "straight-through"


class BackendName(StrEnum):
    """Kernels."""

    AUTO = "auto"
    CPU = "cpu"
    TRITON = "triton"
    REFERENCE = "reference"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"latent-ebm {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


Seed = Annotated[int, typer.Option(help="Seed of all noise; the same seed, the same answer.")]
Box = Annotated[
    str | None,
    typer.Option("--box", metavar="HxW", help="Box shape, e.g. 2x3; by default the squarest."),
]
Dynamics = Annotated[DynamicsName, typer.Option(help="How the latent moves.")]
Bridge = Annotated[BridgeName | None, typer.Option(help="Latent to simplex, for gradient-flow.")]
NoPresolve = Annotated[
    bool, typer.Option("--no-presolve", help="Descend from the givens as they are.")
]
TimeLimit = Annotated[float, typer.Option(help="Seconds per puzzle.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")]


def _settings(dynamics: DynamicsName, no_presolve: bool, **others: Any) -> Settings:
    """What the options that several commands share come to."""
    from latent_ebm.energies.coupling import Rule
    from latent_ebm.solving import Settings

    presolve = Rule.NONE if no_presolve else Rule.SUBSETS
    return Settings(dynamics=dynamics.value, presolve=presolve, **others)


@app.command()
def solve(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Puzzles; '-' is standard input.")],
    as_json: Json = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write results here instead of to stdout.")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on after the results that --output (or the file behind '>>') already holds.",
        ),
    ] = False,
    strategy: Annotated[
        Strategy, typer.Option(help="energy, or hybrid: then an exact engine on what is open.")
    ] = Strategy.ENERGY,
    exact: Annotated[
        ExactName, typer.Option(help="The exact engine of the hybrid strategy.")
    ] = ExactName.AUTO,
    dynamics: Dynamics = DynamicsName.AUTO,
    bridge: Bridge = None,
    seed: Seed = 0,
    time_limit: TimeLimit = 60.0,
    max_steps: Annotated[int | None, typer.Option(help="Sweeps per puzzle.")] = None,
    no_presolve: NoPresolve = False,
    unique: Annotated[
        bool, typer.Option("--unique", help="Also say which puzzles have several solutions.")
    ] = False,
    backend: Annotated[BackendName, typer.Option(help="Which kernels run.")] = BackendName.AUTO,
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads; by default one per processor.")
    ] = None,
    box: Box = None,
) -> None:
    """Solve every puzzle of a file (lines, grids, .sdm, .sdk, .ss, .csv), in order."""
    from latent_ebm.cli.solve import Request, run_solve

    settings = _settings(
        dynamics,
        no_presolve,
        strategy=strategy.value,
        bridge=bridge.value if bridge else None,
        max_steps=max_steps,
        time_limit=time_limit,
        seed=seed,
        backend=backend.value,
        device=device,
        exact=exact.value,
        unique=unique and strategy is Strategy.HYBRID,
    )
    request = Request(file, output, resume, as_json, unique, workers, box)
    try:
        code = run_solve(request, settings)
    except KeyboardInterrupt:
        typer.echo("latent-ebm: interrupted; results so far are complete lines", err=True)
        code = Exit.INTERRUPTED
    raise typer.Exit(int(code))


@app.command()
def generate(
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many.")] = 1,
    side: Annotated[int, typer.Option(help="Side of the grid, 4 to 25.")] = 9,
    box: Box = None,
    clues: Annotated[int | None, typer.Option(min=0, help="Clues to leave.")] = None,
    difficulty: Annotated[
        str | None, typer.Option(help="easy (singles), medium (subsets) or hard (neither).")
    ] = None,
    symmetric: Annotated[bool, typer.Option("--symmetric", help="In point symmetry.")] = False,
    seed: Seed = 0,
) -> None:
    """Make puzzles with exactly one solution, one a line (blocks of rows above 9x9)."""
    from latent_ebm.cli.generate import run_generate

    run_generate(count, side, box, clues, difficulty, symmetric, seed)


@app.command()
def bench(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Puzzles.")],
    peers: Annotated[
        str, typer.Option(help="Comma-separated: cpsat, cadical, cadical_incremental.")
    ] = "cpsat,cadical",
    as_json: Json = False,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    no_presolve: NoPresolve = False,
    dynamics: Dynamics = DynamicsName.AUTO,
    cores: Annotated[
        int | None, typer.Option(min=1, help="For everyone alike; by default all.")
    ] = None,
    box: Box = None,
) -> None:
    """Measure us beside other solvers, in one run, on the same number of cores."""
    from latent_ebm.bench.command import run_bench

    settings = _settings(dynamics, no_presolve, time_limit=time_limit, seed=seed)
    raise typer.Exit(int(run_bench(file, peers, as_json, settings, cores, box)))


@app.command()
def trace(
    puzzle: Annotated[str, typer.Argument(help="A puzzle's text, or a file (its first puzzle).")],
    out: Annotated[Path, typer.Option(help="The picture to write (.png, .svg or .pdf).")] = Path(
        "trace.png"
    ),
    dynamics: Dynamics = DynamicsName.AUTO,
    bridge: Bridge = None,
    max_steps: Annotated[int, typer.Option(help="Sweeps to draw.")] = 5_000,
    no_presolve: NoPresolve = False,
    seed: Seed = 0,
    box: Box = None,
) -> None:
    """Draw the energy of each domain over the sweeps, and the grid on its way."""
    from latent_ebm.cli.trace import run_trace

    settings = _settings(
        dynamics,
        no_presolve,
        bridge=bridge.value if bridge else None,
        max_steps=max_steps,
        seed=seed,
    )
    raise typer.Exit(int(run_trace(puzzle, out, settings, box)))


def run() -> None:
    """The console script: usage and input errors are one line and exit code 2."""
    try:
        app()
    except (ValueError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            # the reader of our output has gone; keep the interpreter from complaining about it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(int(Exit.UNKNOWN)) from None
        sys.stderr.write(f"latent-ebm: {error}\n")
        raise SystemExit(int(Exit.INPUT)) from None


if __name__ == "__main__":
    run()
