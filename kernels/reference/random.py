"""The counter-based random numbers that all back ends share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def lowbias32(x: NDArray[np.integer] | int) -> NDArray[np.uint32]:
    """A bijective hash of 32 bits with low bias (Wellons 2018, "hash-prospector").

    Examples
    --------
    >>> int(lowbias32(1))
    1753845952
    """
    with np.errstate(over="ignore"):
        h = np.asarray(x).astype(np.uint32)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
        return h ^ (h >> np.uint32(16))


def uniform(seed: int, stream: int, count: int) -> NDArray[np.float32]:
    """``count`` numbers in [0, 1) from a seed and a stream number, 24 bits each.

    Examples
    --------
    >>> bool((uniform(0, 0, 4) == uniform(0, 0, 8)[:4]).all())
    True
    """
    key = lowbias32(np.uint32(seed & 0xFFFFFFFF) ^ lowbias32(stream))
    bits = lowbias32(np.arange(count, dtype=np.uint32) ^ key)
    return (bits >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)
