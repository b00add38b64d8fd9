"""Derivation trees of a typed grammar over a bounded skeleton, as flat arrays.

A tree is one state for each slot of a skeleton: a production, or EMPTY where no node is. The
kernels never look at a pair of productions. They see it through three groupings:

* *types*: what a production gives (its result); EMPTY gives the extra type G;
* *rows*: the distinct sets of types that some position of some production accepts; a position
  that is not used accepts EMPTY alone (row 0), so that unused children need no case of their own;
* *signatures*: productions that agree in their result and in the rows of all positions. They
  differ by their scores only, so the passes up and down see one sum for each signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.structure import Bool, Csr, Int32

NOTHING = 0
"""The row that takes EMPTY alone."""


@dataclass(frozen=True, eq=False)
class Grammar:
    """P productions, each with a result type and the types that its children may have.

    Attributes
    ----------
    types
        G names, for people.
    result
        [P] the type that each production gives.
    arity
        [P] how many of the A child positions each production uses, the first ones.
    accepts
        [P, A, G] whether a used position accepts a type; subtyping lives here.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or a used position accepts nothing.

    Examples
    --------
    Numbers, strings, ``len`` and ``+`` on numbers:

    >>> takes = np.zeros((4, 2, 2), np.bool_)
    >>> takes[2, 0, 1] = takes[3, :, 0] = True
    >>> arithmetic = Grammar(("int", "str"), np.array([0, 1, 0, 0]), np.array([0, 0, 1, 2]), takes)
    >>> arithmetic.empty
    4
    """

    types: tuple[str, ...]
    result: NDArray[np.integer]
    arity: NDArray[np.integer]
    accepts: Bool

    def __post_init__(self) -> None:
        count, types = len(self.result), len(self.types)
        if self.accepts.ndim != 3 or self.accepts.dtype != np.bool_:
            raise ValueError(
                f"a grammar needs booleans accepts [P, A, G]; found {self.accepts.dtype} of shape "
                f"{self.accepts.shape}"
            )
        width = self.accepts.shape[1]
        if self.accepts.shape != (count, width, types) or self.arity.shape != (count,):
            raise ValueError(
                f"a grammar of {count} productions and {types} types needs arity [{count}] and "
                f"accepts [{count}, A, {types}]; found {self.arity.shape} and {self.accepts.shape}"
            )
        if count == 0 or width == 0:
            raise ValueError("a grammar needs a production and a child position at least")
        if self.result.min() < 0 or self.result.max() >= types:
            raise ValueError(f"results are types 0 to {types - 1}; found {self.result.tolist()}")
        if self.arity.min() < 0 or self.arity.max() > width:
            raise ValueError(
                f"arities are 0 to {width}, the positions of accepts; found {self.arity.tolist()}"
            )
        nothing = self.used & ~self.accepts.any(axis=2)
        if nothing.any():
            p, j = np.argwhere(nothing)[0]
            raise ValueError(
                f"production {p} uses position {j} but accepts no type there; leave it out"
            )

    @property
    def count(self) -> int:
        """P."""
        return len(self.result)

    @property
    def empty(self) -> int:
        """The state EMPTY, "no node here": P."""
        return self.count

    @property
    def used(self) -> Bool:
        """[P, A] the positions that each production uses."""
        return np.arange(self.accepts.shape[1]) < self.arity[:, None]

    @cached_property
    def results(self) -> Int32:
        """[P + 1] the type of each state; that of EMPTY is G."""
        return np.append(self.result, len(self.types)).astype(np.int32)

    @cached_property
    def expects(self) -> Bool:
        """[P + 1, A, G + 1] the types that each position of each state takes, EMPTY among them."""
        count, width, types = self.accepts.shape
        table = np.zeros((count + 1, width, types + 1), np.bool_)
        table[:count, :, :types] = self.accepts & self.used[:, :, None]
        table[:count, :, types] = ~self.used
        table[count, :, types] = True
        return table


@dataclass(frozen=True, eq=False)
class Trees:
    """The derivations of a grammar that fit into a skeleton of S slots.

    Attributes
    ----------
    children
        [S, A] the slot at each child position, or -1 where the skeleton ends. Slot 0 is the
        root; parents come before their children.
    grammar
        The productions; state P of a slot is EMPTY.

    Raises
    ------
    ValueError
        If the slots do not form one tree, or have other positions than the grammar.

    Examples
    --------
    >>> leaf = Grammar(("t",), np.array([0]), np.array([0]), np.zeros((1, 1, 1), np.bool_))
    >>> Trees(np.array([[-1]]), leaf).shape
    (1, 2)
    """

    children: NDArray[np.integer]
    grammar: Grammar

    def __post_init__(self) -> None:
        width = self.grammar.accepts.shape[1]
        if self.children.ndim != 2 or self.children.shape[1] != width or not len(self.children):
            raise ValueError(
                f"a skeleton for productions of {width} positions needs children [S, {width}]; "
                f"found {self.children.shape}"
            )
        slots = np.arange(len(self.children))
        inner = self.children[self.children != -1]
        if not np.array_equal(np.sort(inner), slots[1:]):
            raise ValueError(
                "every slot but 0, the root, is the child of exactly one slot; found the children "
                f"{np.sort(inner).tolist()} of {len(slots)} slots"
            )
        late = (self.children != -1) & (self.children <= slots[:, None])
        if late.any():
            s, j = np.argwhere(late)[0]
            raise ValueError(f"slot {s} comes after its child {self.children[s, j]}; number it up")

    @classmethod
    def complete(cls, grammar: Grammar, depth: int) -> Trees:
        """All positions down to a depth, level by level: 15 slots for two positions and depth 3.

        >>> accepts = np.zeros((1, 2, 1), np.bool_)
        >>> leaf = Grammar(("t",), np.array([0]), np.array([0]), accepts)
        >>> Trees.complete(leaf, 1).children.tolist()
        [[1, 2], [-1, -1], [-1, -1]]
        """
        width = grammar.accepts.shape[1]
        inner = sum(width**level for level in range(depth))
        total = inner + width**depth
        children = np.full((total, width), -1, np.int32)
        children[:inner] = 1 + np.arange(inner * width).reshape(inner, width)
        return cls(children, grammar)

    @property
    def shape(self) -> tuple[int, int]:
        """(S, P + 1)."""
        return len(self.children), self.grammar.count + 1

    @cached_property
    def links(self) -> Int32:
        """[S, A] the children, where S stands for the absent slot, which is always EMPTY."""
        return np.where(self.children < 0, len(self.children), self.children).astype(np.int32)

    @cached_property
    def parents(self) -> Int32:
        """[S, 2] the parent of each slot and its position there; -1 at the root."""
        table = np.full((len(self.children), 2), -1, np.int32)
        for s, j in np.argwhere(self.children >= 0):
            table[self.children[s, j]] = s, j
        return table

    @cached_property
    def possible(self) -> Bool:
        """[S, P + 1] the states that the skeleton leaves room for; the root is never EMPTY."""
        missing = self.children < 0
        used = np.concatenate([self.grammar.used, np.zeros((1, self.children.shape[1]), np.bool_)])
        table: Bool = ~(missing[:, None, :] & used[None]).any(axis=2)
        table[0, self.grammar.empty] = False
        return table

    @cached_property
    def rows(self) -> Bool:
        """[R, G + 1] the distinct sets of types that positions accept; row 0 is EMPTY alone."""
        return self._rows[0]

    @cached_property
    def row_of(self) -> Int32:
        """[P + 1, A] the row of each position of each state."""
        return self._rows[1]

    @cached_property
    def _rows(self) -> tuple[Bool, Int32]:
        expects = self.grammar.expects
        # EMPTY is in row 0 only: it sorts before the others when it goes first, negated
        flat = expects.reshape(-1, expects.shape[2])
        keyed = np.concatenate([~flat[:, -1:], flat[:, :-1]], axis=1)
        rows, numbers = np.unique(keyed, axis=0, return_inverse=True)
        table = np.concatenate([rows[:, 1:], ~rows[:, :1]], axis=1)
        return table, numbers.reshape(expects.shape[:2]).astype(np.int32)

    @cached_property
    def types_of_rows(self) -> Csr:
        """The types of each row, R rows."""
        return Csr.from_rows([np.flatnonzero(row).tolist() for row in self.rows])

    @cached_property
    def signatures(self) -> Int32:
        """[C, 1 + A] the distinct (result, row of each position), ordered by result."""
        return self._signatures[0]

    @cached_property
    def members(self) -> Csr:
        """The states of each signature, C rows; ``members.items`` is the order of sampling."""
        return Csr(np.zeros(1, np.int32), self.signature_of).inverse(len(self.signatures))

    @cached_property
    def signature_of(self) -> Int32:
        """[P + 1] the signature of each state."""
        return self._signatures[1]

    @cached_property
    def _signatures(self) -> tuple[Int32, Int32]:
        keys = np.concatenate([self.grammar.results[:, None], self.row_of], axis=1)
        found, numbers = np.unique(keys, axis=0, return_inverse=True)
        return found.astype(np.int32), numbers.ravel().astype(np.int32)

    @cached_property
    def first_of_type(self) -> Int32:
        """[G + 2] where the signatures of each type begin, and the last ends."""
        types = np.arange(len(self.grammar.types) + 2)
        return np.searchsorted(self.signatures[:, 0], types).astype(np.int32)

    @cached_property
    def takes(self) -> Bool:
        """[R, C] whether a row takes the type of a signature."""
        return self.rows[:, self.signatures[:, 0]]

    @cached_property
    def rooted(self) -> Bool:
        """[C] the signatures that a root may have: all but EMPTY's."""
        rooted: Bool = self.signatures[:, 0] < len(self.grammar.types)
        return rooted

    @cached_property
    def preorder(self) -> Int32:
        """[S] the slots, each before what is below it, and that before its next brother."""
        order, waiting = [], [0]
        while waiting:
            slot = waiting.pop()
            order.append(slot)
            waiting += [c for c in reversed(self.children[slot].tolist()) if c >= 0]
        return np.array(order, np.int32)
