"""``latent-ebm bench``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from latent_ebm.bench.measure import Measurement, measure_ours, measure_peer
from latent_ebm.bench.peers import choose
from latent_ebm.puzzles.sudoku import Shape, Sudoku
from latent_ebm.solving import Settings
from latent_ebm.stream import available_processors


def run_bench(
    file: str, peers: str, as_json: bool, settings: Settings, cores: int | None, box: str | None
) -> int:
    """Measure, print; exit code 1 if we left something unsolved."""
    names = choose(peers)
    puzzles = Sudoku.read(Path(file), Shape.parse(box) if box else None)
    used = cores or available_processors()
    _say(f"{len(puzzles)} puzzles on {used} cores: latent-ebm")
    ours = measure_ours(puzzles, settings, used)
    theirs = {}
    for name in names:
        _say(f"{len(puzzles)} puzzles on {used} cores: {name}")
        theirs[name] = measure_peer(name, puzzles, settings.time_limit or float("inf"), used)
    sys.stdout.write(_json(ours, theirs) if as_json else _table(ours, theirs))
    return 0 if ours.solved == ours.n else 1


def _json(ours: Measurement, theirs: dict[str, Measurement]) -> str:
    peers: dict[str, Any] = {
        name: {**peer.as_json(), "ratio": round(peer.seconds / ours.seconds, 4)}
        for name, peer in theirs.items()
    }
    return json.dumps({"n": ours.n, **ours.as_json(), "peers": peers}) + "\n"


def _table(ours: Measurement, theirs: dict[str, Measurement]) -> str:
    lines = [f"{'':22}{'solved':>14}{'seconds':>11}{'ms/puzzle':>12}{'ratio':>9}"]
    for name, row in [("latent-ebm", ours), *theirs.items()]:
        solved = f"{row.solved} of {row.n}"
        ratio = row.seconds / ours.seconds
        lines.append(
            f"{name:22}{solved:>14}{row.seconds:>11.3f}{row.ms_per_puzzle:>12.3f}{ratio:>9.2f}"
        )
    return "\n".join(lines) + "\n"


def _say(line: str) -> None:
    sys.stderr.write(f"latent-ebm: {line}\n")
