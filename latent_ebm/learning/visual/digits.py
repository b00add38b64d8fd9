"""Real handwritten digits, split by image so that no test image is ever trained on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

PERIOD = 12
"""Of twelve images in a row two are for testing, one for validation and nine for training."""

TEST, VALIDATION = (5, 11), 2
"""The places of those for testing and for validation among them."""


class Split(StrEnum):
    """Which images; they never share one."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, eq=False)
class Digits:
    """Images [M, 8, 8] of ink from 0 to 1, and the digits [M] from 1 to 9 that they show."""

    images: NDArray[np.float32]
    labels: NDArray[np.int64]

    def choose(self, numbers: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.float32]:
        """[..., 8, 8] a random image of each number [...]; of 0, an empty one.

        Examples
        --------
        >>> digits = load_digits(Split.TEST)
        >>> chosen = digits.choose(np.array([0, 7]), np.random.default_rng(0))
        >>> chosen.shape, float(chosen[0].max())
        ((2, 8, 8), 0.0)
        """
        order = np.argsort(self.labels, kind="stable")
        counts = np.bincount(self.labels, minlength=10)
        first = np.cumsum(counts) - counts
        drawn = first[numbers] + (rng.random(numbers.shape) * counts[numbers]).astype(np.intp)
        images = self.images[order[np.minimum(drawn, len(order) - 1)]]
        return np.where((numbers > 0)[..., None, None], images, np.float32(0))


@lru_cache(maxsize=3)
def load_digits(split: Split) -> Digits:
    """Scikit-learn's digits of one split: 8x8 scans of the digits of 13 people, without zeros.

    The 1,797 images are the test part of UCI's Optical Recognition of Handwritten Digits (Alpaydin
    and Kaynak 1998). Image i is for testing if i mod 12 is 5 or 11, for validation if it is 2: the
    writers of all splits are the same, their images are not.

    Examples
    --------
    >>> [len(load_digits(split).labels) for split in Split]
    [1219, 138, 262]
    """
    from sklearn.datasets import load_digits as load

    data = load()
    place = np.arange(len(data.target)) % PERIOD
    test, validation = np.isin(place, TEST), place == VALIDATION
    chosen = {
        Split.TRAIN: ~test & ~validation,
        Split.VALIDATION: validation,
        Split.TEST: test,
    }[split]
    chosen &= data.target > 0
    images = (data.images[chosen] / 16).astype(np.float32)
    images.flags.writeable = False
    return Digits(images, data.target[chosen].astype(np.int64))
