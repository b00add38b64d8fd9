"""Results that survive a kill: whole lines are kept, a torn last line is cut off."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def open_results(output: Path | None, *, resume: bool) -> Iterator[tuple[IO[str], int]]:
    """Where results go, and how many are there already.

    Without ``resume`` an output file is begun anew. With it, whole result lines are counted
    and kept, and what follows the last line end is cut off. The earlier results are those in
    ``output``, or, without one, in the regular file that standard output appends to.

    Raises
    ------
    ValueError
        If there is nothing to resume from, or the file holds something other than results
        0, 1, 2, ... as ``--json`` writes them.
    """
    if output is None:
        done = _recover(Path("/dev/stdout"), sys.stdout.fileno()) if resume else 0
        yield sys.stdout, done
        return
    with output.open("a+" if resume else "w", encoding="utf-8") as sink:
        done = _recover(output, sink.fileno()) if resume else 0
        yield sink, done


def _recover(path: Path, descriptor: int) -> int:
    """Count the whole results in a file open for writing, and cut off a torn one."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise ValueError(
            "--resume needs the earlier results: name their file with --output FILE, "
            "or append to it with >> FILE"
        )
    done = whole = 0
    with path.open("rb") as earlier:
        for line in earlier:
            if not line.endswith(b"\n"):
                break
            if _index(line) != done:
                raise ValueError(
                    f"cannot resume: line {done + 1} of the earlier results is not result {done} "
                    "as --json writes it; resume with the file and options of the first run"
                )
            done += 1
            whole += len(line)
    os.ftruncate(descriptor, whole)
    return done


def _index(line: bytes) -> int | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    index = found.get("index") if isinstance(found, dict) else None
    return index if isinstance(index, int) else None
