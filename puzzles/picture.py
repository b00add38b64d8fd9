"""Pictures of puzzles and their solutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latent_ebm.puzzles.grid import draw_axes, numbers_view
from latent_ebm.puzzles.sudoku import Sudoku

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from latent_ebm.puzzles.base import Values


def picture(problem: Any, values: Values | None = None) -> Figure:
    """The picture of a puzzle, or of a solution of it, as a matplotlib figure.

    Examples
    --------
    >>> figure = picture(Sudoku.parse("1... ..3. .4.. ...2"))
    >>> len(figure.axes)
    1
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    if isinstance(problem, Sudoku):
        side = problem.shape.side
        boxes = (problem.shape.boxes.ravel().argsort() // side).reshape(side, side)
        givens = problem.givens.reshape(side, side)
        draw_axes(axes, numbers_view(givens, values, regions=boxes))
    else:
        problem.draw(axes, values)
    return figure
