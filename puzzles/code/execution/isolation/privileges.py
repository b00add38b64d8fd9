"""Giving up privileges and setting resource limits, from inside the process."""

from __future__ import annotations

import os
import resource
import struct
from contextlib import suppress

from latent_ebm.puzzles.code.execution.isolation.kernel import prctl, system_call
from latent_ebm.puzzles.code.execution.outcomes import Limits

__all__ = ["drop", "limit"]

_NO_NEW_PRIVILEGES = 38
_SET_DUMPABLE = 4
_SET_DEATH_SIGNAL = 1
_DROP_BOUND = 24
_AMBIENT, _AMBIENT_CLEAR = 47, 4
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION = 0x20080522
_SIGKILL = 9


def drop() -> None:
    """Give up every capability, die with the parent, hide the memory from others.

    The user stays the same, as the interpreter may lie in a folder that only it can read; root
    without capabilities is an ordinary user, and Landlock or the mounts hold it off the files.

    Raises
    ------
    OSError
        Where the kernel refuses.
    """
    prctl(_SET_DEATH_SIGNAL, _SIGKILL)
    prctl(_NO_NEW_PRIVILEGES, 1)
    for capability in range(64):
        with suppress(OSError):  # EINVAL past the last one, EPERM for who has none to drop
            prctl(_DROP_BOUND, capability)
    prctl(_AMBIENT, _AMBIENT_CLEAR)
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    system_call(_CAPSET[os.uname().machine], header, bytes(24))
    prctl(_SET_DUMPABLE, 0)


def limit(limits: Limits) -> None:
    """Set the resource limits, hard ones."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))
