"""From an expression's text back to the derivation of a soft AST that gives it."""

from __future__ import annotations

import ast
from functools import cache

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.soft_ast import SoftAst

__all__ = ["derivation"]

_OPERAND = "__operand_{}__"


def derivation(soft: SoftAst, allowed: NDArray[np.bool_], text: str) -> tuple[int, ...] | None:
    """The cheapest derivation [S] of an expression with this syntax tree; None if there is none.

    Parameters
    ----------
    allowed
        [S, P + 1] the states that may stand in each slot.
    """
    try:
        tree = ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError:
        return None
    found = _Matching(soft, allowed).below(0, tree)
    if not found:
        return None
    _, states = min(found.values(), key=lambda one: one[0])
    empty = soft.trees.grammar.empty
    return tuple(states.get(slot, empty) for slot in range(len(soft.trees.children)))


Found = dict[int, tuple[float, dict[int, int]]]
"""By type, the cheapest cost and the states by slot."""


class _Matching:
    def __init__(self, soft: SoftAst, allowed: NDArray[np.bool_]) -> None:
        self._soft, self._allowed = soft, allowed

    def below(self, slot: int, node: ast.expr) -> Found:
        """Derivations of a node from a slot on, the cheapest of each type."""
        found: Found = {}
        grammar = self._soft.trees.grammar
        for state, symbol in enumerate(self._soft.symbols):
            if not self._allowed[slot, state]:
                continue
            operands = _match(_pattern(_template(symbol)), node)
            if operands is None:
                continue
            made = self._with_operands(slot, state, operands)
            kind = int(grammar.result[state])
            if made is not None and (kind not in found or made[0] < found[kind][0]):
                found[kind] = made
        return found

    def _with_operands(
        self, slot: int, state: int, operands: dict[int, ast.expr]
    ) -> tuple[float, dict[int, int]] | None:
        """A state with the cheapest derivations of its operands that it accepts."""
        trees, cost, states = self._soft.trees, -self._soft.prior[slot, state], {slot: state}
        for position in range(int(trees.grammar.arity[state])):
            child = int(trees.children[slot, position])
            if child < 0 or position not in operands:
                return None
            fitting = [
                found
                for kind, found in self.below(child, operands[position]).items()
                if trees.grammar.accepts[state, position, kind]
            ]
            if not fitting:
                return None
            price, more = min(fitting, key=lambda one: one[0])
            cost += price
            states |= more
        return float(cost), states


def _template(symbol: object) -> str:
    if isinstance(symbol, Expression):
        return symbol.text
    template: str = symbol.template  # type: ignore[attr-defined]
    names = [_OPERAND.format(i) for i in range(len(symbol.operands))]  # type: ignore[attr-defined]
    return template.format(*names)


@cache
def _pattern(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _match(pattern: ast.expr, node: ast.expr) -> dict[int, ast.expr] | None:
    """What stands for each operand of a pattern in a node; None where they differ."""
    bound: dict[int, ast.expr] = {}
    return bound if _same(pattern, node, bound) else None


def _same(pattern: object, node: object, bound: dict[int, ast.expr]) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id.startswith("__operand_"):
        number = int(pattern.id.strip("_").rpartition("_")[2])
        if not isinstance(node, ast.expr):
            return False
        known = bound.setdefault(number, node)
        return known is node or ast.dump(known) == ast.dump(node)
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.AST):
        return all(
            _same(getattr(pattern, field, None), getattr(node, field, None), bound)
            for field in pattern._fields
            if field != "kind"
        )
    if isinstance(pattern, list) and isinstance(node, list):
        return len(pattern) == len(node) and all(
            _same(one, other, bound) for one, other in zip(pattern, node, strict=True)
        )
    return pattern == node
