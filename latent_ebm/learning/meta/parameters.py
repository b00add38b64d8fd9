"""What is learned of a dynamics: five positive numbers and the views' weights, as logarithms."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import torch
from torch import nn

from latent_ebm.dynamics.gradient_flow import GradientFlow
from latent_ebm.learning.meta.unrolling import Knobs
from latent_ebm.learning.pretrained import Pretrained

NAMES = tuple(field.name for field in fields(Knobs) if field.name != "views")


@dataclass(frozen=True)
class FlowConfig:
    """What a tuned flow is for, and what of it is not learned.

    Attributes
    ----------
    kind
        Of the puzzles it was tuned on.
    period
        Steps between restarts, over which the temperature falls.
    views
        Names of the domains whose weights are learned, in the landscape's order: all of them, or
        none, which leaves every weight at 1.
    """

    kind: str = "sudoku"
    period: int = 60
    views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.period < 2:
            raise ValueError(f"period is at least 2 steps; found {self.period}")


class TunedFlow(Pretrained[FlowConfig]):
    """The logarithms of step size, temperatures, growth, spread and the weights of the views.

    They begin at the flow's defaults, all views at 1.

    Examples
    --------
    >>> flow = TunedFlow(FlowConfig(period=100)).flow()
    >>> round(flow.step_size, 6) == GradientFlow().step_size, flow.restart_every
    (True, 100)
    """

    NAME, Config = "tuned-flow", FlowConfig

    def __init__(self, config: FlowConfig) -> None:
        super().__init__(config)
        self.logs = nn.Parameter(torch.zeros(len(NAMES) + len(config.views)))
        self.start_at(GradientFlow())

    def start_at(self, flow: GradientFlow) -> None:
        """Take the five numbers of a flow, and 1 as the weight of each view."""
        numbers = [math.log(getattr(flow, name)) for name in NAMES]
        with torch.no_grad():
            self.logs.copy_(torch.tensor(numbers + [0.0] * len(self.config.views)))

    def knobs(self) -> Knobs:
        """The parameters, with their gradients."""
        values = self.logs.exp()
        numbers = dict(zip(NAMES, values, strict=False))
        return Knobs(**numbers, views=values[len(NAMES) :])

    def flow(self) -> GradientFlow:
        """The dynamics with these parameters."""
        values = self.logs.detach().double().exp().tolist()
        views = zip(self.config.views, values[len(NAMES) :], strict=True)
        return replace(
            GradientFlow(),
            restart_every=self.config.period,
            view_weights=tuple(views),
            **dict(zip(NAMES, values, strict=False)),
        )
