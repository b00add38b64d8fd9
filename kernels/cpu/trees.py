"""Inference on derivation trees, compiled; defined in ``reference/trees.py``.

LANES trees go side by side, innermost, so that every step is a vector operation. Productions of
one signature are summed first; the passes up and down then work on signatures, rows and types.
``exponential`` is 0 of what is no number, so -inf less -inf, a share of nothing, is 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.cpu.logarithms import exponential, logarithm
from latent_ebm.kernels.trees import NOTHING, Trees

if TYPE_CHECKING:
    from torch import Tensor

LANES = 32


def tree_inside(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """See :func:`latent_ebm.kernels.reference.trees.tree_inside`."""
    flat = scores.detach().contiguous().numpy()
    total = np.empty(len(flat), flat.dtype)
    marginals = np.empty(flat.shape, flat.dtype)
    _inside_batch(flat, *_tables(trees), total, marginals)
    return torch.from_numpy(total), torch.from_numpy(marginals)


def tree_best(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """See :func:`latent_ebm.kernels.reference.trees.tree_best`."""
    flat = scores.detach().contiguous().numpy()
    values = np.empty(flat.shape[:2], np.int32)
    total = np.empty(len(flat), flat.dtype)
    _best_batch(flat, *_tables(trees)[:-1], trees.parents, values, total)
    return torch.from_numpy(values), torch.from_numpy(total)


def tree_sample(trees: Trees, scores: Tensor, uniforms: Tensor) -> Tensor:
    """See :func:`latent_ebm.kernels.reference.trees.tree_sample`."""
    flat = scores.detach().contiguous().numpy()
    drawn = uniforms.detach().double().contiguous().numpy()
    values = np.empty(drawn.shape, np.int32)
    _sample_batch(flat, *_tables(trees)[:-1], trees.parents, drawn, values)
    return torch.from_numpy(values)


@lru_cache(maxsize=16)
def _tables(trees: Trees) -> tuple[np.ndarray, ...]:
    """Trees as the arrays that all kernels take, in their order.

    Unsigned, so that Numba need not look for negative indices.
    """
    types, members = trees.types_of_rows, trees.members
    tables = (
        trees.links,
        trees.signatures,
        trees.first_of_type,
        types.offsets,
        types.items,
        members.offsets,
        members.items,
        trees.signature_of,
    )
    return tuple(table.astype(np.uint32) for table in tables)


@kernel
def _inside_batch(
    scores, links, signatures, first_of_type, row_offsets, row_types,
    member_offsets, members, signature_of, total, marginals,
):  # fmt: skip
    slots, count, dtype = len(links), len(signatures), scores.dtype
    groups = np.empty((slots, count, LANES), dtype)
    terms = np.empty((slots, count, LANES), dtype)
    inside = np.empty((slots, len(first_of_type) - 1, LANES), dtype)
    up = np.empty((slots + 1, len(row_offsets) - 1, LANES), dtype)
    buffer = np.empty((scores.shape[2], LANES), dtype)
    expected = np.empty((slots + 1, len(row_offsets) - 1, LANES), dtype)
    chances = np.empty((len(first_of_type) - 1, LANES), dtype)
    weights = np.empty((count, LANES), dtype)
    log, weight = np.empty(count, dtype), np.empty(count, dtype)
    for start in range(0, len(scores), LANES):
        lanes = min(LANES, len(scores) - start)
        _go_up(
            scores[start : start + lanes], links, signatures, first_of_type, row_offsets,
            row_types, member_offsets, members, buffer, groups, terms, inside, up,
        )  # fmt: skip
        expected[:] = 0
        for s in range(slots):
            if s == 0:
                _chances_at_root(inside[0], chances, total[start : start + lanes])
            else:
                _chances(inside[s], up[s], expected[s], row_offsets, row_types, chances)
            _weigh(terms[s], inside[s], chances, signatures, weights)
            for j in range(links.shape[1]):
                _expect(weights, signatures[:, 1 + j], expected[links[s, j]])
            for lane in range(lanes):
                for k in range(count):
                    log[k] = groups[s, k, lane]
                    weight[k] = weights[k, lane]
                _share(scores[start + lane, s], signature_of, log, weight,
                       marginals[start + lane, s])  # fmt: skip


@kernel
def _go_up(
    scores, links, signatures, first_of_type, row_offsets, row_types, member_offsets, members,
    buffer, groups, terms, inside, up,
):  # fmt: skip
    """Fill groups, terms, inside and up for the trees of scores [at most LANES, S, P + 1]."""
    slots = len(links)
    every = np.arange(len(signatures), dtype=np.uint32)
    top = np.empty(LANES, scores.dtype)
    up[slots] = -np.inf
    up[slots, NOTHING] = 0  # the slot beyond the skeleton is EMPTY
    for s in range(slots - 1, -1, -1):
        _side_by_side(scores, s, buffer)
        _log_sums(buffer, member_offsets, members, top, groups[s])
        _add_children(groups[s], signatures, links[s], up, terms[s])
        _log_sums(terms[s], first_of_type, every, top, inside[s])
        _log_sums(inside[s], row_offsets, row_types, top, up[s])


@kernel
def _side_by_side(scores, s, buffer):
    """The scores of a slot as [P + 1, LANES]; lanes beyond the batch repeat its last tree."""
    for lane in range(LANES):
        source = scores[min(lane, len(scores) - 1), s]
        for p in range(len(source)):
            buffer[p, lane] = source[p]


@kernel
def _log_sums(numbers, offsets, places, top, out):
    """Row r of out is the log of the summed exp of those rows of numbers that places name."""
    for r in range(len(offsets) - 1):
        first, last = offsets[r], offsets[r + 1]
        if last == first + 1:
            for lane in range(LANES):
                out[r, lane] = numbers[places[first], lane]
            continue
        top[:] = -np.inf
        for place in range(first, last):
            source = places[place]
            for lane in range(LANES):
                top[lane] = max(numbers[source, lane], top[lane])
        out[r] = 0
        for place in range(first, last):
            source = places[place]
            for lane in range(LANES):
                out[r, lane] += exponential(numbers[source, lane] - top[lane])
        for lane in range(LANES):
            out[r, lane] = logarithm(out[r, lane]) + top[lane]


@kernel
def _add_children(groups, signatures, links, up, terms):
    """Terms of a slot: the sum over each signature, and what its children have below."""
    for k in range(len(signatures)):
        for lane in range(LANES):
            terms[k, lane] = groups[k, lane]
        for j in range(len(links)):
            child, row = links[j], signatures[k, 1 + j]
            for lane in range(LANES):
                terms[k, lane] += up[child, row, lane]


@kernel
def _chances_at_root(inside, chances, total):
    """Log Z of each tree, and the chance of each type at its root."""
    last = len(inside) - 1
    chances[last] = 0
    for lane in range(LANES):
        top = inside[0, lane]
        for g in range(1, last):
            top = max(top, inside[g, lane])
        whole = top
        if top > -np.inf:
            summed = inside.dtype.type(0)
            for g in range(last):
                summed += exponential(inside[g, lane] - top)
            whole = logarithm(summed) + top
        for g in range(last):
            chances[g, lane] = exponential(inside[g, lane] - whole)
        if lane < len(total):
            total[lane] = whole


@kernel
def _chances(inside, up, expected, row_offsets, row_types, chances):
    """The chance of each type: what each row expects, shared out among its types."""
    chances[:] = 0
    for r in range(len(row_offsets) - 1):
        for place in range(row_offsets[r], row_offsets[r + 1]):
            g = row_types[place]
            for lane in range(LANES):
                share = exponential(inside[g, lane] - up[r, lane])
                chances[g, lane] += expected[r, lane] * share


@kernel
def _weigh(terms, inside, chances, signatures, weights):
    """The chance of each signature: that of its type, shared out by the terms."""
    for k in range(len(signatures)):
        g = signatures[k, 0]
        for lane in range(LANES):
            weights[k, lane] = chances[g, lane] * exponential(terms[k, lane] - inside[g, lane])


@kernel
def _expect(weights, rows, expected):
    """Add the chances of the signatures to the rows that they expect of a child."""
    for k in range(len(rows)):
        row = rows[k]
        for lane in range(LANES):
            expected[row, lane] += weights[k, lane]


@kernel
def _share(scores, signature_of, log, weight, marginals):
    """The chance of each state: that of its signature, shared out by the scores."""
    # three loops, for LLVM vectorises the one in the middle only without the look-ups
    for p in range(len(scores)):
        marginals[p] = scores[p] - log[signature_of[p]]
    for p in range(len(scores)):
        marginals[p] = exponential(marginals[p])
    for p in range(len(scores)):
        marginals[p] *= weight[signature_of[p]]


@kernel
def _best_batch(
    scores, links, signatures, first_of_type, row_offsets, row_types, member_offsets, members,
    parents, values, total,
):  # fmt: skip
    slots, types, rows = len(links), len(first_of_type) - 1, len(row_offsets) - 1
    count, dtype = len(signatures), scores.dtype
    every = np.arange(count, dtype=np.uint32)
    buffer = np.empty((scores.shape[2], LANES), dtype)
    groups = np.empty((count, LANES), dtype)
    terms = np.empty((count, LANES), dtype)
    inside = np.empty((types, LANES), dtype)
    up = np.empty((slots + 1, rows, LANES), dtype)
    member = np.empty((slots, count, LANES), np.int32)
    signature = np.empty((slots, types, LANES), np.int32)
    best_type = np.empty((slots, rows, LANES), np.int32)
    chosen = np.empty(slots, np.int32)
    up[slots] = -np.inf
    up[slots, NOTHING] = 0  # the slot beyond the skeleton is EMPTY
    for start in range(0, len(scores), LANES):
        lanes = min(LANES, len(scores) - start)
        for s in range(slots - 1, -1, -1):
            _side_by_side(scores[start : start + lanes], s, buffer)
            _maxima(buffer, member_offsets, members, groups, member[s])
            _add_children(groups, signatures, links[s], up, terms)
            _maxima(terms, first_of_type, every, inside, signature[s])
            _maxima(inside, row_offsets, row_types, up[s], best_type[s])
        for lane in range(lanes):
            g = 0
            for other in range(1, types - 1):
                if inside[other, lane] > inside[g, lane]:
                    g = other
            best = inside[g, lane]
            total[start + lane] = best
            for s in range(slots):
                if s > 0:
                    row = signatures[chosen[parents[s, 0]], 1 + parents[s, 1]]
                    g = best_type[s, row, lane]
                chosen[s] = signature[s, g, lane]
                values[start + lane, s] = member[s, chosen[s], lane] if best > -np.inf else -1


@kernel
def _maxima(numbers, offsets, places, out, chosen):
    """Row r of out is the first greatest of those rows of numbers that places name."""
    for r in range(len(offsets) - 1):
        for lane in range(LANES):
            out[r, lane] = -np.inf
            chosen[r, lane] = places[offsets[r]]
        for place in range(offsets[r], offsets[r + 1]):
            source = places[place]
            for lane in range(LANES):
                number, before = numbers[source, lane], out[r, lane]
                chosen[r, lane] = np.int32(source) if number > before else chosen[r, lane]
                out[r, lane] = max(number, before)


@kernel
def _sample_batch(
    scores, links, signatures, first_of_type, row_offsets, row_types, member_offsets, members,
    parents, uniforms, values,
):  # fmt: skip
    slots, count, dtype = len(links), len(signatures), scores.dtype
    types = len(first_of_type) - 1
    every = np.arange(max(count, types), dtype=np.uint32)
    chosen = np.empty(slots, np.int32)
    groups = np.empty((slots, count, LANES), dtype)
    terms = np.empty((slots, count, LANES), dtype)
    inside = np.empty((slots, types, LANES), dtype)
    up = np.empty((slots + 1, len(row_offsets) - 1, LANES), dtype)
    buffer = np.empty((scores.shape[2], LANES), dtype)
    for start in range(0, len(scores), LANES):
        lanes = min(LANES, len(scores) - start)
        _go_up(
            scores[start : start + lanes], links, signatures, first_of_type, row_offsets,
            row_types, member_offsets, members, buffer, groups, terms, inside, up,
        )  # fmt: skip
        for lane in range(lanes):
            feasible = inside[0, : types - 1, lane].max() > -np.inf
            for c in range(uniforms.shape[1]):
                drawn = values[start + lane, c]
                if not feasible:
                    drawn[:] = -1
                    continue
                for s in range(slots):
                    allowed = every[: types - 1]
                    if s > 0:
                        row = signatures[chosen[parents[s, 0]], 1 + parents[s, 1]]
                        allowed = row_types[row_offsets[row] : row_offsets[row + 1]]
                    rest = np.float64(uniforms[start + lane, c, s])
                    g, rest = _draw(inside[s, :, lane], allowed, rest)
                    alike = every[first_of_type[g] : first_of_type[g + 1]]
                    k, rest = _draw(terms[s, :, lane], alike, rest)
                    chosen[s] = k
                    alike = members[member_offsets[k] : member_offsets[k + 1]]
                    drawn[s], _ = _draw(scores[start + lane, s], alike, rest)


@kernel
def _draw(numbers, places, uniform):
    """The place at which the summed exp of the numbers exceeds a share of their whole sum.

    Also how far the share reaches into that place, in [0, 1]: a uniform number again.
    """
    top = numbers[places[0]]
    for place in places:
        top = max(top, numbers[place])
    total = 0.0
    for place in places:
        total += np.float64(exponential(numbers[place] - top))
    left = uniform * total
    chosen, part = places[0], 1.0
    for place in places:
        size = np.float64(exponential(numbers[place] - top))
        if size > 0:
            chosen, part = place, size
            if left < size:
                break
            left -= size
    return chosen, min(left / part, 1.0)
