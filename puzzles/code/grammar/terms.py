"""Which energies steer."""

from __future__ import annotations

from dataclasses import dataclass

FLAT = 4.0
"""What every edit costs where the prior is turned off, in nats."""


@dataclass(frozen=True)
class Terms:
    """Which energies steer; each can be turned off to see what it is worth.

    Attributes
    ----------
    types
        Fit of run-time types.
    scope
        Only names that are bound where they would stand.
    flow
        Control flow.
    prior
        How natural a change is; off, all changes of one size are alike.
    localisation
        How suspicious a line is.
    tests
        Graded outcomes of candidates already run.
    surrogate
        What the online surrogate says of candidates not yet run.
    """

    types: bool = True
    scope: bool = True
    flow: bool = True
    prior: bool = True
    localisation: bool = True
    tests: bool = True
    surrogate: bool = True
