"""Pairwise energies: what is learned of a rule, in one of four forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from latent_ebm.learning.pretrained import Pretrained

Form = Literal["shared", "coordinates", "relations", "low-rank", "free"]

LARGEST = 1 << 24
"""Parameters that a configuration may ask for."""


@dataclass(frozen=True)
class PairwiseConfig:
    """The shape of a pairwise energy.

    Attributes
    ----------
    kind
        Of the puzzles it was learned from, as ``latent-ebm kinds`` lists them.
    variables, states
        The names of the N variables and the K states.
    form
        See :class:`PairwiseEnergy`.
    columns
        Variables i and i + 1 stand side by side but at multiples of this; used by ``coordinates``.
    width
        Hidden units of ``coordinates``.
    rank
        Patterns of ``low-rank``.
    """

    kind: str
    variables: tuple[str, ...]
    states: tuple[str, ...]
    form: Form = "shared"
    columns: int = 9
    width: int = 64
    rank: int = 3

    def __post_init__(self) -> None:
        n, k = len(self.variables), len(self.states)
        if n < 2 or k < 2:
            raise ValueError(f"pairs need at least 2 variables and 2 states; found {n} and {k}")
        for name in ("columns", "width", "rank"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1; found {getattr(self, name)}")
        each = {"free": k * k, "low-rank": self.rank, "relations": 3}.get(self.form, 1)
        if n * n * each > LARGEST or self.width > 4096:
            raise ValueError(f"{n} variables of {k} states in form {self.form!r} are too many")


class PairwiseEnergy(Pretrained[PairwiseConfig]):
    """``E(x) = sum_i h_i . x_i + sum_{i<j} x_i^T W_ij x_j``, in the zero-sum gauge.

    The forms of W_ij [K, K]:

    * ``shared``: w_ij I, one number a pair, and no h;
    * ``coordinates``: w_ij I, with w_ij from a network of the rows and columns of i and j;
    * ``relations``: a_ij [=] + b_ij [>=] + c_ij [<=], three numbers a pair that forbid to be equal,
      in one order or in the other;
    * ``low-rank``: sum_r c_ijr B_r, with R patterns B_r that all pairs share;
    * ``free``: K^2 numbers a pair.

    Energies that differ by functions of one variable, moved between W and h, have the same
    conditionals; the gauge picks the W whose rows and columns sum to 0.

    Examples
    --------
    >>> energy = PairwiseEnergy(PairwiseConfig("latin", ("a", "b", "c"), ("1", "2")))
    >>> energy.pairs.tolist(), energy.strengths().shape
    ([[0, 1], [0, 2], [1, 2]], torch.Size([3]))
    """

    NAME: ClassVar[str] = "pairwise-rules"
    Config: ClassVar[type[PairwiseConfig]] = PairwiseConfig

    pairs: Tensor
    places: Tensor
    relations: Tensor
    network: nn.Sequential

    def __init__(self, config: PairwiseConfig) -> None:
        super().__init__(config)
        self.num_variables, self.num_values = len(config.variables), len(config.states)
        n, k = self.num_variables, self.num_values
        pairs = torch.triu_indices(n, n, 1).T.contiguous()
        self.register_buffer("pairs", pairs, persistent=False)
        count = len(pairs)
        if config.form == "shared":
            self.weight = nn.Parameter(torch.zeros(count))
        elif config.form == "coordinates":
            self._build_network(config)
        elif config.form == "relations":
            self.weight = nn.Parameter(torch.zeros(count, 3))
            self.register_buffer("relations", zero_sum(comparisons(k)), persistent=False)
        elif config.form == "low-rank":
            draw = torch.Generator().manual_seed(0)
            self.coefficients = nn.Parameter(0.1 * torch.randn(count, config.rank, generator=draw))
            self.patterns = nn.Parameter(torch.randn(config.rank, k, k, generator=draw) / k)
        else:
            self.weight = nn.Parameter(torch.zeros(count, k, k))
        if not self.is_isotropic:
            self.field = nn.Parameter(torch.zeros(n, k))

    def _build_network(self, config: PairwiseConfig) -> None:
        n, columns = self.num_variables, config.columns
        rows = -(-n // columns)
        cells = torch.arange(n)
        row = nn.functional.one_hot(cells // columns, rows)
        column = nn.functional.one_hot(cells % columns, columns)
        self.register_buffer("places", torch.cat([row, column], dim=1).float(), persistent=False)
        draw = torch.Generator().manual_seed(0)
        inputs, width = 2 * (rows + columns), config.width
        last = nn.Linear(width, 1)
        self.network = nn.Sequential(
            nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), last
        )  # fmt: skip
        with torch.no_grad():
            for layer in self.network:
                if isinstance(layer, nn.Linear):
                    scale = (2 / layer.in_features) ** 0.5
                    layer.weight.copy_(scale * torch.randn(layer.weight.shape, generator=draw))
                    layer.bias.zero_()
            last.weight.mul_(0.1)

    @property
    def is_isotropic(self) -> bool:
        """Whether every W_ij is a multiple of the identity."""
        return self.config.form in ("shared", "coordinates")

    def strengths(self) -> Tensor:
        """w_ij [P] of an isotropic form, W_ij [P, K, K] in the zero-sum gauge of another."""
        if self.config.form == "shared":
            return self.weight
        if self.config.form == "coordinates":
            first, second = (self.places[self.pairs[:, side]] for side in (0, 1))
            one = self.network(torch.cat([first, second], dim=1))
            other = self.network(torch.cat([second, first], dim=1))
            return (one + other).squeeze(1) / 2
        if self.config.form == "relations":
            return torch.einsum("pr,rab->pab", self.weight, self.relations)
        if self.config.form == "low-rank":
            return torch.einsum("pr,rab->pab", self.coefficients, zero_sum(self.patterns))
        return zero_sum(self.weight)

    def logits(self, values: Tensor, seen: Tensor | None = None) -> Tensor:
        """Logits of p(x_i = a | the others): ``-h_ia - sum_j seen_ij W_ij[a, x_j]``.

        Parameters
        ----------
        values
            int64 [B, N].
        seen
            bool [B, N, N], the neighbours j that variable i sees; by default all.

        Returns
        -------
        Tensor
            [B, N, K].
        """
        n, k = self.num_variables, self.num_values
        x = nn.functional.one_hot(values, k).to(self._dtype)
        strengths = self.strengths()
        first, second = self.pairs.unbind(1)
        if self.is_isotropic:
            w = strengths.new_zeros(n, n)
            w = w.index_put((first, second), strengths)
            w = w + w.T
            return -torch.matmul(w if seen is None else w * seen, x)
        full = strengths.new_zeros(n, n, k, k)
        full = full.index_put((first, second), strengths)
        full = full.index_put((second, first), strengths.transpose(1, 2))
        table = full.permute(0, 1, 3, 2).reshape(n, n * k, k)  # [i, (j, b), a]
        shown = x[:, None].expand(-1, n, -1, -1)
        if seen is not None:
            shown = shown * seen[..., None]
        fields = torch.bmm(shown.permute(1, 0, 2, 3).reshape(n, len(x), n * k), table)
        return -self.field - fields.transpose(0, 1)

    @property
    def _dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype


def zero_sum(weights: Tensor) -> Tensor:
    """Matrices [..., K, K] less the means of their rows and columns.

    >>> zero_sum(torch.eye(2)).tolist()
    [[0.5, -0.5], [-0.5, 0.5]]
    """
    weights = weights - weights.mean(dim=-1, keepdim=True)
    return weights - weights.mean(dim=-2, keepdim=True)


def comparisons(num_values: int) -> Tensor:
    """[3, K, K] where a state a of one variable and b of another are a = b, a >= b, a <= b."""
    a = torch.arange(num_values)
    first, second = a[:, None], a[None, :]
    return torch.stack([first == second, first >= second, first <= second]).float()
