"""Dynamics by name, and which to use when nobody says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latent_ebm.dynamics.protocol import Dynamics


def _splitting() -> Dynamics[Any]:
    from latent_ebm.dynamics.splitting import Splitting

    return Splitting()


def _factor_splitting() -> Dynamics[Any]:
    from latent_ebm.dynamics.factor_splitting import FactorSplitting

    return FactorSplitting()


def _multipliers() -> Dynamics[Any]:
    from latent_ebm.dynamics.multipliers import Multipliers

    return Multipliers()


def _nogoods() -> Dynamics[Any]:
    from latent_ebm.dynamics.nogoods import Nogoods

    return Nogoods()


def _moves() -> Dynamics[Any]:
    from latent_ebm.dynamics.moves import Moves

    return Moves()


def _pair_multipliers() -> Dynamics[Any]:
    from latent_ebm.dynamics.pair_multipliers import PairMultipliers

    return PairMultipliers()


def _gradient_flow() -> Dynamics[Any]:
    from latent_ebm.dynamics.gradient_flow import GradientFlow

    return GradientFlow()


DYNAMICS: dict[str, Callable[[], Dynamics[Any]]] = {
    "splitting": _splitting,
    "factor-splitting": _factor_splitting,
    "multipliers": _multipliers,
    "nogoods": _nogoods,
    "moves": _moves,
    "pair-multipliers": _pair_multipliers,
    "gradient-flow": _gradient_flow,
}
"""Name -> factory of the default; imported only when used, as gradient-flow needs torch."""


def choose(name: str, bridge: str | None = None) -> Dynamics[Any]:
    """The dynamics of a name; ``gradient-flow:PRESET`` has learned parameters.

    Examples
    --------
    >>> choose("splitting").name
    'splitting'
    >>> choose("newton")
    Traceback (most recent call last):
    ...
    ValueError: no dynamics 'newton'; choose from auto, splitting, factor-splitting, multipliers, \
nogoods, moves, pair-multipliers, gradient-flow
    """
    name, colon, preset = name.partition(":")
    if colon and name == "gradient-flow":
        return _preset(preset, bridge)
    if name not in DYNAMICS or colon:
        name += colon + preset
        raise ValueError(f"no dynamics {name!r}; choose from {', '.join(['auto', *DYNAMICS])}")
    chosen = DYNAMICS[name]()
    if bridge is None:
        return chosen
    from latent_ebm.dynamics.gradient_flow import GradientFlow

    if not isinstance(chosen, GradientFlow):
        raise ValueError(
            f"--bridge {bridge} is for gradient-flow; {name} has the straight-through bridge "
            "built in"
        )
    return replace(chosen, bridge=bridge)


def _preset(preset: str, bridge: str | None) -> Dynamics[Any]:
    from latent_ebm.dynamics.gradient_flow import GradientFlow

    flow = GradientFlow.preset(preset)
    return flow if bridge is None else replace(flow, bridge=bridge)
