"""Picture files: opened with bounds, turned into ink on paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.float32]

LARGEST_BYTES = 32 << 20
LARGEST_PIXELS = 40_000_000
LONGEST_SIDE = 1_200
"""Pixels; larger pictures are reduced to it before anything looks at them."""

SHORTEST_SIDE = 108
"""Pixels; nine cells of twelve."""


class PictureError(ValueError):
    """A file that is no picture, or a picture in which no grid is found."""


def load_picture(path: str | Path) -> Ink:
    """The brightness [H, W], 0 to 1, of a PNG or JPEG file, reduced to at most 1,200 pixels a side.

    Raises
    ------
    PictureError
        If the file is too large, no PNG or JPEG, broken, or too small to hold a grid.
    OSError
        If it cannot be read.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    path = Path(path)
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise PictureError(f"{path}: {size:,} bytes; pictures have at most {LARGEST_BYTES:,}")
    try:
        # opening reads the header alone, so a picture's size is known before it takes memory
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > LARGEST_PIXELS:
                raise PictureError(
                    f"{path}: {width} x {height} pixels; pictures have at most {LARGEST_PIXELS:,}"
                )
            if min(width, height) < SHORTEST_SIDE:
                raise PictureError(
                    f"{path}: {width} x {height} pixels; a grid needs {SHORTEST_SIDE} a side"
                )
            image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            paper = Image.new("RGBA", upright.size, "white")
            paper.alpha_composite(upright)
            grey = paper.convert("L")
            grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return np.asarray(grey, np.float32) / np.float32(255)
    except UnidentifiedImageError as error:
        raise PictureError(f"{path} is no PNG or JPEG picture") from error
    except (SyntaxError, OSError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, PictureError) or (isinstance(error, OSError) and error.errno):
            raise
        raise PictureError(f"{path}: the picture is broken: {error}") from error


def ink_of(brightness: Ink) -> Ink:
    """How dark each pixel is against the paper around it: [H, W], 0 on paper, 1 for full ink.

    The paper's brightness is the brightest nearby (a grey-scale closing), smoothed, so that
    shadows and slow changes of light cancel. A picture that is mostly dark is white on black,
    and is turned into its negative first.
    """
    from scipy import ndimage

    low, middle, high = np.percentile(brightness, (2, 50, 98))
    if middle < (low + high) / 2:
        brightness = 1 - brightness
    smooth = ndimage.gaussian_filter(brightness, 0.7)
    reach = max(min(brightness.shape) // 20, 5) | 1
    paper = ndimage.grey_closing(smooth, size=(reach, reach))
    paper = ndimage.gaussian_filter(paper, reach / 2)
    dark = np.clip(paper - smooth, 0, None) / np.clip(paper, 0.1, None)
    full = float(np.percentile(dark, 99))
    if full < 0.08:
        raise PictureError("the picture has no contrast: nothing on it is darker than its paper")
    return np.clip(dark / full, 0, 1).astype(np.float32)
