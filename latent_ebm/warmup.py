"""Loading kernels before the work that needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latent_ebm.dynamics.protocol import Place
from latent_ebm.energies.coupling import Coupling, GroupInclusion, Rule
from latent_ebm.energies.propagation import FactorPropagation
from latent_ebm.loading import LOADING
from latent_ebm.plan import plan

if TYPE_CHECKING:
    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.settings import Settings


def warm_up(landscape: Landscape, settings: Settings) -> None:
    """Load presolve and the dynamics that a landscape's problems will need."""
    load_presolve(landscape, settings.presolve)
    exact = settings.strategy == "hybrid"
    stages = plan(settings.dynamics, settings.bridge, landscape, exact=exact)
    with LOADING.of(tuple(stage.dynamics.name for stage in stages)):
        blank = np.ones((1, *landscape.space.shape), np.bool_)
        place = Place(settings.backend, settings.device, settings.seed)
        for stage in stages:
            stage.dynamics.advance(stage.dynamics.init(landscape, blank, place), 1)


def load_presolve(landscape: Landscape, rule: Rule) -> None:
    """Load the kernels of a landscape's couplings, on one variable of two states."""
    if rule is Rule.NONE:
        return
    tiny: dict[type, Coupling] = {
        GroupInclusion: GroupInclusion((), 1, 2),
        FactorPropagation: FactorPropagation((), 1, 2),
    }
    for coupling in landscape.couplings:
        kernels = ("presolve", type(coupling).__name__)
        if type(coupling) in tiny and LOADING.needs(kernels):
            with LOADING.of(kernels):
                tiny[type(coupling)].apply(np.ones((1, 1, 2), np.bool_), rule)
