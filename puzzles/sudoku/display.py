"""Grids for people: boxes drawn for a terminal, a table for a notebook."""

from __future__ import annotations

import html

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.sudoku.shape import Shape

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def draw(
    givens: NDArray[np.integer],
    shape: Shape,
    values: NDArray[np.integer] | None = None,
    *,
    color: bool = False,
) -> str:
    """Draw a grid; values are states, and a negative one is a blank. ``color`` makes clues bold.

    Examples
    --------
    >>> print(draw(np.array([1, 0, 0, 0, 0, 0, 3, 0] + [0] * 8), Shape(2, 2)))
    ┌─────┬─────┐
    │ 1 . │ . . │
    │ . . │ 3 . │
    ├─────┼─────┤
    │ . . │ . . │
    │ . . │ . . │
    └─────┴─────┘
    """
    n, h, w = shape.side, shape.box_height, shape.box_width
    width = len(str(n))
    digits = _digits(givens, values)
    cells = [
        f"{_BOLD}{digit:>{width}}{_PLAIN}" if color and given else f"{digit:>{width}}"
        for digit, given in zip(digits, givens > 0, strict=True)
    ]
    bar = "─" * (w * (width + 1) + 1)
    rules = [f"{a}{b.join([bar] * h)}{c}" for a, b, c in ("┌┬┐", "├┼┤", "└┴┘")]
    lines = [rules[0]]
    for row in range(n):
        if row and row % h == 0:
            lines.append(rules[1])
        parts = (" ".join(cells[row * n + left : row * n + left + w]) for left in range(0, n, w))
        lines.append(f"│ {' │ '.join(parts)} │")
    return "\n".join([*lines, rules[2]])


def to_html(
    givens: NDArray[np.integer],
    shape: Shape,
    values: NDArray[np.integer] | None = None,
    *,
    title: str = "",
) -> str:
    """Make a table with thick box borders and bold clues, in the colours of the page around it.

    Examples
    --------
    >>> table = to_html(np.array([1] + [0] * 15), Shape(2, 2), title="<a & b>")
    >>> table.count("<td"), table.count("<b>"), "&lt;a &amp; b&gt;" in table
    (16, 1, True)
    """
    n, h, w = shape.side, shape.box_height, shape.box_width
    thick, thin = "2px solid currentColor", "1px solid rgba(128,128,128,.45)"
    digits = _digits(givens, values)
    rows = []
    for row in range(n):
        top = f"border-top:{thick if row % h == 0 else thin}"
        cells = []
        for column in range(n):
            left = f"border-left:{thick if column % w == 0 else thin}"
            digit = digits[row * n + column]
            text = "" if digit == "." else digit
            if givens[row * n + column] > 0:
                text = f"<b>{text}</b>"
            style = f"width:2em;height:2em;padding:0;text-align:center;{top};{left}"
            cells.append(f'<td style="{style}">{text}</td>')
        rows.append(f'<tr style="background:none">{"".join(cells)}</tr>')
    style = f"border-collapse:collapse;border:{thick};color:inherit;background:none"
    return f'<table style="{style}" title="{html.escape(title)}">{"".join(rows)}</table>'


def _digits(givens: NDArray[np.integer], values: NDArray[np.integer] | None) -> list[str]:
    numbers = givens if values is None else np.asarray(values) + 1
    if len(numbers) != len(givens):
        raise ValueError(f"the grid has {len(givens)} cells; found {len(numbers)} values")
    return [str(number) if number > 0 else "." for number in numbers.tolist()]
