"""A heap of numbers by their activity, the more active on top; of equals the lower number.

``heap`` holds the numbers, ``place`` where each stands in it, or -1.
"""

from __future__ import annotations

from latent_ebm.kernels.cpu.jit import kernel


@kernel
def is_above(activity, u, v):
    """Whether u comes before v."""
    return activity[u] > activity[v] or (activity[u] == activity[v] and u < v)


@kernel
def rise(activity, heap, place, at):
    """Restore the order where the number at a place may have become more active."""
    v = heap[at]
    while at > 0:
        parent = (at - 1) >> 1
        u = heap[parent]
        if not is_above(activity, v, u):
            break
        heap[at], place[u] = u, at
        at = parent
    heap[at], place[v] = v, at


@kernel
def sink(activity, heap, place, at, size):
    """Restore the order where the number at a place may be less active than those below."""
    v = heap[at]
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and is_above(activity, heap[child + 1], heap[child]):
            child += 1
        u = heap[child]
        if not is_above(activity, u, v):
            break
        heap[at], place[u] = u, at
        at = child
    heap[at], place[v] = v, at


@kernel
def insert(activity, heap, place, size, v):
    """Put v into a heap of ``size`` numbers."""
    heap[size], place[v] = v, size
    rise(activity, heap, place, size)


@kernel
def pop(activity, heap, place, size):
    """Take the first of a heap of ``size`` numbers."""
    v = heap[0]
    place[v] = -1
    if size > 1:
        heap[0] = heap[size - 1]
        sink(activity, heap, place, 0, size - 1)
    return v
