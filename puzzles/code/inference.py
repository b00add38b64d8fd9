"""Synthesis: the type of an expression from those of its parts.

``Never`` stands for "nothing known yet" while the types of a scope's variables are worked out
(``environments``); what callers get has ``Any`` in its place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.callables import Signature
from latent_ebm.puzzles.code.calls import Arguments, call_result
from latent_ebm.puzzles.code.environments import Environments
from latent_ebm.puzzles.code.operations import SYMBOLS, binary_result, item_of, unary_result
from latent_ebm.puzzles.code.scope_model import Scope, ScopeKind
from latent_ebm.puzzles.code.scopes import Scopes
from latent_ebm.puzzles.code.signatures import (
    Member,
    callable_signatures,
    iterated,
    member,
    module_member,
)
from latent_ebm.puzzles.code.source import Source
from latent_ebm.puzzles.code.stubs import as_instance_of, is_class
from latent_ebm.puzzles.code.types import (
    ANY,
    BOOL,
    BYTES,
    COMPLEX,
    ELLIPSIS,
    FLOAT,
    INT,
    NEVER,
    NONE,
    SLICE,
    STR,
    Observations,
    Type,
    dict_of,
    fits,
    joined,
    list_of,
    observed,
    presented,
    set_of,
    shallow,
    tuple_any,
    tuple_of,
    vague,
    without_none,
)
from latent_ebm.puzzles.code.usages import Usages
from latent_ebm.puzzles.code.user_classes import UserClasses

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.project import Project

_CONSTANTS: dict[type, Type] = {
    bool: BOOL,
    int: INT,
    float: FLOAT,
    complex: COMPLEX,
    str: STR,
    bytes: BYTES,
    type(None): NONE,
}
HOLE = "__hole__"
MAX_OPEN = 60  # expressions within expressions, through variables and calls, before we give up


class Inference:
    """The types of one file's expressions; each is worked out once.

    Parameters
    ----------
    source, scopes
        The file.
    observations
        Types seen at run time; they say what the text does not, never against it.
    project
        Gives the types of names imported from the user's other files.
    """

    def __init__(
        self,
        source: Source,
        scopes: Scopes,
        observations: Observations,
        project: Project | None = None,
    ) -> None:
        self.source, self.scopes = source, scopes
        self.observations, self.project = observations, project
        self.usages = Usages(source, scopes)
        self.environments = Environments(self)
        self._known: dict[ast.AST, Type] = {}
        self._open: set[ast.AST] = set()
        self._open_lambdas: set[ast.Lambda] = set()

    @cached_property
    def classes(self) -> UserClasses:
        """The classes that the file defines or imports."""
        return UserClasses(self)

    def infer(self, node: ast.expr) -> Type:
        """The type of ``node``, ``Any`` for what is not known."""
        if not self._open:
            # variables first: one that is bound to the node itself would find it unfinished
            self.environments.settle(self.scopes.of(node))
        return presented(self.raw(node))

    def raw(self, node: ast.expr) -> Type:
        """As ``infer``, with ``Never`` for what is not known yet."""
        if node in self._known:
            return self._known[node]
        if node in self._open:
            return NEVER
        if len(self._open) > MAX_OPEN:
            return ANY
        self._open.add(node)
        try:
            result = self._with_observed(node, shallow(self._synthesised(node)))
        finally:
            self._open.discard(node)
        if not self.environments.unsettled:
            self._known[node] = result
        return result

    def _with_observed(self, node: ast.AST, found: Type) -> Type:
        """What was seen at run time where the text says less than that."""
        seen = observed(self.observations, node) if self.observations else None
        if seen is None or not (found == NEVER or vague(found)):
            return found
        return seen if found == NEVER or fits(seen, found) else found

    def fits(self, value: Type, place: Type) -> bool:
        """As ``types.fits``, with the bases of the user's classes known."""
        return fits(value, place) or self.classes.upcast_fits(value, place)

    def name_type(self, name: str, node: ast.AST) -> Type:
        """The type of what ``name`` means where ``node`` is evaluated."""
        return presented(self.raw_name(name, node))

    def raw_name(self, name: str, node: ast.AST) -> Type:
        """As ``name_type``, with ``Never`` for what is not known yet."""
        holder = self.scopes.resolve(name, self.scopes.of(node))
        if holder is not None:
            return self.environments.type_of(name, holder)
        if name == "NotImplemented":
            return NEVER  # a method that returns it gives no value
        starred = self.environments.star_imported(name)
        if starred is not None:
            return starred
        found = module_member("builtins", name)
        if found is None:
            return STR if name in ("__name__", "__file__", "__doc__") else ANY
        return found.type

    def _synthesised(self, node: ast.expr) -> Type:  # noqa: C901 - one case a kind
        match node:
            case ast.Constant(value=value):
                return ANY if value is Ellipsis else _CONSTANTS.get(type(value), ANY)
            case ast.Name(id=name):
                return ANY if name == HOLE else self.raw_name(name, node)
            case ast.Attribute():
                found = self.attribute(self.raw(node.value), node.attr)
                return found.type if found else ANY
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.BinOp():
                left, right = self.raw(node.left), self.raw(node.right)
                found_type = binary_result(left, SYMBOLS[type(node.op)], right)
                return ANY if found_type is None else found_type
            case ast.UnaryOp():
                return unary_result(SYMBOLS[type(node.op)], self.raw(node.operand))
            case ast.BoolOp():
                return self._bool_op(node)
            case ast.Compare():
                return BOOL
            case ast.IfExp():
                return joined((self.raw(node.body), self.raw(node.orelse)))
            case ast.NamedExpr():
                return self.raw(node.value)
            case ast.JoinedStr() | ast.FormattedValue():
                return STR
            case ast.Slice():
                return SLICE
            case ast.Await():
                seen = as_instance_of(self.raw(node.value), "Awaitable")
                return seen.args[0] if seen and seen.args else ANY
            case ast.Lambda():
                count = len(node.args.args) + len(node.args.posonlyargs) - len(node.args.defaults)
                result = self.raw(node.body)
                given = [ELLIPSIS] if node.args.vararg else [ANY] * max(count, 0)
                return Type("Callable", (*given, result))
        return self._display(node)

    def _bool_op(self, node: ast.BoolOp) -> Type:
        types = [self.raw(value) for value in node.values]
        if isinstance(node.op, ast.Or):
            # a None in front gives way to what follows
            types = [*(without_none(one) for one in types[:-1] if one != NONE), types[-1]]
        return joined(types)

    def _display(self, node: ast.expr) -> Type:
        match node:
            case ast.List(elts=elts):
                return list_of(self._elements(elts))
            case ast.Set(elts=elts):
                return set_of(self._elements(elts))
            case ast.Tuple(elts=elts):
                if any(isinstance(one, ast.Starred) for one in elts):
                    return tuple_any(self._elements(elts))
                return tuple_of(*(self.raw(one) for one in elts))
            case ast.Dict():
                return self._dict(node)
            case ast.ListComp():
                return list_of(self.raw(node.elt))
            case ast.SetComp():
                return set_of(self.raw(node.elt))
            case ast.DictComp():
                return dict_of(self.raw(node.key), self.raw(node.value))
            case ast.GeneratorExp():
                return Type("Generator", (self.raw(node.elt), NONE, NONE))
        return ANY

    def _elements(self, elements: Iterable[ast.expr]) -> Type:
        return joined(
            iterated(self.raw(one.value)) if isinstance(one, ast.Starred) else self.raw(one)
            for one in elements
        )

    def _dict(self, node: ast.Dict) -> Type:
        keys, values = [], []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                keys.append(self.raw(key))
                values.append(self.raw(value))
                continue
            merged = as_instance_of(self.raw(value), "Mapping")
            known = merged is not None and len(merged.args) == 2
            keys.append(merged.args[0] if merged and known else ANY)
            values.append(merged.args[1] if merged and known else ANY)
        return dict_of(joined(keys), joined(values))

    def _subscript(self, node: ast.Subscript) -> Type:
        container = self.raw(node.value)
        if container.name == "type":
            return container  # list[int], an alias
        index = node.slice
        return item_of(container, presented(self.raw(index)), _literal_index(index))

    # attributes and calls

    def attribute(self, item: Type, name: str) -> Member | None:
        """The attribute ``name`` of a value of type ``item``: the user's classes, then stubs."""
        if item.name == "Union":
            found = [self.attribute(one, name) for one in item.args if one != NONE]
            several = [one for one in found if one is not None]
            if not several or len(several) < len(found):
                return None
            signatures = tuple(dict.fromkeys(s for one in several for s in one.signatures))
            return Member(name, joined(one.type for one in several), signatures)
        if item.name == "module" and item.args and self.project is not None:
            found_there = self.project.member(item.args[0].name, name)
            if found_there is not None:
                return found_there
        if item in (ANY, NEVER):
            return None
        return self.classes.member(item, name) or member(item, name)

    def callee(self, function: ast.expr) -> tuple[Signature, ...]:
        """The signatures of calling ``function``; none where they are not known."""
        match function:
            case ast.Name(id=name):
                holder = self.scopes.resolve(name, self.scopes.of(function))
                if holder is not None:
                    return self.environments.signatures_of(name, holder)
                starred = self.environments.star_signatures(name)
                if starred is not None:
                    return starred
                found = module_member("builtins", name)
                return found.signatures if found else ()
            case ast.Attribute():
                item = self._super(function.value) or self.raw(function.value)
                attribute = self.attribute(item, function.attr)
                if attribute is None:
                    return ()
                return attribute.signatures or self.call_signatures(attribute.type)
        return self.call_signatures(self.raw(function))

    def _super(self, node: ast.expr) -> Type | None:
        match node:
            case ast.Call(func=ast.Name(id="super"), args=[]):
                scope: Scope | None = self.scopes.of(node)
                while scope is not None and scope.kind is not ScopeKind.CLASS:
                    scope = scope.parent
                if scope is not None and isinstance(scope.node, ast.ClassDef):
                    return next(iter(self.classes.bases(scope.node)), None)
        return None

    def call_signatures(self, item: Type) -> tuple[Signature, ...]:
        """The signatures of calling a value of this type."""
        if item.name == "type" and item.args and not is_class(item.args[0].name):
            return self.classes.constructors(item.args[0])
        own = self.classes.member(item, "__call__")
        return own.signatures if own else callable_signatures(item)

    def arguments(self, node: ast.Call, without: ast.AST | None = None) -> Arguments:
        """The types of a call's arguments; that of ``without`` counts as ``Any``."""
        positional, keywords, open_ended = [], [], False
        constants = _constants(node)
        for one in node.args:
            if isinstance(one, ast.Starred):
                open_ended = True
                break
            positional.append(ANY if one is without else presented(self.raw(one)))
        for keyword in node.keywords:
            if keyword.arg is None:
                open_ended = True
                continue
            given = ANY if keyword.value is without else presented(self.raw(keyword.value))
            keywords.append((keyword.arg, given))
        return Arguments(tuple(positional), tuple(keywords), open_ended, constants)

    def iterate(self, item: Type) -> Type:
        """What a ``for`` over a value of this type gives."""
        if item in (NEVER, ANY):
            return item
        own = self.classes.member(item, "__iter__")
        if own is not None and own.signatures:
            return iterated(own.signatures[0].result)
        return iterated(item)

    def imported(self, statement: ast.ImportFrom, name: str) -> Member | None:
        """What ``from module import name`` brings: the user's file first, then the stubs."""
        if self.project is not None:
            found = self.project.imported(self.source.path, statement, name)
            if found is not None:
                return found
        if statement.level or not statement.module:
            return None
        return module_member(statement.module, name)

    def lambda_argument(self, node: ast.Lambda, argument: ast.arg) -> Type:
        """What the call that takes a lambda hands to it: elements, for ``key=`` and ``map``."""
        from latent_ebm.puzzles.code.expectations import expectation

        if node in self._open_lambdas:
            return ANY
        self._open_lambdas.add(node)
        try:
            wanted = expectation(self, node).type
        finally:
            self._open_lambdas.discard(node)
        plain = [*node.args.posonlyargs, *node.args.args]
        index = next((i for i, one in enumerate(plain) if one is argument), None)
        if wanted.name != "Callable" or index is None or index >= len(wanted.args) - 1:
            return ANY
        return ANY if wanted.args[index] == ELLIPSIS else wanted.args[index]

    def _call(self, node: ast.Call) -> Type:
        signatures = self.callee(node.func)
        if not signatures:
            return ANY
        if len(signatures) == 1 and not signatures[0].parameters:
            return signatures[0].result
        arguments = self.arguments(node)
        if signatures[0].name in ("dict", "list", "set") and not node.args and not node.keywords:
            return Type(signatures[0].name, (NEVER,) * (2 if signatures[0].name == "dict" else 1))
        return call_result(signatures, arguments)


def _constants(node: ast.Call) -> tuple[tuple[int | str, object], ...]:
    """The literal arguments of a call; a hole is none."""
    places: list[tuple[int | str, ast.expr]] = [*enumerate(node.args)]
    places += [(one.arg, one.value) for one in node.keywords if one.arg is not None]
    return tuple(
        (place, one.value)
        for place, one in places
        if isinstance(one, ast.Constant) and one.value is not Ellipsis
    )


def _literal_index(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
    return None
