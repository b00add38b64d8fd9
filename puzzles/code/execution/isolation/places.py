"""Which files a worker may see: the interpreter, this package, the user's project, scratch."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Places", "places_for"]

_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/lib32",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/urandom",
)


@dataclass(frozen=True)
class Places:
    """What a worker may read and write.

    Attributes
    ----------
    readable
        Files and folders, without symbolic links.
    scratch
        The only folder that may be written.
    import_path
        The entries of the worker's `sys.path` after the standard library's.
    """

    readable: tuple[Path, ...]
    scratch: Path
    import_path: tuple[str, ...]


def _package() -> tuple[Path, tuple[Path, ...]]:
    """The folder to import this package from, and all folders that its files lie in."""
    package = sys.modules[__name__.partition(".")[0]]
    folder = Path(next(iter(package.__path__))).resolve()
    links = tuple(
        entry.resolve() for entry in folder.iterdir() if entry.is_symlink() and entry.is_dir()
    )
    return folder.parent, (folder, *links)


def _of_project(project: Path | None) -> tuple[Path, ...]:
    """A project in the home folder itself must not open the home folder."""
    if project is None:
        return ()
    project = project.resolve()
    home = Path.home().resolve()
    if project == home or project in home.parents:
        return tuple(sorted(project.glob("*.py")))
    return (project,)


def places_for(scratch: Path, project: Path | None) -> Places:
    """The places of a worker with the user's `project` folder, None for no project."""
    root, package = _package()
    interpreter = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix)}
    interpreter |= {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib")}
    system = {Path(name) for name in _SYSTEM}
    readable = {path.resolve() for path in interpreter | system if path.exists()}
    readable.update(package)
    readable.update(_of_project(project))
    sites = tuple(dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib")))
    ours = () if project is None else (str(project.resolve()),)
    # the package's own folder comes last, for the folders beside it are the user's names
    return Places(tuple(sorted(readable)), scratch, (*ours, *sites, str(root)))
