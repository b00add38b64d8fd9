"""Gradient flow over logits, with any landscape, bridge and torchopt optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torchopt
from einops import rearrange, repeat
from numpy.typing import NDArray

from latent_ebm.decoders.bridges import BRIDGES
from latent_ebm.dynamics.presets import GRADIENT_FLOW
from latent_ebm.dynamics.protocol import Place, Progress

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.landscape import Landscape


HEAVIEST = 16.0
"""What a soft factor weighs at most beside a hard one."""


@dataclass(frozen=True)
class GradientFlow:
    """Descend the weighted energy of the relaxed candidate.

    With logits z [B, C, N, K] (C chains for each of B problems), temperature T(t), one
    multiplier w_f per factor and one weight v_d per domain (view)::

        x   = bridge(z, T)
        z  <- z - optimizer(grad_z sum_d v_d sum_(f in d) w_f E_f(x)) + sqrt(2 eta T_noise) xi
        w  <- w + growth * E_f(x)                          (ascent, of hard factors alone)

    Multipliers of hard factors start from 1. Those of soft ones, which need not hold, stay at
    their weights, all scaled down where one is above ``HEAVIEST``.
    T falls geometrically from ``hot`` to ``cold`` over each period of ``restart_every`` steps,
    after which every unfinished chain starts afresh. An element is finished by its first
    chain (the lowest, of equals) whose argmax satisfies all hard domains.

    All random numbers of a step are drawn once for C chains and shared by the batch, so what
    an element does cannot depend on its neighbours.

    Attributes
    ----------
    bridge
        ``softmax``, ``gumbel-softmax`` or ``straight-through``.
    optimizer
        ``adam`` or ``sgd``, torchopt's functional ones.
    step_size
        eta.
    chains
        C.
    langevin
        Temperature of the noise; 0 is plain descent.
    growth
        How fast multipliers of hard factors grow; 0 keeps them at 1.
    spread
        Standard deviation of the first logits.
    view_weights
        (name, v_d) of domains; those not named have weight 1, names that a landscape has not
        got are left out. Under ``adam`` only their ratios matter.
    """

    bridge: str = "softmax"
    optimizer: str = "adam"
    step_size: float = 0.1
    chains: int = 16
    hot: float = 1.0
    cold: float = 0.5
    langevin: float = 0.0
    growth: float = 0.02
    spread: float = 0.5
    restart_every: int = 600
    view_weights: tuple[tuple[str, float], ...] = ()
    name: str = field(default="gradient-flow", init=False)
    first_chunk: int = field(default=1, init=False)

    def __post_init__(self) -> None:
        if self.bridge not in BRIDGES:
            raise ValueError(f"no bridge {self.bridge!r}; choose from {', '.join(BRIDGES)}")
        if self.optimizer not in ("adam", "sgd"):
            raise ValueError(f"no optimizer {self.optimizer!r}; choose from adam, sgd")
        for view, weight in self.view_weights:
            if not weight > 0:
                raise ValueError(f"the weight of view {view!r} must be above 0; found {weight}")

    @classmethod
    def preset(cls, name: str) -> GradientFlow:
        """The flow with the learned parameters of a preset.

        Examples
        --------
        >>> GradientFlow.preset("sudoku").restart_every
        60
        """
        if name not in GRADIENT_FLOW:
            raise ValueError(
                f"no preset {name!r} of gradient-flow; choose from {', '.join(GRADIENT_FLOW)}"
            )
        changes: dict[str, Any] = dict(GRADIENT_FLOW[name])
        views: dict[str, float] = changes.pop("view_weights", {})
        return cls(view_weights=tuple(views.items()), **changes)

    def init(self, landscape: Landscape, mask: NDArray[np.bool_], place: Place) -> FlowState:
        """Draw the first logits."""
        state = FlowState(
            landscape=landscape,
            progress=Progress.start(len(mask), mask.shape[1]),
            backend="torch",
            generator=torch.Generator().manual_seed(place.seed),
            allowed=torch.as_tensor(mask, device=place.device),
            active=torch.arange(len(mask)),
            views=self._views(landscape).to(place.device),
        )
        self._restart(state)
        return state

    def advance(self, state: FlowState, sweeps: int) -> None:
        """Take up to ``sweeps`` optimizer steps."""
        state.keep(torch.as_tensor(state.progress.open)[state.active], self.chains)
        with one_thread():
            for _ in range(sweeps):
                if len(state.active) == 0:
                    return
                if state.age == self.restart_every:
                    state.progress.restarts[state.active.numpy()] += 1
                    self._restart(state)
                self._step(state)

    def candidates(self, state: FlowState, element: int) -> NDArray[np.int16]:
        """[C, N], each chain's argmax."""
        row = int((state.active == element).nonzero()[0, 0])
        logits = state.logits[row * self.chains : (row + 1) * self.chains]
        return logits.argmax(dim=-1).cpu().numpy().astype(np.int16)

    def temperature(self, age: int) -> float:
        """T after ``age`` steps of a period."""
        return float(self.hot * (self.cold / self.hot) ** (age / max(self.restart_every - 1, 1)))

    def _views(self, landscape: Landscape) -> Tensor:
        """[F] the weight of each factor's view."""
        weight = dict(self.view_weights)
        counts = {d.name: sum(f.count for f in d.families) for d in landscape.domains}
        return torch.cat([torch.full((n,), weight.get(d, 1.0)) for d, n in counts.items()])

    @cached_property
    def _optimizer(self) -> Any:
        make: Any = torchopt.adam if self.optimizer == "adam" else torchopt.sgd
        return make(lr=self.step_size)

    def _restart(self, state: FlowState) -> None:
        n, k = state.landscape.space.shape
        first = torch.randn(self.chains, n, k, generator=state.generator) * self.spread
        logits = repeat(first.to(state.device), "c n k -> (b c) n k", b=len(state.active))
        live = repeat(state.allowed, "b n k -> (b c) n k", c=self.chains)
        state.logits = logits.masked_fill(~live, -torch.inf)
        state.moments = self._optimizer.init(state.logits)
        state.multipliers = repeat(state.weights, "f -> b f", b=len(live)).clone()
        state.age = 0

    def _step(self, state: FlowState) -> None:
        temperature = self.temperature(state.age)
        shape = (self.chains, *state.landscape.space.shape)
        noise = None
        if self.bridge != "softmax":
            uniform = torch.rand(shape, generator=state.generator).to(state.device)
            noise = repeat(uniform, "c n k -> (b c) n k", b=len(state.active))

        logits = state.logits.requires_grad_()
        x = BRIDGES[self.bridge](logits, temperature, noise)
        energies = torch.cat(list(state.landscape.energies(x).values()), dim=1)
        # states that are not allowed have x = 0 whatever their logit, so their gradient is 0
        weighted = state.multipliers * state.views * energies
        (gradient,) = torch.autograd.grad(weighted.sum(), logits)
        state.logits = logits.detach()
        updates, state.moments = self._optimizer.update(gradient, state.moments, inplace=True)
        state.logits += updates
        if self.langevin > 0:
            scale = (2 * self.step_size * self.langevin * temperature) ** 0.5
            kick = torch.randn(shape, generator=state.generator).to(state.device) * scale
            state.logits += repeat(kick, "c n k -> (b c) n k", b=len(state.active))
        hard = sum(domain.count for domain in state.landscape.hard)
        state.multipliers[:, :hard] += self.growth * energies[:, :hard].detach()
        state.age += 1
        self._freeze(state, x.detach())

    def _freeze(self, state: FlowState, x: Tensor) -> None:
        """Record candidates, finish elements that have a satisfying chain, drop them."""
        values = x.argmax(dim=-1).cpu().numpy().astype(np.int16)
        holds = rearrange(state.landscape.check(values), "(b c) -> b c", c=self.chains)
        values = rearrange(values, "(b c) n -> b c n", c=self.chains)
        done, chain = holds.any(axis=1), holds.argmax(axis=1)
        at = state.active.numpy()
        progress = state.progress
        progress.steps[at] += 1
        progress.values[at] = values[np.arange(len(at)), chain]
        progress.finished[at] = done
        progress.open[at] = ~done
        state.keep(torch.as_tensor(~done), self.chains)


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on the calling thread alone: these tensors are too small to be shared out."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(eq=False)
class FlowState:
    """The latent of the elements that are still active, and their optimizer's moments."""

    landscape: Landscape
    progress: Progress
    backend: str
    generator: torch.Generator
    allowed: Tensor  # [B, N, K] of the active elements
    active: Tensor  # their numbers in the batch
    views: Tensor  # [F] the weight of each factor's view
    logits: Tensor = field(init=False)  # [B * C, N, K]
    moments: Any = field(init=False)
    multipliers: Tensor = field(init=False)  # [B * C, F]
    age: int = 0  # steps since the last restart

    @cached_property
    def weights(self) -> Tensor:
        """[F] what each factor weighs at first."""
        hard = sum(domain.count for domain in self.landscape.hard)
        weights = torch.tensor(self.landscape.weights, device=self.device)
        heaviest = max(self.landscape.weights[hard:], default=0)
        weights[hard:] *= min(1.0, HEAVIEST / max(heaviest, 1))
        return weights

    @property
    def device(self) -> torch.device:
        """Where the latent lies."""
        return self.allowed.device

    def keep(self, open_: Tensor, chains: int) -> None:
        """Drop the closed elements from every batched array."""
        if bool(open_.all()):
            return
        rows = repeat(open_, "b -> (b c)", c=chains)
        size = len(rows)

        def select(leaf: Any) -> Any:
            batched = isinstance(leaf, torch.Tensor) and leaf.ndim > 0 and len(leaf) == size
            return leaf[rows.to(leaf.device)] if batched else leaf

        self.moments = torchopt.pytree.tree_map(select, self.moments)
        self.logits, self.multipliers = select(self.logits), select(self.multipliers)
        self.allowed, self.active = self.allowed[open_.to(self.device)], self.active[open_]
