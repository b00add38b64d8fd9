"""The worker process: confines itself, then answers the host's messages until they end.

A worker for harmless programs runs them itself, one after the other (`runner`). A worker for
the others knows no expected values and forks a child for each (`observer`), which it kills in
time. Both read marshalled messages from the host, which they trust, and write frames.
"""

from __future__ import annotations

import gc
import json
import marshal
import mmap
import os
import select
import shutil
import signal
import struct
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from latent_ebm.puzzles.code.execution.alarm import Alarm
from latent_ebm.puzzles.code.execution.capture import Captured
from latent_ebm.puzzles.code.execution.exploring.exploration import GONE, Exploration
from latent_ebm.puzzles.code.execution.grading import CallCase
from latent_ebm.puzzles.code.execution.observer import Call, Task, observe
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.preloading import preload
from latent_ebm.puzzles.code.execution.programs import Programs
from latent_ebm.puzzles.code.execution.runner import Runner
from latent_ebm.puzzles.code.execution.trials import Examples, Script
from latent_ebm.puzzles.code.execution.wire import HEAD, framed, read_exactly, write_all

__all__ = ["READY", "main"]

READY, RECORDS, DONE, OBSERVED, EXPLORED = range(1, 6)
"""Kinds of frames that a worker writes."""

SETUP, JOBS, ISOLATE, BUDGETS, EXPLORE = range(1, 6)
"""Kinds of frames that the host writes."""

PROGRESS_BYTES = 4096
LARGEST = 60_000
"""Expressions that the explorations of a worker keep together."""
_FLUSH_BYTES = 16_384
_FLUSH_SECONDS = 0.02

ENDED, KILLED, CRASHED = range(3)
"""How an isolated child ended: by itself, by its time limit, otherwise."""

ENDING = struct.Struct("<Bdd")
"""How it ended, after how many seconds, how many of these it computed; what it wrote follows."""


def main(configuration: str) -> None:
    """Run a worker; `configuration` is the host's JSON."""
    config = json.loads(configuration)
    limits = Limits(**config["limits"])
    sys.path[:] = [*config["first_on_path"], *sys.path, *config["last_on_path"]]
    progress = mmap.mmap(config["progress"], PROGRESS_BYTES)
    _confine(config, limits)
    os.chdir(config["scratch"])
    worker = _Worker(config, limits, memoryview(progress).cast("Q"))
    gc.collect()
    gc.freeze()
    worker.write(framed(READY, b""))
    while True:
        head = read_exactly(config["read"], HEAD.size)
        if len(head) < HEAD.size:
            os._exit(0)  # the host has closed its end; there is nothing to tidy
        length, kind = HEAD.unpack(head)
        message = marshal.loads(read_exactly(config["read"], length))  # noqa: S302
        try:
            worker.answer(kind, message)
        except BaseException:
            os.write(2, traceback.format_exc().encode())  # programs have taken sys.stderr
            os._exit(1)


def _confine(config: dict[str, Any], limits: Limits) -> None:
    if not (config["landlocked"] or config["filtered"]):
        return
    from latent_ebm.puzzles.code.execution.isolation import landlock, privileges, seccomp

    privileges.drop()
    privileges.limit(limits)
    if config["landlocked"]:
        readable = [Path(name) for name in config["readable"]]
        landlock.restrict(readable, [Path(config["scratch"])])
    if config["filtered"]:
        forks = config["role"] == "isolate"
        seccomp.install(
            0 if forks else os.getpid(), may_fork=forks, landlocked=config["landlocked"]
        )


class _Worker:
    def __init__(self, config: dict[str, Any], limits: Limits, progress: memoryview) -> None:
        self._config = config
        self._limits = limits
        self._progress = progress
        self._programs = Programs()
        self._alarm = Alarm(limits.seconds)
        self._runner: Runner | None = None
        self._suite: dict[str, Any] = {}
        self._children = 0
        self._explorations: dict[int, Exploration] = {}
        self._output = Captured(limits.output)

    def _trials(self) -> Script | Examples | None:
        suite = self._suite
        if suite["script"]:
            return Script(suite["script"], suite["calls"])
        if suite["examples"]:
            return Examples(suite["examples"], self._output)
        return None

    def write(self, data: bytes) -> None:
        write_all(self._config["write"], data)

    def answer(self, kind: int, message: Any) -> None:
        if kind == SETUP:
            self._set_up(message)
        elif kind == JOBS:
            self._run(message)
        elif kind == ISOLATE:
            self._isolate(message)
        elif kind == EXPLORE:
            self._explore(message)
        elif kind == BUDGETS and self._runner:
            self._runner.module_budget, self._runner.budgets = message

    def _set_up(self, suite: dict[str, Any]) -> None:
        self._suite = suite
        isolates = self._config["role"] == "isolate"
        preload(suite["imports"], self._config["project"], isolates=isolates)
        if isolates:
            return
        self._runner = Runner(
            suite["function"],
            suite["module"],
            [CallCase(*case) for case in suite["cases"]],
            self._trials(),
            self._limits,
            self._alarm,
            self._progress,
            self._output,
        )
        sys.stdout = sys.stderr = self._output
        sys.setrecursionlimit(self._limits.recursion)
        sys.unraisablehook = _ignored
        self._alarm.start()

    def _run(self, jobs: list[Any]) -> None:
        """Run a message's jobs; outcomes go out in frames of about 16 kB, DONE at the end."""
        assert self._runner is not None  # noqa: S101 - set up first
        record = self._runner.record
        held: list[bytes] = []
        size, since = 0, time.monotonic()
        for job, text, order, stop_early, ticks, tight, share, fillings in jobs:
            self._alarm.share = share
            for number, filling in fillings:
                packed = record(job, number, text, filling, order, stop_early, ticks, tight)
                held.append(packed)
                size += len(packed)
                if size > _FLUSH_BYTES or time.monotonic() - since > _FLUSH_SECONDS:
                    self.write(framed(RECORDS, b"".join(held)))
                    held.clear()
                    size, since = 0, time.monotonic()
        self._alarm.share = 1.0
        self.write(framed(RECORDS, b"".join(held)) + framed(DONE, b""))

    def _explore(self, request: dict[str, Any]) -> None:
        """Begin the exploration of a hole, or go on with one; those of long ago are forgotten."""
        assert self._runner is not None  # noqa: S101 - set up first
        number, explorations = request["number"], self._explorations
        if "variants" in request:
            explorations[number] = Exploration(self._runner, request)
        if number in explorations:
            found = explorations[number] = explorations.pop(
                number
            )  # the one that was asked for last
            answer = found.advance(request["work"], request["expressions"])
            while len(explorations) > 1 and sum(e.size for e in explorations.values()) > LARGEST:
                del explorations[next(iter(explorations))]
        else:
            answer = GONE
        self.write(framed(EXPLORED, answer))

    def _isolate(self, request: dict[str, Any]) -> None:
        """Run one program in a child; what it wrote goes to the host as it is."""
        self._children += 1
        folder = Path(self._config["scratch"]) / f"{self._children}"
        folder.mkdir()
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(ours)
                self._observe(theirs, request, folder)
            finally:
                os._exit(0)
        os.close(theirs)
        begun, computed = time.monotonic(), self._computed()
        deadline = begun + request["wall_seconds"]
        status, written = self._collected(child, ours, deadline, request["most"])
        head = ENDING.pack(status, time.monotonic() - begun, self._computed() - computed)
        os.close(ours)
        shutil.rmtree(folder, ignore_errors=True)
        self.write(framed(OBSERVED, head + written))

    @staticmethod
    def _computed() -> float:
        """Seconds of CPU time of all children that have ended."""
        times = os.times()
        return times.children_user + times.children_system

    def _observe(self, descriptor: int, request: dict[str, Any], folder: Path) -> None:
        for name in ("read", "write", "progress"):
            os.close(self._config[name])
        os.chdir(folder)
        if self._config["filtered"]:
            from latent_ebm.puzzles.code.execution.isolation import seccomp

            seccomp.install(os.getpid(), may_fork=False, landlocked=self._config["landlocked"])
        observe(
            Task(
                text=request["text"],
                program=self._programs.program(request["text"]),
                holes=[text and self._programs.filling(text) for text in request["filling"]],
                calls=[Call(*call) for call in request["calls"]],
                module=self._suite["module"],
                function=request["function"] or self._suite["function"],
                module_ticks=request["module_ticks"],
                trials=None if request["function"] else self._trials(),
                profile=request["profile"],
            ),
            descriptor,
            self._output,
            replace(self._limits, seconds=request["seconds"]),
        )

    def _collected(
        self, child: int, descriptor: int, deadline: float, most: int
    ) -> tuple[int, bytes]:
        """How the child ended, and what it wrote, up to the limit of bytes."""
        pieces: list[bytes] = []
        size, status = 0, ENDED
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or size > most:
                status = KILLED if left <= 0 else CRASHED
                break
            ready, _, _ = select.select([descriptor], [], [], left)
            piece = os.read(descriptor, 1 << 16) if ready else b""
            if ready and not piece:
                break
            pieces.append(piece)
            size += len(piece)
        code = None if status != ENDED else _waited(child, deadline)
        if code is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            status = status or KILLED
        elif os.WIFSIGNALED(code):
            late = os.WTERMSIG(code) in (signal.SIGPROF, signal.SIGXCPU)
            status = KILLED if late else CRASHED
        return status, b"".join(pieces)[:most]


def _ignored(unraisable: object) -> None:
    """What a finaliser of a program raises is nobody's."""
    del unraisable


def _waited(child: int, deadline: float) -> int | None:
    """The child's exit status; None if it closed its pipe and lives on."""
    pause = 0.0
    while time.monotonic() < deadline:
        ended, code = os.waitpid(child, os.WNOHANG)
        if ended:
            return code
        time.sleep(pause)
        pause = min(pause + 0.0005, 0.01)
    return None
