"""The types of variables: what their bindings give, joined, worked out scope by scope.

Within a scope variables depend on each other, and loops on themselves, so their types are the least
ones that all bindings agree with, found by rounds from ``Never`` upwards (a few suffice).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.annotations import to_type
from latent_ebm.puzzles.code.callables import Function, Signature, decorators_of, signature_from
from latent_ebm.puzzles.code.given import Given, is_open_parameter
from latent_ebm.puzzles.code.growth import Growth
from latent_ebm.puzzles.code.names import FileNames
from latent_ebm.puzzles.code.scope_model import Binding, Scope
from latent_ebm.puzzles.code.stubs import has_module, module_names
from latent_ebm.puzzles.code.types import (
    ANY,
    NEVER,
    NONE,
    Type,
    fits,
    joined,
    observed,
    presented,
    vague,
)

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference

ROUNDS = 4
Exit = ast.Return | ast.Yield | ast.YieldFrom


class Environments:
    """The variables' types of every scope of a file, each scope's when first asked for."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._types: dict[Scope, dict[str, Type]] = {}
        self._working: set[Scope] = set()
        self._provisional: set[Scope] = set()
        self._results: dict[ast.AST, Type] = {}
        self._open_results: set[ast.AST] = set()
        self._exits: dict[ast.AST, list[Exit]] = {}
        self._growth = Growth(inference)
        self._given = Given(inference)
        self.names = FileNames(inference)

    @property
    def unsettled(self) -> bool:
        """Whether some scope's types are still being worked out."""
        return bool(self._working or self._open_results)

    def settle(self, scope: Scope) -> None:
        """Work out the types of a scope's variables, where that was not done."""
        if scope not in self._types:
            self._settle(scope)

    def type_of(self, name: str, scope: Scope) -> Type:
        """The type of a variable of ``scope``."""
        self.settle(scope)
        return self._types[scope].get(name, ANY)

    def _settle(self, scope: Scope) -> None:
        types = self._types[scope] = dict.fromkeys(scope.bindings, NEVER)
        self._working.add(scope)
        try:
            for _ in range(ROUNDS):
                before = dict(types)
                if len(self._working) == 1:
                    self._drop_provisional()
                for name, bindings in scope.bindings.items():
                    types[name] = self._joined(name, bindings, scope)
                if types == before:
                    break
        finally:
            self._working.discard(scope)
        if self.unsettled:
            self._provisional.add(scope)
        else:
            self._drop_provisional()

    def _drop_provisional(self) -> None:
        """Forget what was worked out from the unfinished types of other scopes."""
        for scope in self._provisional - self._working:
            self._types.pop(scope, None)
        self._provisional.clear()

    def _joined(self, name: str, bindings: list[Binding], scope: Scope) -> Type:
        for one in bindings:
            declared = self._declared(one)
            if declared is not None and declared != ANY:
                return declared
        found = joined(known_ones(self._given.of(one) for one in bindings))
        for growth in self._growth.of(scope).get(name, ()):
            found = self._growth.grown(found, growth)
        return self._seen(name, found, bindings, scope)

    def _declared(self, binding: Binding) -> Type | None:
        match binding.by, binding.node:
            case ast.AnnAssign(target=ast.Name(), annotation=annotation), _:
                return to_type(annotation, self.names)
            case _, ast.arg(annotation=annotation) if annotation is not None:
                return self._given.parameter(binding)
        return None

    def _seen(self, name: str, found: Type, bindings: list[Binding], scope: Scope) -> Type:
        """Add what was observed of the bindings where the text says nothing."""
        observations = self._inference.observations
        guessed = any(is_open_parameter(one) for one in bindings)
        if not observations or not (found == NEVER or vague(found) or guessed):
            return found
        seen = [observed(observations, one.node) for one in bindings]
        seen += [observed(observations, use) for use in self._inference.usages.uses_of(name, scope)]
        types = [one for one in seen if one is not None]
        if not types:
            return found
        whole = joined(types)
        return whole if guessed or found == NEVER or fits(whole, found) else found

    # functions

    def function_signatures(self, node: Function, *, bound: bool = False) -> tuple[Signature, ...]:
        """The signature of a function of the file; none where a decorator may have changed it."""
        kept = {"staticmethod", "classmethod", "cache", "lru_cache", "wraps", "override", "final"}
        kept |= {"abstractmethod", "overload", "total_ordering", "njit", "jit"}
        if decorators_of(node) - kept:
            return ()
        signature = signature_from(node, self.names, bound=bound)
        parameters = []
        for one in signature.parameters:
            kind = one.type
            if kind == ANY:
                kind = self._untyped_parameter(node, one.name)
            parameters.append(type(one)(one.name, one.kind, kind, one.required))
        result = signature.result if node.returns else self.result_of(node)
        return (Signature(node.name, tuple(parameters), result),)

    def _untyped_parameter(self, node: Function, name: str) -> Type:
        several = (node.args.vararg, node.args.kwarg)
        if any(one is not None and one.arg == name for one in several):
            return ANY
        scope = self._inference.scopes.opened[node]
        return presented(self.type_of(name, scope))

    def result_of(self, node: Function) -> Type:
        """What a function without a result annotation gives: its returns, joined."""
        if node in self._results:
            return self._results[node]
        if node in self._open_results:
            return NEVER
        scope = self._inference.scopes.opened[node]
        self._open_results.add(node)
        try:
            result = self._returned(node, scope)
        finally:
            self._open_results.discard(node)
        if not self.unsettled:
            self._drop_provisional()
            self._results[node] = result
        return result

    def _returned(self, node: Function, scope: Scope) -> Type:
        found, yields = [], []
        if node not in self._exits:
            self._exits[node] = [one for one in own_nodes(node) if isinstance(one, Exit)]
        for inner in self._exits[node]:
            if isinstance(inner, ast.Return):
                found.append(self._inference.raw(inner.value) if inner.value else NONE)
            elif isinstance(inner, ast.Yield):
                yields.append(self._inference.raw(inner.value) if inner.value else NONE)
            else:
                yields.append(self._inference.iterate(self._inference.raw(inner.value)))
        if yields:
            if isinstance(node, ast.AsyncFunctionDef):
                return Type("AsyncGenerator", (joined(yields), ANY))
            return Type("Generator", (joined(yields), ANY, joined(found) if found else NONE))
        if scope.falls_through:
            found.append(NONE)
        result = joined(known_ones(found))
        if isinstance(node, ast.AsyncFunctionDef):
            return Type("Coroutine", (ANY, ANY, result))
        return result

    def signatures_of(self, name: str, scope: Scope) -> tuple[Signature, ...]:
        """The signatures of calling a variable of ``scope``."""
        bindings = scope.bindings[name]
        definitions = [
            one.by for one in bindings if isinstance(one.by, Function) and one.node is one.by
        ]
        if len(definitions) == len(bindings):
            overloads = [one for one in definitions if "overload" in decorators_of(one)]
            chosen = overloads or definitions[-1:]
            return tuple(s for one in chosen for s in self.function_signatures(one))
        alias = bindings[-1].node
        if isinstance(alias, ast.alias) and isinstance(bindings[-1].by, ast.ImportFrom):
            found = self._inference.imported(bindings[-1].by, alias.name)
            if found is not None and found.signatures:
                return found.signatures
        return self._inference.call_signatures(self.type_of(name, scope))

    # what star imports bring

    def star_imported(self, name: str) -> Type | None:
        """The type of a name that ``from m import *`` brings to the module; None if none does."""
        found = self._starred(name)
        return found[0] if found else None

    def star_signatures(self, name: str) -> tuple[Signature, ...] | None:
        """The signatures of such a name."""
        found = self._starred(name)
        return found[1] if found else None

    def _starred(self, name: str) -> tuple[Type, tuple[Signature, ...]] | None:
        if name.startswith("_"):
            return None
        for statement in reversed(self._inference.scopes.module.star_imports):
            known = statement.level == 0 and has_module(statement.module or "")
            if known and name not in module_names(statement.module or ""):
                continue
            found = self._inference.imported(statement, name)
            if found is not None:
                return found.type, found.signatures
        return None


def known_ones(types: Iterable[Type]) -> list[Type]:
    """Without ``Any`` where others say more: one known value tells what a variable is for."""
    found = list(types)
    return [one for one in found if one != ANY] or found[:1]


def own_nodes(function: ast.AST) -> list[ast.AST]:
    """The nodes of a function's body, without those of functions and classes within."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(getattr(function, "body", ()))
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(node))
    return found
