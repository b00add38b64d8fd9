"""A large file through the command line: memory, time, and what a kill and --resume leave.

    python benchmarks/streaming.py puzzles.txt [--count 49151]

The file's lines are repeated up to ``--count`` puzzles. Prints seconds and peak memory of a whole
run, then of a run that is killed half-way and resumed, and whether both hold the same results.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

COMMAND = [str(Path(sys.executable).parent / "latent-ebm"), "solve"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="one puzzle a line")
    parser.add_argument("--count", type=int, default=49_151)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, whole, parts = (Path(folder) / name for name in ("in.txt", "whole", "parts"))
        lines = options.file.read_text().split()
        source.write_text("\n".join(islice(cycle(lines), options.count)) + "\n")
        run("whole run", [source, "--json", "-o", whole])
        run("killed half-way", [source, "--json", "-o", parts], whole.stat().st_size // 2, parts)
        kept = parts.read_bytes().count(b"\n")
        run(f"resumed after {kept}", [source, "--json", "-o", parts, "--resume"])
        first, second = answers(whole), answers(parts)
        in_order = [index for index, *_ in second] == list(range(options.count))
        print(f"{len(second)} results, in order: {in_order}, as in one run: {first == second}")


def run(what: str, arguments: list[object], kill_at: int = 0, output: Path = Path()) -> None:
    """Run the command line, to the end or until ``output`` has ``kill_at`` bytes."""
    begun = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *map(str, arguments)], stderr=subprocess.DEVNULL)
    while kill_at and not (output.exists() and output.stat().st_size >= kill_at):
        time.sleep(0.01)
    if kill_at:
        process.kill()
    _, _, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    print(f"{what:28}{seconds:8.1f} s{usage.ru_maxrss / 1024:8.0f} MiB at most")


def answers(path: Path) -> list[tuple[int, str, str, int]]:
    """What the seed decides, without the seconds."""
    keys = ("index", "status", "solution", "steps")
    records = map(json.loads, path.read_text().splitlines())
    return [tuple(record[key] for key in keys) for record in records]


if __name__ == "__main__":
    main()
