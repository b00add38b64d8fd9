"""Vectors of bytes, one chain a lane, as Numba intrinsics.

Numba promotes small integers to 64 bits and then fails to vectorise loops over them, so the
handful of operations that the sweeps consist of are written as LLVM vector instructions. They
are legal on every processor; LLVM splits them where registers are narrower.

Arrays are passed as their data address (``array.ctypes.data``), rows are LANES bytes.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from latent_ebm.kernels.cpu.jit import kernel

LANES = 64

_BYTES = ir.VectorType(ir.IntType(8), LANES)
_FLAGS = ir.VectorType(ir.IntType(1), LANES)
_MASK = ir.IntType(64)


def _splat(builder, value, vector=_BYTES):
    """A vector with all lanes equal to a scalar."""
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


def _row(builder, base, index):
    """The address of a row of LANES bytes, as a pointer to a vector."""
    offset = builder.mul(index, ir.IntType(64)(LANES))
    return builder.inttoptr(builder.add(base, offset), _BYTES.as_pointer())


def _load(builder, base, index):
    return builder.load(_row(builder, base, index), align=1)


def _store(builder, vector, base, index):
    builder.store(vector, _row(builder, base, index), align=1)


def _call(builder, name, *args):
    """An LLVM intrinsic on byte vectors, such as ``llvm.sadd.sat``."""
    function_type = ir.FunctionType(_BYTES, [_BYTES] * len(args))
    function = cgutils.get_or_insert_function(builder.module, function_type, f"{name}.v{LANES}i8")
    return builder.call(function, args)


@kernel
def aligned_rows(count):
    """Rows of LANES bytes that start on cache lines; a row across two lines costs twice."""
    raw = np.empty((count + 1) * LANES, np.int8)
    skip = -raw.ctypes.data % LANES
    return raw[skip : skip + count * LANES].reshape(count, LANES)


@intrinsic
def fill_row(typing_context, base, index, value):
    """Set all lanes of a row to a byte."""

    def generate(context, builder, signature, args):
        low = builder.trunc(args[2], ir.IntType(8))
        _store(builder, _splat(builder, low), args[0], args[1])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def raise_row(typing_context, tops, group, scores, replica):
    """tops[group] = max(tops[group], scores[replica]), lane by lane."""

    def generate(context, builder, signature, args):
        best = _call(
            builder,
            "llvm.smax",
            _load(builder, args[0], args[1]),
            _load(builder, args[2], args[3]),
        )
        _store(builder, best, args[0], args[1])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), generate


@intrinsic
def update_entry(
    typing_context, scores, counts, tops, next_tops, group_of, entry, first, last, step, unit
):
    """One sweep of one entry; returns the lanes, as bits, whose views disagree about it.

    The entry's replicas are rows ``first`` to ``last`` of ``scores``; ``group_of`` is the
    address of an int32 array with the group of each replica. See ``reference/splitting.py``.
    """

    def generate(context, builder, signature, args):
        (scores, counts, tops, next_tops, group_of, entry, first, last, step, unit) = args
        byte, word = ir.IntType(8), ir.IntType(64)
        zero = ir.Constant(_BYTES, None)
        unit = _splat(builder, builder.trunc(unit, byte))
        step = _splat(builder, builder.trunc(step, byte))

        def group(replica):
            address = builder.add(group_of, builder.mul(replica, word(4)))
            index = builder.load(builder.inttoptr(address, ir.IntType(32).as_pointer()))
            return builder.sext(index, word)

        def chosen(replica):
            score = _load(builder, scores, replica)
            top = _load(builder, tops, group(replica))
            return score, builder.icmp_signed("==", score, top)

        total = cgutils.alloca_once_value(builder, zero)
        with cgutils.for_range_slice(builder, first, last, word(1), word) as (replica, _):
            _, picked = chosen(replica)
            vote = builder.select(picked, step, zero)
            builder.store(builder.add(builder.load(total), vote), total)

        count = builder.load(total)
        drift = builder.sub(builder.add(count, count), _load(builder, counts, entry))
        drift_if_chosen = builder.sub(drift, unit)
        _store(builder, count, counts, entry)
        with cgutils.for_range_slice(builder, first, last, word(1), word) as (replica, _):
            score, picked = chosen(replica)
            move = builder.select(picked, drift_if_chosen, drift)
            score = _call(builder, "llvm.sadd.sat", score, move)
            _store(builder, score, scores, replica)
            target = group(replica)
            top = _call(builder, "llvm.smax", _load(builder, next_tops, target), score)
            _store(builder, top, next_tops, target)

        split = builder.and_(
            builder.icmp_signed("!=", count, zero), builder.icmp_signed("!=", count, unit)
        )
        return builder.bitcast(split, _MASK)

    return types.int64(*[types.int64] * 10), generate


@intrinsic
def start_entry(typing_context, scores, first, last, counter, key, bound):
    """Give an entry's replicas random scores; the mean of several is about 0.

    Replica r draws bytes a_r from 0..bound (a power of two less 1), lane 4 j + k from byte k
    of lowbias32(key ^ (LANES / 4 * (counter + r) + j)), and starts at mean(a) - a_r, with
    mean(a) = (sum(a) * (2048 // Q)) >> 11, or 0 if Q = 1.
    """
    words = ir.VectorType(ir.IntType(32), LANES // 4)
    wide = ir.VectorType(ir.IntType(16), LANES)

    def generate(context, builder, signature, args):
        scores, first, last, counter, key, bound = args
        i16, i32, word = ir.IntType(16), ir.IntType(32), ir.IntType(64)
        key = _splat(builder, builder.trunc(key, i32), words)
        bound = _splat(builder, builder.trunc(bound, ir.IntType(8)))
        total = cgutils.alloca_once_value(builder, ir.Constant(wide, None))
        with cgutils.for_range_slice(builder, first, last, word(1), word) as (replica, _):
            place = builder.add(counter, builder.sub(replica, first))
            noise = builder.and_(_hash(builder, place, key, words), bound)
            _store(builder, noise, scores, replica)
            sum_ = builder.add(builder.load(total), builder.zext(noise, wide))
            builder.store(sum_, total)
        views = builder.sub(last, first)
        # a lone view less its own mean would be 0 in every entry: ties that nothing breaks
        several = builder.icmp_signed(">", views, word(1))
        factor = builder.select(several, builder.sdiv(word(2048), views), word(0))
        factor = builder.trunc(factor, i16)
        mean = builder.mul(builder.load(total), _splat(builder, factor, wide))
        mean = builder.lshr(mean, ir.Constant(wide, [i16(11)] * LANES))
        mean = builder.trunc(mean, _BYTES)
        with cgutils.for_range_slice(builder, first, last, word(1), word) as (replica, _):
            score = builder.sub(mean, _load(builder, scores, replica))
            _store(builder, score, scores, replica)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 6), generate


def _hash(builder, place, key, words):
    """LANES random bytes: lowbias32 (Wellons 2018) of consecutive counters."""
    i32 = ir.IntType(32)

    def constant(value):
        return ir.Constant(words, [i32(value)] * words.count)

    counter = builder.trunc(builder.mul(place, ir.IntType(64)(words.count)), i32)
    iota = ir.Constant(words, [i32(j) for j in range(words.count)])
    mixed = builder.xor(builder.add(_splat(builder, counter, words), iota), key)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        mixed = builder.xor(mixed, builder.lshr(mixed, constant(shift)))
        mixed = builder.mul(mixed, constant(factor))
    mixed = builder.xor(mixed, builder.lshr(mixed, constant(16)))
    return builder.bitcast(mixed, _BYTES)
