"""Exponential and logarithm that LLVM can vectorise: no calls, no branches.

Numba calls the C library for each number, which keeps loops over lanes scalar. These are plain
arithmetic on float32 or float64: ``exp x = 2^n e^r`` with ``|r| <= ln 2 / 2`` and the Taylor
series of ``e^r``, and ``log x = n ln 2 + 2 artanh((m - 1) / (m + 1))`` with ``x = 2^n m`` and m
between the square roots of 1/2 and 2. Both are exact at 0 and 1, and right to a few units of the
last place elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


@dataclass(frozen=True)
class _Format:
    """A binary floating-point format, and how many terms of the series it takes.

    ``ln 2 = high + low``, where high has so few bits that its product with an exponent is exact.
    """

    number: ir.Type
    word: ir.Type
    mantissa: int
    bias: int
    lowest: float
    exponential_terms: int
    artanh_terms: int
    high: float

    @property
    def low(self) -> float:
        return float(_LOG_OF_TWO - Decimal(self.high))


_LOG_OF_TWO = Decimal("0.693147180559945309417232121458176568")

_FORMATS = {
    types.float32: _Format(ir.FloatType(), ir.IntType(32), 23, 127, -87.0, 8, 5, 0.693359375),
    types.float64: _Format(
        ir.DoubleType(), ir.IntType(64), 52, 1023, -708.0, 14, 11, math.ldexp(0xB17217F8, -32)
    ),
}


def _exponential(typing_context, x):
    form = _FORMATS[x]

    def generate(context, builder, signature, args):
        number = form.number
        lowest = number(form.lowest)
        inside = builder.fcmp_ordered(">", args[0], lowest)
        x = builder.select(inside, args[0], lowest)
        scaled = builder.fadd(builder.fmul(x, number(1 / math.log(2))), number(0.5))
        n = _floor(builder, form, scaled)
        r = builder.fsub(x, builder.fmul(n, number(form.high)))
        r = builder.fsub(r, builder.fmul(n, number(form.low)))
        total = number(1 / math.factorial(form.exponential_terms - 1))
        for k in reversed(range(form.exponential_terms - 1)):
            total = builder.fadd(builder.fmul(total, r), number(1 / math.factorial(k)))
        exponent = builder.add(builder.fptosi(n, form.word), form.word(form.bias))
        power = builder.bitcast(builder.shl(exponent, form.word(form.mantissa)), number)
        return builder.select(inside, builder.fmul(total, power), number(0.0))

    return x(x), generate


def _logarithm(typing_context, x):
    form = _FORMATS[x]

    def generate(context, builder, signature, args):
        number, word = form.number, form.word
        # the bits of the root of 1/2: what lies above them, up to the next power, is one octave
        root = word(_bits(math.sqrt(0.5), form))
        shifted = builder.sub(builder.bitcast(args[0], word), root)
        n = builder.sitofp(builder.ashr(shifted, word(form.mantissa)), number)
        within = builder.and_(shifted, word((1 << form.mantissa) - 1))
        m = builder.bitcast(builder.add(within, root), number)
        one = number(1.0)
        t = builder.fdiv(builder.fsub(m, one), builder.fadd(m, one))
        square = builder.fmul(t, t)
        total = number(2 / (2 * form.artanh_terms - 1))
        for k in reversed(range(form.artanh_terms - 1)):
            total = builder.fadd(builder.fmul(total, square), number(2 / (2 * k + 1)))
        small = builder.fadd(builder.fmul(t, total), builder.fmul(n, number(form.low)))
        result = builder.fadd(builder.fmul(n, number(form.high)), small)
        positive = builder.fcmp_ordered(">", args[0], number(0.0))
        return builder.select(positive, result, number(-math.inf))

    return x(x), generate


exponential: Any = intrinsic(_exponential)
"""E to the power of x, for x up to 80; 0 below -87 (float32) or -708 (float64), and of NaN."""

logarithm: Any = intrinsic(_logarithm)
"""The natural logarithm of a normal positive x; minus infinity at 0."""


def _floor(builder, form, value):
    name = "llvm.floor.f32" if form.mantissa == 23 else "llvm.floor.f64"
    kind = ir.FunctionType(form.number, [form.number])
    module = builder.module
    function = module.globals.get(name) or ir.Function(module, kind, name)
    return builder.call(function, [value])


def _bits(value, form):
    """The bits of a positive number in a format, rounded down."""
    fraction, exponent = math.frexp(value)
    scaled = int(math.ldexp(fraction, form.mantissa + 1)) & ((1 << form.mantissa) - 1)
    return ((exponent - 1 + form.bias) << form.mantissa) | scaled
