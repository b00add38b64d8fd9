"""Calls of the kernel that the standard library has no function for, through ctypes."""

from __future__ import annotations

import ctypes
import os

__all__ = ["prctl", "system_call"]

_libc = ctypes.CDLL(None, use_errno=True)


def system_call(number: int, *arguments: object) -> int:
    """The result of a raw system call.

    Raises
    ------
    OSError
        With the kernel's error.
    """
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"system call {number}: {os.strerror(code)}")
    return result


def prctl(option: int, second: object = 0, third: object = 0) -> int:
    """The result of `prctl(option, second, third, 0, 0)`.

    Raises
    ------
    OSError
        With the kernel's error.
    """

    def word(value: object) -> object:
        return ctypes.c_ulong(value) if isinstance(value, int) else value

    result = int(
        _libc.prctl(option, word(second), word(third), ctypes.c_ulong(0), ctypes.c_ulong(0))
    )
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")
    return result
