"""The counter-based random numbers of ``reference/random.py``, for use inside kernels."""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def mix(x):
    """lowbias32: a bijective hash of 32 bits (Wellons 2018)."""
    x = x.to(tl.uint32)
    x = (x ^ (x >> 16)) * tl.full([], 0x7FEB352D, tl.uint32)
    x = (x ^ (x >> 15)) * tl.full([], 0x846CA68B, tl.uint32)
    return x ^ (x >> 16)


@triton.jit
def stream_key(seed, stream):
    """What the counters of one stream are combined with."""
    return mix(seed.to(tl.uint32) ^ mix(stream))


@triton.jit
def uniform_at(key, counter):
    """Numbers in [0, 1) with 24 random bits."""
    bits = mix(counter.to(tl.uint32) ^ key)
    return (bits >> 8).to(tl.float32) * (1.0 / 16777216.0)
