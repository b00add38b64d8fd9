"""What is wrong with a file, and what this package refuses to touch, each in one sentence."""

from __future__ import annotations


class BadSource(ValueError):  # noqa: N818
    """A file that cannot be read as Python: where, what is there, and what to do.

    Parameters
    ----------
    reason
        What is wrong, without the place.
    path
        The file as the user named it.
    line, column
        Both from 1, of the first character at fault; absent where the whole file is meant.
    text
        The line at fault, without its line break.

    Examples
    --------
    >>> str(BadSource("'(' was never closed", "f.py", 2, 6, "print(1"))
    "f.py:2:6: '(' was never closed: print(1"
    """

    def __init__(
        self,
        reason: str,
        path: str,
        line: int | None = None,
        column: int | None = None,
        text: str | None = None,
    ) -> None:
        self.reason, self.path, self.line, self.column, self.text = reason, path, line, column, text
        place = path if line is None else f"{path}:{line}:{column or 1}"
        shown = f": {text.strip()[:120]}" if text and text.strip() else ""
        super().__init__(f"{place}: {reason}{shown}")


class Refusal(ValueError):  # noqa: N818
    """A construct that this package does not handle, by its name and with the reason.

    >>> str(Refusal("an expression in an f-string", "f.py", 3, "edit the whole string instead"))
    'f.py:3: an expression in an f-string: edit the whole string instead'
    """

    def __init__(self, construct: str, path: str, line: int, reason: str) -> None:
        self.construct, self.path, self.line, self.reason = construct, path, line, reason
        super().__init__(f"{path}:{line}: {construct}: {reason}")
