"""Which dynamics run, and in what order; docs/dynamics.md shows the measurements behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latent_ebm.dynamics.presets import GRADIENT_FLOW
from latent_ebm.dynamics.registry import choose
from latent_ebm.kernels.factor_splitting import LARGEST_TABLEAU, projection_cells
from latent_ebm.kernels.moves import inexpressible
from latent_ebm.kernels.multipliers import expressible
from latent_ebm.kernels.splitting import LANES, LARGEST_UNIT, common_multiple
from latent_ebm.loop import Stage

if TYPE_CHECKING:
    from latent_ebm.dynamics.protocol import Dynamics
    from latent_ebm.energies.landscape import Landscape


LARGEST_BYTES = 64 << 20
"""Bytes that the 64 lanes of the byte-wide splitting may take for one problem."""

LARGE = 1_000
"""Entries from which on a problem of groups may outlast the splitting: beyond 9x9 Sudoku."""

LONGEST_SPLITTING = 5_000
"""Sweeps of the splitting after which something else takes over what it has not solved."""


def plan(
    dynamics: str | Dynamics[Any],
    bridge: str | None,
    landscape: Landscape | None = None,
    *,
    exact: bool = False,
    kind: str = "",
) -> tuple[Stage, ...]:
    """The stages for a choice of dynamics: an object, a name or ``auto``.

    Gradient flow gets the preset that was learned for the problem's ``kind``, unless the name has
    another, as in ``gradient-flow:hand-tuned``.

    A bridge without a choice of dynamics means gradient flow, the one that takes it. Without
    a landscape ``auto`` answers for Sudoku. What outlasts the splitting goes on to dives that
    learn, or, where an ``exact`` engine waits, to that.

    Examples
    --------
    >>> from latent_ebm.puzzles.latin import latin_landscape
    >>> [stage.dynamics.name for stage in plan("auto", None)]
    ['splitting']
    >>> [stage.dynamics.name for stage in plan("auto", None, latin_landscape(20))]
    ['splitting', 'nogoods']
    """
    if not isinstance(dynamics, str):
        return (Stage(dynamics),)
    if dynamics == "auto" and bridge is not None:
        dynamics = "gradient-flow"
    if dynamics == "gradient-flow" and bridge in (None, "softmax"):
        dynamics = f"gradient-flow:{preset_for(kind, landscape)}"
    if dynamics != "auto":
        return (Stage(choose(dynamics, bridge)),)
    if landscape is None:
        return (Stage(choose("splitting")),)
    first = suited(landscape)
    if first != "splitting":
        return (Stage(choose(first)),)
    if exact:
        return (Stage(choose(first), LONGEST_SPLITTING),)
    if landscape.groups.num_entries < LARGE:
        return (Stage(choose(first)),)
    return (Stage(choose(first), LONGEST_SPLITTING), Stage(choose("nogoods")))


def preset_for(kind: str, landscape: Landscape | None) -> str:
    """The parameters of gradient flow that suit a kind of problems; measured in docs/tuning.md.

    Other kinds of groups get those of Sudoku, which are better on all that were measured, and
    all else the hand-tuned ones.

    Examples
    --------
    >>> preset_for("coloring", None), preset_for("kakuro", None)
    ('coloring', 'hand-tuned')
    """
    if kind in GRADIENT_FLOW:
        return kind
    return "sudoku" if landscape is not None and landscape.factors.are_groups else "hand-tuned"


def suited(landscape: Landscape) -> str:
    """The dynamics for a landscape's kinds of factors and size.

    Views of exactly-one groups carry the most, so what consists of them is split, in bytes
    where that fits. What only objects (clauses, not-equal, at-most-one) is descended with
    multipliers. All else, and mixtures, are split with each factor's own projection; where a
    sum is too long for that, single moves do without.
    """
    factors = landscape.factors
    if factors.are_groups:
        groups = landscape.groups
        small = len(groups.members.items) * LANES <= LARGEST_BYTES
        if groups.exact.all() and small and common_multiple(groups) <= LARGEST_UNIT:
            return "splitting"
    if not expressible(factors):
        return "multipliers"
    large = int(projection_cells(factors).max(initial=0)) > LARGEST_TABLEAU
    return "moves" if large and not inexpressible(factors) else "factor-splitting"
