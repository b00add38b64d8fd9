"""The options that several commands share, and what the exit codes say."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import typer

from latent_ebm.cli.choices import BridgeName, DynamicsName


class Exit(IntEnum):
    """What the exit code says."""

    SOLVED = 0
    UNKNOWN = 1
    INPUT = 2
    INTERRUPTED = 130


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
