"""Loading the kernels before the work, and saying so when they must be compiled first."""

from __future__ import annotations

import sys
from threading import Timer
from typing import TYPE_CHECKING

import numpy as np

from latent_ebm.dynamics.protocol import Place
from latent_ebm.plan import plan

if TYPE_CHECKING:
    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.settings import Settings

PATIENCE = 1.5
"""Seconds of silence; loading from the cache on disk takes less, compiling more."""


def warm_up(landscape: Landscape, settings: Settings) -> None:
    """Run presolve and one sweep on the blank problem; a slow start is announced on stderr."""
    notice = Timer(PATIENCE, _announce)
    notice.daemon = True
    notice.start()
    try:
        blank = np.ones((1, *landscape.space.shape), np.bool_)
        landscape.presolve(blank, settings.presolve)
        place = Place(settings.backend, settings.device, settings.seed)
        exact = settings.strategy == "hybrid"
        for stage in plan(settings.dynamics, settings.bridge, landscape, exact=exact):
            stage.dynamics.advance(stage.dynamics.init(landscape, blank, place), 1)
    finally:
        notice.cancel()


def _announce() -> None:
    sys.stderr.write(
        "latent-ebm: loading; the first run on a machine compiles its kernels, about 10 s\n"
    )
    sys.stderr.flush()
