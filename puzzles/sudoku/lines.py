"""One line of a Sudoku file: what it is, before anyone knows the grid that it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from latent_ebm.puzzles.sudoku.shape import Shape
from latent_ebm.puzzles.sudoku.text import Givens, read_numbers, read_symbols

# drawn grids, our own included, become plain ones
_DRAWN = str.maketrans(
    {
        **dict.fromkeys("│║┃", "|"),
        **dict.fromkeys("─━═", "-"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╟╢╤╧╪╫┏┓┗┛┣┫┳┻╋", "+"),
    }
)
_SEPARATORS = re.compile(r"[\s,;|]+")
_HEADER = re.compile(r"(grid|puzzle|sudoku|board|game|problem|no)\b[^|]*", re.IGNORECASE)
_SECTION = re.compile(r"\[.*\]")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Kind(Enum):
    """What a line is."""

    BLANK = auto()
    COMMENT = auto()
    RULER = auto()
    HEADER = auto()
    OTHER_SECTION = auto()
    """The header of a section that holds no puzzle, as ``[State]`` in .sdk files."""
    CELLS = auto()


@dataclass(frozen=True)
class Cells:
    """A line of cells: either one character each, or one token each.

    Attributes
    ----------
    symbols
        The characters, where each is a cell; None if the cells are ``tokens``.
    tokens
        The line's pieces between whitespace, commas and bars.
    text
        The line as it stands in the file.
    """

    symbols: str | None
    tokens: tuple[str, ...]
    text: str

    @property
    def width(self) -> int:
        """The number of cells."""
        return len(self.tokens if self.symbols is None else self.symbols)

    @property
    def may_be_ruler(self) -> bool:
        """Whether it is all dashes: blank cells, or a rule between boxes."""
        return all(set(token) == {"-"} for token in self.tokens)

    def first_token(self) -> Cells:
        """The line without what follows the first whitespace or comma."""
        return Cells(self.tokens[0], self.tokens[:1], self.text)

    def read(self, shape: Shape, first_cell: int) -> Givens:
        """The cells' numbers; raises ParseError."""
        if self.symbols is None:
            return read_numbers(self.tokens, shape, first_cell=first_cell)
        return read_symbols(self.symbols, shape, first_cell=first_cell)


def classify(text: str) -> Kind:
    """Tell what a line is.

    Examples
    --------
    >>> [classify(t).name for t in ("Grid 01", "|---+---|", "53. .7. ...", "# easy", "[State]")]
    ['HEADER', 'RULER', 'CELLS', 'COMMENT', 'OTHER_SECTION']
    """
    text = _plain(text).strip()
    if not text:
        return Kind.BLANK
    if text.startswith("#"):
        return Kind.COMMENT
    if _SECTION.fullmatch(text):
        return Kind.HEADER if text.lower() == "[puzzle]" else Kind.OTHER_SECTION
    if _HEADER.fullmatch(text):
        return Kind.HEADER
    marks = set(text)
    if marks <= set("-+=|* ") and (marks & set("+=") or marks >= set("*-") or marks <= set("| ")):
        return Kind.RULER
    return Kind.CELLS if _SEPARATORS.sub("", text) else Kind.RULER


def split_cells(text: str) -> Cells:
    """Split a line of cells.

    Pieces of one length, longer than numbers are, are groups of one-character cells; otherwise
    each piece is a cell.

    Examples
    --------
    >>> split_cells("|53.|.7.|...|").width, split_cells("16 . 3 4 | . . 9 .").width
    (9, 8)
    """
    tokens = tuple(token for token in _SEPARATORS.split(_plain(text)) if token)
    lengths = {len(token) for token in tokens}
    grouped = len(tokens) == 1 or (len(lengths) == 1 and max(lengths) > 1)
    # seven groups or more would be boxes of seven and more in a row: these are numbers
    if grouped and not (len(tokens) > 6 and max(lengths) == 2):
        return Cells("".join(tokens), tokens, text)
    return Cells(None, tokens, text)


def _plain(text: str) -> str:
    """Drop a terminal's styles, and write drawn lines in ASCII."""
    return _STYLE.sub("", text).translate(_DRAWN)


def has_dash_blanks(cells: Cells) -> bool:
    """Whether a line writes blank cells as dashes, beside others."""
    return not cells.may_be_ruler and any("-" in token for token in cells.tokens)
