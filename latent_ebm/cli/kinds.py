"""``latent-ebm kinds``: what kinds of puzzles there are."""

from __future__ import annotations

import json
import sys

from latent_ebm.puzzles.kinds import KINDS


def run_kinds(as_json: bool) -> None:
    """One line, or one JSON object, for each kind."""
    if as_json:
        for kind in KINDS.values():
            shown = {
                "name": kind.name,
                "title": kind.title,
                "suffixes": [*kind.suffixes, *kind.shared],
                "format": kind.layout,
            }
            sys.stdout.write(json.dumps(shown) + "\n")
        return
    endings = {name: " ".join((*kind.suffixes, *kind.shared)) for name, kind in KINDS.items()}
    first, second = max(map(len, KINDS)), max(map(len, endings.values()))
    for name, kind in KINDS.items():
        sys.stdout.write(f"{name:{first}}  {endings[name]:{second}}  {kind.title}\n")
        sys.stdout.write(f"{'':{first}}  {'':{second}}  {kind.layout}\n")
