"""The encoder: from the picture of a cell to what it says, as log-probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn

from latent_ebm.learning.pretrained import Pretrained

READINGS = 10
"""Blank, and the digits 1 to 9."""


@dataclass(frozen=True)
class EncoderConfig:
    """The shape of an :class:`Encoder`.

    Attributes
    ----------
    width
        c, the channels of the first block.
    dropout
        Before the hidden layer and after it.
    """

    width: int = 24
    dropout: float = 0.3

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 256:
            raise ValueError(f"width is from 1 to 256; found {self.width}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is at least 0 and below 1; found {self.dropout}")


class Encoder(Pretrained[EncoderConfig]):
    """Logits of the readings of each cell on its own.

    Four 3x3 convolutions in two blocks, each halved by a maximum, then one hidden layer::

        [16, 16] -> [c, 8, 8] -> [2c, 4, 4] -> 128 -> 10

    Divided by ``temperature``, which is fitted on validation images (Guo et al. 2017), they are
    log-probabilities up to a constant; the solver weighs them against each other, so they
    should be right. It starts at 1.

    Examples
    --------
    >>> Encoder(EncoderConfig(width=4)).eval()(torch.zeros(2, 81, 16, 16)).shape
    torch.Size([2, 81, 10])
    """

    NAME, Config = "visual-encoder", EncoderConfig
    temperature: Tensor

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__(config)
        width, dropout = config.width, config.dropout
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
        """Calibrated logits [B, N, 10] of standardised cells [B, N, 16, 16]."""
        return self.raw(cells) / self.temperature

    def raw(self, cells: Tensor) -> Tensor:
        """The logits before the temperature, which training does not see."""
        logits = self.layers(rearrange(cells, "b n h w -> (b n) 1 h w"))
        return rearrange(logits, "(b n) k -> b n k", b=len(cells))


def _block(inside: int, outside: int) -> tuple[nn.Module, ...]:
    layers: list[nn.Module] = []
    for channels in (inside, outside):
        layers += [
            nn.Conv2d(channels, outside, 3, padding=1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(),
        ]
    return (*layers, nn.MaxPool2d(2))
