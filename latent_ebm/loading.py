"""The time that kernels take to load, or to be compiled: announced, and in nobody's time limit."""

from __future__ import annotations

import logging
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Timer

LOGGER = logging.getLogger("latent_ebm")

SILENCE = 1.5
"""Seconds without a word; loading from the cache on disk takes less, compiling more."""


@dataclass(eq=False)
class Loading:
    """What this process has loaded, and for how long it has waited for that.

    The one state of the process as a whole, as compiled kernels are: they stay loaded.

    Attributes
    ----------
    loaded
        What need not be waited for again.
    seconds
        Spent waiting, in all. A :class:`latent_ebm.exact.outcome.Clock` stands still meanwhile.
    """

    loaded: set[Hashable] = field(default_factory=set)
    seconds: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def of(self, what: Hashable) -> Iterator[None]:
        """Around the first use of something that must be loaded or compiled.

        A long wait is announced through :mod:`logging` (to standard error, unless the program
        says otherwise).

        >>> loading = Loading()
        >>> with loading.of("a kernel"):
        ...     time.sleep(0.01)
        >>> loading.seconds >= 0.01, loading.needs("a kernel")
        (True, False)
        """
        with self._lock:  # threads that come meanwhile wait for the same
            begun = time.perf_counter()
            notice = Timer(SILENCE, _announce)
            notice.daemon = True
            notice.start()
            try:
                yield
            finally:
                notice.cancel()
                self.loaded.add(what)
                self.seconds += time.perf_counter() - begun

    def needs(self, what: Hashable) -> bool:
        """Whether it is not loaded yet."""
        return what not in self.loaded


LOADING = Loading()
"""Of this process."""


def _announce() -> None:
    LOGGER.warning(
        "latent-ebm: loading; the first run on a machine compiles its kernels, about 10 s, "
        "which no time limit counts"
    )
