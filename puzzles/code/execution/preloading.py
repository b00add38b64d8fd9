"""Importing what candidates will import, once, before the first of them runs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path

from latent_ebm.puzzles.code.execution.harmless import GUARDED, HARMLESS

__all__ = ["preload"]


def preload(names: Sequence[str], project: str | None, *, isolates: bool) -> None:
    """Import the modules `names` that are not the user's own.

    Parameters
    ----------
    names
        Dotted names, as the original program imports them.
    project
        The user's folder, whose modules stay unimported, for each child imports them afresh
        around its own candidate; None for none.
    isolates
        Whether programs run in children of their own; where the worker runs them itself, only
        harmless modules are imported.
    """
    for name in names:
        top = name.partition(".")[0]
        if not isolates and name not in HARMLESS and name not in GUARDED:
            continue
        if project is not None and _lies_in(top, Path(project)):
            continue
        # a missing or broken module is the programs' own matter: they import it again
        with suppress(Exception):
            importlib.import_module(name)


def _lies_in(name: str, folder: Path) -> bool:
    if name in sys.modules:
        return False
    spec = PathFinder.find_spec(name, [str(folder)])
    return spec is not None
