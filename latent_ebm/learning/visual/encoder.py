"""The encoder: from the picture of a cell to what it says, as log-probabilities."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn

READINGS = 10
"""Blank, and the digits 1 to 9."""


class Encoder(nn.Module):
    """Logits of the readings of each cell on its own.

    Four 3x3 convolutions in two blocks, each halved by a maximum, then one hidden layer::

        [16, 16] -> [c, 8, 8] -> [2c, 4, 4] -> 128 -> 10

    Divided by ``temperature``, which is fitted on validation images (Guo et al. 2017), they are
    log-probabilities up to a constant; the solver weighs them against each other, so they
    should be right. It starts at 1.

    Parameters
    ----------
    width
        c, the channels of the first block.
    dropout
        Before the hidden layer and after it.

    Examples
    --------
    >>> Encoder(width=4).eval()(torch.zeros(2, 81, 16, 16)).shape
    torch.Size([2, 81, 10])
    """

    temperature: Tensor

    def __init__(self, width: int = 24, dropout: float = 0.3) -> None:
        super().__init__()
        self.width, self.dropout = width, dropout
        self.layers = nn.Sequential(
            *_block(1, width),
            *_block(width, 2 * width),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(2 * width * 16, 128),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(128, READINGS),
        )
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, cells: Tensor) -> Tensor:
        """Logits [B, N, 10] of standardised cells [B, N, 16, 16]."""
        batch = len(cells)
        flat = rearrange(cells, "b n h w -> (b n) 1 h w")
        logits = self.layers(flat) / self.temperature
        return rearrange(logits, "(b n) k -> b n k", b=batch)


def _block(inside: int, outside: int) -> tuple[nn.Module, ...]:
    layers: list[nn.Module] = []
    for channels in (inside, outside):
        layers += [
            nn.Conv2d(channels, outside, 3, padding=1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(),
        ]
    return (*layers, nn.MaxPool2d(2))
