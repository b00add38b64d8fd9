"""Models written in CPMpy: ``import latent_ebm.modelling`` makes ``solver="latent_ebm"`` known.

>>> import cpmpy as cp
>>> import latent_ebm.modelling
>>> x, y = cp.intvar(1, 9, shape=2)
>>> model = cp.Model(x + y == 4, x < y)
>>> model.solve(solver="latent_ebm")
True
>>> print(x.value(), y.value())
1 3
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from latent_ebm.modelling.registration import register_cpmpy

if TYPE_CHECKING:
    from latent_ebm.modelling.models import solve_model
    from latent_ebm.modelling.solver import CPM_latent_ebm

_HOMES = {
    "CPM_latent_ebm": "latent_ebm.modelling.solver",
    "solve_model": "latent_ebm.modelling.models",
}

__all__ = ["CPM_latent_ebm", "register_cpmpy", "solve_model"]


def __getattr__(name: str) -> Any:
    # the solver comes when asked for: CPMpy only needs to know its name
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


register_cpmpy()
