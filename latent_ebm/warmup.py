"""Loading the kernels before the work, and saying so when they must be compiled first."""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import Lock, Thread, Timer
from typing import TYPE_CHECKING

import numpy as np

from latent_ebm.dynamics.protocol import Place
from latent_ebm.plan import plan

if TYPE_CHECKING:
    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.settings import Settings

PATIENCE = 1.5
"""Seconds of silence; loading from the cache on disk takes less, compiling more."""


_LOADED: set[tuple[str, ...]] = set()
_LOADING: dict[tuple[str, ...], Thread] = {}
_LOCK = Lock()


def loaded_within(landscape: Landscape, settings: Settings, seconds: float | None) -> bool:
    """Load what a descent needs, or compile it; False if that takes longer than ``seconds``.

    Compiling then goes on in the background, and ends up on disk, for the next time.
    """
    stages = plan(settings.dynamics, settings.bridge, landscape)
    key = (settings.backend, settings.device, *(stage.dynamics.name for stage in stages))
    with _LOCK:
        if key in _LOADED:
            return True
        if key not in _LOADING:
            _LOADING[key] = Thread(target=_load, args=(landscape, settings, key))
            _LOADING[key].start()
        thread = _LOADING[key]
    thread.join(seconds)
    return not thread.is_alive()


def _load(landscape: Landscape, settings: Settings, key: tuple[str, ...]) -> None:
    # what is wrong with the problem or the settings, the descent itself says; and where the
    # interpreter ends meanwhile no chain can start (RuntimeError)
    with suppress(ValueError, RuntimeError):
        _sweep_once(landscape, settings)
        with _LOCK:
            _LOADED.add(key)


def warm_up(landscape: Landscape, settings: Settings) -> None:
    """Run presolve and one sweep on the blank problem; a slow start is announced on stderr."""
    notice = Timer(PATIENCE, _announce)
    notice.daemon = True
    notice.start()
    try:
        _sweep_once(landscape, settings)
    finally:
        notice.cancel()


def _sweep_once(landscape: Landscape, settings: Settings) -> None:
    blank = np.ones((1, *landscape.space.shape), np.bool_)
    landscape.presolve(blank, settings.presolve)
    place = Place(settings.backend, settings.device, settings.seed)
    for stage in plan(settings.dynamics, settings.bridge, landscape):
        stage.dynamics.advance(stage.dynamics.init(landscape, blank, place), 1)


def _announce() -> None:
    sys.stderr.write(
        "latent-ebm: loading; the first run on a machine compiles its kernels, about 10 s\n"
    )
    sys.stderr.flush()
