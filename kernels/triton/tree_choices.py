"""The way from the root down, for the best derivation and for samples, as Triton code."""

from __future__ import annotations

import triton
import triton.language as tl

STAGES: tl.constexpr = tl.constexpr(3)
"""A type is drawn, then a signature of it, then a state of that."""

STAGE_FIELDS: tl.constexpr = tl.constexpr(5)
"""Of a stage: the first cell of the numbers, their cells a slot, where the table begins, and its
columns and rows."""


@triton.jit
def descend_kernel(
    cells, chosen, picked, values, slots, rows,
    size, num_slots, states, count, num_rows, root, up, terms, groups,
):  # fmt: skip
    """Follow what each maximum remembers, from the root's on; one program a tree."""
    b = tl.program_id(0).to(tl.int64)
    chosen += b * size
    picked += b * num_slots
    values += b * num_slots
    feasible = tl.load(cells + b * size + root) > float("-inf")
    for s in range(num_slots):
        parent = tl.load(slots + 3 * s)
        position = tl.maximum(tl.load(slots + 3 * s + 1), 0)
        place = tl.load(slots + 3 * s + 2)
        row = tl.load(rows + position * count + tl.load(picked + tl.maximum(parent, 0)))
        cell = tl.load(chosen + tl.where(parent < 0, root, up + place * num_rows + row))
        term = tl.load(chosen + cell)
        state = tl.load(chosen + groups + term - terms) - s * states
        tl.store(picked + s, term - terms - place * count)
        tl.store(values + s, tl.where(feasible, state, -1))
        tl.debug_barrier()


@triton.jit
def sample_kernel(
    cells, uniforms, picked, values, slots, rows, tables, stages,
    size, draws, num_slots, count, num_rows, WIDTH: tl.constexpr,
):  # fmt: skip
    """One sample of one tree; the last column of the first table is the root's."""
    b = tl.program_id(0).to(tl.int64)
    c = b * draws + tl.program_id(1)
    cells += b * size
    uniforms += c * num_slots
    picked += c * num_slots
    values += c * num_slots
    feasible = 1
    for s in range(num_slots):
        parent = tl.load(slots + 3 * s)
        position = tl.maximum(tl.load(slots + 3 * s + 1), 0)
        place = tl.load(slots + 3 * s + 2)
        row = tl.load(rows + position * count + tl.load(picked + tl.maximum(parent, 0)))
        item = tl.where(parent < 0, num_rows, row)
        uniform = tl.load(uniforms + s)
        for i in range(STAGES):
            stage = stages + i * STAGE_FIELDS
            # the numbers of states lie by slot, the others by depth
            at = tl.where(i == STAGES - 1, s, place)
            numbers = cells + tl.load(stage) + at * tl.load(stage + 1)
            columns = tl.load(stage + 3)
            item, uniform, some = _draw(
                numbers, tables + tl.load(stage + 2) + item, columns, tl.load(stage + 4), uniform,
                WIDTH,
            )  # fmt: skip
            feasible = feasible & some
            if i == STAGES - 2:
                tl.store(picked + s, item)
        tl.store(values + s, tl.where(feasible > 0, item, -1))
        tl.debug_barrier()


@triton.jit
def _draw(numbers, column, columns, width, uniform, WIDTH: tl.constexpr):
    """The item of a column at which the summed exp exceeds a share of the whole sum.

    Also how far the share reaches into that item, a uniform number again, and whether there is
    anything to draw.
    """
    w = tl.arange(0, WIDTH)
    item = tl.load(column + w * columns, w < width, -1)
    number = tl.load(numbers + item, item >= 0, float("-inf"))
    top = tl.max(number, 0)
    size = tl.exp(number - tl.where(top == float("-inf"), 0.0, top)).to(tl.float64)
    sums = tl.cumsum(size, 0)
    target = uniform * tl.max(sums, 0)
    last = tl.max(tl.where(size > 0, w, 0), 0)
    index = tl.min(tl.where((sums > target) & (size > 0), w, WIDTH), 0)
    at = w == tl.minimum(index, last)
    part = tl.sum(tl.where(at, size, 0.0), 0)
    before = tl.sum(tl.where(at, sums - size, 0.0), 0)
    rest = (target - before) / tl.where(part > 0, part, 1.0)
    chosen = tl.max(tl.where(at, item, 0), 0)
    some = (top > float("-inf")).to(tl.int32)
    return chosen, tl.minimum(tl.maximum(rest, 0.0), 1.0), some
