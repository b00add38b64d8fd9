"""Grids of cells: reading rows of numbers, and showing them on terminals, pages and pictures."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.reading import Line, fail, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLANKS = frozenset(("", ".", "0", "_", "*", "-"))

# a corner of cells, by which of its four arms (up 1, right 2, down 4, left 8) are drawn
_CORNERS = " ╵╶└╷│┌├╴┘─┴┐┤┬┼"


def cell_name(row: int, column: int) -> str:
    """As in errors and labels, from 1.

    >>> cell_name(0, 8)
    'r1c9'
    """
    return f"r{row + 1}c{column + 1}"


def cell_names(rows: int, columns: int) -> tuple[str, ...]:
    """The names of all cells, row by row."""
    return tuple(cell_name(r, c) for r in range(rows) for c in range(columns))


def cells_of(text: str) -> list[str]:
    """The cells of a row: its words, or the characters of its one word.

    >>> cells_of("12 . 3"), cells_of("1.3")
    (['12', '.', '3'], ['1', '.', '3'])
    """
    words = text.replace(",", " ").split()
    return list(words[0]) if len(words) == 1 else words


def read_numbers(lines: Sequence[Line], width: int, most: int) -> NDArray[np.int32]:
    """Rows of numbers from 1 to ``most`` or blanks (0), as [R, width].

    Raises
    ------
    ParseError
        Naming the line and the cell, if a row is too short or too long or a cell is no number.

    Examples
    --------
    >>> read_numbers([Line(1, "1 ."), Line(2, ". 2")], 2, 2).tolist()
    [[1, 0], [0, 2]]
    """
    table = np.zeros((len(lines), width), np.int32)
    for r, line in enumerate(lines):
        cells = cells_of(line.text)
        if len(cells) != width:
            raise fail(f"row {r + 1} has {len(cells)} cells, where {width} were expected", line)
        for c, cell in enumerate(cells):
            if cell in BLANKS:
                continue
            if not (cell.isascii() and cell.isdigit() and len(cell) < 9 and 0 < int(cell) <= most):
                raise fail(
                    f"{shown(cell)} is not a number from 1 to {most} or a blank ('.', '0')",
                    line,
                    cell_name(r, c),
                )
            table[r, c] = int(cell)
    return table


def write_numbers(table: NDArray[np.integer]) -> str:
    r"""Rows of numbers, blanks as dots.

    >>> write_numbers(np.array([[1, 0], [0, 2]]))
    '1 .\n. 2'
    """
    return "\n".join(" ".join(str(v) if v else "." for v in row) for row in table.tolist())


@dataclass(frozen=True, eq=False)
class GridView:
    """What a grid looks like.

    Attributes
    ----------
    texts
        [H][W] what stands in each cell.
    bold
        [H, W] which cells are given.
    regions
        [H, W] numbers; lines are drawn between cells of different ones, and none around -1.
    shades
        [H, W] how dark each cell is, 0 to 1.
    notes
        (row, column) -> what stands small in a cell's corner, in pictures and pages.
    signs
        (row, column, row, column) -> what stands between two neighbours, ``<`` reading from
        the first to the second.
    """

    texts: Sequence[Sequence[str]]
    bold: NDArray[np.bool_]
    regions: NDArray[np.integer]
    shades: NDArray[np.floating]
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    signs: dict[tuple[int, int, int, int], str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        texts: Sequence[Sequence[str]],
        *,
        bold: NDArray[np.bool_] | None = None,
        regions: NDArray[np.integer] | None = None,
        shades: NDArray[np.floating] | None = None,
        notes: dict[tuple[int, int], str] | None = None,
        signs: dict[tuple[int, int, int, int], str] | None = None,
    ) -> GridView:
        """A view of texts; what is not said is plain."""
        size = (len(texts), len(texts[0]))
        return cls(
            texts,
            np.zeros(size, np.bool_) if bold is None else bold,
            np.zeros(size, np.int64) if regions is None else regions,
            np.zeros(size) if shades is None else shades,
            notes or {},
            signs or {},
        )

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.regions.shape[0], self.regions.shape[1]

    def borders(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Above each cell [H + 1, W] and left of it [H, W + 1], whether regions differ."""
        around = np.pad(self.regions, 1, constant_values=-1)
        return (
            around[:-1, 1:-1] != around[1:, 1:-1],
            around[1:-1, :-1] != around[1:-1, 1:],
        )


def numbers_view(
    givens: NDArray[np.integer], values: NDArray[np.integer] | None = None, **rest: object
) -> GridView:
    """The view of a grid of numbers [H, W], states [H * W] in its blanks."""
    shown_ = givens if values is None else np.asarray(values).reshape(givens.shape) + 1
    texts = [[str(v) if v else "." for v in row] for row in shown_.tolist()]
    return GridView.of(texts, bold=givens > 0, **rest)  # type: ignore[arg-type]


def draw_text(view: GridView) -> str:
    """Draw a grid for a terminal, with lines between regions.

    Examples
    --------
    >>> regions = np.array([[0, 0, 1], [0, 1, 1]])
    >>> print(draw_text(GridView.of([["1", "2", "3"], ["3", "1", "2"]], regions=regions)))
    ┌───────┬───┐
    │ 1   2 │ 3 │
    │   ┌───┘   │
    │ 3 │ 1   2 │
    └───┴───────┘
    """
    rows = view.size[0]
    above, left = view.borders()
    width = max((len(text) for row in view.texts for text in row), default=1)
    loose = bool(above[1:-1].any()) and not _in_bands(above)
    tight = not loose and _in_bands(left.T)
    gap = 0 if tight and not view.signs else 1
    out = []
    for r in range(rows + 1):
        if above[r].any() or any(s[0] == r - 1 and s[2] == r for s in view.signs):
            out.append(_rule(view, above, left, r, width, gap))
        if r < rows:
            out.append(_cells(view, left, r, width, gap))
    return "\n".join(line.rstrip() for line in out)


def _in_bands(lines: NDArray[np.bool_]) -> bool:
    """Whether every line runs all the way across."""
    return bool((lines.all(axis=1) | ~lines.any(axis=1)).all())


def _rule(
    view: GridView,
    above: NDArray[np.bool_],
    left: NDArray[np.bool_],
    r: int,
    width: int,
    gap: int,
) -> str:
    rows, columns = view.size
    parts = []
    for c in range(columns + 1):
        arms = (
            (1 if r > 0 and left[r - 1, c] else 0)
            + (2 if c < columns and above[r, c] else 0)
            + (4 if r < rows and left[r, c] else 0)
            + (8 if c > 0 and above[r, c - 1] else 0)
        )
        inner = gap == 0 and 0 < c < columns and not left[:, c].any()
        if not inner:
            parts.append(_CORNERS[arms])
        if c < columns:
            sign = view.signs.get((r - 1, c, r, c), "")
            line = "─" if above[r, c] else " "
            wide = width + (1 if gap == 0 else 2)
            if gap == 0 and (c == columns - 1 or left[:, c + 1].any()):
                wide += 1
            parts.append({"<": "^", ">": "v"}[sign].center(wide) if sign else line * wide)
    return "".join(parts)


def _cells(view: GridView, left: NDArray[np.bool_], r: int, width: int, gap: int) -> str:
    columns = view.size[1]
    parts = []
    for c in range(columns + 1):
        inner = gap == 0 and 0 < c < columns and not left[:, c].any()
        if not inner:
            sign = view.signs.get((r, c - 1, r, c), "")
            parts.append("│" if left[r, c] else sign or " ")
        if c < columns:
            text = f" {view.texts[r][c]:>{width}}"
            if gap or c == columns - 1 or left[:, c + 1].any():
                text += " "
            parts.append(text)
    return "".join(parts)


def draw_html(view: GridView, title: str = "") -> str:
    """A table with thick lines between regions, in the colours of the page around it.

    >>> draw_html(GridView.of([["1", "<"]])).count("<td")
    2
    """
    above, left = view.borders()
    thick, thin = "2px solid currentColor", "1px solid rgba(128,128,128,.45)"
    rows = []
    for r in range(view.size[0]):
        cells = []
        for c in range(view.size[1]):
            text = html.escape(view.texts[r][c]).replace(".", "")
            text = f"<b>{text}</b>" if view.bold[r, c] and text else text
            note = view.notes.get((r, c), "")
            small = f"<sup>{html.escape(note)}</sup>" if note else ""
            sides = (
                f"border-top:{thick if above[r, c] else thin};"
                f"border-left:{thick if left[r, c] else thin};"
                f"background:rgba(128,128,128,{view.shades[r, c]:.2f})"
            )
            style = f"width:2em;height:2em;padding:0;text-align:center;{sides}"
            cells.append(f'<td style="{style}">{small}{text}</td>')
        rows.append(f'<tr style="background:none">{"".join(cells)}</tr>')
    style = f"border-collapse:collapse;border:{thick};color:inherit;background:none"
    return f'<table style="{style}" title="{html.escape(title)}">{"".join(rows)}</table>'


def draw_axes(axes: Axes, view: GridView) -> None:
    """Draw a grid as a picture."""
    rows, columns = view.size
    if view.shades.any():
        axes.imshow(
            view.shades, cmap="Greys", vmin=0, vmax=1.2, extent=(0, columns, rows, 0), zorder=0
        )
    above, left = view.borders()
    size = max(4.0, min(16.0, 110 / max(rows, columns)))
    for r in range(rows + 1):
        for c in range(columns):
            axes.plot([c, c + 1], [r, r], color="0.2", lw=2.0 if above[r, c] else 0.3)
    for r in range(rows):
        for c in range(columns + 1):
            axes.plot([c, c], [r, r + 1], color="0.2", lw=2.0 if left[r, c] else 0.3)
    for r in range(rows):
        for c in range(columns):
            weight = "bold" if view.bold[r, c] else "normal"
            text = view.texts[r][c].replace(".", "")
            at = (c + 0.5, r + 0.53)
            axes.text(*at, text, ha="center", va="center", fontsize=size, fontweight=weight)
    for (r, c), note in view.notes.items():
        axes.text(c + 0.05, r + 0.05, note, ha="left", va="top", fontsize=0.5 * size)
    for (r, c, s, d), sign in view.signs.items():
        turned = 0 if r == s else -90
        at = ((c + d + 1) / 2, (r + s + 1) / 2)
        axes.text(*at, sign, ha="center", va="center", fontsize=size, rotation=turned)
    axes.set(xlim=(-0.05, columns + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal")
    axes.axis("off")
