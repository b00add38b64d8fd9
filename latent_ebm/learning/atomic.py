"""Writes that happen wholly or not at all: written aside, flushed to disk, then renamed."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def write_file(path: Path, data: bytes) -> None:
    """Replace a file's content; a kill or a full disk leaves the previous content.

    Raises
    ------
    OSError
        If it cannot be written; what was written aside is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(0o666 & ~_umask())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder of files, all of them at one moment.

    On Linux the new folder and the old one are exchanged by one system call
    (``renameat2``); elsewhere the old one is renamed aside first, as ``.NAME.previous``.

    Raises
    ------
    ValueError
        If the folder holds something else than files of these names, which would be lost.
    OSError
        If it cannot be written; the folder is as before.
    """
    folder = folder.absolute()
    _refuse_strangers(folder, files)
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, data in files.items():
            write_file(aside / name, data)
        aside.chmod(0o777 & ~_umask())
        _swap(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _sync(folder.parent)


def _refuse_strangers(folder: Path, files: Mapping[str, bytes]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder; name one that may be replaced")
    strangers = sorted(item.name for item in folder.iterdir() if item.name not in files)
    if strangers:
        raise ValueError(
            f"{folder} is replaced as a whole, but holds {', '.join(strangers[:3])}"
            f"{' ...' if len(strangers) > 3 else ''} besides {', '.join(files)}; "
            "name another folder"
        )


def _swap(aside: Path, folder: Path) -> None:
    if not folder.exists():
        aside.rename(folder)
    elif not _exchange(aside, folder):
        previous = folder.with_name(f".{folder.name}.previous")
        shutil.rmtree(previous, ignore_errors=True)
        folder.rename(previous)
        aside.rename(folder)
        shutil.rmtree(previous, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two paths at one moment; False where the system cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(
        rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync(folder: Path) -> None:
    """Flush a folder's names to disk, so that a rename outlives a power cut."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
