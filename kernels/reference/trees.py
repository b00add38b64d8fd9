"""Inference on the derivation trees of a typed grammar: the definition, in torch.

With log-potentials s [B, S, P + 1] of the states of each slot, types go up (the inside pass;
the sum is over the productions p with result g, and c_j are the children of slot s):

    I[s, g] = log sum_p exp( s[s, p] + sum_j V[c_j, row(p, j)] )
    V[s, r] = log sum over the types g in row r of exp I[s, g]

and ``log Z = log sum_g exp I[0, g]`` over all types but EMPTY's. Expectations go down: the
marginals are the gradient of log Z (the outside pass; Eisner 2016, "Inside-outside and
forward-backward algorithms are just backprop"). Max in place of log-sum gives the best
derivation; drawing from the root down by the terms of the sums gives exact samples.

A tree without a derivation has log Z = -inf, marginals 0 and values -1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.kernels.trees import Trees


def log_partition(trees: Trees, scores: Tensor) -> Tensor:
    """Log Z [B] of log-potentials [B, S, P + 1]; differentiable, any number of times."""
    types, _ = _inside(trees, scores)
    return _log_sum(types[0][:, :-1])


def tree_inside(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Log partition [B] and marginals [B, S, P + 1] of log-potentials [B, S, P + 1].

    Examples
    --------
    >>> import numpy as np
    >>> from latent_ebm.kernels.trees import Grammar, Trees
    >>> accepts = np.zeros((3, 1, 1), np.bool_)
    >>> accepts[2, 0, 0] = True
    >>> grammar = Grammar(("int",), np.array([0, 0, 0]), np.array([0, 0, 1]), accepts)
    >>> chain = Trees.complete(grammar, 1)  # x, y, -x, -y
    >>> total, marginals = tree_inside(chain, torch.zeros(1, 2, 4))
    >>> round(total.exp().item(), 4), marginals[0].tolist()
    (4.0, [[0.25, 0.25, 0.5, 0.0], [0.25, 0.25, 0.0, 0.5]])
    """
    with torch.enable_grad():
        leaf = scores.detach().requires_grad_()
        total = log_partition(trees, leaf)
        (marginals,) = torch.autograd.grad(total.sum(), leaf)
    return total.detach(), marginals


def tree_best(trees: Trees, scores: Tensor) -> tuple[Tensor, Tensor]:
    """The derivation [B, S] (int32) that scores best, and its score [B].

    Of equals the one that is first in ``trees.members.items`` wins, from the root down.
    """
    types, up = _inside(trees, scores, best=True)
    total = types[0][:, :-1].amax(dim=1)
    values = _descend(trees, scores, up, lambda terms, _: terms.argmax(dim=1))
    return values.masked_fill(total[:, None] == -torch.inf, -1), total


def tree_sample(trees: Trees, scores: Tensor, uniforms: Tensor) -> Tensor:
    """Exact independent samples: uniforms [B, C, S] in [0, 1) to derivations [B, C, S] (int32).

    Slot s takes the state at which the running sum of the chances, in the order of
    ``trees.members.items``, first exceeds its uniform number.
    """
    types, up = _inside(trees, scores)
    feasible = _log_sum(types[0][:, :-1]) > -torch.inf
    drawn = torch.empty(uniforms.shape, dtype=torch.int32, device=scores.device)
    for c in range(uniforms.shape[1]):

        def draw(terms: Tensor, slot: int, uniform: Tensor = uniforms[:, c]) -> Tensor:
            chances = torch.softmax(terms.double(), dim=1).nan_to_num(0.0)
            sums = chances.cumsum(dim=1)
            above = sums > uniform[:, slot, None].double() * sums[:, -1:]
            return (above & (chances > 0)).int().argmax(dim=1)

        drawn[:, c] = _descend(trees, scores, up, draw)
    return drawn.masked_fill(~feasible[:, None, None], -1)


Choice = Callable[["Tensor", int], "Tensor"]
"""Of terms [B, P + 1] of a slot, in the order of ``trees.members.items``, one place each."""


def _inside(
    trees: Trees, scores: Tensor, *, best: bool = False
) -> tuple[list[Tensor], list[Tensor]]:
    """I [B, G + 1] of each of S slots, and V [B, R] of each and of the absent slot."""
    slots = len(trees.children)
    rows = torch.as_tensor(trees.rows, device=scores.device)
    count, types = rows.shape
    results = torch.as_tensor(trees.grammar.results, dtype=torch.long, device=scores.device)
    row, taken = rows.nonzero(as_tuple=True)
    absent = torch.zeros_like(scores[:1, 0, :1]).where(rows[:, -1], -torch.inf)
    inside: dict[int, Tensor] = {}
    up = {slots: absent.expand(len(scores), -1)}
    for s in reversed(range(slots)):
        terms = _terms(trees, scores, up, s)
        inside[s] = _reduce(terms, results, types, best=best)
        up[s] = _reduce(inside[s][:, taken], row, count, best=best)
    return [inside[s] for s in range(slots)], [up[s] for s in range(slots + 1)]


def _terms(
    trees: Trees, scores: Tensor, up: Mapping[int, Tensor] | Sequence[Tensor], slot: int
) -> Tensor:
    """Score of each state of a slot and of all below it: [B, P + 1]."""
    row_of = torch.as_tensor(trees.row_of, dtype=torch.long, device=scores.device)
    terms = scores[:, slot]
    for j, child in enumerate(trees.links[slot].tolist()):
        terms = terms + up[child][:, row_of[:, j]]
    return terms


def _reduce(terms: Tensor, segment: Tensor, count: int, *, best: bool) -> Tensor:
    """The maximum or the log-sum of terms [B, M] over each of some segments: [B, count]."""
    index = segment.expand(len(terms), -1)
    lowest = torch.full_like(terms[:, :1], -torch.inf).expand(-1, count)
    top = lowest.scatter_reduce(1, index, terms.detach(), "amax")
    if best:
        return top
    top = torch.where(torch.isfinite(top), top, 0.0)
    chances = (terms - top.gather(1, index)).exp()
    return _log(torch.zeros_like(top).scatter_add(1, index, chances)) + top


def _log_sum(terms: Tensor) -> Tensor:
    """Log of the sum of exp over the last axis; of nothing but -inf, -inf with gradient 0."""
    top = terms.detach().amax(dim=-1, keepdim=True)
    top = torch.where(torch.isfinite(top), top, 0.0)
    return _log((terms - top).exp().sum(dim=-1)) + top.squeeze(-1)


def _log(total: Tensor) -> Tensor:
    """The logarithm; of 0, -inf with gradient 0."""
    some = total > 0
    return torch.where(some, torch.where(some, total, 1.0).log(), -torch.inf)


def _descend(trees: Trees, scores: Tensor, up: Sequence[Tensor], choose: Choice) -> Tensor:
    """Choose states from the root down, each among those that its parent accepts: [B, S]."""
    device = scores.device
    rows = torch.as_tensor(trees.rows, device=device)
    results = torch.as_tensor(trees.grammar.results, dtype=torch.long, device=device)
    row_of = torch.as_tensor(trees.row_of, dtype=torch.long, device=device)
    order = torch.as_tensor(trees.members.items, dtype=torch.long, device=device)
    values = torch.empty(scores.shape[:2], dtype=torch.long, device=device)
    for s, (parent, position) in enumerate(trees.parents.tolist()):
        if parent < 0:
            fits = (results < rows.shape[1] - 1).expand(len(scores), -1)
        else:
            fits = rows[row_of[values[:, parent], position]][:, results]
        terms = torch.where(fits, _terms(trees, scores, up, s), -torch.inf)
        values[:, s] = order[choose(terms[:, order], s)]
    return values.int()
