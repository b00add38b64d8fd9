"""Results that survive a kill: whole lines are kept, a torn last line is cut off."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from latent_ebm.solution import Status

_LABELS = {status.label: status for status in Status}


@contextmanager
def open_results(output: Path | None, *, resume: bool) -> Iterator[tuple[IO[str], Counter[Status]]]:
    """Where results go, and how many of each status are there already.

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
        path = Path("/dev/stdout")
        yield sys.stdout, _recover(path, sys.stdout.fileno()) if resume else Counter()
        return
    with output.open("a+" if resume else "w", encoding="utf-8") as sink:
        yield sink, _recover(output, sink.fileno()) if resume else Counter()


def _recover(path: Path, descriptor: int) -> Counter[Status]:
    """Count the whole results in a file open for writing, and cut off a torn one."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise ValueError(
            "--resume needs the earlier results: name their file with --output FILE, "
            "or append to it with >> FILE"
        )
    done: Counter[Status] = Counter()
    whole = 0
    with path.open("rb") as earlier:
        for index, line in enumerate(earlier):
            if not line.endswith(b"\n"):
                break
            status = _status(line, index)
            if status is None:
                raise ValueError(
                    f"cannot resume: line {index + 1} of the earlier results is not result {index} "
                    "as --json writes it; resume with the file and options of the first run"
                )
            done[status] += 1
            whole += len(line)
    os.ftruncate(descriptor, whole)
    return done


def _status(line: bytes, index: int) -> Status | None:
    """How result ``index`` came out; None if the line does not hold that result."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("index") != index:
        return None
    return _LABELS.get(str(found.get("status")))
