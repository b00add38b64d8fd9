"""Where the grid is in a picture: its outline, its lines, its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.learning.visual.picture import Ink, PictureError
from latent_ebm.learning.visual.rendering import CELL

Points = NDArray[np.float64]

SIDE = 9
"""Cells along the grid."""

INK = 0.35
"""What is darker than this belongs to a line or a digit."""

MARGIN = 0.09
"""The part of a cell on each side that belongs to its frame."""

OVERSAMPLING = 4

OUTLINES = 5
"""Connected shapes of ink, the largest first, that are looked at as the grid's lines."""

FAINT = 0.2
"""What is darker than this along a whole line is a line, however thin."""

LEAST_LINES = 8
"""Lines of the ten in each direction that must be seen."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A grid found in a picture.

    Attributes
    ----------
    corners
        [4, 2] of the outline, x and y, clockwise from the top left.
    cells
        [81, 16, 16] the ink within each cell, without its frame.
    """

    corners: Points
    cells: Ink

    def centre(self, cell: int) -> tuple[float, float]:
        """The middle of a cell in the picture, x and y."""
        row, column = divmod(cell, SIDE)
        at = np.array([[(column + 0.5) / SIDE, (row + 0.5) / SIDE]])
        x, y = project(homography(UNIT, self.corners), at)[0]
        return float(x), float(y)

    @property
    def cell_width(self) -> float:
        """Pixels along a cell, about."""
        edges = self.corners - np.roll(self.corners, 1, axis=0)
        return float(np.linalg.norm(edges, axis=1).mean() / SIDE)


UNIT: Points = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])

SIDES = ((1, False), (0, True), (1, True), (0, False))
"""Top, right, bottom and left: the axis that each lies across, and whether at its far end."""


def find_grid(ink: Ink) -> Grid:
    """Find a 9x9 grid with frame and lines, upright or turned by up to 30 degrees.

    The lines of a grid touch each other, so they are one of the largest connected shapes of
    ink. Its four sides are fitted by straight lines, the square between them is straightened by
    a homography, and counts as the grid if at least 8 of 10 lines are seen each way.

    Raises
    ------
    PictureError
        If there is no such shape; says how many lines the best one had.
    """
    from scipy import ndimage

    shapes, count = ndimage.label(ink > INK, structure=np.ones((3, 3)))
    boxes = ndimage.find_objects(shapes)
    extent = [min(b[0].stop - b[0].start, b[1].stop - b[1].start) for b in boxes]
    best = 0
    for shape in sorted(range(count), key=lambda i: -extent[i])[:OUTLINES]:
        if extent[shape] < SIDE * 8:
            break
        y, x = np.nonzero(shapes[boxes[shape]] == shape + 1)
        pixels = np.stack([x + boxes[shape][1].start, y + boxes[shape][0].start], axis=1)
        corners = outline(pixels.astype(np.float64))
        if corners is None:
            continue
        seen = lines_seen(ink, corners)
        if min(seen) >= LEAST_LINES:
            return Grid(corners, cut_cells(ink, corners))
        best = max(best, sum(seen))
    raise PictureError(
        f"no 9x9 grid found: of its 20 lines at most {best} were seen in one place; the whole "
        "frame and the lines between the cells must be in the picture, turned by at most 30 degrees"
    )


def outline(pixels: Points) -> Points | None:
    """The corners [4, 2] of the four-sided outline of pixels [M, 2]; None if it has none.

    First the outermost pixels along both diagonals; then, twice, a straight line through the
    outermost pixels of each side, least squares without those that stick out, and their
    intersections.
    """
    diagonal = pixels @ np.array([[1.0, 1.0], [1.0, -1.0]]).T
    extreme = [diagonal[:, 0].argmin(), diagonal[:, 1].argmax()]
    extreme += [diagonal[:, 0].argmax(), diagonal[:, 1].argmin()]
    corners = pixels[extreme]
    for _ in range(2):
        if not is_convex(corners):
            return None
        flat = project(homography(corners, UNIT), pixels)
        sides = [
            _side(flat, axis, far) for axis, far in ((1, False), (0, True), (1, True), (0, False))
        ]
        met = [_meet(sides[i - 1], sides[i]) for i in range(4)]
        corners = project(homography(UNIT, corners), np.array(met))
    return corners if is_convex(corners) else None


def _side(flat: Points, axis: int, far: bool) -> tuple[int, float, float]:
    """The line ``flat[axis] = a + b * other`` along one side of the unit square."""
    other, depth = flat[:, 1 - axis], flat[:, axis]
    inside = (other > 0.03) & (other < 0.97)
    bins = (other[inside] * 60).astype(np.int64)
    order = np.lexsort((-depth[inside] if far else depth[inside], bins))
    first = np.unique(bins[order], return_index=True)[1]
    along, at = other[inside][order][first], depth[inside][order][first]
    if len(along) < 8:
        return axis, float(far), 0.0
    keep = np.ones(len(along), np.bool_)
    slope, start = 0.0, float(np.median(at))
    for _ in range(3):
        slope, start = np.polyfit(along[keep], at[keep], 1).tolist()
        miss = np.abs(at - start - slope * along)
        keep = miss <= max(2 * float(np.median(miss)), 2e-3)
    return axis, start, slope


def _meet(one: tuple[int, float, float], other: tuple[int, float, float]) -> list[float]:
    """Where two sides meet, x and y: one is y = a + b x, the other x = c + d y."""
    (_, a, b), (_, c, d) = (one, other) if one[0] == 1 else (other, one)
    y = (a + b * c) / (1 - b * d)
    return [c + d * y, y]


def is_convex(corners: Points) -> bool:
    """Whether four corners go round clockwise, with sides of some length."""
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    return bool((turns > 100).all() and np.isfinite(corners).all())


def homography(source: Points, target: Points) -> Points:
    """The projective map [3, 3] that takes four points [4, 2] to four others.

    Examples
    --------
    >>> twice = homography(UNIT, 2 * UNIT)
    >>> project(twice, np.array([[0.5, 0.25]])).round(6).tolist()
    [[1.0, 0.5]]
    """
    rows = []
    for (x, y), (u, v) in zip(source.tolist(), target.tolist(), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), target.ravel())
    return np.append(solved, 1.0).reshape(3, 3)


def project(matrix: Points, points: Points) -> Points:
    """Points [M, 2] under a projective map."""
    homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return homogeneous[:, :2] / homogeneous[:, 2:]


def straighten(ink: Ink, corners: Points, pixels: int, border: int = 0) -> Ink:
    """The square between corners, ``pixels`` a side, with a border around it; bilinear."""
    from scipy import ndimage

    steps = (np.arange(-border, pixels + border) + 0.5) / pixels
    x, y = np.meshgrid(steps, steps)
    at = project(homography(UNIT, corners), np.stack([x.ravel(), y.ravel()], axis=1))
    sampled = ndimage.map_coordinates(ink, [at[:, 1], at[:, 0]], order=1, mode="nearest")
    return sampled.reshape(len(steps), len(steps)).astype(np.float32)


def lines_seen(ink: Ink, corners: Points) -> tuple[int, int]:
    """How many of the ten lines are dark from end to end, upright ones and level ones.

    Less those that would be seen half-way between them, where a grid has digits at most.
    """
    width, reach = 24, 3
    flat = straighten(ink, corners, SIDE * width, border=reach)

    def dark(image: Ink, at: float) -> bool:
        first = round(at * width)
        strip = image[:, first : first + 2 * reach + 1].max(axis=1)
        return float((strip > FAINT).mean()) > 0.8

    seen = [
        sum(dark(image, k) for k in range(SIDE + 1))
        - sum(dark(image, k + 0.5) for k in range(SIDE))
        for image in (flat, flat.T)
    ]
    return max(seen[0], 0), max(seen[1], 0)


def cut_cells(ink: Ink, corners: Points) -> Ink:
    """[81, 16, 16] the inside of each cell, each pixel the mean of 4 x 4 samples."""
    fine = round(CELL * OVERSAMPLING / (1 - 2 * MARGIN))
    inner = (fine - CELL * OVERSAMPLING) // 2
    flat = straighten(ink, corners, SIDE * fine)
    tiles = flat.reshape(SIDE, fine, SIDE, fine).transpose(0, 2, 1, 3).reshape(-1, fine, fine)
    kept = tiles[:, inner : inner + CELL * OVERSAMPLING, inner : inner + CELL * OVERSAMPLING]
    parts = kept.reshape(-1, CELL, OVERSAMPLING, CELL, OVERSAMPLING)
    return parts.mean(axis=(2, 4), dtype=np.float32)
