"""What a scope is: its kind, what it binds and where, and the scope that it stands in."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import cast

from latent_ebm.puzzles.code.flow import UNREACHABLE, Flow
from latent_ebm.puzzles.code.types import ANY, Type


class Kind(StrEnum):
    """Where a name comes from, as seen from a node."""

    PARAMETER = "parameter"
    LOCAL = "local"
    CLOSURE = "closure"
    GLOBAL = "global"
    IMPORT = "import"
    BUILTIN = "builtin"


class ScopeKind(StrEnum):
    """What opens a scope."""

    MODULE = "module"
    FUNCTION = "function"
    LAMBDA = "lambda"
    CLASS = "class"
    COMPREHENSION = "comprehension"
    TYPE_PARAMETERS = "type parameters"


@dataclass(frozen=True, slots=True)
class Binding:
    """One place that gives a name a value.

    ``node`` is the name, argument, alias, definition, handler or pattern; ``by`` the statement,
    comprehension or walrus that does it.
    """

    node: ast.AST
    by: ast.AST


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is visible at a node.

    ``defined_at`` is line and column (as ``ast`` has them) of its first binding, absent for
    builtins; ``bindings`` are all of them.
    """

    name: str
    kind: Kind
    definitely_assigned: bool
    defined_at: tuple[int, int] | None
    type: Type = ANY
    bindings: tuple[Binding, ...] = ()


@dataclass(eq=False)
class Scope:
    """The names that one module, class, function, lambda or comprehension binds."""

    kind: ScopeKind
    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    star_imports: list[ast.ImportFrom] = field(default_factory=list)
    deleted_elsewhere: set[str] = field(default_factory=set)
    end_state: int = 0

    @cached_property
    def flow(self) -> Flow:
        """The definite assignment of this scope; a comprehension has none of its own."""
        flow = Flow(self.bindings, self.parameters, self.deleted_elsewhere)
        if isinstance(self.node, ast.Lambda):
            self.end_state = flow.run_expression(self.node.body)
        elif self.kind is not ScopeKind.TYPE_PARAMETERS:
            self.end_state = flow.run(cast("ast.Module", self.node).body)
        return flow

    @property
    def falls_through(self) -> bool:
        """Whether the end of the body can be reached, so that a function gives None there."""
        self.flow  # noqa: B018 - computes end_state
        return self.end_state != UNREACHABLE


def running_scope(scope: Scope) -> Scope:
    """The function, class or module whose code a comprehension is part of."""
    while scope.kind is ScopeKind.COMPREHENSION:
        scope = cast("Scope", scope.parent)
    return scope
