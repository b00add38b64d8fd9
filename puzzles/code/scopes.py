"""Scopes: what each name at a node refers to, and whether it surely has a value there.

Identifiers come from ``ast``, which has them in normal form (NFKC), as the interpreter has them.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from typing import cast

from latent_ebm.puzzles.code.flow import UNREACHABLE, Flow
from latent_ebm.puzzles.code.source import Source
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
        _Builder(self).block(source.tree.body, self.module)
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
        if holder is _running(start) or holder.kind is ScopeKind.COMPREHENSION:
            return Kind.PARAMETER if name in holder.parameters else Kind.LOCAL
        return Kind.CLOSURE

    def _assigned(self, name: str, holder: Scope, start: Scope, node: ast.AST) -> bool:
        if holder.kind is ScopeKind.TYPE_PARAMETERS:
            return True
        runs = _running(start)
        if name in runs.globals | runs.nonlocals and name not in holder.deleted_elsewhere:
            here = self._flow_node(runs.flow, node)
            if here is not None and runs.flow.has(here, name):
                return True
        target = holder if holder.kind is not ScopeKind.COMPREHENSION else _running(holder)
        at: ast.AST | None = node
        # from a function within: the state where it was defined, or, for globals, at the end
        while runs is not target:
            if target.kind is ScopeKind.MODULE:
                target.flow  # noqa: B018 - computes end_state
                return bool(target.end_state & target.flow.bits[name])
            at = runs.node
            runs = _running(cast("Scope", runs.parent))  # the module ends the way up
        here = self._flow_node(target.flow, at)
        return here is not None and target.flow.has(here, name)

    def _flow_node(self, flow: Flow, node: ast.AST | None) -> ast.AST | None:
        """The node itself, or the nearest around it that the flow has a state for."""
        while node is not None and node not in flow.at:
            node = self.source.parents.get(node)
        return node

    def reachable(self, node: ast.AST) -> bool:
        """Whether any path through the function leads to ``node``."""
        flow = _running(self.of(node)).flow
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


def _running(scope: Scope) -> Scope:
    """The function, class or module whose code a comprehension is part of."""
    while scope.kind is ScopeKind.COMPREHENSION:
        scope = cast("Scope", scope.parent)
    return scope


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


class _Builder:
    """Fills ``Scopes`` in one pass."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes

    def block(self, body: list[ast.stmt], scope: Scope) -> None:
        for statement in body:
            self._visit(statement, scope, statement)

    def _bind(self, scope: Scope, name: str, node: ast.AST, by: ast.AST) -> None:
        scope.bindings.setdefault(name, []).append(Binding(node, by))

    def _open(self, kind: ScopeKind, node: ast.AST, parent: Scope) -> Scope:
        scope = Scope(kind, node, parent)
        self._scopes.opened[node] = scope
        return scope

    def _visit(  # noqa: C901 - one case a kind of node
        self, node: ast.AST, scope: Scope, by: ast.AST
    ) -> None:
        self._scopes.scope_of[node] = scope
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                self._bind(scope, node.id, node, by)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Lambda():
                inner = self._open(ScopeKind.LAMBDA, node, scope)
                self._parameters(node.args, scope, inner, node)
                self._visit(node.body, inner, by)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope, by)
            case ast.NamedExpr():
                self._visit(node.value, scope, by)
                holder = _running(scope)
                self._scopes.scope_of[node.target] = scope
                self._bind(holder, node.target.id, node.target, node)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Global() | ast.Nonlocal():
                wanted = scope.globals if isinstance(node, ast.Global) else scope.nonlocals
                wanted.update(node.names)
            case ast.ExceptHandler():
                if node.name:
                    self._bind(scope, node.name, node, node)
                self._children(node, scope, by)
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                self._bind(scope, name, node, by)
                self._children(node, scope, by)
            case ast.MatchMapping(rest=str() as name):
                self._children(node, scope, by)
                self._bind(scope, name, node, by)
            case _:
                self._children(node, scope, by)

    def _children(self, node: ast.AST, scope: Scope, by: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            inner = child if isinstance(child, (ast.stmt, ast.withitem)) else by
            self._visit(child, scope, inner)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            self._scopes.scope_of[alias] = scope
            if alias.name == "*":
                scope.star_imports.append(cast("ast.ImportFrom", node))
                continue
            self._bind(scope, alias.asname or alias.name.split(".")[0], alias, node)

    def _type_parameters(self, node: ast.stmt, scope: Scope) -> Scope:
        parameters = getattr(node, "type_params", None)  # Python 3.12
        if not parameters:
            return scope
        inner = Scope(ScopeKind.TYPE_PARAMETERS, node, scope)
        for one in parameters:
            self._scopes.opened[one] = inner
            self._bind(inner, one.name, one, node)
            self._visit(one, inner, node)
        return inner

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        self._bind(scope, node.name, node, node)
        for decorator in node.decorator_list:
            self._visit(decorator, scope, node)
        outer = self._type_parameters(node, scope)
        inner = self._open(ScopeKind.FUNCTION, node, outer)
        self._parameters(node.args, outer, inner, node)
        if node.returns:
            self._visit(node.returns, outer, node)
        for statement in node.body:  # global statements hold for the whole body
            _declare(statement, inner)
        self.block(node.body, inner)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._bind(scope, node.name, node, node)
        for decorator in node.decorator_list:
            self._visit(decorator, scope, node)
        outer = self._type_parameters(node, scope)
        for part in (*node.bases, *node.keywords):
            self._visit(part, outer, node)
        inner = self._open(ScopeKind.CLASS, node, outer)
        for statement in node.body:
            _declare(statement, inner)
        self.block(node.body, inner)

    def _parameters(
        self, arguments: ast.arguments, outer: Scope, inner: Scope, by: ast.AST
    ) -> None:
        self._scopes.scope_of[arguments] = outer
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self._visit(default, outer, by)
        several = (arguments.vararg, arguments.kwarg)
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several):
            if one is None:
                continue
            self._scopes.scope_of[one] = outer
            inner.parameters.append(one.arg)
            self._bind(inner, one.arg, one, by)
            if one.annotation:
                self._visit(one.annotation, outer, by)

    def _comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
        scope: Scope,
        by: ast.AST,
    ) -> None:
        inner = self._open(ScopeKind.COMPREHENSION, node, scope)
        for index, generator in enumerate(node.generators):
            self._scopes.scope_of[generator] = inner
            self._visit(generator.iter, scope if index == 0 else inner, by)
            self._visit(generator.target, inner, generator)
            for test in generator.ifs:
                self._visit(test, inner, by)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for part in parts:
            self._visit(part, inner, by)


def _declare(statement: ast.AST, scope: Scope) -> None:
    """Take the ``global`` and ``nonlocal`` statements of a body, but of no function within."""
    stack = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Global):
            scope.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            scope.nonlocals.update(node.names)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            stack.extend(ast.iter_child_nodes(node))
