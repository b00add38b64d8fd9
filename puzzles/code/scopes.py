"""Scopes: what each name at a node refers to, and whether it surely has a value there.

Identifiers come from ``ast``, which has them in normal form (NFKC), as the interpreter has them.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cache
from typing import cast

from latent_ebm.puzzles.code.flow import UNREACHABLE, Flow
from latent_ebm.puzzles.code.scope_building import ScopeBuilder
from latent_ebm.puzzles.code.scope_model import Kind, Name, Scope, ScopeKind, running_scope
from latent_ebm.puzzles.code.source import Source


class Scopes:
    r"""All scopes of a file.

    Examples
    --------
    >>> source = Source("def f(a):\n    if a:\n        b = 1\n    return a\n")
    >>> names = Scopes(source).at(source.tree.body[0].body[1])
    >>> names["a"].kind.value, names["b"].definitely_assigned, names["len"].kind.value
    ('parameter', False, 'builtin')
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.module = Scope(ScopeKind.MODULE, source.tree, None)
        self.scope_of: dict[ast.AST, Scope] = {source.tree: self.module}
        self.opened: dict[ast.AST, Scope] = {source.tree: self.module}
        ScopeBuilder(self).block(source.tree.body, self.module)
        self._hand_over()

    def all(self) -> Iterator[Scope]:
        """Every scope, the module's first."""
        yield from dict.fromkeys(self.opened.values())

    def of(self, node: ast.AST) -> Scope:
        """The scope in which a node is evaluated."""
        above: ast.AST | None = node
        while above is not None:
            if above in self.scope_of:
                return self.scope_of[above]
            above = self.source.parents.get(above)
        raise ValueError(f"{ast.dump(node)} is not a node of {self.source.path}")

    def at(self, node: ast.AST) -> dict[str, Name]:
        """Every name that is visible where ``node`` is evaluated, the inner ones first."""
        own = self.own_at(node)
        return own | {name: one for name, one in builtin_names().items() if name not in own}

    def own_at(self, node: ast.AST) -> dict[str, Name]:
        """As ``at``, without the builtins."""
        scope = self.of(node)
        seen: dict[str, Name] = {}
        inner: Scope | None = scope
        while inner is not None:
            if inner is scope or inner.kind is not ScopeKind.CLASS:
                for name in inner.bindings:
                    if name not in seen:
                        found = self.lookup(name, node)
                        if found is not None:
                            seen[name] = found
            inner = inner.parent
        for name in (name for one in self._chain(scope) for name in one.globals):
            found = None if name in seen else self.lookup(name, node)
            if found is not None:
                seen[name] = found
        return seen

    @staticmethod
    def _chain(scope: Scope) -> Iterator[Scope]:
        one: Scope | None = scope
        while one is not None:
            yield one
            one = one.parent

    def lookup(self, name: str, node: ast.AST) -> Name | None:
        """What ``name`` means where ``node`` is evaluated; None if it is bound nowhere."""
        start = self.of(node)
        holder = self.resolve(name, start)
        if holder is None:
            return builtin_names().get(name)
        bindings = tuple(holder.bindings[name])
        return Name(
            name,
            self._kind(name, holder, start),
            self._assigned(name, holder, start, node),
            _place(bindings[0].node),
            bindings=bindings,
        )

    def resolve(self, name: str, scope: Scope) -> Scope | None:
        """The scope whose ``name`` is meant in ``scope``; None for builtins and unknown names."""
        start: Scope | None = scope
        while start is not None:
            visible = start is scope or start.kind is not ScopeKind.CLASS
            if visible and name in start.globals:
                return self.module if name in self.module.bindings else None
            if visible and name in start.bindings and name not in start.nonlocals:
                return start
            start = start.parent
        return None

    def _kind(self, name: str, holder: Scope, start: Scope) -> Kind:
        if all(isinstance(one.by, (ast.Import, ast.ImportFrom)) for one in holder.bindings[name]):
            return Kind.IMPORT
        if holder.kind is ScopeKind.MODULE:
            return Kind.GLOBAL
        if holder is running_scope(start) or holder.kind is ScopeKind.COMPREHENSION:
            return Kind.PARAMETER if name in holder.parameters else Kind.LOCAL
        return Kind.CLOSURE

    def _assigned(self, name: str, holder: Scope, start: Scope, node: ast.AST) -> bool:
        if holder.kind is ScopeKind.TYPE_PARAMETERS:
            return True
        runs = running_scope(start)
        if name in runs.globals | runs.nonlocals and name not in holder.deleted_elsewhere:
            here = self._flow_node(runs.flow, node)
            if here is not None and runs.flow.has(here, name):
                return True
        target = holder if holder.kind is not ScopeKind.COMPREHENSION else running_scope(holder)
        at: ast.AST | None = node
        # from a function within: the state where it was defined, or, for globals, at the end
        while runs is not target:
            if target.kind is ScopeKind.MODULE:
                target.flow  # noqa: B018 - computes end_state
                return bool(target.end_state & target.flow.bits[name])
            at = runs.node
            runs = running_scope(cast("Scope", runs.parent))  # the module ends the way up
        here = self._flow_node(target.flow, at)
        return here is not None and target.flow.has(here, name)

    def _flow_node(self, flow: Flow, node: ast.AST | None) -> ast.AST | None:
        """The node itself, or the nearest around it that the flow has a state for."""
        while node is not None and node not in flow.at:
            node = self.source.parents.get(node)
        return node

    def reachable(self, node: ast.AST) -> bool:
        """Whether any path through the function leads to ``node``."""
        flow = running_scope(self.of(node)).flow
        here = self._flow_node(flow, node)
        return here is None or flow.at[here] != UNREACHABLE

    def _hand_over(self) -> None:
        """Give what ``global`` and ``nonlocal`` bind to the scopes that it belongs to."""
        for scope in list(self.opened.values()):
            if scope is self.module:
                continue
            for name in sorted(scope.globals | scope.nonlocals):
                bindings = scope.bindings.get(name, [])
                if name in scope.globals and bindings:
                    self.module.bindings.setdefault(name, [])
                holder = self.resolve(name, scope)
                if holder is None or holder is scope:
                    continue
                holder.bindings[name].extend(bindings)
                if any(_deletes(one.node) for one in bindings):
                    holder.deleted_elsewhere.add(name)


def _deletes(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)


def _place(node: ast.AST) -> tuple[int, int] | None:
    if isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.alias, ast.ExceptHandler, ast.pattern)):
        return node.lineno, node.col_offset
    line = getattr(node, "lineno", None)  # type parameters of Python 3.12
    return None if line is None else (line, node.col_offset)  # type: ignore[attr-defined]


@cache
def builtin_names() -> dict[str, Name]:
    """The builtins, without what only interactive sessions have."""
    interactive = {"copyright", "credits", "exit", "license", "quit"}
    names = [name for name in dir(builtins) if not name.startswith("_") and name not in interactive]
    return {
        name: Name(name, Kind.BUILTIN, True, None)
        for name in (*names, "__name__", "__file__", "__doc__")
    }
