"""Small images of digits as the cells of a picture: moved, turned, bent, and dirty."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor
from torch.nn import functional

CELL = 16
"""Pixels along a cell as the encoder sees it."""


@dataclass(frozen=True)
class Handling:
    """How roughly cells are treated; every number is the range or deviation of one effect.

    Attributes
    ----------
    smallest, largest
        Width of the digit's 8x8 image, as a share of the cell.
    shift
        Of the digit's middle, as a share of the cell.
    turn
        Radians, to either side.
    shear
        Horizontal, to either side.
    bend
        Deviation of the elastic field, as a share of half a cell.
    fading
        The most that ink may lose.
    noise
        Deviation of the noise of each pixel.
    blur
        The most that each pixel takes from its neighbours' binomial mean.
    gamma
        The logarithm of the exponent of ink, to either side: thin or fat, pale or dark.
    edges
        How likely a cell shows a piece of its frame on one side.
    """

    smallest: float = 0.62
    largest: float = 0.82
    shift: float = 0.06
    turn: float = 0.08
    shear: float = 0.0
    bend: float = 0.0
    fading: float = 0.3
    noise: float = 0.05
    blur: float = 0.0
    gamma: float = 0.0
    edges: float = 0.0


ROUGH = Handling(
    smallest=0.55, largest=0.95, shift=0.1, turn=0.25, shear=0.2, bend=0.07,
    fading=0.5, noise=0.09, blur=1.0, gamma=0.4, edges=0.25,
)  # fmt: skip
"""For training: harder than anything that is measured."""

CALM = Handling(
    smallest=0.58, largest=0.88, shift=0.08, turn=0.15, shear=0.1, bend=0.04,
    fading=0.4, noise=0.07, blur=0.5, gamma=0.2, edges=0.25,
)  # fmt: skip
"""For the end of the training: what is bent this far still reads as what its writer meant."""

PLAIN = Handling()
"""For validation and tests: as people fill in squares, and scanners see them."""


def render(images: Tensor, handling: Handling, generator: torch.Generator) -> Tensor:
    """Cells [M, 16, 16] that show images [M, 8, 8] of ink, or nothing where an image is empty.

    Each goes through its own affine map and smooth displacement field, by bilinear sampling,
    then fades and gets noise; see :class:`Handling`. Values are about 0 to 1, not clipped.
    """
    count = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    width = uniform(handling.smallest, handling.largest)
    stretch = 1 + 0.5 * (uniform(-1, 1) * (handling.largest - handling.smallest))
    angle = uniform(-handling.turn, handling.turn)
    sheared = uniform(-handling.shear, handling.shear)
    # from the cell's coordinates to those of the image, both from -1 to 1
    cos, sin = angle.cos() / width, angle.sin() / width
    linear = torch.stack(
        [
            torch.stack([cos, sin + sheared * cos], dim=1),
            torch.stack([-sin * stretch, (cos - sheared * sin) * stretch], dim=1),
        ],
        dim=1,
    )
    moved = torch.stack([uniform(-1, 1), uniform(-1, 1)], dim=1) * 2 * handling.shift
    offset = -(linear @ moved[:, :, None])
    grid = functional.affine_grid(
        torch.cat([linear, offset], dim=2), [count, 1, CELL, CELL], align_corners=False
    )
    if handling.bend > 0:
        field = torch.randn(count, 2, 4, 4, generator=generator) * handling.bend
        smooth = functional.interpolate(field, size=CELL, mode="bicubic", align_corners=False)
        grid = grid + rearrange(smooth, "m two h w -> m h w two") / width[:, None, None, None]
    ink = functional.grid_sample(images[:, None], grid, mode="bilinear", align_corners=False)[:, 0]
    if handling.gamma > 0:
        # at 0 the power's slope is unbounded, but nothing is differentiated here
        ink = ink ** uniform(-handling.gamma, handling.gamma).exp()[:, None, None]
    if handling.blur > 0:
        weight = uniform(0, handling.blur)[:, None, None]
        ink = ink + weight * (_binomial(ink) - ink)
    ink = ink * (1 - uniform(0, handling.fading))[:, None, None]
    if handling.edges > 0:
        ink = torch.maximum(ink, _frames(count, handling.edges, generator))
    paper = uniform(0, 0.5 * handling.noise)[:, None, None]
    return ink + paper + torch.randn(ink.shape, generator=generator) * handling.noise


def _binomial(ink: Tensor) -> Tensor:
    """The mean of each pixel's neighbourhood, with weights 1 2 1 both ways."""
    row = torch.tensor([0.25, 0.5, 0.25])
    kernel = row[:, None] * row
    return functional.conv2d(ink[:, None], kernel[None, None], padding=1)[:, 0]


def _frames(count: int, share: float, generator: torch.Generator) -> Tensor:
    """[M, 16, 16] for a share of the cells the piece of their frame that a crop left."""
    frame = torch.zeros(count, CELL, CELL)
    sides = torch.randint(4, (count,), generator=generator)
    shown = torch.rand(count, generator=generator) < share
    ink = torch.rand(count, 1, generator=generator) * shown[:, None]
    first = torch.arange(count)
    frame[first, 0] = ink * (sides == 0)[:, None]
    frame[first, CELL - 1] = ink * (sides == 1)[:, None]
    frame[first, :, 0] = torch.maximum(frame[first, :, 0], ink * (sides == 2)[:, None])
    frame[first, :, CELL - 1] = torch.maximum(
        frame[first, :, CELL - 1], ink * (sides == 3)[:, None]
    )
    return frame


def standardise(cells: Tensor) -> Tensor:
    """Cells with the paper at 0, by each board's median: [..., N, 16, 16] in and out.

    One divisor for a whole board (its 99th percentile of ink), so that an empty cell stays
    empty whatever the others hold.
    """
    flat = cells.flatten(-3)
    paper = flat.median(dim=-1).values
    ink = torch.quantile(flat - paper[..., None], 0.99, dim=-1).clamp(min=0.2)
    return (cells - paper[..., None, None, None]) / ink[..., None, None, None]
