"""Which dynamics run, and in what order; docs/dynamics.md shows the measurements behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latent_ebm.dynamics.registry import choose
from latent_ebm.loop import Stage

if TYPE_CHECKING:
    from latent_ebm.dynamics.protocol import Dynamics


def plan(dynamics: str | Dynamics[Any], bridge: str | None) -> tuple[Stage, ...]:
    """The stages for a choice of dynamics: an object, a name or ``auto``.

    A bridge without a choice of dynamics means gradient flow, the one that takes it.

    Examples
    --------
    >>> [stage.dynamics.name for stage in plan("auto", None)]
    ['splitting']
    """
    if not isinstance(dynamics, str):
        return (Stage(dynamics),)
    if dynamics == "auto":
        dynamics = "splitting" if bridge is None else "gradient-flow"
    return (Stage(choose(dynamics, bridge)),)
