"""Which energies steer."""

from __future__ import annotations

from dataclasses import dataclass

EVEN = 2.0
"""What every name, constant and production costs where the prior is turned off, in nats."""
FLAT = 4.0
"""What every edit costs where the prior is turned off, in nats."""


@dataclass(frozen=True)
class Terms:
    """Which energies steer; each can be turned off to see what it is worth.

    Attributes
    ----------
    syntax
        What a place demands: parentheses, and that the whole compiles and is not a known program
        in other words; off, every text runs.
    types
        Fit of run-time types.
    scope
        Only names that are bound where they would stand, and imports for those of modules.
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
    couplings
        What one domain's state says of another's: names nobody reads, loops that nothing ends and
        a missing return make fillings likelier that mend them.
    """

    syntax: bool = True
    types: bool = True
    scope: bool = True
    flow: bool = True
    prior: bool = True
    localisation: bool = True
    tests: bool = True
    surrogate: bool = True
    couplings: bool = True
