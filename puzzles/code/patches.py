"""What a change looks like, and writing it where it belongs."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path

from latent_ebm.puzzles.code.errors import BadSource
from latent_ebm.puzzles.code.source import Source


def unified_diff(before: Source, after: Source, context: int = 3) -> str:
    r"""The change as a unified diff that ``patch -p1`` takes; empty where nothing changed.

    Line breaks within lines are shown as they are in the files.

    Examples
    --------
    >>> print(unified_diff(Source("x = 1\n", "f.py"), Source("x = 2\n", "f.py")), end="")
    --- a/f.py
    +++ b/f.py
    @@ -1 +1 @@
    -x = 1
    +x = 2
    """
    name = before.path.lstrip("/")
    lines = difflib.unified_diff(
        _lines(before.text), _lines(after.text), f"a/{name}", f"b/{name}", n=context
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    # only "\n" ends a line for patch(1); "\r" stays at its end
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def write_atomically(path: str | Path, after: Source, before: Source | None = None) -> Path:
    """Write ``after`` to ``path`` in one step, and keep what was there as a backup beside it.

    The mode is kept, a link is followed. Whoever reads the file sees the old or the new content,
    never a part. The backup is ``NAME.orig``, or ``NAME.orig.1`` and so on, never an existing file.

    Parameters
    ----------
    before
        What the file is expected to hold; nothing is written if it has changed since.

    Returns
    -------
    Path
        Of the backup.

    Raises
    ------
    BadSource
        If the file is gone or has changed since it was read.
    """
    target = Path(path).resolve()
    try:
        old = target.read_bytes()
    except FileNotFoundError:
        raise BadSource(
            "the file is gone since it was read; nothing is written", str(path)
        ) from None
    if before is not None and old != before.bytes:
        raise BadSource("the file has changed since it was read; nothing is written", str(path))
    new = after.bytes
    backup = _new_backup(target, old)
    mode = target.stat().st_mode & 0o7777
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return backup


def check_writable(path: str | Path) -> None:
    """Refuse a file that `write_atomically` should not or could not change.

    Raises
    ------
    BadSource
        If the file is read-only, or nothing can be put beside it.
    """
    target = Path(path).resolve()
    if target.is_file() and not (target.stat().st_mode & 0o222 and os.access(target, os.W_OK)):
        raise BadSource("a read-only file; it is not written", str(path))
    if target.is_file() and not os.access(target.parent, os.W_OK):
        raise BadSource(
            f"nothing can be written in {target.parent}, where the backup would go", str(path)
        )


def _new_backup(target: Path, content: bytes) -> Path:
    number = 0
    while True:
        backup = target.with_name(target.name + (f".orig.{number}" if number else ".orig"))
        try:
            with backup.open("xb") as file:
                file.write(content)
        except FileExistsError:
            number += 1
        else:
            return backup
