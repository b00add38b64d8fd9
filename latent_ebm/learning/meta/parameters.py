"""What is learned of a dynamics: five positive numbers, by their logarithms."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor, nn

from latent_ebm.dynamics.gradient_flow import GradientFlow
from latent_ebm.learning.meta.unrolling import Knobs
from latent_ebm.learning.pretrained import Pretrained

NAMES = tuple(field.name for field in fields(Knobs))


@dataclass(frozen=True)
class FlowConfig:
    """What a tuned flow is for, and what of it is not learned.

    Attributes
    ----------
    kind
        Of the puzzles it was tuned on.
    period
        Steps between restarts, over which the temperature falls.
    """

    kind: str = "sudoku"
    period: int = 60

    def __post_init__(self) -> None:
        if self.period < 2:
            raise ValueError(f"period is at least 2 steps; found {self.period}")


class TunedFlow(Pretrained[FlowConfig]):
    """The logarithms of step size, temperatures, growth and spread; they begin at the defaults.

    Examples
    --------
    >>> flow = TunedFlow(FlowConfig(period=100)).flow()
    >>> round(flow.step_size, 6) == GradientFlow().step_size, flow.restart_every
    (True, 100)
    """

    NAME, Config = "tuned-flow", FlowConfig

    def __init__(self, config: FlowConfig) -> None:
        super().__init__(config)
        start = GradientFlow()
        self.logs = nn.Parameter(torch.tensor([math.log(getattr(start, n)) for n in NAMES]))

    def knobs(self) -> Knobs:
        """The parameters, with their gradients."""
        return Knobs(*self.logs.exp().unbind())

    def flow(self, logs: Tensor | None = None) -> GradientFlow:
        """The dynamics with these parameters (or those of other logarithms)."""
        values = (self.logs if logs is None else logs).detach().double().exp().tolist()
        chosen = dict(zip(NAMES, values, strict=True))
        return replace(GradientFlow(), restart_every=self.config.period, **chosen)
