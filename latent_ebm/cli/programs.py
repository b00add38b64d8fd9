"""The commands for programs: repair, fill, holes, bench-code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from latent_ebm.cli.choices import IsolationName, RepairStrategy
from latent_ebm.cli.options import Exit, Json, Seed

app = typer.Typer()

Tests = Annotated[
    Path | None,
    typer.Option(help="A .json, .jsonl or pytest file; by default the file's doctests."),
]
Function = Annotated[
    str | None, typer.Option(help="What the tests call; needed where the file has several.")
]
Seconds = Annotated[float, typer.Option(help="Seconds.")]
MaxExecutions = Annotated[
    int | None,
    typer.Option(min=1, help="Programs that the search may run, whatever the time."),
]
Write = Annotated[
    bool, typer.Option("--write", help="Change the file; what it was goes to FILE.orig.")
]
Count = Annotated[int, typer.Option("--all", min=1, help="How many patches to show.")]
Types = Annotated[
    bool, typer.Option("--types", help="Refuse patches with which mypy finds more errors.")
]
Strategy = Annotated[RepairStrategy, typer.Option(help="descent, or a baseline.")]
Isolation = Annotated[IsolationName, typer.Option(help="How candidates are confined.")]
Unsandboxed = Annotated[
    bool,
    typer.Option("--allow-unsandboxed", help="Run candidates with your own rights if need be."),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes; by default one per processor.")
]


@app.command()
def holes(
    file: Annotated[str, typer.Argument(metavar="FILE.py|-", help="'-' is standard input.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object with a list of the holes.")
    ] = False,
    tests: Annotated[
        Path | None,
        typer.Option(help="Run these in the sandbox, to show the types that values have."),
    ] = None,
    function: Function = None,
) -> None:
    """List the typed holes (... or __hole__) of a Python file: expected type, scope, grammar."""
    from latent_ebm.cli.holes import run_holes

    raise typer.Exit(int(run_holes(file, as_json, tests, function)))


@app.command()
def repair(
    file: Annotated[Path, typer.Argument(help="The Python file that fails its tests.")],
    tests: Tests = None,
    function: Function = None,
    time_limit: Seconds = 60.0,
    max_executions: MaxExecutions = None,
    seed: Seed = 0,
    write: Write = False,
    count: Count = 1,
    as_json: Json = False,
    types: Types = False,
    prove: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="Prove the result equal to this, over the arguments."),
    ] = None,
    strategy: Strategy = RepairStrategy.DESCENT,
    isolation: Isolation = IsolationName.AUTO,
    allow_unsandboxed: Unsandboxed = False,
    workers: Workers = None,
) -> None:
    """Repair a Python file that fails its tests, and show the patch."""
    from latent_ebm.cli.repair import Request, run_repair
    from latent_ebm.coding.options import RepairSettings

    settings = RepairSettings(
        strategy=strategy.value,
        time_limit=time_limit,
        max_executions=max_executions,
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
    tests: Tests = None,
    function: Function = None,
    time_limit: Seconds = 60.0,
    max_executions: MaxExecutions = None,
    seed: Seed = 0,
    write: Write = False,
    count: Count = 1,
    as_json: Json = False,
    types: Types = False,
    strategy: Strategy = RepairStrategy.DESCENT,
    isolation: Isolation = IsolationName.AUTO,
    allow_unsandboxed: Unsandboxed = False,
    workers: Workers = None,
) -> None:
    """Fill all holes of a Python file so that its tests pass, and show the change."""
    from latent_ebm.cli.repair import Request, run_repair
    from latent_ebm.coding.options import RepairSettings

    settings = RepairSettings(
        strategy=strategy.value,
        time_limit=time_limit,
        max_executions=max_executions,
        seed=seed,
        all=count,
        types=types,
        isolation=isolation.value,
        allow_unsandboxed=allow_unsandboxed,
        workers=workers,
    )
    request = Request(file, tests, function, write, as_json, None, fill=True)
    raise typer.Exit(int(run_repair(request, settings)))


@app.command("bench-code")
def bench_code(
    file: Annotated[Path, typer.Argument(help="A .jsonl file of records {id, program, tests}.")],
    time_limit: Annotated[float, typer.Option(help="Seconds per program and strategy.")] = 60.0,
    max_executions: MaxExecutions = None,
    as_json: Json = False,
    strategies: Annotated[
        str, typer.Option(help="Comma-separated: descent, enumerate, greedy, random, landscape.")
    ] = "descent,enumerate",
    workers: Workers = None,
    seed: Seed = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many records.")] = None,
    isolation: Isolation = IsolationName.AUTO,
) -> None:
    """Repair or fill every program of a file, by several strategies side by side."""
    from latent_ebm.bench.programs import run_bench_code
    from latent_ebm.coding.options import RepairSettings

    settings = RepairSettings(
        time_limit=time_limit,
        max_executions=max_executions,
        seed=seed,
        workers=workers,
        isolation=isolation.value,
    )
    try:
        code = run_bench_code(file, strategies, settings, as_json=as_json, limit=limit)
    except KeyboardInterrupt:
        typer.echo("latent-ebm: interrupted; results so far are complete lines", err=True)
        code = Exit.INTERRUPTED
    raise typer.Exit(int(code))
