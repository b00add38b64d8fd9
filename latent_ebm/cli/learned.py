"""The commands for learned energies: fit, validate, test, rules, see."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from latent_ebm.cli.options import Box, Colors, Json, Kind, Seed, TimeLimit

app = typer.Typer()


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
