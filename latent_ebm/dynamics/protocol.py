"""The protocol that all dynamics share.

To add one: a module beside this one with a frozen dataclass of its parameters that has
``name``, ``init`` and ``advance``, and a line in ``registry.py``. The loop, the freezing of
finished elements, budgets and stages live in ``latent_ebm/loop.py``, not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.landscape import Landscape


@dataclass(frozen=True)
class Place:
    """Where kernels run, and from where.

    Attributes
    ----------
    backend, device
        A back end (or ``auto``) and a device.
    seed
        Of all noise.
    start
        [B, N] int16, the candidates that a stage before has left, or None. For dynamics that
        have a use for them.
    """

    backend: str = "auto"
    device: str = "cpu"
    seed: int = 0
    start: NDArray[np.int16] | None = field(default=None, compare=False)


@dataclass(eq=False)
class Progress:
    """What the loop reads of a run over B elements; the dynamics update it in place.

    Attributes
    ----------
    open
        [B] whether an element still moves. The dynamics close what they finish, the loop
        closes what is out of budget; closed elements are frozen.
    finished
        [B] whether an element's candidate satisfies all hard domains.
    values
        [B, N] int16, the candidate: of a finished element the answer, else the current one.
    steps
        [B] int64, sweeps done on each element's own chain.
    restarts
        [B] int64, fresh starts after the first.
    contradictory
        [B] whether an element was closed because its factors were seen to contradict each other.
    """

    open: NDArray[np.bool_]
    finished: NDArray[np.bool_]
    values: NDArray[np.int16]
    steps: NDArray[np.int64]
    restarts: NDArray[np.int64]
    contradictory: NDArray[np.bool_]

    @classmethod
    def start(cls, batch: int, num_variables: int) -> Progress:
        """Nothing done yet."""
        return cls(
            np.ones(batch, np.bool_),
            np.zeros(batch, np.bool_),
            np.zeros((batch, num_variables), np.int16),
            np.zeros(batch, np.int64),
            np.zeros(batch, np.int64),
            np.zeros(batch, np.bool_),
        )


class State(Protocol):
    """A run's explicit state: its progress, the back end that moves it, and its latent."""

    progress: Progress
    backend: str


S = TypeVar("S", bound=State)


class Dynamics(Protocol[S]):
    """One way to move the latent downhill."""

    @property
    def name(self) -> str:
        """As in ``--dynamics NAME``."""
        ...

    @property
    def first_chunk(self) -> int:
        """Sweeps to try before the loop knows how fast they are: some milliseconds' worth."""
        ...

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> S:
        """Start runs on B elements with masks [B, N, K]; equal seeds give equal runs."""
        ...

    def advance(self, state: S, sweeps: int) -> None:
        """Move every open element by at most ``sweeps`` sweeps, in place."""
        ...

    def candidates(self, state: S, element: int) -> NDArray[np.int16]:
        """[C, N] what each chain of one open element now decodes to."""
        ...
