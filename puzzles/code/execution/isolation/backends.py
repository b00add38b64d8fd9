"""The isolation back ends, and which of them this machine allows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from latent_ebm.puzzles.code.execution.isolation import landlock, seccomp
from latent_ebm.puzzles.code.execution.isolation.places import Places

__all__ = ["BACKENDS", "Isolation", "IsolationError", "available", "chosen"]


class IsolationError(RuntimeError):
    """No back end, or not the one asked for, works on this machine."""


@dataclass(frozen=True)
class Isolation:
    """One way to confine a worker.

    Attributes
    ----------
    name
        As reported.
    unavailable
        Why it does not work on this machine, "" if it does.
    wrapped
        (command, places) to the command to start.
    landlocked, filtered
        Whether the worker confines itself by Landlock and seccomp once it has started.
    """

    name: str
    unavailable: Callable[[], str]
    wrapped: Callable[[Sequence[str], Places], list[str]]
    landlocked: bool
    filtered: bool


_LINKED = ("/bin", "/lib", "/lib32", "/lib64", "/sbin")


def _bubblewrapped(command: Sequence[str], places: Places) -> list[str]:
    arguments = [_bubblewrap(), "--unshare-all", "--die-with-parent", "--new-session"]
    arguments += ["--cap-drop", "ALL", "--hostname", "sandbox"]
    arguments += ["--dev", "/dev", "--size", str(64 << 20), "--tmpfs", "/tmp"]  # noqa: S108
    for name in _LINKED:
        if Path(name).is_symlink():
            arguments += ["--symlink", str(Path(name).readlink()), name]
    for path in sorted(places.readable, key=lambda path: len(path.parts)):
        if not path.is_symlink() and path.parts[1] != "dev":
            arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--size", str(64 << 20), "--tmpfs", str(places.scratch)]
    return [*arguments, "--chdir", str(places.scratch), "--", *command]


def _bubblewrap() -> str:
    return shutil.which("bwrap", path=os.environ.get("PATH", "") + ":/usr/bin:/bin") or "bwrap"


@lru_cache(maxsize=1)
def _no_bubblewrap() -> str:
    if sys.platform != "linux":
        return "bubblewrap exists on Linux only"
    if not Path(_bubblewrap()).is_absolute():
        return "there is no program bwrap"
    command = [_bubblewrap(), "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "true"]
    tried = subprocess.run(command, capture_output=True, timeout=10, check=False)  # noqa: S603
    if tried.returncode:
        said = tried.stderr.decode(errors="replace").strip()[:200]
        return f"bwrap does not start: {said or tried.returncode}"
    return seccomp.unsupported()


@lru_cache(maxsize=1)
def _no_landlock() -> str:
    if sys.platform != "linux":
        return "Landlock exists on Linux only"
    if not landlock.abi():
        return "the kernel has no Landlock, or it is off"
    return seccomp.unsupported()


def _as_it_is(command: Sequence[str], places: Places) -> list[str]:
    del places
    return list(command)


BACKENDS = {
    "bubblewrap": Isolation(
        "bubblewrap", _no_bubblewrap, _bubblewrapped, landlocked=False, filtered=True
    ),
    "landlock": Isolation("landlock", _no_landlock, _as_it_is, landlocked=True, filtered=True),
    "none": Isolation("none", lambda: "", _as_it_is, landlocked=False, filtered=False),
}


def available() -> dict[str, str]:
    """Every back end by name, with the reason why it does not work here, "" if it does."""
    return {name: backend.unavailable() for name, backend in BACKENDS.items()}


def chosen(name: str, *, allow_unsandboxed: bool) -> Isolation:
    """The back end called `name`; "auto" for the first that works.

    Raises
    ------
    ValueError
        For a name that is no back end.
    IsolationError
        Where the one asked for does not work, where none works, or for "none" without
        `allow_unsandboxed`.
    """
    if name == "auto":
        for backend in BACKENDS.values():
            if backend.name != "none" and not backend.unavailable():
                return backend
        if allow_unsandboxed:
            return BACKENDS["none"]
        reasons = "; ".join(f"{key}: {why}" for key, why in available().items() if why)
        raise IsolationError(
            f"programs cannot be confined on this machine ({reasons}); pass "
            "allow_unsandboxed=True (--allow-unsandboxed) to run them with your own rights"
        )
    if name not in BACKENDS:
        raise ValueError(f"there is no isolation {name!r}, only auto, {', '.join(BACKENDS)}")
    if name == "none" and not allow_unsandboxed:
        raise IsolationError(
            "isolation 'none' needs allow_unsandboxed=True (--allow-unsandboxed) as well"
        )
    reason = BACKENDS[name].unavailable()
    if reason:
        raise IsolationError(f"isolation {name!r} does not work here: {reason}")
    return BACKENDS[name]
