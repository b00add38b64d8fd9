"""Landlock: which files a process may read and write, from inside the process.

Everything is denied but reading under the readable places and writing under the scratch
folder; from ABI 4 TCP is denied too, from ABI 6 signals to and abstract sockets of processes
outside. It holds for root as for anybody. See landlock(7).
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path

from latent_ebm.puzzles.code.execution.isolation.kernel import prctl, system_call

__all__ = ["abi", "restrict"]

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_READ_FILE, _READ_DIRECTORY = 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_FILE_RIGHTS = 1 << 1 | 1 << 2 | _TRUNCATE
_NETWORK = 0b11
_SCOPES = 0b11
# what a scratch folder allows: all but executing, devices and sockets
_WRITING = (
    1 << 1 | _READ_FILE | _READ_DIRECTORY | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12 | _TRUNCATE
)


def abi() -> int:
    """The version of Landlock that the kernel has, 0 for none."""
    try:
        return system_call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))
    except OSError:
        return 0


def _handled(version: int) -> int:
    bits = 13 if version == 1 else 14 if version == 2 else 15 if version < 5 else 16
    return (1 << bits) - 1


def restrict(readable: Sequence[Path], writable: Sequence[Path]) -> None:
    """Confine this process, and all it makes, for good.

    Parameters
    ----------
    readable
        Files and folders to read; what does not exist is left out.
    writable
        Folders to read and write.

    Raises
    ------
    OSError
        Where the kernel has no Landlock.
    """
    version = abi()
    handled = _handled(version)
    attributes = struct.pack(
        "=QQQ", handled, _NETWORK if version >= 4 else 0, _SCOPES if version >= 6 else 0
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = system_call(_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint(0))
    try:
        for path in readable:
            _allow(ruleset, path, (_READ_FILE | _READ_DIRECTORY) & handled)
        for path in writable:
            _allow(ruleset, path, _WRITING & handled)
        prctl(_NO_NEW_PRIVILEGES, 1)
        system_call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights, descriptor)
        system_call(
            _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint(0)
        )
    finally:
        os.close(descriptor)
