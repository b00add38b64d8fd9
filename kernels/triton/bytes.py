"""Arithmetic on four bytes at a time, in words of 32 bits (Warren, Hacker's Delight, 2-18).

GPUs compute on words; four chains share one, so that a sweep takes a quarter of the registers
and well under half of the instructions. ``H`` marks the sign bits; sums of what is left of
them cannot carry into a neighbour.
"""

from __future__ import annotations

import triton
import triton.language as tl

H: tl.constexpr = tl.constexpr(0x80808080)
L: tl.constexpr = tl.constexpr(0x7F7F7F7F)
ONES: tl.constexpr = tl.constexpr(0x01010101)


@triton.jit
def spread(flags):
    """Bytes of ones where the sign bit is set, of zeros elsewhere; the other bits are unset."""
    return flags | (flags - (flags >> 7))


@triton.jit
def equal(a, b):
    """Ones where the bytes are equal."""
    x = a ^ b
    return spread(~(((x & L) + L) | x) & H)


@triton.jit
def signed_max(a, b):
    """The larger of each pair of signed bytes."""
    low_not_less = (a | H) - (b & L)
    keep = spread(((b & ~a) | (low_not_less & ~(a ^ b))) & H)
    return (a & keep) | (b & ~keep)


@triton.jit
def small_difference(a, b):
    """A - b for bytes of 0..127."""
    return ((a | H) - b) ^ H


@triton.jit
def saturating_add(a, b):
    """The sum of signed bytes, clamped to -128..127."""
    total = ((a & L) + (b & L)) ^ ((a ^ b) & H)
    over = spread(~(a ^ b) & (a ^ total) & H)
    limit = ((a & H) >> 7) + L
    return (total & ~over) | (limit & over)
