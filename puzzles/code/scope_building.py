"""From a syntax tree to its scopes: what each of them binds, and where."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from latent_ebm.puzzles.code.scope_model import Binding, Scope, ScopeKind, running_scope

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.scopes import Scopes


class ScopeBuilder:
    """Fills ``Scopes`` in one pass."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes

    def block(self, body: list[ast.stmt], scope: Scope) -> None:
        """Take in the statements of a block that belongs to a scope."""
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
                holder = running_scope(scope)
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
