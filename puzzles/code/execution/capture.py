"""What a program prints, kept up to a limit."""

from __future__ import annotations

import io

__all__ = ["Captured"]


class Captured(io.TextIOBase):
    """A text stream that keeps the first characters written and drops the rest.

    >>> stream = Captured(4)
    >>> stream.write("abcdef"), stream.text
    (6, 'abcd')
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._left = limit
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """What was kept."""
        return "".join(self._pieces)

    def clear(self) -> None:
        """Forget it all."""
        if self._pieces:
            self._pieces.clear()
        self._left = self._limit

    def write(self, text: str) -> int:
        """Keep what fits."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._left > 0:
            self._pieces.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True
