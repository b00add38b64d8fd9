"""The commands for programs: repair, fill, holes, bench-code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from latent_ebm.cli.choices import IsolationName, RepairStrategy
from latent_ebm.cli.options import Exit, Json, Seed

if TYPE_CHECKING:
    from latent_ebm.cli.repair import Request
    from latent_ebm.coding.options import RepairSettings

app = typer.Typer()

Tests = Annotated[
    Path | None,
    typer.Option(help="A .json, .jsonl or pytest file; by default the file's doctests."),
]
Function = Annotated[
    str | None,
    typer.Option(
        help="What records call, Class.method for a method; needed where the file has several."
    ),
]
Seconds = Annotated[float, typer.Option(help="Seconds that the whole may take.")]
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
    typer.Option("--allow-unsandboxed", help="With no sandbox, run programs with your own rights."),
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


@dataclass(frozen=True)
class Asked:
    """What the options that repair and fill share ask for."""

    request: Request
    settings: RepairSettings


def _asked(
    file: Annotated[Path, typer.Argument(help="A Python file.")],
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
) -> Asked:
    from latent_ebm.cli.repair import Request
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
    return Asked(Request(file, tests, function, write, as_json), settings)


def _with_shared_options(command: Callable[..., Exit]) -> Callable[..., None]:
    """A command of (asked, its own options) as one of the shared options and its own."""
    shared, (_, *own) = signature(_asked).parameters, signature(command).parameters.values()

    @wraps(command)
    def called(**options: Any) -> None:
        asked = _asked(**{name: options.pop(name) for name in shared})
        raise typer.Exit(int(command(asked, **options)))

    # Typer reads the options of a command off its signature, with annotations that are no text
    hints = {
        **get_type_hints(_asked, include_extras=True),
        **get_type_hints(command, include_extras=True),
    }
    options = [one.replace(annotation=hints[one.name]) for one in (*shared.values(), *own)]
    called.__signature__ = Signature(options)  # type: ignore[attr-defined]
    called.__annotations__ = hints
    return called


@app.command()
@_with_shared_options
def repair(
    asked: Asked,
    prove: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="Prove the result equal to this, over the arguments."),
    ] = None,
) -> Exit:
    """Repair a Python file that fails its tests, and show the patch."""
    from latent_ebm.cli.repair import run_repair

    return run_repair(replace(asked.request, prove=prove), asked.settings)


@app.command()
@_with_shared_options
def fill(asked: Asked) -> Exit:
    """Fill all holes (... or __hole__) of a Python file so that its tests pass; show the change."""
    from latent_ebm.cli.repair import run_repair

    return run_repair(replace(asked.request, fill=True), asked.settings)


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
    allow_unsandboxed: Unsandboxed = False,
) -> None:
    """Repair or fill every program of a file, by several strategies side by side."""
    from latent_ebm.bench.programs import run_bench_code
    from latent_ebm.coding.options import RepairSettings
    from latent_ebm.puzzles.code.execution.isolation.backends import IsolationError
    from latent_ebm.puzzles.code.execution.pool import WorkerError

    settings = RepairSettings(
        time_limit=time_limit,
        max_executions=max_executions,
        seed=seed,
        workers=workers,
        isolation=isolation.value,
        allow_unsandboxed=allow_unsandboxed,
    )
    try:
        code = run_bench_code(file, strategies, settings, as_json=as_json, limit=limit)
    except KeyboardInterrupt:
        typer.echo("latent-ebm: interrupted; results so far are complete lines", err=True)
        code = Exit.INTERRUPTED
    except (IsolationError, WorkerError) as error:
        raise ValueError(str(error)) from error
    raise typer.Exit(int(code))
