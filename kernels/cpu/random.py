"""The counter-based random numbers of ``reference/random.py``, for use inside kernels."""

from __future__ import annotations

import numpy as np

from latent_ebm.kernels.cpu.jit import kernel


@kernel
def mix(x):
    """lowbias32: a bijective hash of 32 bits (Wellons 2018)."""
    x = np.uint32(x)
    x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32((x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel
def stream_key(seed, stream):
    """What the counters of one stream are combined with."""
    return mix(np.uint32(seed) ^ mix(np.uint32(stream)))


@kernel
def uniform_at(key, counter):
    """A number in [0, 1) with 24 random bits."""
    bits = mix(np.uint32(counter) ^ key)
    return np.float32(bits >> np.uint32(8)) * np.float32(2.0**-24)
