"""Propagation of factors by a work list; see ``reference/factor_propagation.py``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.cpu.filters import GOES, MUST, judge
from latent_ebm.kernels.cpu.jit import kernel
from latent_ebm.kernels.factors import FactorTable, Kind


def propagate_factors(
    num_variables: int, table: FactorTable, mask: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """See :func:`latent_ebm.kernels.reference.factor_propagation.propagate_factors`."""
    out, contradiction = mask.copy(), np.zeros(len(mask), np.bool_)
    automata = np.flatnonzero(table.kind == Kind.REGULAR)
    states = table.parameters.items[table.parameters.offsets[automata]].astype(np.int64)
    steps = table.members.widths[automata] // table.num_values + 1
    watchers = table.watchers(num_variables)
    for b in range(len(mask)):
        live = mask[b].ravel().astype(np.uint8)
        contradiction[b] = not _fixpoint(
            table.kind, table.members.offsets, table.members.items, table.weights,
            table.parameters.offsets, table.parameters.items, table.guard, table.num_values,
            watchers.offsets, watchers.items, live, mask[b].sum(axis=1, dtype=np.int32),
            np.empty(table.members.widths.max(initial=0), np.uint8),
            np.empty((states * steps).max(initial=0), np.uint8),
            np.arange(table.count, dtype=np.int32), np.ones(table.count, np.uint8),
        )  # fmt: skip
        if not contradiction[b]:
            out[b] = live.reshape(mask.shape[1:])
    return out, contradiction


@kernel
def _fixpoint(
    kind, offsets, members, weights, parameter_offsets, parameters, guards, num_values,
    watched_at, watchers, live, left, verdict, reached, waiting, queued,
):  # fmt: skip
    """Shrink ``live`` until no factor of the ring ``waiting`` is left; False: contradiction."""
    for states in left:
        if states == 0:
            return False
    head, pending = 0, len(waiting)
    while pending > 0:
        f = waiting[head]
        head = (head + 1) % len(waiting)
        pending -= 1
        queued[f] = 0
        guard = guards[f]
        if guard >= 0 and not live[guard]:
            continue
        own = members[offsets[f] : offsets[f + 1]]
        holds = judge(
            kind[f], own, weights[offsets[f] : offsets[f + 1]],
            parameters[parameter_offsets[f] : parameter_offsets[f + 1]],
            num_values, live, left, verdict, reached,
        )  # fmt: skip
        if guard >= 0 and left[guard // num_values] > 1:
            if not holds:
                pending = _remove(
                    guard, num_values, live, left, watched_at, watchers,
                    waiting, head, pending, queued,
                )  # fmt: skip
            continue
        if not holds:
            return False
        for m in range(len(own)):
            entry = own[m]
            first, stop = entry, entry
            if verdict[m] == GOES:
                stop = entry + 1
            elif verdict[m] == MUST:
                first = entry // num_values * num_values
                stop = first + num_values
            for other in range(first, stop):
                if live[other] and (other != entry or verdict[m] == GOES):
                    pending = _remove(
                        other, num_values, live, left, watched_at, watchers,
                        waiting, head, pending, queued,
                    )  # fmt: skip
            if left[entry // num_values] == 0 or (verdict[m] == MUST and not live[entry]):
                return False
    return True


@kernel
def _remove(
    entry, num_values, live, left, watched_at, watchers, waiting, head, pending, queued
):  # fmt: skip
    """Take a state away and queue the factors that watch it, or the one that it leaves alone."""
    live[entry] = 0
    variable = entry // num_values
    left[variable] -= 1
    first, stop = entry, entry + 1
    if left[variable] == 1:
        first = variable * num_values
        stop = first + num_values
    for other in range(first, stop):
        if other != entry and not live[other]:
            continue
        for slot in range(watched_at[other], watched_at[other + 1]):
            f = watchers[slot]
            if not queued[f]:
                queued[f] = 1
                waiting[(head + pending) % len(waiting)] = f
                pending += 1
    return pending
