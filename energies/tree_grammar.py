"""Typed trees: the states of some variables, the slots of a skeleton, are one derivation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.energies.rows import chunks, entries_of
from latent_ebm.energies.tree_lowering import derivable, edge_automata
from latent_ebm.energies.wording import SHOWN, expect_labels, expect_lengths, expect_rows, refuse
from latent_ebm.kernels.factors import FactorTable
from latent_ebm.kernels.structure import Bool, Csr, Int32
from latent_ebm.kernels.trees import Trees

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.energies.space import Space

FLOOR = 1e-24
"""What a chance counts at least in the energy, so that logarithms and gradients are finite.

A corner that is no derivation costs about 55 for each slot that must change. The floor is too
small to be seen beside 1, so the energy of a derivation is exactly 0. Chances below it get no
gradient.
"""


@dataclass(frozen=True, eq=False)
class TreeGrammar:
    """The states of each factor's slots are a well-formed and well-typed tree.

    State p of a slot is production p of the grammar, state P is EMPTY; a space may have more
    states, which fit nowhere. With the slots drawn on their own by x,

    ``energy = -log P(the tree is a derivation that the masks allow)``,

    by the inside pass over types (:mod:`latent_ebm.kernels.reference.trees`); its gradient is
    the outside pass. Chances below ``FLOOR`` count as that.

    Attributes
    ----------
    trees
        The grammar and the skeleton of S slots that all factors share.
    slots
        [F, S] the variable behind each slot.
    roots
        [F, G] bool, the types that the root may give.
    masks
        [F, S, P + 1] bool, the states that each slot may take.
    num_values
        K, at least P + 1.
    labels
        F names.

    Raises
    ------
    ValueError
        If the arrays do not fit, a factor repeats a variable, or no derivation is left to it.

    Examples
    --------
    Trees of the root and one child: x (an int), s (a str), len of a str.

    >>> from latent_ebm.kernels.trees import Grammar
    >>> takes_str = np.array([[[False, False]], [[False, False]], [[False, True]]])
    >>> grammar = Grammar(("int", "str"), np.array([0, 1, 0]), np.array([0, 0, 1]), takes_str)
    >>> hole = TreeGrammar.of(Trees.complete(grammar, 1), [[0, 1]], {"hole": ["int"]}, 4)
    >>> hole.check(np.array([[0, 3], [2, 1], [2, 0], [1, 3]]))[:, 0].tolist()
    [True, True, False, False]
    """

    trees: Trees
    slots: NDArray[np.integer]
    roots: Bool
    masks: Bool
    num_values: int
    labels: Sequence[str]

    def __post_init__(self) -> None:
        expect_labels(self.count, self.labels)
        expect_lengths(self.count, roots=self.roots, masks=self.masks)
        slots, states = self.trees.shape
        types = len(self.trees.grammar.types)
        expected = {
            "slots": (self.slots.shape, (self.count, slots)),
            "roots": (self.roots.shape, (self.count, types)),
            "masks": (self.masks.shape, (self.count, slots, states)),
        }
        for name, (found, wanted) in expected.items():
            if found != wanted:
                raise ValueError(f"{self.count} trees need {name} {wanted}; found {found}")
        if self.num_values < states:
            raise ValueError(
                f"a grammar of {states - 1} productions needs {states} states with EMPTY; the "
                f"space has {self.num_values}"
            )
        expect_rows(self.variables, self.labels, "variable")
        refuse(
            ~derivable(self.trees, self.allowed),
            self.labels,
            "has no derivation; it can never hold",
        )

    @classmethod
    def of(
        cls,
        trees: Trees,
        slots: Sequence[Sequence[int]] | NDArray[np.integer],
        roots: dict[str, Sequence[str]],
        num_values: int,
        masks: Bool | None = None,
    ) -> TreeGrammar:
        """Factors by label, with the names of the types that each root may give.

        Raises KeyError if the grammar has no type of such a name.
        """
        number = {name: g for g, name in enumerate(trees.grammar.types)}
        accepted = np.zeros((len(roots), len(number)), np.bool_)
        for f, names in enumerate(roots.values()):
            accepted[f, [number[name] for name in names]] = True
        every = np.ones((len(roots), *trees.shape), np.bool_)
        variables = np.asarray(slots, np.int32).reshape(len(roots), trees.shape[0])
        return cls(
            trees, variables, accepted, every if masks is None else masks, num_values, tuple(roots)
        )

    @property
    def count(self) -> int:
        """F."""
        return len(self.slots)

    @cached_property
    def variables(self) -> Csr:
        """F rows of variables, the slots in order."""
        return Csr.rectangle(self.slots)

    @property
    def scope(self) -> Int32:
        """[F, S * K], slot by slot."""
        return entries_of(self.variables, self.num_values).padded(fill=-1)

    @cached_property
    def allowed(self) -> Bool:
        """[F, S, P + 1] the states that the masks, the skeleton and the root's types allow."""
        allowed: Bool = self.masks & self.trees.possible
        allowed[:, 0, :-1] &= self.roots[:, self.trees.grammar.result]
        return allowed

    def log_potentials(self, scores: Tensor) -> Tensor:
        """Scores [B, N, K] at the slots, -inf where not allowed: [B * F, S, P + 1].

        What the kernels and decoders of trees work on; the factors of an element are neighbours.
        """
        import torch

        slots = torch.as_tensor(self.slots, dtype=torch.long, device=scores.device)
        local = scores[:, slots, : self.trees.shape[1]]
        allowed = torch.as_tensor(self.allowed, device=scores.device)
        return torch.where(allowed, local, -torch.inf).flatten(0, 1)

    def energy(self, x: Tensor) -> Tensor:
        """[B, N, K] to [B, F]."""
        from latent_ebm.kernels.log_partition import log_partition

        scores = self.log_potentials(x.clamp(min=FLOOR).log())
        logs = log_partition(self.trees, scores)
        return (-logs).clamp(min=0).reshape(len(x), self.count)

    def project(self, scores: Tensor) -> Tensor:
        """[B, N, K] to [B, F, S * K]: the derivation that scores best."""
        import torch

        from latent_ebm.kernels.dispatch import tree_best

        values, _ = tree_best(self.trees, self.log_potentials(scores.detach()))
        points = torch.nn.functional.one_hot(values.long(), self.num_values).to(scores.dtype)
        return points.reshape(len(scores), self.count, -1)

    def check(self, values: Values) -> NDArray[np.bool_]:
        """[B, N] to [B, F]."""
        holds = np.empty((len(values), self.count), np.bool_)
        for part in chunks(len(values), self.slots.size):
            at = self._states(values[part])
            holds[part] = (self._here(at) & self._below(at)).all(axis=2)
        return holds

    def _states(self, values: Values) -> NDArray[np.int64]:
        """[B, N] to [B, F, S]; all states beyond EMPTY are P + 1, which fits nowhere."""
        return np.minimum(values[:, self.slots].astype(np.int64), self.trees.shape[1])

    def _here(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each slot may hold its state, whatever the others hold."""
        allowed = np.pad(self.allowed, ((0, 0), (0, 0), (0, 1)))
        f, s = np.ogrid[: self.count, : self.trees.shape[0]]
        return allowed[f, s, at]

    def _below(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each slot gives a type that its parent expects there; the root always does."""
        expects = np.pad(self.trees.grammar.expects, ((0, 1), (0, 0), (0, 1)))
        types = np.append(self.trees.grammar.results, len(self.trees.grammar.types) + 1)
        parent, position = self.trees.parents[1:].T
        fits = np.ones(at.shape, np.bool_)
        fits[:, :, 1:] = expects[at[:, :, parent], position, types[at[:, :, 1:]]]
        return fits

    def explain(self, index: int, space: Space, values: Values | None = None) -> str:
        """Name the factor and, where values break it, the first slot at fault and its due."""
        label = self.labels[index]
        if values is None:
            return label
        at = self._states(values[None])
        below = self._below(at)[0, index]
        faults = ~(self._here(at)[0, index] & below)
        if not faults.any():
            return f"{label}: holds"
        slot = int(faults.argmax())
        name = space.variables[self.slots[index, slot]]
        parent, position = self.trees.parents[slot]
        if not below[slot]:
            above = space.states[values[self.slots[index, parent]]]
            due = self.trees.grammar.expects[at[0, index, parent], position]
            what = f"{name} under {above}: expected {self._types(due)}, found "
            what += self._found(space, at[0, index, slot])
        elif slot == 0 and not self._rooted(index, at[0, index, 0]):
            due = np.append(self.roots[index], False)
            what = f"{name}, the root: expected {self._types(due)}, found "
            what += self._found(space, at[0, index, 0])
        else:
            state = int(values[self.slots[index, slot]])
            what = f"{name}: {space.states[state]} {self._reason(slot, state)}"
        more = int(faults.sum()) - 1
        return f"{label}: {what}" + (f", and {more} more slots at fault" if more else "")

    def _rooted(self, index: int, state: int) -> bool:
        """Whether a root may have the type of a state."""
        grammar = self.trees.grammar
        return state < grammar.count and bool(self.roots[index, grammar.result[state]])

    def _types(self, due: Bool) -> str:
        """Names of expected types [G + 1], as in ``int or nothing``."""
        names = (*self.trees.grammar.types, "nothing")
        shown = [names[g] for g in np.flatnonzero(due)[:SHOWN]]
        more = int(due.sum()) - len(shown)
        return " or ".join(shown) + (f" or {more} more" if more else "")

    def _found(self, space: Space, state: int) -> str:
        """A state and its type, as in ``len (int)``."""
        grammar = self.trees.grammar
        if state == grammar.empty:
            return "nothing"
        if state > grammar.empty:
            return "what is no production"
        return f"{space.states[state]} ({grammar.types[grammar.result[state]]})"

    def _reason(self, slot: int, state: int) -> str:
        """Why a state that its parent accepts cannot stand in a slot."""
        if state > self.trees.grammar.empty:
            return "is no production"
        if not self.trees.possible[slot, state]:
            return "has children that the skeleton has no slots for"
        return "is not allowed there"

    def factors(self) -> FactorTable:
        """An automaton for each root and each edge; S of them say what one factor does."""
        return edge_automata(self.trees, self.slots, self.allowed, self.num_values)
