"""Where the variables of a file are read, and its functions called."""

from __future__ import annotations

import ast
from functools import cached_property

from latent_ebm.puzzles.code.scope_model import Scope
from latent_ebm.puzzles.code.scopes import Scopes
from latent_ebm.puzzles.code.source import Source


class Usages:
    """The reads and calls of one file; each kind is looked for once."""

    def __init__(self, source: Source, scopes: Scopes) -> None:
        self._source, self._scopes = source, scopes

    @cached_property
    def _uses(self) -> dict[tuple[Scope, str], list[ast.Name]]:
        found: dict[tuple[Scope, str], list[ast.Name]] = {}
        for node in ast.walk(self._source.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                holder = self._scopes.resolve(node.id, self._scopes.of(node))
                if holder is not None:
                    found.setdefault((holder, node.id), []).append(node)
        return found

    def uses_of(self, name: str, scope: Scope) -> list[ast.Name]:
        """Where a variable of ``scope`` is read."""
        return self._uses.get((scope, name), [])

    @cached_property
    def _calls(self) -> dict[ast.AST, list[ast.Call]]:
        found: dict[ast.AST, list[ast.Call]] = {}
        for node in ast.walk(self._source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                holder = self._scopes.resolve(node.func.id, self._scopes.of(node))
                bindings = holder.bindings[node.func.id] if holder else []
                for one in bindings:
                    found.setdefault(one.by, []).append(node)
        return found

    def calls_of(self, function: ast.AST) -> list[ast.Call]:
        """The calls in the file of a function by its name."""
        return self._calls.get(function, [])
