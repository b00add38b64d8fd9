"""``latent-ebm bench``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from latent_ebm.bench.instances import Score, disagreements, load, measure_rival, measure_us
from latent_ebm.bench.measure import Measurement, measure_ours, measure_peer
from latent_ebm.bench.peers import choose
from latent_ebm.bench.rivals import choose_rivals
from latent_ebm.puzzles.kinds import Kind, ReadOptions, kind_of, members, named
from latent_ebm.puzzles.sudoku import Shape, Sudoku
from latent_ebm.solving import Settings
from latent_ebm.stream import available_processors


def run_bench(
    file: str,
    peers: str,
    as_json: bool,
    settings: Settings,
    cores: int | None,
    box: str | None,
    *,
    kind: str | None = None,
    colors: int | None = None,
) -> int:
    """Measure, print; exit code 1 if we left something unsolved."""
    if kind is None and Path(file).is_dir():
        raise ValueError(f"{file}: this is a folder; say with --kind what kind of puzzles it has")
    chosen = named(kind) if kind else kind_of(file)
    if chosen.name != "sudoku":
        options = ReadOptions(box, colors)
        return _bench_instances(Path(file), chosen, options, peers, as_json, settings, cores)
    names = choose(peers)
    path, shape = Path(file), Shape.parse(box) if box else None
    files = members(path, chosen) if path.is_dir() else [path]
    puzzles = [puzzle for each in files for puzzle in Sudoku.read(each, shape)]
    used = cores or available_processors()
    _say(f"{len(puzzles)} puzzles on {used} cores: latent-ebm")
    ours = measure_ours(puzzles, settings, used)
    theirs = {}
    for name in names:
        _say(f"{len(puzzles)} puzzles on {used} cores: {name}")
        theirs[name] = measure_peer(name, puzzles, settings.time_limit or float("inf"), used)
    sys.stdout.write(_json(ours, theirs) if as_json else _table(ours, theirs))
    return 0 if ours.solved == ours.n else 1


def _bench_instances(
    path: Path,
    kind: Kind,
    options: ReadOptions,
    peers: str,
    as_json: bool,
    settings: Settings,
    cores: int | None,
) -> int:
    """One problem at a time, peers on as many workers as there are cores."""
    names = choose_rivals(peers, kind.name)
    problems = load(path, kind, options)
    used = cores or available_processors()
    _say(f"{len(problems)} of kind {kind.name}, one at a time, {used} cores: latent-ebm")
    scores = {"latent-ebm": measure_us(problems, kind, settings)}
    for name in names:
        _say(f"{len(problems)} of kind {kind.name}, one at a time, {used} cores: {name}")
        scores[name] = measure_rival(name, problems, settings.time_limit or 1e6, used)
    for disagreement in disagreements(problems, scores):
        _say(f"solvers disagree; please report this as a bug: {disagreement}")
    sys.stdout.write(_scores_json(scores) if as_json else _scores_table(scores))
    return 0 if all(outcome.settled for outcome in scores["latent-ebm"].outcomes) else 1


def _scores_json(scores: dict[str, Score]) -> str:
    ours, *_ = scores.values()
    peers = {
        name: {**score.as_json(), "ratio": _rounded(score.ratio(ours))}
        for name, score in scores.items()
        if score is not ours
    }
    return json.dumps({"n": len(ours.outcomes), **ours.as_json(), "peers": peers}) + "\n"


def _scores_table(scores: dict[str, Score]) -> str:
    ours, *_ = scores.values()
    heads = f"{'solved':>14}{'infeasible':>12}{'seconds':>11}{'ms/puzzle':>12}{'ratio':>9}"
    lines = [f"{'':22}{heads}"]
    for name, score in scores.items():
        row, ratio = score.as_json(), _rounded(score.ratio(ours))
        solved = f"{row['solved']} of {len(score.outcomes)}"
        lines.append(
            f"{name:22}{solved:>14}{row['infeasible']:>12}{row['seconds']:>11.3f}"
            f"{row['ms_per_puzzle']:>12.3f}{'-' if ratio is None else ratio:>9}"
        )
    return "\n".join(lines) + "\n"


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 4)


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
