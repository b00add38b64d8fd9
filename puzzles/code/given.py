"""What a binding gives to its name: the value assigned, an element, an argument, an import."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from latent_ebm.puzzles.code.annotations import to_type
from latent_ebm.puzzles.code.callables import Function, decorators_of
from latent_ebm.puzzles.code.operations import SYMBOLS, binary_result, item_of
from latent_ebm.puzzles.code.scope_model import Binding, ScopeKind
from latent_ebm.puzzles.code.stubs import as_instance_of
from latent_ebm.puzzles.code.types import (
    ANY,
    CALLABLE,
    ELLIPSIS,
    INT,
    NEVER,
    NONE,
    STR,
    Type,
    dict_of,
    joined,
    list_of,
    tuple_any,
    tuple_of,
    union,
)

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference

MAX_CALLS = 20  # of one function that are looked at


class Given:
    """The types that the bindings of a file give."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def of(self, binding: Binding) -> Type:  # noqa: C901 - one case a kind
        """What a binding gives; ``Never`` where that is not known yet."""
        node, by = binding.node, binding.by
        raw = self._inference.raw
        match node, by:
            case ast.arg(), _:
                return self.parameter(binding)
            case _, ast.FunctionDef() | ast.AsyncFunctionDef() if node is by:
                return self._definition(by)
            case _, ast.ClassDef() if node is by:
                return Type("type", (Type(by.name),))
            case ast.alias(), _:
                return self._import(node, by)
            case ast.ExceptHandler(), _:
                return self._caught(node)
            case ast.Name(ctx=ast.Del()), _:
                return NEVER
            case _, ast.Assign(targets=targets, value=value):
                given = raw(value)
                found = [self._part(target, node, given, value) for target in targets]
                return joined(one for one in found if one is not None)
            case _, ast.AnnAssign(value=value):
                return raw(value) if value else NEVER
            case ast.Name(), ast.AugAssign(op=op, value=value):
                before = self._inference.raw_name(node.id, node)
                result = binary_result(before, SYMBOLS[type(op)], raw(value))
                return NEVER if result is None else result
            case _, ast.For() | ast.AsyncFor() | ast.comprehension():
                found_one = self._part(by.target, node, self._iterated(by), None)
                return ANY if found_one is None else found_one
            case _, ast.withitem():
                return self._entered(node, by)
            case _, ast.NamedExpr():
                return raw(by.value)
        return ANY

    def _iterated(self, by: ast.For | ast.AsyncFor | ast.comprehension) -> Type:
        given = self._inference.raw(by.iter)
        if given == NEVER:
            return NEVER
        if isinstance(by, ast.AsyncFor) or (isinstance(by, ast.comprehension) and by.is_async):
            seen = as_instance_of(given, "AsyncIterable")
            return seen.args[0] if seen and seen.args else ANY
        return self._inference.iterate(given)

    def _part(
        self, target: ast.AST, node: ast.AST, given: Type, value: ast.expr | None
    ) -> Type | None:
        """The type of the part of ``given`` that unpacking gives to ``node``; None: another's."""
        if target is node:
            return given
        if isinstance(target, ast.Starred):
            if target.value is node:
                return list_of(given)
            return self._part(target.value, node, list_of(given), None)
        if not isinstance(target, (ast.Tuple, ast.List)):
            return None
        stars = sum(isinstance(one, ast.Starred) for one in target.elts)
        for index, one in enumerate(target.elts):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) and not stars:
                # (a, b) = (b, a): each from its own
                inner: ast.expr | None = value.elts[index]
                part = self._inference.raw(value.elts[index])
            else:
                inner = None
                part = self._element(given, None if stars else index)
            found = self._part(one, node, part, inner)
            if found is not None:
                return found
        return None

    def _element(self, given: Type, index: int | None) -> Type:
        if given in (NEVER, ANY):
            return given
        if index is not None and given.name == "tuple" and ELLIPSIS not in given.args:
            return item_of(given, INT, index)
        return self._inference.iterate(given)

    def _entered(self, node: ast.AST, by: ast.withitem) -> Type:
        context = self._inference.raw(by.context_expr)
        found = self._inference.attribute(context, "__enter__")
        given = found.signatures[0].result if found and found.signatures else ANY
        target = by.optional_vars or node
        return self._part(target, node, given, None) or ANY

    def _caught(self, handler: ast.ExceptHandler) -> Type:
        if handler.type is None:
            return Type("BaseException")
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        found = [self._inference.raw(kind) for kind in kinds]
        return union(one.args[0] if one.name == "type" and one.args else ANY for one in found)

    def parameter(self, binding: Binding) -> Type:
        """The type of a parameter within its function."""
        node, by = cast("ast.arg", binding.node), cast("Function | ast.Lambda", binding.by)
        arguments = by.args
        declared = (
            to_type(node.annotation, self._inference.environments.names) if node.annotation else ANY
        )
        if node is arguments.vararg:
            return tuple_any(declared)
        if node is arguments.kwarg:
            return dict_of(STR, declared)
        if node.annotation is not None:
            return declared
        receiver = self._receiver(node, by)
        if receiver is not None:
            return receiver
        default = default_of(arguments, node)
        if default is None:
            if isinstance(by, ast.Lambda):
                return self._inference.lambda_argument(by, node)
            return self._from_calls(by, node)
        given = self._inference.raw(default)
        if given == tuple_of():
            return Type("tuple")  # an empty default stands for a tuple of any length
        return ANY if given == NONE else given

    def _from_calls(self, function: Function, parameter: ast.arg) -> Type:
        """What the file's own calls of a function hand to an unannotated parameter."""
        plain = [*function.args.posonlyargs, *function.args.args]
        index = next((i for i, one in enumerate(plain) if one is parameter), None)
        found = []
        for call in self._inference.usages.calls_of(function)[:MAX_CALLS]:
            given = None
            if index is not None and index < len(call.args):
                stars = any(isinstance(one, ast.Starred) for one in call.args[: index + 1])
                given = None if stars else call.args[index]
            for keyword in call.keywords:
                if keyword.arg == parameter.arg:
                    given = keyword.value
            if given is not None:
                found.append(self._inference.raw(given))
        return joined(one for one in found if one != ANY) if found else ANY

    def _receiver(
        self, node: ast.arg, by: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    ) -> Type | None:
        scope = self._inference.scopes.scope_of[by]
        plain = [*by.args.posonlyargs, *by.args.args]
        if scope.kind is not ScopeKind.CLASS or not plain or plain[0] is not node:
            return None
        marks = decorators_of(by)
        if "staticmethod" in marks or isinstance(by, ast.Lambda):
            return None
        instance = Type(cast("ast.ClassDef", scope.node).name)
        is_class_method = "classmethod" in marks or by.name in ("__new__", "__init_subclass__")
        return Type("type", (instance,)) if is_class_method else instance

    def _definition(self, node: Function) -> Type:
        signatures = self._inference.environments.function_signatures(node)
        return signatures[0].type if signatures else CALLABLE

    def _import(self, alias: ast.alias, by: ast.AST) -> Type:
        if isinstance(by, ast.Import):
            name = alias.name if alias.asname else alias.name.split(".")[0]
            return Type("module", (Type(name),))
        found = self._inference.imported(cast("ast.ImportFrom", by), alias.name)
        return found.type if found else ANY


def is_open_parameter(binding: Binding) -> bool:
    """Whether only calls say what a parameter is."""
    node, by = binding.node, binding.by
    if not isinstance(node, ast.arg) or node.annotation is not None:
        return False
    return isinstance(by, Function) and default_of(by.args, node) is None


def default_of(arguments: ast.arguments, parameter: ast.arg) -> ast.expr | None:
    """The default value of a parameter, if it has one."""
    plain = [*arguments.posonlyargs, *arguments.args]
    offset = len(plain) - len(arguments.defaults)
    for index, one in enumerate(plain):
        if one is parameter:
            return arguments.defaults[index - offset] if index >= offset else None
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if one is parameter:
            return default
    return None
