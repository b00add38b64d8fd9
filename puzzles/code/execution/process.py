"""The host's end of a worker process: start, send, receive, kill."""

from __future__ import annotations

import json
import marshal
import mmap
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from latent_ebm.puzzles.code.execution.isolation.backends import Isolation
from latent_ebm.puzzles.code.execution.isolation.places import Places, places_for
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.wire import FrameError, Frames, framed
from latent_ebm.puzzles.code.execution.worker import PROGRESS_BYTES, READY

__all__ = ["ClosedWorkerError", "WorkerProcess"]

_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from latent_ebm.puzzles.code.execution.worker import main; main(sys.argv[2])"
)
_START_SECONDS = 30.0
_END_SECONDS = 2.0
_FAREWELL_SECONDS = 0.2
_LARGEST_ANSWER = 64 << 20


class ClosedWorkerError(RuntimeError):
    """The worker's end of the pipe is closed: it has died."""


class WorkerProcess:
    """One worker and its pipes; started at once, ready when its first frame has come.

    Parameters
    ----------
    isolation, limits
        How it is confined.
    project
        The user's folder, readable and importable; None for none.
    role
        "run" for the worker that runs harmless programs, "isolate" for the one that forks.
    """

    def __init__(
        self, isolation: Isolation, limits: Limits, project: Path | None, role: str
    ) -> None:
        # removed by `close`; a folder of the candidates' making may be hard to remove
        self._folder = Path(tempfile.mkdtemp(prefix="latent-ebm-")).resolve()
        scratch = self._folder / "scratch"
        scratch.mkdir()
        self._started = time.monotonic()
        places = places_for(scratch, project)
        page = os.open(self._folder / "progress", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.ftruncate(page, PROGRESS_BYTES)
        self.progress = memoryview(mmap.mmap(page, PROGRESS_BYTES)).cast("Q")
        their_read, self._write = os.pipe()
        self._read, their_write = os.pipe()
        config = {
            "role": role,
            "project": None if project is None else str(project.resolve()),
            "limits": asdict(limits),
            "read": their_read,
            "write": their_write,
            "progress": page,
            "scratch": str(scratch),
            "readable": [str(path) for path in places.readable],
            "first_on_path": [],
            "last_on_path": list(places.import_path),
            "landlocked": isolation.landlocked,
            "filtered": isolation.filtered,
        }
        errors = os.open(self._folder / "errors", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        theirs = (their_read, their_write, page)
        try:
            self._process = subprocess.Popen(  # noqa: S603
                isolation.wrapped(_command(config, places), places),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=_environment(scratch),
                pass_fds=theirs,
                start_new_session=True,
                cwd=scratch,
            )
        finally:
            for descriptor in (*theirs, errors):
                os.close(descriptor)
        os.set_blocking(self._write, False)
        os.set_blocking(self._read, False)
        self._frames = Frames(_LARGEST_ANSWER)
        self._unsent = bytearray()
        self.ready = False

    def fileno(self) -> int:
        """The descriptor to wait on for answers."""
        return self._read

    @property
    def write_descriptor(self) -> int:
        """The descriptor to wait on while `unsent`."""
        return self._write

    @property
    def unsent(self) -> bool:
        """Whether something still has to be written."""
        return bool(self._unsent)

    def send(self, kind: int, message: Any) -> None:
        """Queue a message and write what the pipe takes.

        Raises
        ------
        ClosedWorkerError
            If the worker has died.
        """
        self._unsent += framed(kind, marshal.dumps(message))
        self.flush()

    def flush(self) -> None:
        """Write what the pipe takes of what was queued."""
        try:
            while self._unsent:
                written = os.write(self._write, memoryview(self._unsent)[: 1 << 16].tobytes())
                del self._unsent[:written]
        except BlockingIOError:
            return
        except BrokenPipeError as error:
            raise ClosedWorkerError from error

    def receive(self) -> list[tuple[int, bytes]]:
        """The frames that have come.

        Raises
        ------
        ClosedWorkerError
            If the worker has died, or writes what no worker writes.
        """
        try:
            data = os.read(self._read, 1 << 18)
        except BlockingIOError:
            return []
        if not data:
            raise ClosedWorkerError
        try:
            frames = self._frames.feed(data)
        except FrameError as error:
            raise ClosedWorkerError from error
        if frames and frames[0][0] == READY:
            self.ready = True
            return frames[1:]
        return frames

    def timed_out(self) -> bool:
        """Whether the process was ended by its timer of CPU time; waits a little for its end."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        code = self._process.poll()
        return code in (-signal.SIGPROF, 128 + signal.SIGPROF)

    def complaint(self) -> str:
        """The end of what the process wrote to its standard error."""
        text = (self._folder / "errors").read_bytes()[-2000:].decode(errors="replace").strip()
        return text or f"exit status {self._process.poll()}"

    def overdue(self) -> bool:
        """Whether it should have been ready by now and is not."""
        return not self.ready and time.monotonic() - self._started > _START_SECONDS

    def kill(self) -> None:
        """End the process, and wait for its end."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let the process end, or end it, and remove its folder."""
        os.close(self._write)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_FAREWELL_SECONDS)
        self.kill()
        os.close(self._read)
        self.progress.release()
        _remove(self._folder)


def _command(config: dict[str, Any], places: Places) -> Sequence[str]:
    flags = ("-s", "-S", "-P", "-B", "-X", "utf8", "-W", "ignore")
    return (sys.executable, *flags, "-c", _BOOT, places.import_path[-1], json.dumps(config))


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the user's environment: it may hold secrets."""
    return {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _remove(folder: Path) -> None:
    """Remove a folder however deep; `rm` has no limit of recursion."""
    subprocess.run(  # noqa: S603
        ["/bin/rm", "-rf", "--", str(folder)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
