"""A file as its reader sees it: what is in scope, what has which type, what is expected where."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.callables import Signature
from latent_ebm.puzzles.code.expectations import Expectation, expectation
from latent_ebm.puzzles.code.inference import Inference
from latent_ebm.puzzles.code.scope_model import Name
from latent_ebm.puzzles.code.scopes import Scopes, builtin_names
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.types import Observations, Type

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.project import Project


@dataclass(frozen=True, eq=False)
class Reading:
    r"""Everything that the text says, and what running it showed.

    Parameters
    ----------
    source
        The file; its syntax must be right.
    observations
        Types seen at run time, by expression.
    project
        Where imports of the user's other files lead; without it they are not followed.

    Examples
    --------
    >>> reading = Reading(Source("def f(xs: list[int]):\n    while xs:\n        n = xs.pop()\n"))
    >>> loop = reading.source.tree.body[0].body[0]
    >>> str(reading.infer(loop.body[0].value)), str(reading.expected(loop.test))
    ('int', 'bool: condition of the while at line 2')
    """

    source: Source
    observations: Observations | None = None
    project: Project | None = None

    @cached_property
    def scopes(self) -> Scopes:
        """Which names are bound where."""
        return Scopes(self.source)

    @cached_property
    def inference(self) -> Inference:
        """The types of expressions."""
        return Inference(self.source, self.scopes, self.observations or {}, self.project)

    def scope_at(self, node: ast.AST) -> dict[str, Name]:
        """Every name that is visible at ``node``, with its type, the inner scopes' first."""
        types = self.inference
        own = {
            name: replace(found, type=types.name_type(name, node))
            for name, found in self.scopes.own_at(node).items()
        }
        return own | {name: one for name, one in self._builtins.items() if name not in own}

    @cached_property
    def _builtins(self) -> dict[str, Name]:
        return {
            name: replace(found, type=self.inference.name_type(name, self.source.tree))
            for name, found in builtin_names().items()
            if name not in self.scopes.module.bindings
        }

    def infer(self, node: ast.expr) -> Type:
        """The type that an expression has, from its parts; ``Any`` where nothing is known."""
        return self.inference.infer(node)

    def expected(self, node: ast.expr) -> Expectation:
        """The type that an expression's place asks for, and why."""
        return expectation(self.inference, node)

    def fits(self, value: Type, place: Type) -> bool:
        """Whether a value of type ``value`` may stand where ``place`` is expected."""
        return self.inference.fits(value, place)

    def signatures(self, call: ast.Call) -> tuple[Signature, ...]:
        """The signatures that a call may go to; none where the callee is not known."""
        return self.inference.callee(call.func)
