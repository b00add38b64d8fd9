"""The passes of one tree, as Triton code: up, down, the best derivation and samples.

One program works on one tree, whose tables stay in the caches of one multiprocessor. Every step
only gathers, through padded tables that lie column by column, one thread a row: the productions
of a signature, the signatures of a type, the types of a row, and back. A barrier makes what one
step has written visible to the next.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def inside_kernel(
    scores, groups, terms, inside, up, expected, chances, weights, marginals, total,
    links, results, rows, members, of_type, types, signature_of, holders, expecting,
    slots, states, count, num_types, num_rows,
    positions, most_members, most_of_type, most_types, most_holders, most_expecting,
    BLOCK: tl.constexpr,
):  # fmt: skip
    """Log Z and marginals of one tree."""
    b = tl.program_id(0).to(tl.int64)
    scores += b * slots * states
    groups += b * slots * count
    terms += b * slots * count
    inside += b * slots * num_types
    up += b * (slots + 1) * num_rows
    expected += b * (slots + 1) * num_rows
    chances += b * num_types
    weights += b * count
    marginals += b * slots * states
    go_up(
        scores, groups, terms, inside, up, links, rows, members, of_type, types,
        slots, states, count, num_types, num_rows,
        positions, most_members, most_of_type, most_types, BLOCK,
    )  # fmt: skip
    whole = _whole(inside, num_types - 1, BLOCK)
    tl.store(total + b, whole)
    for s in range(slots):
        below = inside + s * num_types
        if s == 0:
            _root_chances(below, chances, whole, num_types, BLOCK)
        else:
            _chances(
                below, up + s * num_rows, expected + s * num_rows, chances, holders,
                num_types, most_holders, BLOCK,
            )  # fmt: skip
        tl.debug_barrier()
        _weigh(terms + s * count, below, chances, weights, results, count, BLOCK)
        tl.debug_barrier()
        for j in range(positions):
            child = tl.load(links + s * positions + j)
            inverse = expecting + j * most_expecting * num_rows
            _expect(weights, expected + child * num_rows, inverse, num_rows, most_expecting, BLOCK)
        _share(
            scores + s * states, groups + s * count, weights, signature_of,
            marginals + s * states, states, BLOCK,
        )  # fmt: skip
        tl.debug_barrier()


@triton.jit
def go_up(
    scores, groups, terms, inside, up, links, rows, members, of_type, types,
    slots, states, count, num_types, num_rows,
    positions, most_members, most_of_type, most_types, BLOCK: tl.constexpr,
):  # fmt: skip
    """Fill groups, terms, inside and up from the last slot to the root."""
    start_absent(up + slots * num_rows, num_rows, BLOCK)
    tl.debug_barrier()
    for i in range(slots):
        s = slots - 1 - i
        here = groups + s * count
        _log_sums(scores + s * states, here, members, count, most_members, BLOCK)
        tl.debug_barrier()
        add_children(
            here, terms + s * count, up, links + s * positions, rows, count, num_rows, positions,
            BLOCK,
        )  # fmt: skip
        tl.debug_barrier()
        below = inside + s * num_types
        _log_sums(terms + s * count, below, of_type, num_types, most_of_type, BLOCK)
        tl.debug_barrier()
        _log_sums(below, up + s * num_rows, types, num_rows, most_types, BLOCK)
        tl.debug_barrier()


@triton.jit
def start_absent(up, num_rows, BLOCK: tl.constexpr):
    """The slot beyond the skeleton: EMPTY, which row 0 takes."""
    for base in range(0, num_rows, BLOCK):
        r = base + tl.arange(0, BLOCK)
        nothing = tl.where(r == 0, 0.0, float("-inf")).to(up.dtype.element_ty)
        tl.store(up + r, nothing, r < num_rows)


@triton.jit
def _log_sums(numbers, out, table, count, width, BLOCK: tl.constexpr):
    """Out[r] = log of the sum over w of exp numbers[table[w, r]]."""
    for base in range(0, count, BLOCK):
        r = base + tl.arange(0, BLOCK)
        here = r < count
        top = tl.full([BLOCK], float("-inf"), out.dtype.element_ty)
        for w in range(width):
            item = tl.load(table + w * count + r, here, -1)
            top = tl.maximum(top, tl.load(numbers + item, item >= 0, float("-inf")))
        top = tl.where(top == float("-inf"), 0.0, top)
        total = tl.zeros([BLOCK], out.dtype.element_ty)
        for w in range(width):
            item = tl.load(table + w * count + r, here, -1)
            total += tl.exp(tl.load(numbers + item, item >= 0, float("-inf")) - top)
        some = total > 0
        logs = tl.log(tl.where(some, total, 1.0)) + top
        tl.store(out + r, tl.where(some, logs, float("-inf")), here)


@triton.jit
def add_children(
    groups, terms, up, links, rows, count, num_rows, positions, BLOCK: tl.constexpr
):  # fmt: skip
    """Terms of a slot: the sum over each signature, and what its children have below."""
    for base in range(0, count, BLOCK):
        k = base + tl.arange(0, BLOCK)
        here = k < count
        term = tl.load(groups + k, here, 0.0)
        for j in range(positions):
            row = tl.load(rows + j * count + k, here, 0)
            term += tl.load(up + tl.load(links + j) * num_rows + row, here, 0.0)
        tl.store(terms + k, term, here)


@triton.jit
def _whole(inside, real_types, BLOCK: tl.constexpr):
    """Log Z: the sum over all types of the root but EMPTY's."""
    top = tl.full([BLOCK], float("-inf"), inside.dtype.element_ty)
    for base in range(0, real_types, BLOCK):
        g = base + tl.arange(0, BLOCK)
        top = tl.maximum(top, tl.load(inside + g, g < real_types, float("-inf")))
    most = tl.max(top, 0)
    most = tl.where(most == float("-inf"), 0.0, most)
    total = tl.zeros([BLOCK], inside.dtype.element_ty)
    for base in range(0, real_types, BLOCK):
        g = base + tl.arange(0, BLOCK)
        total += tl.exp(tl.load(inside + g, g < real_types, float("-inf")) - most)
    summed = tl.sum(total, 0)
    return tl.where(summed > 0, tl.log(tl.where(summed > 0, summed, 1.0)) + most, float("-inf"))


@triton.jit
def _ratio(part, whole):
    """Exp of the difference; 0 where the whole, and so the part, is nothing."""
    nothing = whole == float("-inf")
    difference = part - tl.where(nothing, 0.0, whole)
    return tl.exp(tl.where(nothing, float("-inf"), difference))


@triton.jit
def _root_chances(inside, chances, whole, num_types, BLOCK: tl.constexpr):
    """The chance of each type at the root; EMPTY's is 0."""
    for base in range(0, num_types, BLOCK):
        g = base + tl.arange(0, BLOCK)
        chance = _ratio(tl.load(inside + g, g < num_types - 1, float("-inf")), whole)
        tl.store(chances + g, chance, g < num_types)


@triton.jit
def _chances(
    inside, up, expected, chances, holders, num_types, most_holders, BLOCK: tl.constexpr
):  # fmt: skip
    """The chance of each type: its share of what the rows that hold it expect."""
    for base in range(0, num_types, BLOCK):
        g = base + tl.arange(0, BLOCK)
        here = g < num_types
        own = tl.load(inside + g, here, float("-inf"))
        chance = tl.zeros([BLOCK], chances.dtype.element_ty)
        for w in range(most_holders):
            r = tl.load(holders + w * num_types + g, here, -1)
            held = r >= 0
            share = _ratio(own, tl.load(up + r, held, float("-inf")))
            chance += tl.load(expected + r, held, 0.0) * share
        tl.store(chances + g, chance, here)


@triton.jit
def _weigh(terms, inside, chances, weights, results, count, BLOCK: tl.constexpr):
    """The chance of each signature: that of its type, shared out by the terms."""
    for base in range(0, count, BLOCK):
        k = base + tl.arange(0, BLOCK)
        here = k < count
        g = tl.load(results + k, here, 0)
        share = _ratio(
            tl.load(terms + k, here, float("-inf")), tl.load(inside + g, here, float("-inf"))
        )
        tl.store(weights + k, tl.load(chances + g, here, 0.0) * share, here)


@triton.jit
def _expect(weights, expected, expecting, num_rows, most_expecting, BLOCK: tl.constexpr):
    """The chance that each row is expected of a child; the absent slot's is never read."""
    for base in range(0, num_rows, BLOCK):
        r = base + tl.arange(0, BLOCK)
        here = r < num_rows
        chance = tl.zeros([BLOCK], expected.dtype.element_ty)
        for w in range(most_expecting):
            k = tl.load(expecting + w * num_rows + r, here, -1)
            chance += tl.load(weights + k, k >= 0, 0.0)
        tl.store(expected + r, chance, here)


@triton.jit
def _share(scores, groups, weights, signature_of, marginals, states, BLOCK: tl.constexpr):
    """The chance of each state: that of its signature, shared out by the scores."""
    for base in range(0, states, BLOCK):
        p = base + tl.arange(0, BLOCK)
        here = p < states
        k = tl.load(signature_of + p, here, 0)
        share = _ratio(
            tl.load(scores + p, here, float("-inf")), tl.load(groups + k, here, float("-inf"))
        )
        tl.store(marginals + p, tl.load(weights + k, here, 0.0) * share, here)
