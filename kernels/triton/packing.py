"""The unsettled part of each element of a batch, packed for the splitting kernel.

Elements differ in which entries are live, so each has its own numbering of entries and
replicas: the one in which ``SplittingState`` keeps scores and counts. Groups keep their
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from latent_ebm.kernels.reference.splitting import unsettled
from latent_ebm.kernels.structure import Groups


@dataclass(frozen=True, eq=False)
class Packing:
    """B elements; rows are filled up to the largest, what is beyond an element's own is noise.

    Attributes
    ----------
    active
        [B, E] bool, the entries that are live and not settled.
    sizes
        [B, 4] int32: how many entries and groups take part, the most views of such an entry
        and the most members of such a group.
    entries
        [B, E] the entry behind each number.
    first
        [B, E + 1] the first replica of each numbered entry.
    slot
        [B, E] the number of its first replica in the whole problem: the counter of its noise.
    group_of, entry_of
        [B, R] of each numbered replica, the latter by number.
    groups
        [B, G] the groups that take part.
    begin
        [B, G + 1] where the members of each group (by its own number) begin.
    members
        [B, R] numbered replicas, group by group.
    """

    active: Tensor
    sizes: Tensor
    entries: Tensor
    first: Tensor
    slot: Tensor
    group_of: Tensor
    entry_of: Tensor
    groups: Tensor
    begin: Tensor
    members: Tensor

    @classmethod
    def of(cls, groups: Groups, live: Tensor) -> Packing:
        """Number what takes part, on the device of ``live`` [B, E] bool."""

        def upload(values: np.ndarray) -> Tensor:
            return torch.from_numpy(values.astype(np.int64)).to(live.device)

        active = unsettled(groups, live)
        width, slot = upload(groups.replicas.widths), upload(groups.replicas.offsets[:-1])
        entry, group = upload(groups.replicas.row_of), upload(groups.groups_of.items)
        place = upload(groups.replicas.items)  # of each replica, in the order of the members

        entries, replicas = _pack(active), _pack(active[:, entry])
        entry_number = active.cumsum(1) - 1
        replica_number = active[:, entry].cumsum(1) - 1
        replica_at = torch.empty_like(place).index_put_(
            (place,), torch.arange(len(place)).to(place)
        )
        members = _pack(active[:, entry[replica_at]])
        widths = torch.where(active, width, 0)
        left = torch.zeros(len(live), groups.count, dtype=torch.int64, device=live.device)
        left.index_add_(1, group, active[:, entry].long())
        sizes = [active.sum(1), (left > 0).sum(1), widths.amax(1), left.amax(1)]
        return cls(
            active=active,
            sizes=torch.stack(sizes, dim=1).int(),
            entries=entries.int(),
            first=_starts(widths.gather(1, entries)),
            slot=slot[entries].int(),
            group_of=group[replicas].int(),
            entry_of=entry_number.gather(1, entry[replicas]).int(),
            groups=_pack(left > 0).int(),
            begin=_starts(left),
            members=replica_number.gather(1, replica_at[members]).int(),
        )


def _pack(flags: Tensor) -> Tensor:
    """The places [B, M] of the flags that are set, in order, then those of the others."""
    return (~flags).byte().argsort(dim=1, stable=True)


def _starts(widths: Tensor) -> Tensor:
    """Where rows of the given widths [B, M] begin, and the last ends: [B, M + 1]."""
    return torch.nn.functional.pad(widths.cumsum(1), (1, 0)).int()
