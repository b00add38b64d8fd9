"""The steps of the passes over one tree, as Triton code; ``tree_steps.py`` lists them.

One program works on one tree, whose cells stay in the caches of one multiprocessor. Every step
only gathers, one thread a cell, and a barrier makes what it has written visible to the next. The
steps are read from memory, so that a program holds few numbers at a time whatever the tree.
"""

from __future__ import annotations

import triton
import triton.language as tl

LOG_SUM: tl.constexpr = tl.constexpr(0)
SUM: tl.constexpr = tl.constexpr(1)
SHARE: tl.constexpr = tl.constexpr(2)

FIELDS: tl.constexpr = tl.constexpr(7)
"""Of a step: its kind, the first cell that it writes, where its table begins, the columns and
rows of that, the first of its own cells (or -1), and the distance from a whole to its chance."""


@triton.jit
def passes_kernel(
    cells, chosen, tables, steps, size, count, BEST: tl.constexpr, BLOCK: tl.constexpr
):  # fmt: skip
    """Run the first steps on one tree.

    With BEST, maxima stand in place of the log-sums, and remember in ``chosen`` the first cell
    that reaches them.
    """
    b = tl.program_id(0).to(tl.int64)
    cells += b * size
    for i in range(count):
        step = steps + i * FIELDS
        kind = tl.load(step)
        out = tl.load(step + 1)
        table = tables + tl.load(step + 2)
        columns = tl.load(step + 3)
        width = tl.load(step + 4)
        own = tl.load(step + 5)
        for base in range(0, columns, BLOCK):
            r = base + tl.arange(0, BLOCK)
            here = r < columns
            if kind == SUM:
                result = _sum(cells, table + r, r, columns, width, own)
            elif BEST:
                result, best = _maximum(cells, table + r, here, columns, width, BLOCK)
                tl.store(chosen + b * size + out + r, best, here)
            elif kind == LOG_SUM:
                result = _log_sum(cells, table + r, here, columns, width, BLOCK)
            else:
                shift = tl.load(step + 6)
                result = _share(cells, table + r, r, columns, width, own, shift, BLOCK)
            tl.store(cells + out + r, result, here)
        tl.debug_barrier()


@triton.jit
def _maximum(cells, table, here, columns, width, BLOCK: tl.constexpr):
    """The greatest of the cells of each column of a table, and the first that is so."""
    best = tl.maximum(tl.load(table, here, 0), 0)
    top = tl.full([BLOCK], float("-inf"), cells.dtype.element_ty)
    for w in range(width):
        cell = tl.load(table + w * columns, here, -1)
        number = tl.load(cells + cell, cell >= 0, float("-inf"))
        best = tl.where(number > top, cell, best)
        top = tl.maximum(number, top)
    return top, best


@triton.jit
def _log_sum(cells, table, here, columns, width, BLOCK: tl.constexpr):
    """Log of the sum of exp over the cells of each column of a table; fillers are -1."""
    top = tl.full([BLOCK], float("-inf"), cells.dtype.element_ty)
    for w in range(width):
        cell = tl.load(table + w * columns, here, -1)
        top = tl.maximum(top, tl.load(cells + cell, cell >= 0, float("-inf")))
    top = tl.where(top == float("-inf"), 0.0, top)
    total = tl.zeros([BLOCK], cells.dtype.element_ty)
    for w in range(width):
        cell = tl.load(table + w * columns, here, -1)
        total += tl.exp(tl.load(cells + cell, cell >= 0, float("-inf")) - top)
    some = total > 0
    return tl.where(some, tl.log(tl.where(some, total, 1.0)) + top, float("-inf"))


@triton.jit
def _sum(cells, table, r, columns, width, own):
    """The sum over the cells of each column, and of the cell at ``own + r`` if there is one."""
    total = tl.load(cells + tl.maximum(own, 0) + r, r < columns, 0.0)
    total = tl.where(own >= 0, total, 0.0)
    for w in range(width):
        cell = tl.load(table + w * columns, r < columns, -1)
        total += tl.load(cells + cell, cell >= 0, 0.0)
    return total


@triton.jit
def _share(cells, table, r, columns, width, own, shift, BLOCK: tl.constexpr):
    """The sum, over the cells of each column, of what stands there for this cell.

    Cell q stands for the log of a whole, of which ``own + r`` is a part, and q + shift for the
    chance of the whole. Of nothing, -inf, there is no part.
    """
    part = tl.load(cells + own + r, r < columns, float("-inf"))
    total = tl.zeros([BLOCK], cells.dtype.element_ty)
    for w in range(width):
        cell = tl.load(table + w * columns, r < columns, -1)
        whole = tl.load(cells + cell, cell >= 0, float("-inf"))
        nothing = whole == float("-inf")
        difference = part - tl.where(nothing, 0.0, whole)
        share = tl.exp(tl.where(nothing, float("-inf"), difference))
        total += tl.load(cells + cell + shift, cell >= 0, 0.0) * share
    return total
