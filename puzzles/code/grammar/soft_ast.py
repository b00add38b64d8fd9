"""The soft AST of an expression hole: a skeleton of slots over typed productions.

Each slot is a categorical over the atoms and productions that can be written at the hole. The typed
tree grammar (``kernels/trees.py``) says which choices make a well-typed expression; its energy, its
marginals and its derivations are exact.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.trees import Grammar, Trees
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.runtime_types import fits, is_body

DEPTH, WIDTH = 3, 2
"""Levels below the root, and children of a slot: 15 slots."""
IMPOSSIBLE = -np.inf


@dataclass(frozen=True, eq=False)
class SoftAst:
    """What may stand at an expression hole, as a relaxed tree.

    Attributes
    ----------
    trees
        The skeleton with its grammar.
    symbols
        [P] the atom or the production of each state.
    prior
        [S, P + 1] log-potentials: minus the cost of each choice; -inf where it cannot stand.
    """

    trees: Trees
    symbols: tuple[Expression | Production, ...]
    prior: NDArray[np.float64]

    @classmethod
    def at(cls, context: Context, node: ast.AST, wanted: tuple[str, ...]) -> SoftAst | None:
        """The soft AST of a hole where types are wanted (any, if none); None if nothing fits."""
        function = context.program.function(node)
        visible = context.names.at(node)
        atoms = [a for a in context.atoms(function) if a.type and a.names <= visible.keys()]
        made = [p for p in context.productions(function) if 1 <= len(p.operands) <= WIDTH]
        symbols: tuple[Expression | Production, ...] = (*atoms, *made)
        types = sorted({_result(symbol) for symbol in symbols})
        if not types:
            return None
        number = {kind: i for i, kind in enumerate(types)}
        accepts = np.zeros((len(symbols), WIDTH, len(types)), np.bool_)
        for row, symbol in zip(accepts, symbols, strict=True):
            for position, operand in enumerate(_operands(symbol)):
                row[position] = [fits(kind, operand) for kind in types]
        usable = np.array([_usable(s, row) for s, row in zip(symbols, accepts, strict=True)])
        kept = [symbol for symbol, ok in zip(symbols, usable, strict=True) if ok]
        grammar = Grammar(
            tuple(types),
            np.array([number[_result(symbol)] for symbol in kept]),
            np.array([len(_operands(symbol)) for symbol in kept]),
            accepts[usable],
        )
        trees = Trees.complete(grammar, DEPTH)
        prior = np.tile([-symbol.cost for symbol in kept] + [0.0], (len(trees.children), 1))
        root = [_may_stand(_result(symbol), wanted) for symbol in kept]
        prior[0, :-1][~np.array(root)] = IMPOSSIBLE
        prior[0, -1] = IMPOSSIBLE
        return cls(trees, tuple(kept), prior) if np.isfinite(prior[0]).any() else None

    def expression(self, values: tuple[int, ...]) -> Expression:
        """The expression that a derivation [S] stands for."""
        return self._below(0, values)

    def _below(self, slot: int, values: tuple[int, ...]) -> Expression:
        symbol = self.symbols[values[slot]]
        if isinstance(symbol, Expression):
            return symbol
        children = self.trees.children[slot][: len(symbol.operands)].tolist()
        return symbol.apply(tuple(self._below(child, values) for child in children))


def _result(symbol: Expression | Production) -> str:
    return symbol.type if isinstance(symbol, Expression) else symbol.result


def _may_stand(kind: str, wanted: tuple[str, ...]) -> bool:
    """Whether something of a type may be the whole expression."""
    return not is_body(kind) and (not wanted or any(fits(kind, one) for one in wanted))


def _operands(symbol: Expression | Production) -> tuple[str, ...]:
    return () if isinstance(symbol, Expression) else symbol.operands


def _usable(symbol: Expression | Production, row: NDArray[np.bool_]) -> bool:
    """Whether every operand can be made of something."""
    return all(row[i].any() for i in range(len(_operands(symbol))))
