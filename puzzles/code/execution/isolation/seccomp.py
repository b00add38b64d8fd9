"""A seccomp filter in classic BPF: what no candidate needs fails with EPERM.

Denied are new programs, new processes, sockets other than `socketpair`, signals to others,
tracing, mounts, namespaces and the kernel's other doors (`system_calls.DENIED`). Threads may
be started; the limit of the address space bounds their number.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from functools import lru_cache

from latent_ebm.puzzles.code.execution.isolation.kernel import prctl
from latent_ebm.puzzles.code.execution.isolation.system_calls import (
    AUDIT_ARCHITECTURES,
    DENIED,
    NUMBERS,
    OF_OTHERS,
    UNSEEN_BY_LANDLOCK,
)

__all__ = ["filtered", "install", "unsupported"]

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15
_JUMP_AT_LEAST = 0x35
_JUMP_ANY_BIT = 0x45
_RETURN = 0x06
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_KILL_PROCESS = 0x80000000

_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000

_CLONE_THREAD = 0x00010000
_NAMESPACES = 0x7E020080  # CLONE_NEW*

_NO_NEW_PRIVILEGES = 38
_SET_SECCOMP = 22
_MODE_FILTER = 2


def unsupported() -> str:
    """Why no filter can be made for this machine, "" if one can."""
    machine = platform.machine()
    known = ", ".join(NUMBERS)
    return "" if machine in NUMBERS else f"no system call table for {machine} (only {known})"


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


@lru_cache(maxsize=4)
def _common(machine: str, may_fork: bool, landlocked: bool) -> bytes:
    numbers = NUMBERS[machine]
    denied = _instruction(_RETURN, _ERRNO | errno.EPERM)
    allowed = _instruction(_RETURN, _ALLOW)
    program = [
        _instruction(_LOAD_WORD, _ARCHITECTURE),
        _instruction(_JUMP_EQUAL, AUDIT_ARCHITECTURES[machine], 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD_WORD, _NUMBER),
    ]
    if machine == "x86_64":
        program += [_instruction(_JUMP_AT_LEAST, _X32, 0, 1), denied]
    # glibc falls back from clone3, whose flags a filter cannot read, to clone
    program += [
        _instruction(_JUMP_EQUAL, numbers["clone3"], 0, 1),
        _instruction(_RETURN, _ERRNO | errno.ENOSYS),
        _instruction(_JUMP_EQUAL, numbers["clone"], 0, 4),
        _instruction(_LOAD_WORD, _FIRST_ARGUMENT),
    ]
    if may_fork:
        program += [_instruction(_JUMP_ANY_BIT, _NAMESPACES, 0, 1), denied, allowed]
    else:
        program += [_instruction(_JUMP_ANY_BIT, _CLONE_THREAD, 0, 1), allowed, denied]
    for name in (*DENIED, *(UNSEEN_BY_LANDLOCK if landlocked else ())):
        if name in numbers and not (may_fork and name in ("fork", "vfork")):
            program += [_instruction(_JUMP_EQUAL, numbers[name], 0, 1), denied]
    return b"".join(program)


def filtered(own_pid: int, *, may_fork: bool, landlocked: bool) -> bytes:
    """The filter's instructions, for a process that may signal only itself.

    Parameters
    ----------
    own_pid
        The process that signals may go to, 0 for any.
    may_fork
        Whether new processes, in the same namespaces, may be made.
    landlocked
        Whether to deny the changes to files that Landlock does not control.
    """
    numbers = NUMBERS[platform.machine()]
    program = [_common(platform.machine(), may_fork, landlocked)]
    if own_pid:
        denied = _instruction(_RETURN, _ERRNO | errno.EPERM)
        for name in OF_OTHERS:
            # 0 is oneself for limits, but the whole group for signals
            itself = 0 if name == "prlimit64" else own_pid
            program += [
                _instruction(_JUMP_EQUAL, numbers[name], 0, 5),
                _instruction(_LOAD_WORD, _FIRST_ARGUMENT),
                _instruction(_JUMP_EQUAL, own_pid, 2, 0),
                _instruction(_JUMP_EQUAL, itself, 1, 0),
                denied,
                _instruction(_LOAD_WORD, _NUMBER),
            ]
    program.append(_instruction(_RETURN, _ALLOW))
    return b"".join(program)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def install(own_pid: int, *, may_fork: bool, landlocked: bool) -> None:
    """Confine this process, and all it makes, by the filter; adds to those installed before.

    Raises
    ------
    OSError
        Where the kernel has no seccomp filters.
    """
    text = filtered(own_pid, may_fork=may_fork, landlocked=landlocked)
    buffer = ctypes.create_string_buffer(text, len(text))
    program = _Program(len(text) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    prctl(_NO_NEW_PRIVILEGES, 1)
    prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program))
