"""Pictures of puzzles: composed from handwritten digits, and with the solution drawn in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.learning.visual.gridding import SIDE, Grid
from latent_ebm.learning.visual.picture import Ink

if TYPE_CHECKING:
    from PIL.Image import Image

    from latent_ebm.learning.visual.digits import Digits


@dataclass(frozen=True)
class Scan:
    """How a sheet of paper became a picture.

    Attributes
    ----------
    cell
        Pixels along a cell.
    turn
        Degrees, counter-clockwise.
    noise
        Deviation of each pixel, of brightness from 0 to 1.
    blur
        Pixels, of a Gaussian.
    shade
        How much darker the paper is in one corner.
    """

    cell: int = 44
    turn: float = 0.0
    noise: float = 0.03
    blur: float = 0.6
    shade: float = 0.15

    @classmethod
    def random(cls, rng: np.random.Generator) -> Scan:
        """One as they come from a scanner or a steady hand."""
        return cls(
            cell=int(rng.integers(32, 56)),
            turn=float(rng.uniform(-6, 6)),
            noise=float(rng.uniform(0.01, 0.06)),
            blur=float(rng.uniform(0.3, 1.0)),
            shade=float(rng.uniform(0, 0.4)),
        )


def compose(
    clues: NDArray[np.integer], digits: Digits, scan: Scan, rng: np.random.Generator
) -> Image:
    """A picture of a puzzle [81] filled in by hand: a random image of each clue, in a frame."""
    from PIL import Image
    from scipy import ndimage

    cell, edge = scan.cell, scan.cell
    size = SIDE * cell
    ink = np.zeros((size + 2 * edge, size + 2 * edge), np.float32)
    images = digits.choose(np.asarray(clues), rng)
    for number in np.flatnonzero(clues):
        row, column = divmod(int(number), SIDE)
        width = int(cell * rng.uniform(0.52, 0.66))
        grown = np.clip(ndimage.zoom(images[number], width / 8, order=3), 0, 1)
        free = cell - len(grown)
        top, left = (np.array([row, column]) * cell + edge + free / 2).astype(int) + rng.integers(
            -cell // 20, cell // 20 + 1, 2
        )
        ink[top : top + len(grown), left : left + len(grown)] = grown * rng.uniform(0.7, 1.0)
    for line in range(SIDE + 1):
        thick = max(cell // 14, 2) if line % 3 == 0 else max(cell // 28, 1)
        at = edge + line * cell
        for view in (ink, ink.T):
            part = view[at - thick // 2 : at - thick // 2 + thick, edge : edge + size + 1]
            np.maximum(part, 0.85, out=part)
    if scan.turn:
        ink = ndimage.rotate(ink, scan.turn, order=1, mode="constant")
    ink = ndimage.gaussian_filter(ink, scan.blur)
    y, x = np.mgrid[: len(ink), : ink.shape[1]] / len(ink)
    light = 0.97 - scan.shade * (x * rng.uniform(0.3, 1) + y * rng.uniform(0.3, 1)) / 2
    bright = light * (1 - 0.85 * ink) + rng.normal(0, scan.noise, ink.shape)
    return Image.fromarray((np.clip(bright, 0, 1) * 255).round().astype(np.uint8))


def draw_solution(
    brightness: Ink,
    grid: Grid,
    clues: NDArray[np.integer],
    values: NDArray[np.integer],
    overruled: NDArray[np.bool_],
) -> Image:
    """The picture with the solution [81] in blue where it was blank, and corrections in red.

    A red ring stands around each cell whose most probable reading was overruled, with the digit
    (or a dot, for a blank) that the puzzle has instead at its corner.
    """
    from matplotlib import get_data_path
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray((brightness * 255).astype(np.uint8)).convert("RGB")
    pen = ImageDraw.Draw(image)
    width = grid.cell_width
    file = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    large, small = (ImageFont.truetype(file, max(round(width * f), 6)) for f in (0.6, 0.34))
    for cell in range(len(clues)):
        x, y = grid.centre(cell)
        if clues[cell] == 0:
            pen.text((x, y), str(values[cell] + 1), fill=(30, 80, 220), font=large, anchor="mm")
        if overruled[cell]:
            r, corner = width * 0.44, (x + width * 0.34, y - width * 0.3)
            pen.ellipse((x - r, y - r, x + r, y + r), outline=(220, 30, 30), width=2)
            right = str(clues[cell]) if clues[cell] else "."
            pen.text(corner, right, fill=(220, 30, 30), font=small, anchor="mm")
    return image
