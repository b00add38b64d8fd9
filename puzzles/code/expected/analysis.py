"""The walk from an expression to what its place asks for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from latent_ebm.puzzles.code.types import ANY, BYTES, FLOAT, INT, STR, Type

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference

NUMBER = FLOAT
OPERANDS = (INT, FLOAT, STR, BYTES)
"""The types that operators are tried with."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A type and why it is expected; ``boolean`` where any value will do for its truth."""

    type: Type
    reason: str
    boolean: bool = False

    def __str__(self) -> str:
        return f"{self.type}: {self.reason}"


Rule = Callable[["Analysis", Any, ast.AST], Expectation]
"""From the node above and the expression to what is expected there."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """Asks the rule for the kind of node above an expression.

    Attributes
    ----------
    inference
        The types of expressions.
    rules
        By the kind of the node above.
    otherwise
        The rule for all other kinds.
    depth
        How many variables' uses led here.
    """

    inference: Inference
    rules: Mapping[type[ast.AST], Rule]
    otherwise: Rule
    depth: int = 0

    @property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """The node above each node."""
        return self.inference.source.parents

    def infer(self, node: ast.expr) -> Type:
        """The type of an expression."""
        return self.inference.infer(node)

    def at(self, node: ast.AST) -> Expectation:
        """What the place of a node asks for."""
        parent = self.parents[node]
        return self.rules.get(type(parent), self.otherwise)(self, parent, node)

    def outer(self, parent: ast.expr) -> Type:
        """What is expected of the whole expression above, beyond its truth."""
        outer = self.at(parent)
        return ANY if outer.boolean else outer.type

    def deeper(self) -> Analysis:
        """The same, one variable further on."""
        return replace(self, depth=self.depth + 1)


def shown(node: ast.AST) -> str:
    """A node's text, cut where it is long."""
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "..."
