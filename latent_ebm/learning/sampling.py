"""Batches that depend on nothing but the seed, the epoch and the size of the global batch."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch
from torch.utils.data import Sampler


class GlobalBatches(Sampler[int]):
    """The rows that one of ``world`` processes takes of each global batch of ``batch`` items.

    In epoch e the items are shuffled by a generator seeded by (seed, e) alone, so that a run
    that is resumed sees what an uninterrupted one sees, and several processes together see what
    one process sees. Items beyond the last whole global batch wait for another epoch. An epoch
    goes over the data ``rounds`` times, shuffled anew each time.

    Raises
    ------
    ValueError
        If the global batch is larger than the data, or no multiple of the processes.

    Examples
    --------
    >>> whole = list(GlobalBatches(range(6), batch=4, seed=0))
    >>> halves = [list(GlobalBatches(range(6), 4, 0, rank=r, world=2)) for r in range(2)]
    >>> halves[0] + halves[1] == whole
    True
    """

    def __init__(
        self,
        data: Sized,
        batch: int,
        seed: int,
        *,
        rank: int = 0,
        world: int = 1,
        shuffle: bool = True,
        rounds: int = 1,
    ) -> None:
        if not 1 <= batch <= len(data):
            raise ValueError(
                f"a batch of {batch} cannot be drawn from {len(data)} items; "
                "choose a batch size from 1 to their number"
            )
        if batch % world:
            raise ValueError(f"a global batch of {batch} does not divide among {world} processes")
        self.count, self.batch, self.seed = len(data), batch, seed
        self.rank, self.world, self.shuffle = rank, world, shuffle
        self.rounds, self.epoch = rounds, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer at the start of each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.rounds * (self.count // self.batch) * (self.batch // self.world)

    def __iter__(self) -> Iterator[int]:
        mine = self.batch // self.world
        for round_ in range(self.epoch * self.rounds, (self.epoch + 1) * self.rounds):
            order = torch.arange(self.count)
            if self.shuffle:
                order = torch.randperm(self.count, generator=generator(self.seed, round_))
            for start in range(0, self.count // self.batch * self.batch, self.batch):
                first = start + self.rank * mine
                yield from order[first : first + mine].tolist()


def generator(*keys: int) -> torch.Generator:
    """A generator whose stream is that of these keys, as (seed, step)."""
    import numpy as np

    state = np.random.SeedSequence([key % 2**32 for key in keys]).generate_state(2, np.uint32)
    return torch.Generator().manual_seed(int(state[0]) << 31 ^ int(state[1]))
