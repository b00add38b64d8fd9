"""The commands of ``latent-ebm``; nothing heavy is imported before a command runs."""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latent_ebm.cli.choices import (
    BackendName,
    BridgeName,
    DynamicsName,
    ExactName,
    IsolationName,
    RepairStrategy,
    Strategy,
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


class Exit(IntEnum):
    """What the exit code says."""

    SOLVED = 0
    UNKNOWN = 1
    INPUT = 2
    INTERRUPTED = 130


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
Kind = Annotated[
    str | None,
    typer.Option("--kind", help="As `latent-ebm kinds` lists them; by default the file tells."),
]
Colors = Annotated[
    int | None, typer.Option("--colors", min=1, help="How many colours a graph may have.")
]
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
def holes(
    file: Annotated[str, typer.Argument(metavar="FILE.py|-", help="'-' is standard input.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object with a list of the holes.")
    ] = False,
) -> None:
    """List the typed holes (... or __hole__) of a Python file: expected type, scope, grammar."""
    from latent_ebm.cli.holes import run_holes

    raise typer.Exit(int(run_holes(file, as_json)))


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


@app.command()
def repair(
    file: Annotated[Path, typer.Argument(help="The Python file that fails its tests.")],
    tests: Annotated[
        Path | None,
        typer.Option(help="A .json, .jsonl or pytest file; by default the file's doctests."),
    ] = None,
    function: Annotated[
        str | None, typer.Option(help="What the tests call; needed where the file has several.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds.")] = 60.0,
    seed: Seed = 0,
    write: Annotated[
        bool, typer.Option("--write", help="Change the file; what it was goes to FILE.orig.")
    ] = False,
    count: Annotated[int, typer.Option("--all", min=1, help="How many patches to show.")] = 1,
    as_json: Json = False,
    types: Annotated[
        bool, typer.Option("--types", help="Refuse patches with which mypy finds more errors.")
    ] = False,
    prove: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="Prove the result equal to this, over the arguments."),
    ] = None,
    strategy: Annotated[
        RepairStrategy, typer.Option(help="descent, or a baseline.")
    ] = RepairStrategy.DESCENT,
    isolation: Annotated[
        IsolationName, typer.Option(help="How candidates are confined.")
    ] = IsolationName.AUTO,
    allow_unsandboxed: Annotated[
        bool,
        typer.Option("--allow-unsandboxed", help="Run candidates with your own rights if need be."),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one per processor.")
    ] = None,
) -> None:
    """Repair a Python file that fails its tests, and show the patch."""
    from latent_ebm.cli.repair import Request, run_repair
    from latent_ebm.coding.options import RepairSettings

    settings = RepairSettings(
        strategy=strategy.value,
        time_limit=time_limit,
        seed=seed,
        all=count,
        types=types,
        isolation=isolation.value,
        allow_unsandboxed=allow_unsandboxed,
        workers=workers,
    )
    request = Request(file, tests, function, write, as_json, prove)
    raise typer.Exit(int(run_repair(request, settings)))


@app.command()
def fill(
    file: Annotated[Path, typer.Argument(help="A Python file with holes: ... or __hole__.")],
    tests: Annotated[
        Path | None,
        typer.Option(help="A .json, .jsonl or pytest file; by default the file's doctests."),
    ] = None,
    function: Annotated[
        str | None, typer.Option(help="What the tests call; needed where the file has several.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds.")] = 60.0,
    seed: Seed = 0,
    write: Annotated[
        bool, typer.Option("--write", help="Change the file; what it was goes to FILE.orig.")
    ] = False,
    count: Annotated[int, typer.Option("--all", min=1, help="How many fillings to show.")] = 1,
    as_json: Json = False,
    types: Annotated[
        bool, typer.Option("--types", help="Refuse fillings with which mypy finds more errors.")
    ] = False,
    isolation: Annotated[
        IsolationName, typer.Option(help="How candidates are confined.")
    ] = IsolationName.AUTO,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one per processor.")
    ] = None,
) -> None:
    """Fill all holes of a Python file so that its tests pass, and show the change."""
    from latent_ebm.cli.repair import Request, run_repair
    from latent_ebm.coding.options import RepairSettings

    settings = RepairSettings(
        time_limit=time_limit,
        seed=seed,
        all=count,
        types=types,
        isolation=isolation.value,
        workers=workers,
    )
    request = Request(file, tests, function, write, as_json, None, fill=True)
    raise typer.Exit(int(run_repair(request, settings)))


@app.command("bench-code")
def bench_code(
    file: Annotated[Path, typer.Argument(help="A .jsonl file of records {id, program, tests}.")],
    time_limit: Annotated[float, typer.Option(help="Seconds per program and strategy.")] = 60.0,
    as_json: Json = False,
    strategies: Annotated[
        str, typer.Option(help="Comma-separated: descent, enumerate, greedy, random.")
    ] = "descent,enumerate",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one per processor.")
    ] = None,
    seed: Seed = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many records.")] = None,
    isolation: Annotated[
        IsolationName, typer.Option(help="How candidates are confined.")
    ] = IsolationName.AUTO,
) -> None:
    """Repair or fill every program of a file, by several strategies side by side."""
    from latent_ebm.bench.programs import run_bench_code
    from latent_ebm.coding.options import RepairSettings

    settings = RepairSettings(
        time_limit=time_limit, seed=seed, workers=workers, isolation=isolation.value
    )
    try:
        code = run_bench_code(file, strategies, settings, as_json=as_json, limit=limit)
    except KeyboardInterrupt:
        typer.echo("latent-ebm: interrupted; results so far are complete lines", err=True)
        code = Exit.INTERRUPTED
    raise typer.Exit(int(code))


@app.command()
def see(
    picture: Annotated[
        Path | None, typer.Argument(help="PNG or JPEG of a 9x9 grid with its lines.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The picture with the solution, or a folder.")
    ] = None,
    as_json: Json = False,
    make: Annotated[
        int | None, typer.Option("--make", min=1, help="Compose so many pictures into --out.")
    ] = None,
    clues: Annotated[int, typer.Option(min=22, max=81, help="Of each, with --make.")] = 30,
    seed: Seed = 0,
) -> None:
    """Read a picture of a handwritten Sudoku, put misread digits right, and solve it."""
    from latent_ebm.learning.extra import require_learn

    require_learn("latent-ebm see", ("PIL", "sklearn") if make else ("PIL",))
    from latent_ebm.cli.see import run_make, run_see

    if make is not None:
        if picture is not None or out is None:
            raise ValueError("--make takes no picture, and needs --out FOLDER to write them to")
        raise typer.Exit(int(run_make(make, out, clues, seed)))
    if picture is None:
        raise ValueError("name a picture to read, or how many to compose with --make")
    raise typer.Exit(int(run_see(picture, out, as_json)))


_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""Of commands whose options LightningCLI reads."""


def _train(command: str, arguments: list[str]) -> None:
    from latent_ebm.learning.extra import require_learn

    require_learn(f"latent-ebm {command}")
    from latent_ebm.learning.training import run_training

    run_training(command, arguments)


@app.command(context_settings=_PASSED_ON)
def fit(context: typer.Context) -> None:
    """Train what a configuration names: --config NAME|FILE, --output FOLDER, --resume; --help."""
    _train("fit", context.args)


@app.command(context_settings=_PASSED_ON)
def validate(context: typer.Context) -> None:
    """Judge a checkpoint on validation data: --config NAME|FILE, --output FOLDER; --help."""
    _train("validate", context.args)


@app.command(context_settings=_PASSED_ON)
def test(context: typer.Context) -> None:
    """Judge a checkpoint on test data: --config NAME|FILE, --output FOLDER; --help."""
    _train("test", context.args)


rules_app = typer.Typer(no_args_is_help=True, help="Rules learned from solved grids.")
app.add_typer(rules_app, name="rules")

Rules = Annotated[
    str, typer.Argument(metavar="NAME|FOLDER", help="Shipped weights, or those of a training run.")
]


@rules_app.command("show")
def show_rules(name: Rules) -> None:
    """Print in words what rules were learned."""
    from latent_ebm.cli.rules import run_show

    run_show(name)


@rules_app.command("evaluate")
def evaluate_rules(
    name: Rules,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Puzzles.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first puzzles.")] = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    kind: Kind = None,
    colors: Colors = None,
    box: Box = None,
) -> None:
    """Solve by learned and by given rules in one run: solved, right, and the ratio of the times."""
    from latent_ebm.cli.rules import run_evaluate
    from latent_ebm.cli.solve import Request
    from latent_ebm.solving import Settings

    request = Request(file, None, False, False, False, 1, box, kind, colors)
    settings = Settings(time_limit=time_limit, seed=seed)
    raise typer.Exit(int(run_evaluate(name, request, settings, limit)))


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
