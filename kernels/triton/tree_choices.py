"""The best derivation of a tree, and samples of it, as Triton code; see ``tree_passes.py``."""

from __future__ import annotations

import triton
import triton.language as tl

from latent_ebm.kernels.triton.tree_passes import add_children, go_up, start_absent


@triton.jit
def best_kernel(
    scores, terms, inside, up, member, signature, chosen, picked, values, total,
    links, parents, rows, members, of_type, types,
    slots, states, count, num_types, num_rows,
    positions, most_members, most_of_type, most_types, BLOCK: tl.constexpr,
):  # fmt: skip
    """Max-product with back-pointers: the best member, signature and type of everything."""
    b = tl.program_id(0).to(tl.int64)
    scores += b * slots * states
    terms += b * slots * count
    member += b * slots * count
    inside += b * slots * num_types
    signature += b * slots * num_types
    up += b * (slots + 1) * num_rows
    chosen += b * slots * num_rows
    picked += b * slots
    values += b * slots
    start_absent(up + slots * num_rows, num_rows, BLOCK)
    tl.debug_barrier()
    for i in range(slots):
        s = slots - 1 - i
        own = terms + s * count
        _maxima(scores + s * states, own, member + s * count, members, count, most_members, BLOCK)
        tl.debug_barrier()
        add_children(own, own, up, links + s * positions, rows, count, num_rows, positions, BLOCK)
        tl.debug_barrier()
        below = inside + s * num_types
        _maxima(own, below, signature + s * num_types, of_type, num_types, most_of_type, BLOCK)
        tl.debug_barrier()
        _maxima(below, up + s * num_rows, chosen + s * num_rows, types, num_rows, most_types, BLOCK)
        tl.debug_barrier()
    g = 0
    most = tl.load(inside)
    for other in range(1, num_types - 1):
        candidate = tl.load(inside + other)
        g = tl.where(candidate > most, other, g)
        most = tl.maximum(candidate, most)
    tl.store(total + b, most)
    for s in range(slots):
        if s > 0:
            above = tl.load(picked + tl.load(parents + 2 * s))
            row = tl.load(rows + tl.load(parents + 2 * s + 1) * count + above)
            g = tl.load(chosen + s * num_rows + row)
        k = tl.load(signature + s * num_types + g)
        p = tl.load(member + s * count + k)
        tl.store(picked + s, k)
        tl.store(values + s, tl.where(most == float("-inf"), -1, p))
        tl.debug_barrier()


@triton.jit
def _maxima(numbers, out, chosen, table, count, width, BLOCK: tl.constexpr):
    """Out[r] = max over w of numbers[table[w, r]], chosen[r] the first that reaches it."""
    for base in range(0, count, BLOCK):
        r = base + tl.arange(0, BLOCK)
        here = r < count
        best = tl.maximum(tl.load(table + r, here, 0), 0)
        top = tl.full([BLOCK], float("-inf"), out.dtype.element_ty)
        for w in range(width):
            item = tl.load(table + w * count + r, here, -1)
            number = tl.load(numbers + item, item >= 0, float("-inf"))
            best = tl.where(number > top, item, best)
            top = tl.maximum(number, top)
        tl.store(out + r, top, here)
        tl.store(chosen + r, best, here)


@triton.jit
def up_kernel(
    scores, groups, terms, inside, up, links, rows, members, of_type, types,
    slots, states, count, num_types, num_rows,
    positions, most_members, most_of_type, most_types, BLOCK: tl.constexpr,
):  # fmt: skip
    """The pass up of one tree, for samples."""
    b = tl.program_id(0).to(tl.int64)
    go_up(
        scores + b * slots * states, groups + b * slots * count, terms + b * slots * count,
        inside + b * slots * num_types, up + b * (slots + 1) * num_rows,
        links, rows, members, of_type, types, slots, states, count, num_types, num_rows,
        positions, most_members, most_of_type, most_types, BLOCK,
    )  # fmt: skip


@triton.jit
def sample_kernel(
    scores, terms, inside, uniforms, picked, values,
    parents, rows, members, of_type, choices,
    draws, slots, states, count, num_types, num_choices,
    most_members, most_of_type, most_choices,
    MEMBERS: tl.constexpr, SIGNATURES: tl.constexpr, TYPES: tl.constexpr,
):  # fmt: skip
    """One sample of one tree, from the root down; the last row of choices is the root's."""
    b = tl.program_id(0).to(tl.int64)
    c = b * draws + tl.program_id(1)
    scores += b * slots * states
    terms += b * slots * count
    inside += b * slots * num_types
    uniforms += c * slots
    picked += c * slots
    values += c * slots
    feasible = 1
    for s in range(slots):
        row = num_choices - 1
        if s > 0:
            above = tl.load(picked + tl.load(parents + 2 * s))
            row = tl.load(rows + tl.load(parents + 2 * s + 1) * count + above)
        g, rest, some = _draw(
            inside + s * num_types, choices, num_choices, row, most_choices,
            tl.load(uniforms + s), TYPES,
        )  # fmt: skip
        k, rest, _ = _draw(terms + s * count, of_type, num_types, g, most_of_type, rest, SIGNATURES)
        p, rest, _ = _draw(scores + s * states, members, count, k, most_members, rest, MEMBERS)
        feasible = feasible & some
        tl.store(picked + s, k)
        tl.store(values + s, tl.where(feasible > 0, p, -1))
        tl.debug_barrier()


@triton.jit
def _draw(numbers, table, count, row, width, uniform, WIDTH: tl.constexpr):
    """The item of a row at which the summed exp exceeds a share of the whole sum.

    Also how far the share reaches into that item, a uniform number again, and whether there is
    anything to draw.
    """
    w = tl.arange(0, WIDTH)
    item = tl.load(table + w * count + row, w < width, -1)
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
