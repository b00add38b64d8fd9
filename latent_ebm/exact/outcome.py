"""What exact engines answer, and what they need to be installed."""

from __future__ import annotations

import importlib
import importlib.util
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.loading import LOADING

PACKAGES = {"cpsat": ("ortools", "ortools"), "cadical": ("pysat", "python-sat")}
"""Engine -> the module it needs, and the package that brings it."""


class MissingEngineError(ValueError):
    """An exact engine's package is not installed."""


class Verdict(Enum):
    """What an exact engine is sure of."""

    SATISFIABLE = "satisfiable"
    UNSATISFIABLE = "unsatisfiable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Outcome:
    """The answer of an exact engine.

    Attributes
    ----------
    verdict
        UNKNOWN if time ran out first.
    values
        [N] int16 states of the (best) solution found, or None.
    objective
        The cost of ``values`` where an objective was asked for.
    bound
        No solution costs less; equal to ``objective`` where ``values`` is proved best.
    """

    verdict: Verdict
    values: NDArray[np.int16] | None = None
    objective: int | None = None
    bound: int | None = None


@dataclass
class Clock:
    """A time limit that runs from its creation, less what loads kernels; None never ends.

    >>> Clock(None).left is None, Clock(1e-9).out
    (True, True)
    """

    limit: float | None
    begun: float = field(default_factory=time.perf_counter)
    loaded: float = field(default_factory=lambda: LOADING.seconds)

    @property
    def spent(self) -> float:
        """Seconds since it began, without those that kernels took to load."""
        return time.perf_counter() - self.begun - (LOADING.seconds - self.loaded)

    @property
    def left(self) -> float | None:
        """Seconds until it ends, at least 0."""
        return None if self.limit is None else max(self.limit - self.spent, 0.0)

    @property
    def out(self) -> bool:
        """Whether it has ended."""
        return self.left == 0.0


def installed(engine: str) -> bool:
    """Whether the package that an engine needs can be imported."""
    return importlib.util.find_spec(PACKAGES[engine][0]) is not None


def require(engine: str, module: str) -> Any:
    """Import a module of an engine's package.

    Raises
    ------
    MissingEngineError
        If the package is not installed; says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingEngineError(missing(engine)) from error


def missing(engine: str) -> str:
    """What to tell a person who lacks an engine's package.

    >>> missing("cpsat")
    "the exact engine cpsat needs ortools, which is not installed; pip install 'latent-ebm[exact]'"
    """
    return (
        f"the exact engine {engine} needs {PACKAGES[engine][1]}, which is not installed; "
        "pip install 'latent-ebm[exact]'"
    )
