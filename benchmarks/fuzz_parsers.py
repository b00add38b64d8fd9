"""Fuzz the readers of puzzles and of test suites with Atheris, guided by coverage.

    pip install atheris
    python benchmarks/fuzz_parsers.py --seconds 30            # every reader for so long
    python benchmarks/fuzz_parsers.py --seconds 300 cnf wcnf  # some of them

Whatever bytes come, a reader gives puzzles, bad puzzles or one ReadError (SuiteError for tests).
All else is a finding: its bytes are kept in ``--out``, and belong into tests/puzzles/.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["latent_ebm.puzzles"]):
    from latent_ebm.puzzles.code.testing.cases import SuiteError
    from latent_ebm.puzzles.code.testing.records import suite_from_json
    from latent_ebm.puzzles.kinds import KINDS, ReadOptions
    from latent_ebm.puzzles.reading import ReadError

TESTS = "tests"
OPTIONS = ReadOptions(colors=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("readers", nargs="*", default=[*KINDS, TESTS])
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path("fuzz"))
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        fuzz(options.readers[0], options.seconds, options.out)
    for name in options.readers:
        command = [sys.executable, __file__, "--one", name, "--seconds", str(options.seconds)]
        done = subprocess.run(
            [*command, "--out", str(options.out)], capture_output=True, text=True, check=False
        )
        runs = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
        said = runs[-1] if runs else "\n".join(done.stderr.splitlines()[-12:])
        print(f"{name}: exit {done.returncode}; {said}", flush=True)


def fuzz(name: str, seconds: int, out: Path) -> None:
    """Run libFuzzer in this process, which ends it."""
    corpus = out / name
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "made").write_bytes(made(name))
    arguments = [f"-max_total_time={seconds}", "-max_len=4096", f"-artifact_prefix={out}/{name}-"]
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], reader(name))
    atheris.Fuzz()


def made(name: str) -> bytes:
    """A sound input to begin with."""
    if name == TESTS:
        return json.dumps([{"args": [1, "a"], "expected": [None, 2.5]}]).encode()
    puzzle = KINDS[name].generate(np.random.default_rng(0))
    return (str(puzzle) if name == "sudoku" else puzzle.text()).encode()


def reader(name: str) -> Callable[[bytes], None]:
    """What reads bytes, and lets nothing but the reader's own errors pass."""

    def read_suite(data: bytes) -> None:
        try:
            suite_from_json(data.decode("utf-8", "replace"), function="f", source="demo")
        except SuiteError:
            return

    def read_puzzles(data: bytes) -> None:
        try:
            for item in KINDS[name].read(io.BytesIO(data), name="demo", options=OPTIONS):
                str(item)
        except ReadError:
            return

    return read_suite if name == TESTS else read_puzzles


if __name__ == "__main__":
    main()
