"""The commands of ``latent-ebm``; nothing heavy is imported before a command runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latent_ebm.cli import learned, programs
from latent_ebm.cli.choices import BackendName, DynamicsName, ExactName, Strategy
from latent_ebm.cli.options import (
    Box,
    Bridge,
    Colors,
    Dynamics,
    Exit,
    Json,
    Kind,
    NoPresolve,
    Seed,
    TimeLimit,
)
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
    kind: Kind = None,
    colors: Colors = None,
    rules: Annotated[
        str | None,
        typer.Option(metavar="NAME|FOLDER", help="Learned rules to solve by, not the kind's own."),
    ] = None,
) -> None:
    """Solve every puzzle of a file, in order; `latent-ebm kinds` lists the kinds and formats."""
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
    request = Request(file, output, resume, as_json, unique, workers, box, kind, colors, rules)
    try:
        if request.puzzle_kind.name in ("cnf", "wcnf") and not (as_json or rules):
            from latent_ebm.cli.competition import run_competition

            raise typer.Exit(run_competition(request, settings))
        code = run_solve(request, settings)
    except KeyboardInterrupt:
        typer.echo("latent-ebm: interrupted; results so far are complete lines", err=True)
        code = Exit.INTERRUPTED
    raise typer.Exit(int(code))


@app.command()
def generate(
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many.")] = 1,
    side: Annotated[
        int | None, typer.Option(help="Side of the grid (or vertices, variables); 9 for Sudoku.")
    ] = None,
    box: Box = None,
    clues: Annotated[int | None, typer.Option(min=0, help="Clues to leave.")] = None,
    difficulty: Annotated[
        str | None, typer.Option(help="easy (singles), medium (subsets) or hard (neither).")
    ] = None,
    symmetric: Annotated[bool, typer.Option("--symmetric", help="In point symmetry.")] = False,
    seed: Seed = 0,
    kind: Annotated[
        str, typer.Option("--kind", help="As `latent-ebm kinds` lists them.")
    ] = "sudoku",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder: with --kind, each in a file of its own."),
    ] = None,
) -> None:
    """Make puzzles: Sudokus with one solution each, or with --kind others with at least one."""
    from latent_ebm.cli.generate import run_generate, run_generate_kind

    if kind != "sudoku":
        if box or clues is not None or difficulty or symmetric:
            raise ValueError(f"--box, --clues, --difficulty and --symmetric are not for {kind}")
        run_generate_kind(kind, count, side, seed, output)
        return
    if output:
        raise ValueError("--output is for other kinds; Sudokus go to standard output, a line each")
    run_generate(count, 9 if side is None else side, box, clues, difficulty, symmetric, seed)


@app.command()
def bench(
    file: Annotated[
        str, typer.Argument(metavar="FILE|FOLDER", help="Puzzles; with --kind also a folder.")
    ],
    peers: Annotated[
        str, typer.Option(help="Comma-separated: cpsat, cadical (cadical_incremental), z3.")
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
    kind: Kind = None,
    colors: Colors = None,
    strategy: Annotated[Strategy, typer.Option(help="Ours.")] = Strategy.ENERGY,
) -> None:
    """Measure us beside other solvers, in one run, on the same number of cores."""
    from latent_ebm.bench.command import run_bench

    settings = _settings(
        dynamics, no_presolve, strategy=strategy.value, time_limit=time_limit, seed=seed
    )
    code = run_bench(file, peers, as_json, settings, cores, box, kind=kind, colors=colors)
    raise typer.Exit(int(code))


@app.command()
def kinds(as_json: Json = False) -> None:
    """List the kinds of puzzles, with the suffixes and the format of their files."""
    from latent_ebm.cli.kinds import run_kinds

    run_kinds(as_json)


@app.command()
def explain(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Puzzles; '-' is standard input.")],
    kind: Kind = None,
    colors: Colors = None,
    box: Box = None,
    strategy: Annotated[Strategy, typer.Option(help="How to fill the holes.")] = Strategy.ENERGY,
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
) -> None:
    """Name what the best candidate of each puzzle violates, or what conflicts in it."""
    from latent_ebm.cli.explain import run_explain
    from latent_ebm.cli.solve import Request
    from latent_ebm.solving import Settings

    request = Request(file, None, False, False, False, None, box, kind, colors)
    settings = Settings(strategy=strategy.value, time_limit=time_limit, seed=seed)
    raise typer.Exit(int(run_explain(request, settings)))


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


app.add_typer(programs.app)
app.add_typer(learned.app)


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
