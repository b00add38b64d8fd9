"""The names that options of the command line take."""

from __future__ import annotations

from enum import StrEnum


class Strategy(StrEnum):
    """Ways to fill the holes."""

    ENERGY = "energy"
    HYBRID = "hybrid"


class ExactName(StrEnum):
    """Exact engines; ``auto`` is CaDiCaL for clauses, groups and not-equal, CP-SAT for all else."""

    AUTO = "auto"
    CPSAT = "cpsat"
    CADICAL = "cadical"


class DynamicsName(StrEnum):
    """Ways to move the latent; ``auto`` is chosen by kind and size."""

    AUTO = "auto"
    SPLITTING = "splitting"
    FACTOR_SPLITTING = "factor-splitting"
    MULTIPLIERS = "multipliers"
    NOGOODS = "nogoods"
    MOVES = "moves"
    PAIR_MULTIPLIERS = "pair-multipliers"
    GRADIENT_FLOW = "gradient-flow"


class BridgeName(StrEnum):
    """Bridges from the latent to the simplex, for gradient-flow."""

    SOFTMAX = "softmax"
    GUMBEL_SOFTMAX = "gumbel-softmax"
    STRAIGHT_THROUGH = "straight-through"


class BackendName(StrEnum):
    """Kernels."""

    AUTO = "auto"
    CPU = "cpu"
    TRITON = "triton"
    REFERENCE = "reference"


class RepairStrategy(StrEnum):
    """Ways to repair a program; all but the first are baselines."""

    DESCENT = "descent"
    ENUMERATE = "enumerate"
    GREEDY = "greedy"
    RANDOM = "random"
    LANDSCAPE = "landscape"


class IsolationName(StrEnum):
    """Ways to confine programs; ``auto`` is the first that the machine allows."""

    AUTO = "auto"
    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"
    NONE = "none"
